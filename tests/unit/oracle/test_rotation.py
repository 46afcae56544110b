"""Nodes whose key comes in or is replaced (R12): who signs, who waits, who stops, and what observations count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from oracle.errors import OracleError, RoundRefused
from oracle.ports import Proposal, Standing, Subject
from oracle.running import require_seat
from record.bundle import Bundle, SignedObservation
from record.eip712 import observation_preimage, round_preimage
from record.keccak import keccak256
from record.merkle import MerkleTree
from record.rotation import PendingRotation
from sla.report import Observation, Report
from tests.unit.oracle.world import (
    CHARGE,
    COMMITTEE,
    KEYS,
    LENGTH,
    MEMBERS,
    NEWCOMER,
    SETTINGS,
    START,
    World,
)

DUE = LENGTH + SETTINGS.collect_after_seconds
TURN = SETTINGS.turn_seconds
LEAVER = 1


class Five(World):
    """Four members and the newcomer, a node each; the second member leaves at ``effective_at``."""

    def __init__(self, folder: Path, good: Sequence[int | None], effective_at: int) -> None:
        super().__init__(folder, good)
        self.keys = (*KEYS, NEWCOMER)
        self.contracts.rotation = PendingRotation(MEMBERS[LEAVER], NEWCOMER.address, START + effective_at)
        self.opened = self.open()
        self.start()


@pytest.fixture
def worlds() -> Iterator[list[World]]:
    made: list[World] = []
    yield made
    for world in made:
        world.stop()


def five(worlds: list[World], folder: Path, good: Sequence[int | None], effective_at: int) -> Five:
    world = Five(folder, good, effective_at)
    worlds.append(world)
    return world


def observers(world: Five, period: int) -> set[str]:
    """Whose observations of a period there are."""
    found = [node.observations([Subject(world.opened, period, 0)]) for node in world.nodes]
    return {signed.member for observations in found for signed in observations}


def standings(world: Five) -> list[Standing]:
    return [node.standing for node in world.nodes]


# The way it goes


def test_keeper__rotation_due__carries_it_out_once_and_not_before(
    worlds: list[World], tmp_path: Path
) -> None:
    """Anyone may; one node does."""
    world = five(worlds, tmp_path, (1_000,) * 5, 40)
    world.run(39)
    assert world.contracts.sent == []
    world.run(80)
    assert world.contracts.sent == ["rotate"]
    assert world.contracts.members == (MEMBERS[0], NEWCOMER.address, *MEMBERS[2:])
    (told,) = world.told("rotated")
    assert (told["outgoing"], told["incoming"]) == (MEMBERS[LEAVER], NEWCOMER.address)


def test_keeper__members_are_down_in_their_turns__the_next_carries_it_out(
    worlds: list[World], tmp_path: Path
) -> None:
    world = five(worlds, tmp_path, (1_000,) * 5, 0)
    world.exchange.silent = {*MEMBERS[:3], NEWCOMER.address}
    world.run(4 * TURN)
    assert world.contracts.sent == ["rotate"]


def test_keeper__reply_is_lost__finds_it_done(worlds: list[World], tmp_path: Path) -> None:
    """P13: nobody does it a second time."""
    world = five(worlds, tmp_path, (1_000,) * 5, 10)
    world.contracts.lost_replies = {0}
    world.run(60)
    assert world.contracts.sent == ["rotate"]
    assert [details["problem"] for details in world.told("not rotated")] == ["no receipt; look it up"]
    assert NEWCOMER.address in world.contracts.members


def test_newcomer__before_and_after_the_rotation__measures_then_signs(
    worlds: list[World], tmp_path: Path
) -> None:
    """Before it is a member it signs nothing at all; afterwards its observation counts like any other's."""
    world = five(worlds, tmp_path, (1_000, 1_000, 1_000, 980, 980), LENGTH + 40)
    world.run(LENGTH + 39)
    assert standings(world) == [Standing.MEMBER] * 4 + [Standing.WAITING]
    assert observers(world, 0) == set(MEMBERS)
    assert len(world.told("waiting")) == 1
    world.silence(0)
    world.run(LENGTH + DUE + 6 * TURN)

    assert standings(world)[LEAVER:] == [
        Standing.ROTATED_OUT, Standing.MEMBER, Standing.MEMBER, Standing.MEMBER
    ]  # fmt: skip
    assert [(told["member"]) for told in world.told("rotated in")] == [NEWCOMER.address]
    assert observers(world, 1) == {*MEMBERS[2:], NEWCOMER.address}
    assert [report.attained for report in world.reports()] == [1_000_000, 980_000]


