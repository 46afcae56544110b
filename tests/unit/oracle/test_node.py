"""Four nodes agree: medians, unknowns, quorums, silent and lying members, retries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from metering.attain import Attainment
from oracle.cycle import cycle
from oracle.errors import RoundRefused
from oracle.ports import Proposal, Subject
from record.bundle import Bundle, SignedObservation
from record.eip712 import observation_preimage, round_preimage
from record.hexes import to_hex
from record.keccak import keccak256
from record.merkle import MerkleTree
from sla.agreement import NO_DATA
from sla.report import Observation, Report
from tests.unit.oracle.world import (
    CHARGE,
    COMMITTEE,
    KEYS,
    LENGTH,
    MEMBERS,
    SETTINGS,
    WINDOW,
    World,
    terms,
)

DUE = LENGTH + SETTINGS.collect_after_seconds
TURN = SETTINGS.turn_seconds


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for world in made:
        world.stop()


def begin(
    worlds: list[World], folder: Path, good: Sequence[int | None], **changes: object
) -> tuple[World, bytes]:
    world = World(folder, good, replace(SETTINGS, **changes))  # type: ignore[arg-type]
    worlds.append(world)
    opened = world.open()
    world.start()
    return world, opened


def proposal(bundle: Bundle, proposer: int) -> Proposal:
    data = bundle.to_bytes()
    root = MerkleTree(bundle.reports).root
    return Proposal(
        data, KEYS[proposer].sign(round_preimage(bundle.round, root, keccak256(data), COMMITTEE.domain))
    )


def test_committee__four_measure__the_median_is_attested_claimed_and_paid(
    worlds: list[World], tmp_path: Path
) -> None:
    world, opened = begin(worlds, tmp_path, (1_000, 985, 980, 500))
    world.run(DUE + WINDOW + 2)

    assert world.reports() == [Report(opened, 0, 0, 0, 980_000, CHARGE)]
    assert world.contracts.sent == ["post", "claim", "settle"]
    assert world.contracts.paid == CHARGE // 10


def test_committee__period_within_the_objective__costs_one_round_and_nothing_else(
    worlds: list[World], tmp_path: Path
) -> None:
    world, _ = begin(worlds, tmp_path, (1_000, 999, 990, 995))
    world.run(3 * LENGTH + 60)

    assert [report.attained for report in world.reports()] == [995_000] * 3
    assert world.contracts.sent == ["post"] * 3


def test_committee__many_agreements_due__one_transaction_carries_them_all(
    worlds: list[World], tmp_path: Path
) -> None:
    world = World(tmp_path)
    worlds.append(world)
    for name in ("shop", "bank", "line"):
        world.open(terms(name))
    world.start()
    world.run(DUE + 5)

    assert world.contracts.sent == ["post"]
    assert len(world.reports()) == 3


def test_committee__reports_not_carried_by_the_posting__are_claimed_from_the_bundle(
    worlds: list[World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above 32 reports only root and bundle's hash go on-chain: a node that did not sign asks its peers."""
    monkeypatch.setattr("oracle.keeper.INLINE_REPORTS", 0)
    world, _ = begin(worlds, tmp_path, (900,) * 4)
    world.contracts.inline = False
    world.silence(0)
    world.run(DUE + 1)
    assert world.contracts.sent[:1] == ["post"]
    world.contracts.claims.clear()
    world.contracts.sent.clear()

    world.exchange.silent.clear()
    cycle(world.nodes[0])

    assert world.contracts.sent == ["claim"]


def test_report__before_the_collection_deadline__is_not_proposed(worlds: list[World], tmp_path: Path) -> None:
    world, _ = begin(worlds, tmp_path, (1_000,) * 4)
    world.run(DUE - 1)
    assert world.told("proposed") == []

    world.run(DUE)
    assert len(world.told("posted")) == 1


def test_observation__before_the_last_samples_are_in__is_not_signed(
    worlds: list[World], tmp_path: Path
) -> None:
    world, _ = begin(worlds, tmp_path, (1_000,) * 4)
    world.run(LENGTH + SETTINGS.observe_after_seconds - 1)
    assert world.told("observed") == []

    world.run(LENGTH + SETTINGS.observe_after_seconds)
    assert len(world.told("observed")) == 4


def test_unknown__one_of_four__does_not_enter_the_median(worlds: list[World], tmp_path: Path) -> None:
    """ "Unknown" is not "down"."""
    world, _ = begin(worlds, tmp_path, (None, 985, 980, 999))
    world.run(DUE + 1)

    assert [report.attained for report in world.reports()] == [985_000]


def test_unknown__fewer_than_a_quorum_know__is_no_data_and_pays_nothing(
    worlds: list[World], tmp_path: Path
) -> None:
    world, _ = begin(worlds, tmp_path, (None, 500, None, 500))
    world.run(DUE + WINDOW + 5)

    assert [report.attained for report in world.reports()] == [NO_DATA]
    assert world.contracts.sent == ["post"]


