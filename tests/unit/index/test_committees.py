"""Who sat on a committee when (R12), also of one that is older than what is read."""

from __future__ import annotations

import pytest

from index.committees import CommitteeRecord, RotationRecord
from index.facts import Block, CommitteeTerms, Occurrence, Place
from index.follower import Follower
from record.events import CommitteeFormed, Event, MemberRotated, RotationProposed, RoundPosted
from record.hexes import checksum_address
from record.keccak import keccak256
from tests.unit.index.fake_node import COMMITTEE, FakeNode, agreed, opening

A, B, C, D, E = (checksum_address(bytes([number]) * 20) for number in range(0xA0, 0xA5))


def place(number: int) -> Place:
    return Place(Block(number, bytes([number]) * 32, 1_000 + number), bytes(32), 0)


def happened(*events: Event, first: int = 1) -> list[Occurrence]:
    return [Occurrence(COMMITTEE, event, place(first + index)) for index, event in enumerate(events)]


def posted(number: int, signers: int) -> RoundPosted:
    return RoundPosted(number, keccak256(bytes([number])), bytes(32), signers)


def record(*members: str) -> CommitteeRecord:
    """As it is read from the chain, now."""
    return CommitteeRecord(CommitteeTerms(COMMITTEE, members, 2, True))


HISTORY = happened(
    CommitteeFormed((A, B, C), 2, 60),
    posted(1, 0b011),
    RotationProposed(B, D, 0, 5_000, 0b101),
    posted(2, 0b110),
    MemberRotated(B, D, 1),
    posted(3, 0b110),
)


def signers(of: CommitteeRecord) -> dict[int, tuple[str, ...]]:
    return {number: of.signers_of(found) for number, found in of.rounds.items()}


def test_committee__members_replaced__each_round_was_signed_by_those_of_its_time() -> None:
    found = record(A, D, C).after(HISTORY)
    assert signers(found) == {1: (A, B), 2: (B, C), 3: (D, C)}
    assert found.members == (A, D, C)
    assert found.rotations == (RotationRecord(B, D, place(3), 5_000, place(5)),)


@pytest.mark.parametrize("cut", range(len(HISTORY) + 1))
def test_committee__events_in_two_parts__say_the_same(cut: int) -> None:
    found = record(A, D, C).after(HISTORY[:cut]).after(HISTORY[cut:])
    assert found == record(A, D, C).after(HISTORY)


def test_committee__older_than_what_is_read__members_are_those_of_now_without_the_rotations_since() -> None:
    """Two rotations of one seat, one of another; nothing says how it was formed."""
    events = happened(
        posted(7, 0b111),
        MemberRotated(B, D, 1),
        posted(8, 0b111),
        MemberRotated(A, B, 0),
        MemberRotated(D, E, 1),
        posted(9, 0b111),
    )
    found = record(B, E, C).after(events)
    assert signers(found) == {7: (A, B, C), 8: (A, D, C), 9: (B, E, C)}
    assert found.rotations[0] == RotationRecord(B, D, None, None, place(2))
    assert found.members == (B, E, C)


def test_committee__rotation_pending__is_told_as_such() -> None:
    found = record(A, B, C).after(HISTORY[:4])
    assert found.members == (A, B, C)
    assert found.rotations == (RotationRecord(B, D, place(3), 5_000, None),)


def test_committee__before_any_event__has_the_members_that_were_read() -> None:
    assert record(A, B, C).members == (A, B, C)
    assert record(A, B, C).after([]).members == (A, B, C)


def test_follower__rotation_taken_back_by_a_reorg__is_forgotten() -> None:
    node = FakeNode()
    members = node.committee(COMMITTEE).members
    follower = Follower(node)
    node.mine(opening(agreed(1)), (COMMITTEE, RotationProposed(members[1], D, 0, 5_000, 0b101)))
    follower.look()
    node.mine((COMMITTEE, MemberRotated(members[1], D, 1)))
    assert follower.look().committees[COMMITTEE].members == (members[0], D, *members[2:])
    node.cut(1)
    node.mine(salt="another block")
    found = follower.look().committees[COMMITTEE]
    assert found.members == members
    assert [rotation.rotated for rotation in found.rotations] == [None]