def test_leaver__rotated_out__is_told_once_and_signs_nothing_more(
    worlds: list[World], tmp_path: Path
) -> None:
    world = five(worlds, tmp_path, (1_000,) * 5, 20)
    world.run(60)
    before = len(world.signed)
    signed_by_leaver = [digest for digest in world.signed if digest.startswith(MEMBERS[LEAVER].encode())]
    world.run(3 * LENGTH)
    after = [digest for digest in world.signed if digest.startswith(MEMBERS[LEAVER].encode())]
    assert len(world.signed) > before
    assert after == signed_by_leaver
    assert [told["member"] for told in world.told("rotated out")] == [MEMBERS[LEAVER]]


def test_leaver__rotation_not_final_yet__waits_and_comes_back_when_the_chain_does(
    worlds: list[World], tmp_path: Path
) -> None:
    """A reorg may take the rotation back: the node stops only when it cannot."""
    world = five(worlds, tmp_path, (1_000,) * 5, 1_000)
    pending = world.contracts.rotation
    world.contracts.members = (MEMBERS[0], NEWCOMER.address, *MEMBERS[2:])
    world.contracts.rotation = None
    world.cycle()
    assert world.nodes[LEAVER].standing is Standing.WAITING
    world.contracts.members, world.contracts.rotation = MEMBERS, pending
    world.cycle()
    assert world.nodes[LEAVER].standing is Standing.MEMBER
    world.run(DUE + 5)
    assert MEMBERS[LEAVER] in observers(world, 0)


# Between two eras


def test_round__refused_because_a_signer_was_rotated_out__is_agreed_anew_by_those_of_now(
    worlds: list[World], tmp_path: Path
) -> None:
    """R11, R12: the leaf is kept, as its median stays; the leaver's observation is in no bundle any more."""
    world = five(worlds, tmp_path, (980, 980, 980, 980, 980), 10_000)
    world.exchange.silent = {NEWCOMER.address}
    stop_posting(world)
    world.run(DUE + TURN)
    assert leaves(world) == {980_000}
    rotate_now(world)
    world.exchange.silent.clear()
    world.run(DUE + 3 * TURN)
    allow_posting(world)
    world.run(DUE + 7 * TURN)

    assert world.reports() == [Report(world.opened, 0, 0, 0, 980_000, CHARGE)]
    bundle = bundle_of(world)
    assert MEMBERS[LEAVER] not in {signed.member for signed in bundle.observations}


def test_round__median_moves_with_the_member__raises_the_revision(
    worlds: list[World], tmp_path: Path
) -> None:
    """R11: with the leaver 985 is the median, without it 970: no member signs two values for one leaf (P13)."""
    world = five(worlds, tmp_path, (970, 985, 990, 985, 970), 10_000)
    world.exchange.silent = {NEWCOMER.address}
    stop_posting(world)
    world.run(DUE + TURN)
    assert leaves(world) == {985_000}
    rotate_now(world)
    world.exchange.silent.clear()
    world.run(DUE + 3 * TURN)
    allow_posting(world)
    world.run(DUE + 12 * TURN)

    first = world.reports()[0]
    assert (first.revision, first.attained) == (1, 970_000)