def test_source__comes_back_before_half_of_the_collection__is_measured(
    worlds: list[World], tmp_path: Path
) -> None:
    world, _ = begin(worlds, tmp_path, (None, 990, 990, 990))
    world.run(LENGTH + 4)
    world.sources[0].good = 980
    world.run(DUE + 1)

    assert world.told("unreadable")
    assert [details["known"] for node, kind, details in world.events if (node, kind) == (0, "observed")] == [
        True
    ]


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), ValueError("no number")])
def test_source__fails_in_its_own_way__is_unknown_and_the_other_agreement_is_measured(
    worlds: list[World], tmp_path: Path, error: Exception
) -> None:
    """One agreement's source must not keep a node from all others."""

    class Failing:
        def attained(self, start: int, end: int) -> Attainment:
            raise error

    world, _ = begin(worlds, tmp_path, (990, 990, 990, 990))
    other = world.open(terms("other"))
    world.start()
    world.run(1)
    watched = world.nodes[0]._watching._watched[other]
    assert watched is not None
    world.nodes[0]._watching._watched[other] = replace(watched, meters={0: Failing()})
    world.run(DUE + 1)

    assert [details["agreement"] for details in world.told("unreadable")][:1] == [to_hex(other)]
    assert {report.attained for report in world.reports()} == {990_000}
    assert len(world.reports()) == 2
    own = world.journals[0].own(Subject(other, 0, 0))
    assert own is not None
    assert not own.observation.known


def test_silent_member__any_of_four__is_not_missed(worlds: list[World], tmp_path: Path) -> None:
    for number in range(4):
        world, _ = begin(worlds, tmp_path / str(number), (980,) * 4)
        world.silence(number)
        world.run(DUE + 2 * TURN + WINDOW + 2)

        assert world.contracts.sent == ["post", "claim", "settle"], number


def test_silent_members__two_of_four__nothing_is_posted(worlds: list[World], tmp_path: Path) -> None:
    """P5: fewer than a quorum of distinct members can post nothing."""
    world, _ = begin(worlds, tmp_path, (980,) * 4)
    world.run(LENGTH + SETTINGS.observe_after_seconds + 2)
    world.silence(0, 1)
    world.run(DUE + 8 * TURN)
    assert world.contracts.sent == []
    assert world.told("proposed")
    assert world.told("not posted") == []

    world.exchange.silent.clear()
    world.run(DUE + 14 * TURN)
    assert world.contracts.sent[:2] == ["post", "claim"]


def test_dry_run__nothing_is_sent__but_told(worlds: list[World], tmp_path: Path) -> None:
    world, _ = begin(worlds, tmp_path, (980,) * 4, dry_run=True)
    world.run(DUE + 2)

    assert world.contracts.sent == []
    assert world.told("would be posted")


def test_agreement__without_a_known_document__is_told_of_and_not_measured(
    worlds: list[World], tmp_path: Path
) -> None:
    world = World(tmp_path)
    worlds.append(world)
    known, unknown = world.open(terms("shop")), world.open(terms("bank"))
    bank = terms("bank").document_hash
    world.unknown_to = {number: {bank} for number in range(4)}
    world.start()
    world.run(DUE + 2)

    assert {details["agreement"] for details in world.told("unmeasured")} == {f"0x{unknown.hex()}"}
    assert len(world.told("unmeasured")) == 4
    assert [report.agreement for report in world.reports()] == [known]


def test_agreement__known_to_two_of_four__does_not_keep_the_others_waiting(
    worlds: list[World], tmp_path: Path
) -> None:
    world = World(tmp_path)
    worlds.append(world)
    shop, _ = world.open(terms("shop")), world.open(terms("bank"))
    world.unknown_to = {number: {terms("bank").document_hash} for number in (1, 2)}
    world.start()
    world.run(DUE + 1)

    assert [report.agreement for report in world.reports()] == [shop]


def test_late_observation__after_a_failed_round__keeps_the_leaf_when_the_median_stays(
    worlds: list[World], tmp_path: Path
) -> None:
    """R11: a retry uses the next round and keeps every leaf already signed."""
    world, opened = begin(worlds, tmp_path, (980, 980, 980, 980))
    refuse_posting(world)
    world.silence(3)
    world.run(DUE + TURN)
    assert leaves(world, Subject(opened, 0, 0))[:3] == [980_000] * 3

    world.exchange.silent.clear()
    world.run(DUE + 3 * TURN)
    allow_posting(world)
    world.run(DUE + 6 * TURN)

    assert world.reports() == [Report(opened, 0, 0, 0, 980_000, CHARGE)]
    assert len({details["round"] for details in world.told("proposed")}) > 1
    assert world.told("revision raised") == []


