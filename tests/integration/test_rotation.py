"""A member is replaced while a fleet works: rounds before and after, a claim paid by a root of each era, the audit of
it all, and what a forger would have to change (R12)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit import Kind, TrustRoots, run_files
from chain.keys import LocalKey
from index.follower import Follower
from index.node import RpcNode
from oracle.errors import OracleError
from record.events import MemberRotated, RotationProposed, RoundPosted, event_topic
from record.hexes import address_bytes
from record.keccak import keccak256
from record.rotation import Rotation
from tests.integration.fleet_market import (
    CUSTOMER,
    LENGTH,
    MEMBERS,
    OPERATOR,
    PROVIDER,
    SETTINGS,
    START,
    Market,
)
from tests.unit.audit.forging import RawLog, forge

DELAY = 60
TURN = SETTINGS.turn_seconds
NEWCOMER = LocalKey(keccak256(b"newcomer"))
LEAVER = MEMBERS[1]


class RotationMarket(Market):
    """A newcomer may come into the committee, and there is an agreement about a shop that is down."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, newcomers=[NEWCOMER], delay=DELAY, funded=[PROVIDER])
        document = self.terms("shop", periods=2, ruling="1 day", report_within="1 hour")
        self.open(document, PROVIDER, CUSTOMER)

    def to(self, seconds: int) -> None:
        """The monitor sees the shop down all the while."""
        super().to(seconds)
        self.record("shop", dict.fromkeys(range(START, int(self.clock.time), 2), 503))

    def propose(self) -> None:
        """By the three that stay."""
        rotation = Rotation(LEAVER.address, NEWCOMER.address, self.committee.rotations())
        message = rotation.preimage(self.committee.domain)
        signatures = [key.sign(message) for key in MEMBERS if key is not LEAVER]
        self.committee.propose_rotation(OPERATOR, rotation, signatures)

    def count(self, kind: str) -> int:
        return len(self.details(kind))


@dataclass(frozen=True)
class Story:
    """What happened, and the pack it left."""

    market: RotationMarket
    files: dict[str, bytes]
    roots: TrustRoots


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A round of the four; the rotation; a round in which the newcomer is needed. Both periods are claimed and paid."""
    market = RotationMarket(tmp_path_factory.mktemp("rotation"))
    fleet = market.start(*MEMBERS)
    market.run(*range(LENGTH + 4, LENGTH + 28, TURN))
    fleet.stop()
    market.propose()
    fleet = market.start(*MEMBERS, NEWCOMER)
    market.run(LENGTH + 60, *range(LENGTH + 94, LENGTH + 100, TURN))
    fleet.silence(0)
    market.run(*range(2 * LENGTH + 4, 2 * LENGTH + 40, TURN), 2 * LENGTH + 70)
    files, roots = market.export()
    fleet.stop()
    return Story(market, files, roots)


def test_fleet__a_member_replaced__posts_before_and_after_and_both_eras_are_paid(story: Story) -> None:
    market = story.market
    assert market.token.balance_of(CUSTOMER.address) == 2 * 1_000, market.told
    assert [market.count(kind) for kind in ("posted", "rotated", "claimed", "settled")] == [2, 1, 2, 2]
    assert market.count("trouble") == 0, market.told
    assert [number for number, kind, _ in market.told if kind == "rotated out"] == [1]
    assert [number for number, kind, _ in market.told if kind == "rotated in"] == [4]


def test_index__of_both_eras__knows_who_signed_and_who_was_replaced(story: Story) -> None:
    record = Follower(RpcNode(story.market.escrow)).look().committees[story.market.committee.address]
    seats = (MEMBERS[0].address, NEWCOMER.address, MEMBERS[2].address, MEMBERS[3].address)
    assert record.members == seats
    first, second = (set(record.signers_of(posted)) for posted in record.rounds.values())
    assert len(first) == 3
    assert NEWCOMER.address not in first
    assert second == set(seats[1:])
    ((rotation),) = record.rotations
    assert (rotation.outgoing, rotation.incoming) == (LEAVER.address, NEWCOMER.address)
    assert rotation.rotated is not None
    assert rotation.effective_at is not None
    assert rotation.rotated.block.time >= rotation.effective_at


def test_audit__of_both_eras__passes_and_tells_the_rotation(story: Story) -> None:
    verdict = run_files(story.files, story.roots)
    assert verdict.kind is Kind.PASS, verdict
    assert any(NEWCOMER.address in note and LEAVER.address in note for note in verdict.notes)


NAMES = {event_topic(kind): kind.__name__ for kind in (RotationProposed, MemberRotated, RoundPosted)}


def forged(story: Story, name: str, change: str) -> dict[str, bytes]:
    """The pack with an event changed, every hash made to fit."""
    stranger = address_bytes(OPERATOR.address).rjust(32, b"\0")
    seen = Counter[str]()

    def edit(number: int, logs: list[RawLog]) -> None:
        for log in list(logs):
            if NAMES.get(log[1][0]) != name:
                continue
            seen[name] += 1
            words = [log[2][at : at + 32] for at in range(0, len(log[2]), 32)]
            if change == "removed":
                logs.remove(log)
            elif change == "twice":
                logs.append(log)
            elif change in ("outgoing", "incoming"):
                place = 1 if change == "outgoing" else 2
                log[1] = [stranger if at == place else topic for at, topic in enumerate(log[1])]
            else:
                place = int(change.removeprefix("word "))
                words[place] = (int.from_bytes(words[place]) ^ 1).to_bytes(32)
                log[2] = b"".join(words)

    files = forge(story.files, edit)
    assert seen[name] == 1
    return files


@pytest.mark.parametrize("change", ["removed", "twice", "outgoing", "incoming", "word 0"])
def test_audit__rotation_removed_or_altered__fails_with_and_without_the_chain(
    story: Story, change: str
) -> None:
    """Without trust roots only the replay can notice: it needs the rotation to know who signed."""
    files = forged(story, "MemberRotated", change)
    assert run_files(files, None).kind is Kind.FAIL
    assert run_files(files, story.roots).kind is Kind.FAIL


@pytest.mark.parametrize("change", ["removed", "twice", "outgoing", "incoming", "word 0", "word 1", "word 2"])
def test_audit__proposal_removed_or_altered__fails_with_and_without_the_chain(
    story: Story, change: str
) -> None:
    """Number, time and signers are recomputed: a proposal by fewer than a quorum is none."""
    files = forged(story, "RotationProposed", change)
    assert run_files(files, None).kind is Kind.FAIL
    assert run_files(files, story.roots).kind is Kind.FAIL


def test_audit__untouched_but_forged_through__is_consistent(story: Story) -> None:
    """The forger's tool changes nothing by itself: what fails above fails by the change."""
    assert run_files(forge(story.files, lambda number, logs: None), None).kind is not Kind.FAIL


def test_fleet__key_that_neither_sits_nor_comes_in__is_refused(tmp_path: Path) -> None:
    market = RotationMarket(tmp_path)
    with pytest.raises(OracleError, match="no pending rotation brings it in"):
        market.start(*MEMBERS, NEWCOMER)