def test_observation__of_a_member_that_left__is_taken_from_nobody(
    worlds: list[World], tmp_path: Path
) -> None:
    """One seat, one voice: a proposal that holds both is refused."""
    world = five(worlds, tmp_path, (980,) * 5, 10_000)
    rotate_now(world)
    world.run(DUE - 1)
    assert observers(world, 0) == {MEMBERS[0], NEWCOMER.address, *MEMBERS[2:]}
    known = tuple(world.nodes[0].observations([Subject(world.opened, 0, 0)]))
    ghost = Observation(world.opened, 0, 0, 0, True, 980_000, CHARGE, bytes(32))
    both = (*known, signed(ghost, LEAVER))
    number = 1 + (DUE - 1) // TURN
    proposer = number % 4
    report = Report(world.opened, 0, 0, 0, 980_000, CHARGE)
    bundle = Bundle(COMMITTEE.chain_id, COMMITTEE.address, number, 3, (report,), both)
    with pytest.raises(RoundRefused, match=f"{MEMBERS[LEAVER]} is no member"):
        world.nodes[(proposer + 2) % 4].countersign(proposal(bundle, proposer))


def test_countersign__asked_of_no_member__is_refused(worlds: list[World], tmp_path: Path) -> None:
    world = five(worlds, tmp_path, (980,) * 5, 10_000)
    world.run(DUE - 1)
    known = tuple(world.nodes[0].observations([Subject(world.opened, 0, 0)]))
    number = 1 + (DUE - 1) // TURN
    report = Report(world.opened, 0, 0, 0, 980_000, CHARGE)
    bundle = Bundle(COMMITTEE.chain_id, COMMITTEE.address, number, 3, (report,), known)
    with pytest.raises(RoundRefused, match="is no member"):
        world.nodes[4].countersign(proposal(bundle, number % 4))


# Who may run a node at all


def test_seat__of_members_and_who_comes_in__is_known_of_others_not() -> None:
    waiting = replace(COMMITTEE, rotation=PendingRotation(MEMBERS[2], NEWCOMER.address, 5))
    assert [require_seat(waiting, member) for member in MEMBERS] == [0, 1, 2, 3]
    assert require_seat(waiting, NEWCOMER.address) == 2
    with pytest.raises(OracleError, match="no pending rotation brings it in"):
        require_seat(COMMITTEE, NEWCOMER.address)


# How


def signed(observation: Observation, member: int) -> SignedObservation:
    made = KEYS[member].sign(observation_preimage(observation, COMMITTEE.domain))
    return SignedObservation(observation, MEMBERS[member], made)


def proposal(bundle: Bundle, proposer: int) -> Proposal:
    data, root = bundle.to_bytes(), MerkleTree(bundle.reports).root
    made = KEYS[proposer].sign(round_preimage(bundle.round, root, keccak256(data), COMMITTEE.domain))
    return Proposal(data, made)


def leaves(world: Five) -> set[int]:
    """The values that journals hold for the first period's leaf."""
    subject = Report(world.opened, 0, 0, 0, 0, 0)
    found = [journal.leaf(subject) for journal in world.journals]
    return {leaf.attained for leaf in found if leaf is not None}


def rotate_now(world: Five) -> None:
    """As if somebody else had carried it out."""
    rotation = world.contracts.rotation
    assert rotation is not None
    world.contracts.rotation = PendingRotation(rotation.outgoing, rotation.incoming, 0)
    world.contracts.rotate()


def stop_posting(world: Five) -> None:
    """The proposers die after the others signed, every time."""
    for node in world.nodes:
        node.post = lambda view, agreed: None  # type: ignore[method-assign]


def allow_posting(world: Five) -> None:
    for node in world.nodes:
        del node.post


def bundle_of(world: Five) -> Bundle:
    """The evidence of the first round."""
    kept = [node.bundle(world.contracts.rounds[0].bundle) for node in world.nodes]
    return Bundle.from_bytes(next(data for data in kept if data is not None))