def test_late_observation__after_a_failed_round__raises_the_revision_when_the_median_moves(
    worlds: list[World], tmp_path: Path
) -> None:
    """R11: ... and raises the revision of those that changed. No member signs two values for one leaf (P13)."""
    world, opened = begin(worlds, tmp_path, (985, 990, 970, 500))
    refuse_posting(world)
    world.silence(3)
    world.run(DUE + TURN)
    assert leaves(world, Subject(opened, 0, 0))[:3] == [985_000] * 3

    world.exchange.silent.clear()
    world.run(DUE + 3 * TURN)
    allow_posting(world)
    world.run(DUE + 9 * TURN + WINDOW)

    assert world.reports()[:1] == [Report(opened, 0, 0, 1, 970_000, CHARGE)]
    assert leaves(world, Subject(opened, 0, 0))[:3] == [985_000] * 3
    assert world.contracts.sent[:2] == ["post", "claim"]


def test_equivocating_proposer__second_value_for_its_round__is_refused(
    worlds: list[World], tmp_path: Path
) -> None:
    """P13: one member signs one value for a round, whoever asks."""
    world, opened = begin(worlds, tmp_path, (980, 985, 990, 995))
    world.run(DUE - 1)
    everything = world.nodes[1].observations([Subject(opened, 0, 0)])
    number = 1 + (DUE - 1) // TURN
    proposer = number % 4
    first = Bundle(
        COMMITTEE.chain_id, COMMITTEE.address, number, 3, (report(opened, 985_000),), tuple(everything)
    )
    fewer = tuple(one for one in everything if one.member != MEMBERS[proposer])
    second = replace(first, observations=fewer)
    target = world.nodes[(proposer + 1) % 4]

    signature = target.countersign(proposal(first, proposer))

    assert target.countersign(proposal(first, proposer)) == signature
    with pytest.raises(RoundRefused, match=f"round {number} was signed with another root"):
        target.countersign(proposal(second, proposer))


def test_proposal__another_value_for_a_leaf_it_signed__is_refused_and_the_revision_raised(
    worlds: list[World], tmp_path: Path
) -> None:
    """R11, P13: the member keeps its leaf, and opens the way to agree anew."""
    world, opened = begin(worlds, tmp_path, (980, 985, 990, 970))
    world.silence(3)
    world.run(DUE - 1)
    number = 1 + (DUE - 1) // TURN
    proposer, target = number % 4, world.nodes[(number + 2) % 4]
    three = world.nodes[0].observations([Subject(opened, 0, 0)])
    first = Bundle(COMMITTEE.chain_id, COMMITTEE.address, number, 3, (report(opened, 985_000),), tuple(three))
    target.countersign(proposal(first, proposer))

    late = Observation(opened, 0, 0, 0, True, 970_000, CHARGE, bytes(32))
    fourth = SignedObservation(late, MEMBERS[3], KEYS[3].sign(observation_preimage(late, COMMITTEE.domain)))
    second = Bundle(
        COMMITTEE.chain_id, COMMITTEE.address, number + 1, 3, (report(opened, 980_000),), (*three, fourth)
    )
    with pytest.raises(RoundRefused, match="was signed as 985000, not 980000"):
        target.countersign(proposal(second, (proposer + 1) % 4))

    assert [details["revision"] for details in world.told("revision raised")] == [1]


def test_proposal__out_of_turn__is_refused(worlds: list[World], tmp_path: Path) -> None:
    world, opened = begin(worlds, tmp_path, (980,) * 4)
    world.run(DUE - 1)
    everything = world.nodes[0].observations([Subject(opened, 0, 0)])
    number = 1 + (DUE - 1) // TURN
    bundle = Bundle(
        COMMITTEE.chain_id, COMMITTEE.address, number, 3, (report(opened, 980_000),), tuple(everything)
    )
    stranger = (number + 1) % 4

    with pytest.raises(RoundRefused, match=r"not .* to propose"):
        world.nodes[0].countersign(proposal(bundle, stranger))


def test_proposal__that_would_use_up_the_rounds__is_refused(worlds: list[World], tmp_path: Path) -> None:
    world, opened = begin(worlds, tmp_path, (980,) * 4)
    world.run(DUE - 1)
    everything = world.nodes[0].observations([Subject(opened, 0, 0)])
    bundle = Bundle(
        COMMITTEE.chain_id, COMMITTEE.address, 2**63, 3, (report(opened, 980_000),), tuple(everything)
    )

    with pytest.raises(RoundRefused, match="propose the next round"):
        world.nodes[1].countersign(proposal(bundle, 0))


