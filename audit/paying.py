"""What an account owes and pays: to its customer, into an escrow downstream, or into arrears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from audit.books import Account, Version
from audit.calls import Call, Send
from audit.difference import differ, require, require_equal
from audit.findings import Payment, Place
from audit.state import State
from record.events import Compensated, Credited, InArrears, TransferWithheld, Withdrawn
from record.pack_logs import Entry


def in_arrears(state: State, entry: Entry, event: InArrears, account: Account) -> None:
    """What the collateral does not cover stays owed (R4)."""
    call = _paying_call(state, entry, account)
    require_equal(entry, "the arrears", event.amount, call.must_owe)
    call.must_owe = 0
    call.pays = True


def compensated(state: State, entry: Entry, event: Compensated, account: Account) -> None:
    """What is due is paid to the customer as far as the collateral goes (R4)."""
    call = _paying_call(state, entry, account)
    require_equal(entry, "the customer", event.customer, account.customer)
    require_equal(entry, "the amount", event.amount, account.payable)
    own = any(version.credits(event.amount) is None for version in _asked(call, account))
    require(own, entry, "the terms direct it into the escrow of their downstream, which is open")
    _pay(state, entry, call, account, None)
    account.compensated += event.amount
    state.ledger.collateral[account.token] -= event.amount
    call.sends[0].amounts.append(event.amount)
    state.counts["payments"] += 1


def credited(state: State, entry: Entry, event: Credited, account: Account) -> None:
    """What is due raises the escrow of the agreement downstream, and goes no further (R14)."""
    call = _paying_call(state, entry, account)
    require_equal(entry, "the amount", event.amount, account.payable)
    below = state.accounts.get(event.downstream)
    asked = _asked(call, account)
    directed = below is not None and any(version.credits(event.amount) is below for version in asked)
    if below is None or not directed:
        differ(entry, f"the terms direct nothing to 0x{event.downstream.hex()}, or it cannot take it")
    _pay(state, entry, call, account, below.id)
    account.credited += event.amount
    below.collateral += event.amount
    below.credits += event.amount
    state.counts["credits"] += 1


def withheld(state: State, entry: Entry, event: TransferWithheld) -> None:
    """A transfer of the call failed; the account may withdraw the amount (R17)."""
    call = state.call
    if call is None:
        differ(entry, "no transfer was made")
    require_equal(entry, "the token", event.token, call.token)
    send = call.withhold(event.account, event.amount)
    require(send is not None, entry, f"this call sent no {event.amount} to {event.account}")
    if call.payment is not None and send is call.sends[0]:
        state.payments[call.payment] = replace(state.payments[call.payment], withheld=True)
    state.ledger.withhold(event.token, event.account, event.amount)


def withdrawn(state: State, entry: Entry, event: Withdrawn) -> None:
    """All that was withheld is paid out."""
    owed = state.ledger.withdraw(event.token, event.account)
    require_equal(entry, "the amount", event.amount, owed)
    require(owed > 0, entry, "nothing was withheld")
    state.call = Call(entry, event.token, sends=[Send(event.to, [event.amount])], certain=True)


def _paying_call(state: State, entry: Entry, account: Account) -> Call:
    """The call that is going on; else one of ``settle`` that settles nothing, and pays what the account owes."""
    if state.call is None:
        require(account.due > 0, entry, "nothing was due")
        sends = [Send(account.customer), Send(account.provider), Send(account.customer)]
        state.call = Call(entry, account.token, account, sends=sends, pays=True)
        state.call.owe(account)
        if state.call.must_owe and not isinstance(entry.event, InArrears):
            differ(entry, f"{state.call.must_owe} stays unpaid, and no arrears were named")
    return state.call


def _asked(call: Call, account: Account) -> Sequence[Version]:
    """The versions by whose terms the call may have been made: they say whom it pays."""
    return account.versions if call.version is None else (call.version,)


def _pay(state: State, entry: Entry, call: Call, account: Account, downstream: bytes | None) -> None:
    """Write down the payment of all that the account can pay."""
    amount = account.payable
    payment = Payment(
        agreement_id=account.id,
        customer=account.customer,
        token=account.token,
        amount=amount,
        due=account.due,
        collateral=account.collateral,
        settlements=tuple(account.unpaid),
        withheld=False,
        place=Place.of(entry),
        downstream=downstream,
    )
    account.due -= amount
    account.collateral -= amount
    if account.due == 0:
        account.unpaid.clear()
    call.must_pay, call.pays = 0, True
    call.payment = len(state.payments)
    state.payments.append(payment)
