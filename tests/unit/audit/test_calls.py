"""What may follow what within one call of the escrow."""

from __future__ import annotations

import pytest

from audit.books import Account, Version
from audit.calls import Call, Send
from audit.difference import Difference
from record.events import BondReturned, Compensated, Credited, Event, InArrears, Settled, TransferWithheld
from record.pack_logs import Entry
from tests.unit.record.test_open_call_properties import SMALL

ID, OTHER, VERSION = bytes(32), bytes(31) + b"\1", bytes(31) + b"\2"
TOKEN, PROVIDER, CUSTOMER = "token", "provider", "customer"


def entry(event: Event, transaction: int = 0) -> Entry:
    return Entry(1, 1, transaction, 0, "escrow", event)


def settle(*, bonds: tuple[int, ...] = ()) -> Call:
    """A call of ``settle`` so far."""
    sends = [Send(CUSTOMER), Send(PROVIDER, list(bonds)), Send(CUSTOMER)]
    account = Account(ID, TOKEN, PROVIDER, CUSTOMER, collateral=5, received=5)
    version = Version(VERSION, SMALL, account, True, 12)
    return Call(entry(Settled(VERSION, 0, 0, 1, 1)), TOKEN, account, version, sends, settles=True)


def test_call__settlement_of_another_transaction_or_agreement__does_not_belong() -> None:
    call = settle()

    assert call.continues_with(entry(Settled(VERSION, 0, 1, 1, 1)))
    assert call.continues_with(entry(BondReturned(VERSION, 0, 1, PROVIDER, 1)))
    assert not call.continues_with(entry(Settled(VERSION, 0, 1, 1, 1), transaction=1))
    assert not call.continues_with(entry(Settled(OTHER, 0, 1, 1, 1)))
    assert not call.continues_with(entry(Compensated(ID, CUSTOMER, 1)))


def test_call__payment_that_is_due__must_come() -> None:
    call = settle()
    call.must_pay = 1

    assert call.continues_with(entry(Compensated(ID, CUSTOMER, 1)))
    assert call.continues_with(entry(Credited(ID, OTHER, 1)))
    assert not call.continues_with(entry(Compensated(OTHER, CUSTOMER, 1)))
    assert not call.continues_with(entry(Credited(OTHER, ID, 1)))
    with pytest.raises(Difference, match="was due and in escrow, but not paid"):
        call.close(counted=False)


def test_call__arrears__must_be_named_before_the_payment() -> None:
    call = settle()
    account = call.account
    assert account is not None
    account.due = 12
    call.owe(account)

    assert (call.must_pay, call.must_owe) == (5, 7)
    assert not call.continues_with(entry(Compensated(ID, CUSTOMER, 5)))
    assert call.continues_with(entry(InArrears(ID, 7)))
    with pytest.raises(Difference, match="7 stayed unpaid, and no arrears were named"):
        call.close(counted=False)


def test_call__once_what_is_owed_was_reckoned_up__settles_nothing_more() -> None:
    call = settle()
    assert call.continues_with(entry(Settled(VERSION, 0, 1, 1, 1)))
    call.pays = True

    assert not call.continues_with(entry(Settled(VERSION, 0, 1, 1, 1)))
    assert not call.continues_with(entry(BondReturned(VERSION, 0, 1, PROVIDER, 1)))


def test_call__withheld_bonds__are_the_sum_of_the_last_calls() -> None:
    """Two calls of ``settle`` in one transaction look like one: the first may have paid its bond, the second not."""
    for amount in (7, 12):
        assert settle(bonds=(5, 7)).withhold(PROVIDER, amount) is not None
    assert settle(bonds=(5, 7)).withhold(PROVIDER, 5) is None
    assert settle(bonds=(5, 7)).withhold(PROVIDER, 13) is None
    assert settle(bonds=(5, 7)).withhold(CUSTOMER, 12) is None


def test_call__after_a_withheld_transfer__settles_nothing_more() -> None:
    call = settle(bonds=(5,))
    call.withhold(PROVIDER, 5)

    assert call.continues_with(entry(TransferWithheld(TOKEN, CUSTOMER, 1)))
    assert not call.continues_with(entry(Settled(VERSION, 0, 1, 1, 1)))


def test_call__sends_that_the_token_does_not_show__are_a_difference() -> None:
    call = settle(bonds=(5, 7))
    call.outflow[CUSTOMER] = 12
    with pytest.raises(Difference, match="by the token's own logs"):
        call.close(counted=True)

    call.outflow[PROVIDER] = 12
    call.close(counted=True)