def test_liar__says_two_things_to_two_members__is_told_of_and_agreed_around(
    worlds: list[World], tmp_path: Path
) -> None:
    world, opened = begin(worlds, tmp_path, (980, 985, 990, 980))
    world.run(LENGTH + 3)
    world.silence(3)
    liar = Two(opened)
    world.exchange._nodes[MEMBERS[3]] = liar
    world.exchange.silent.clear()
    world.nodes.pop()
    world.run(DUE + 4 * TURN)

    assert len(world.reports()) == 1
    assert 980_000 <= world.reports()[0].attained <= 990_000
    assert world.told("equivocation")


def test_peer__offers_what_nobody_signed__is_refused_and_told(worlds: list[World], tmp_path: Path) -> None:
    world, opened = begin(worlds, tmp_path, (980, 980, 980, 980))
    forger = Forger(opened)
    world.nodes.pop()
    world.exchange._nodes[MEMBERS[3]] = forger
    world.run(DUE + 2 * TURN)

    assert [report.attained for report in world.reports()] == [980_000]
    assert world.told("observation refused")


def test_member__signs_a_thousand_revisions__the_others_keep_the_next_one_only(
    worlds: list[World], tmp_path: Path
) -> None:
    """A liar can neither fill a disk nor keep the others from agreeing."""
    world, opened = begin(worlds, tmp_path, (980, 980, 980, 980))
    world.nodes.pop()
    world.exchange._nodes[MEMBERS[3]] = Hasty(opened)
    world.run(DUE + 8 * TURN)

    assert [one.attained for one in world.reports()] == [980_000]
    heard = world.journals[0].observations(Subject(opened, 0, 0))
    assert max(one.observation.revision for one in heard) <= 2


def report(opened: bytes, attained: int) -> Report:
    return Report(opened, 0, 0, 0, attained, CHARGE)


def leaves(world: World, subject: Subject) -> list[int | None]:
    found = [journal.leaf(Report(*subject, 0, 0, 0)) for journal in world.journals]
    return [leaf.attained if leaf else None for leaf in found]


def refuse_posting(world: World) -> None:
    """The proposers die after the others signed, every time."""
    for node in world.nodes:
        node.post = lambda view, agreed: None  # type: ignore[method-assign]


def allow_posting(world: World) -> None:
    for node in world.nodes:
        del node.post


class Forger:
    """A peer that signs others' names, and no round."""

    def __init__(self, opened: bytes) -> None:
        self.opened = opened

    def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
        said = Observation(self.opened, 0, 0, 0, True, 1, CHARGE, bytes(32))
        signature = KEYS[3].sign(observation_preimage(said, COMMITTEE.domain))
        return [SignedObservation(said, member, signature) for member in MEMBERS[:3]]

    def countersign(self, proposal: Proposal) -> bytes:
        raise RoundRefused("no", "never")

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        return b"something else"


class Two(Forger):
    """A member that says another number whenever it is asked."""

    said = 0

    def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
        self.said += 1
        said = Observation(self.opened, 0, 0, 0, True, self.said, CHARGE, bytes(32))
        signature = KEYS[3].sign(observation_preimage(said, COMMITTEE.domain))
        return [SignedObservation(said, MEMBERS[3], signature)]


class Hasty(Forger):
    """A member that is always many revisions ahead."""

    def observations(self, subjects: Sequence[Subject]) -> Sequence[SignedObservation]:
        said = [
            Observation(self.opened, 0, 0, revision, True, 5, CHARGE, bytes(32)) for revision in range(50)
        ]
        return [
            SignedObservation(one, MEMBERS[3], KEYS[3].sign(observation_preimage(one, COMMITTEE.domain)))
            for one in said
        ]


@pytest.mark.parametrize("away_until", [LENGTH + 3, LENGTH + 5])
def test_member__journal_put_back_from_an_old_copy__says_what_it_said_before(
    worlds: list[World], tmp_path: Path, away_until: int
) -> None:
    """P13: the old copy knows nothing of what was signed since; the peers do, and are waited for."""
    world, opened = begin(worlds, tmp_path, (985,) * 4)
    subject = Subject(opened, 0, 0)
    world.stop()
    copy = (tmp_path / "0.sqlite").read_bytes()
    world.start()
    world.run(LENGTH + 3)
    first = world.journals[0].own(subject)
    assert first is not None
    assert first.observation.attained == 985_000

    world.stop()
    for left in tmp_path.glob("0.sqlite*"):
        left.unlink()
    (tmp_path / "0.sqlite").write_bytes(copy)
    world.sources[0].good = 500
    world.start()
    world.silence(1, 2, 3)
    world.run(away_until)
    assert world.journals[0].own(subject) is None
    world.silence()
    world.run(LENGTH + 6)

    again = world.journals[0].own(subject)
    assert again is not None
    assert again.observation == first.observation
