"""Which agreement an event is about."""

from __future__ import annotations

from index.facts import Block, Occurrence, Place
from index.history import History
from record.events import (
    Claimed,
    Compensated,
    Disputed,
    Event,
    EvidenceSubmitted,
    TransferWithheld,
    Withdrawn,
)
from tests.unit.index.fake_node import ESCROW, MEMBERS, TOKEN, agreed, id_of, opening

BLOCK = Block(7, b"\7" * 32, 1_000)
ONE, OTHER = id_of(agreed(1)), id_of(agreed(2))
PAID, WITHHELD = Compensated(ONE, MEMBERS[0], 5), TransferWithheld(TOKEN, MEMBERS[0], 5)
CLAIMED = Claimed(OTHER, 0, 0, 0, 5, 9, 3, 2_000, bytes(32))
DISPUTED = Disputed(OTHER, 0, 0, MEMBERS[1], 4, 9, 4, 1, 3_000)
EVIDENCE = EvidenceSubmitted(OTHER, 0, 0, MEMBERS[1], bytes(32), "ipfs://")
WITHDRAWN = Withdrawn(TOKEN, MEMBERS[0], MEMBERS[0], 5)


def trails(*events: tuple[str, Event]) -> dict[bytes, list[Event]]:
    """What each agreement's trail holds after its opening; each event comes with its transaction."""
    placed = [
        Occurrence(ESCROW, event, Place(BLOCK, transaction.encode(), index))
        for index, (transaction, event) in enumerate(
            [("a", opening(agreed(1))[1]), ("a", opening(agreed(2))[1]), *events]
        )
    ]
    found = History(BLOCK).after(BLOCK, placed, {}, {}).agreements
    return {one: [occurrence.event for occurrence in record.trail[1:]] for one, record in found.items()}


def test_trail__a_withheld_transfer__is_the_call_s_that_made_it() -> None:
    assert trails(("b", PAID), ("b", WITHHELD)) == {ONE: [PAID, WITHHELD], OTHER: []}


def test_trail__evidence_slipped_in_by_a_token__does_not_take_the_transfer_over() -> None:
    """A token may be a party of another agreement, and be called in the middle of a payment."""
    found = trails(("b", CLAIMED), ("c", DISPUTED), ("d", PAID), ("d", EVIDENCE), ("d", WITHHELD))

    assert found == {ONE: [PAID, WITHHELD], OTHER: [CLAIMED, DISPUTED, EVIDENCE]}


def test_trail__of_another_transaction__is_nobody_s() -> None:
    assert trails(("b", PAID), ("c", WITHHELD)) == {ONE: [PAID], OTHER: []}


def test_trail__a_withdrawal__is_no_agreement_s() -> None:
    assert trails(("b", PAID), ("b", WITHDRAWN)) == {ONE: [PAID], OTHER: []}
