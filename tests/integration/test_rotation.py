"""A member is replaced while a fleet works: rounds before and after, a claim paid by a root of each era, the audit of
it all, and what a forger would have to change (R12)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit import Kind, TrustRoots, run_files
from audit.folder import read_folder
from chain.clock import ManualClock
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.embedded import EmbeddedChain
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.pack import export_pack
from chain.pack_blocks import EmbeddedBlocks
from chain.token import Token
from index.follower import Follower
from index.node import RpcNode
from oracle.errors import OracleError
from oracle.fleet import Fleet
from oracle.settings import Settings
from record.eip712 import agreement_preimage
from record.events import MemberRotated, RotationProposed, RoundPosted, event_topic
from record.hexes import address_bytes, parse_address
from record.keccak import keccak256
from record.rotation import Rotation
from record.terms import TermsDocument, load_terms
from tests.unit.audit.forging import RawLog, forge

START = 1_800_000_000
LENGTH, DELAY, WINDOW, TURN = 100, 60, 20, 6
MEMBERS = [LocalKey(keccak256(f"member {number}".encode())) for number in range(4)]
NEWCOMER = LocalKey(keccak256(b"newcomer"))
LEAVER = MEMBERS[1]
OPERATOR, PROVIDER, CUSTOMER, ARBITER = (
    LocalKey(keccak256(name.encode())) for name in ("operator", "provider", "customer", "arbiter")
)
SETTINGS = Settings(
    observe_after_seconds=2, collect_after_seconds=8, turn_seconds=TURN, dry_run=False, finality="latest"
)


class Market:
    """Contracts on an embedded chain whose clock is moved by hand, and an agreement about a shop that is down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(START - 20)
        people = (*MEMBERS, NEWCOMER, OPERATOR, PROVIDER, CUSTOMER, ARBITER)
        self.chain = EmbeddedChain([key.address for key in people], self.clock)
        self.connection = Connection(self.chain.web3)
        members = [key.address for key in MEMBERS]
        self.committee = Committee(
            self.connection, deploy_committee(self.connection, OPERATOR, members, 3, DELAY)
        )
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, OPERATOR))
        self.token = Token(self.connection, deploy_test_token(self.connection, OPERATOR, "Test", "TUSD", 0))
        self.token.mint(OPERATOR, PROVIDER.address, 10_000)
        self.token.approve(PROVIDER, self.escrow.address, 10_000)
        self.chain.follow()
        self.document = self._terms()
        agreement = self.document.agreement()
        message = agreement_preimage(agreement, self.escrow.domain)
        self.escrow.open(OPERATOR, agreement, PROVIDER.sign(message), CUSTOMER.sign(message))
        self.told: list[tuple[int, str, Mapping[str, object]]] = []
        self.fleet: Fleet | None = None

    def start(self, *keys: LocalKey) -> Fleet:
        """A node for each key."""
        (self.folder / "shop.csv").write_text("time,known,status,latency_us\n")
        self.fleet = Fleet(
            self.connection,
            self.escrow.address,
            self.committee.address,
            keys,
            [self.document],
            self.folder,
            SETTINGS,
            files=self.folder,
            clock=self.clock,
            on_event=self._hear,
        )
        return self.fleet

    def run(self, *moments: int) -> None:
        """A cycle of every node at each of these seconds after the start."""
        assert self.fleet is not None
        for moment in moments:
            self.clock.time = max(self.clock.time + 1, START + moment)
            self._record()
            self.fleet.cycle()

    def propose(self) -> None:
        """By the three that stay."""
        rotation = Rotation(LEAVER.address, NEWCOMER.address, self.committee.rotations())
        message = rotation.preimage(self.committee.domain)
        signatures = [key.sign(message) for key in MEMBERS if key is not LEAVER]
        self.committee.propose_rotation(OPERATOR, rotation, signatures)

    def export(self) -> tuple[dict[str, bytes], TrustRoots]:
        """The pack's files, and the roots to check it against."""
        fleet = self.fleet
        assert fleet is not None

        def find(bundle: bytes) -> bytes | None:
            return next((data for node in fleet.nodes if (data := node.bundle(bundle)) is not None), None)

        folder = self.folder / "pack"
        blocks = EmbeddedBlocks(self.chain)
        made = export_pack(
            self.connection, self.escrow.address, [self.committee.address], 0, find, folder, blocks=blocks
        )
        roots = TrustRoots(
            made["chainId"],
            made["escrow"],
            (parse_address(self.committee.address),),
            bytes.fromhex(made["blockHash"][2:]),
        )
        return dict(read_folder(folder)), roots

    def count(self, kind: str) -> int:
        return sum(told == kind for _, told, _ in self.told)

    def _hear(self, kind: str, details: Mapping[str, object]) -> None:
        self.told.append((int(str(details["node"])), kind, details))

    def _record(self) -> None:
        """The monitor's rows so far: down throughout."""
        times = range(START, int(self.clock.time), 2)
        rows = [f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ},true,503,0" for time in times]
        (self.folder / "shop.csv").write_text("\n".join(["time,known,status,latency_us", *rows]) + "\n")

    def _terms(self) -> TermsDocument:
        moment = datetime.fromtimestamp(START, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return load_terms(f"""
apiVersion: openslo/v1
kind: Service
metadata: {{name: shop}}
spec: {{description: A shop.}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {{name: source}}
spec:
  type: replay
  connectionDetails: {{path: shop.csv, format: csv}}
---
apiVersion: openslo/v1
kind: SLI
metadata: {{name: availability}}
spec:
  ratioMetric:
    counter: true
    good: {{metricSource: {{metricSourceRef: source, spec: {{count: up}}}}}}
    total: {{metricSource: {{metricSourceRef: source, spec: {{count: known}}}}}}
---
apiVersion: makegood/v1
kind: SLA
metadata: {{name: shop}}
spec:
  service: shop
  description: Availability of a shop.
  scope: All of it.
  parties:
    provider: {{name: P, address: "{PROVIDER.address}"}}
    customer: {{name: C, address: "{CUSTOMER.address}"}}
    arbiter: {{name: A, address: "{ARBITER.address}"}}
  token: {{address: "{self.token.address}", symbol: TUSD, decimals: 0}}
  committee: {{address: "{self.committee.address}"}}
  schedule: {{start: "{moment}", zone: UTC, every: {LENGTH} seconds, periods: 2}}
  charge: {{fixed: "1000"}}
  collateral: "5000"
  dispute: {{window: {WINDOW} seconds, bond: "10", arbiterFee: "5", rulingWithin: 1 day}}
  reportWithin: 1 hour
  claimWithin: 2 hours
  openBy: 2027-01-16T00:00:00Z
  obligations:
    - name: Availability
      indicator: availability
      objective: at least 95%
      missingData: ignore
      tiers:
        - {{below: 95%, pay: 10% of charge}}
        - {{below: 10%, pay: 100% of charge}}
""")


@dataclass(frozen=True)
class Story:
    """What happened, and the pack it left."""

    market: Market
    files: dict[str, bytes]
    roots: TrustRoots


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A round of the four; the rotation; a round in which the newcomer is needed. Both periods are claimed and paid."""
    market = Market(tmp_path_factory.mktemp("rotation"))
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
    market = Market(tmp_path)
    with pytest.raises(OracleError, match="no pending rotation brings it in"):
        market.start(*MEMBERS, NEWCOMER)
