"""Which agreement an event is about."""

from __future__ import annotations

from index.facts import Block, Occurrence, Place
from index.history import History
from record.events import Claimed, Compensated, Credited, Disputed, Event, TransferWithheld, Withdrawn
from tests.unit.index.fake_node import ESCROW, MEMBERS, TOKEN, agreed, id_of, opening

BLOCK = Block(7, b"\7" * 32, 1_000)
ONE, OTHER = id_of(agreed(1)), id_of(agreed(2))
PAID, WITHHELD = Compensated(ONE, MEMBERS[0], 5), TransferWithheld(TOKEN, MEMBERS[0], 5)
CLAIMED = Claimed(OTHER, 0, 0, 0, 5, 9, 3, 1, 2_000, bytes(32))
DISPUTED = Disputed(OTHER, 0, 0, MEMBERS[1], 4, 9, 4, 3, 1, 3_000)
WITHDRAWN = Withdrawn(TOKEN, MEMBERS[0], MEMBERS[0], 5)
CREDITED = Credited(ONE, OTHER, 5)


def trails(*events: tuple[str, Event]) -> dict[bytes, list[Event]]:
    """What each agreement's trail holds after its opening; each event comes with its transaction."""
    placed = [
        Occurrence(ESCROW, event, Place(BLOCK, transaction.encode(), index))
        for index, (transaction, event) in enumerate(
            [("a", opening(agreed(1))[1]), ("a", opening(agreed(2))[1]), *events]
        )
    ]
    found = History(BLOCK).after(BLOCK, placed, {}, {}).accounts
    return {one: [occurrence.event for occurrence in account.trail[1:]] for one, account in found.items()}


def test_trail__a_withheld_transfer__is_the_call_s_that_made_it() -> None:
    assert trails(("b", PAID), ("b", WITHHELD)) == {ONE: [PAID, WITHHELD], OTHER: []}


def test_trail__a_withheld_transfer_after_others__is_the_last_one_s() -> None:
    found = trails(("b", CLAIMED), ("b", DISPUTED), ("b", PAID), ("b", WITHHELD))

    assert found == {ONE: [PAID, WITHHELD], OTHER: [CLAIMED, DISPUTED]}


def test_trail__of_another_transaction__is_nobody_s() -> None:
    assert trails(("b", PAID), ("c", WITHHELD)) == {ONE: [PAID], OTHER: []}


def test_trail__a_withdrawal__is_no_agreement_s() -> None:
    assert trails(("b", PAID), ("b", WITHDRAWN)) == {ONE: [PAID], OTHER: []}


def test_trail__a_credit__is_in_both_and_what_was_withheld_with_it_in_the_payer_s() -> None:
    """The bonds of the payer's call: the downstream sends nothing by it."""
    assert trails(("b", CREDITED), ("b", WITHHELD)) == {ONE: [CREDITED, WITHHELD], OTHER: [CREDITED]}
