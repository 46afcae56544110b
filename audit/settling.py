"""Claims that become final, and the money that follows."""

from __future__ import annotations

from dataclasses import replace

from audit.calls import Call, Send
from audit.difference import differ, require, require_equal
from audit.disputing import settling_call
from audit.findings import Basis, Outcome, Payment, Place, Settlement
from audit.state import Account, Claim, State, Status
from record.events import Compensated, Settled, TransferWithheld, Withdrawn
from record.pack_logs import Entry
from sla.compensation import entitlement


def settled(state: State, entry: Entry, event: Settled, account: Account) -> None:
    """The claim was due; the period's entitlement moves by what the joint cap leaves of it (R3)."""
    key = (event.period, event.obligation)
    call = settling_call(state, entry, account)
    if call.key is not None:
        require_equal(entry, "the claim that is settled", key, call.key)
        call.key = None
    claim = account.claims.get(key)
    if claim is None:
        differ(entry, "there is no such claim")
    _check_due(entry, claim)
    require_equal(entry, "the compensation", event.compensation, claim.final.compensation)
    cap = account.agreement.service.period_cap
    before = account.totals[event.period]
    after = before + event.compensation
    change = entitlement(cap, after) - entitlement(cap, before)
    require_equal(entry, "the change of the entitlement", event.entitlement_change, change)

    settlement = Settlement(
        agreement_id=account.id,
        agreement=account.agreement,
        period=event.period,
        obligation=event.obligation,
        basis=_basis(claim),
        round=claim.round,
        revision=claim.revision,
        observed=claim.observed,
        derivation=claim.final,
        others=before,
        change=change,
        place=Place.of(entry),
    )
    claim.status = Status.SETTLED
    account.totals[event.period] = after
    account.open_claims -= 1
    account.due += change
    account.unpaid.append(settlement)
    state.settlements.append(settlement)
    call.must_pay = account.payable
    state.counts["settlements"] += 1


def compensated(state: State, entry: Entry, event: Compensated, account: Account) -> None:
    """What is due is paid as far as the collateral goes; the rest stays as arrears (R4)."""
    call = state.call
    if call is None:
        differ(entry, "nothing was due")
    customer = account.agreement.parties.customer
    require_equal(entry, "the customer", event.customer, customer)
    require_equal(entry, "the amount", event.amount, account.payable)
    payment = Payment(
        agreement_id=account.id,
        customer=customer,
        token=account.token,
        amount=event.amount,
        due=account.due,
        collateral=account.collateral,
        settlements=tuple(account.unpaid),
        withheld=False,
        place=Place.of(entry),
    )
    account.due -= event.amount
    account.collateral -= event.amount
    account.compensated += event.amount
    if account.due == 0:
        account.unpaid.clear()
    state.ledger.collateral[account.token] -= event.amount
    call.must_pay = 0
    call.payment = len(state.payments)
    call.sends[0].amounts.append(event.amount)
    state.payments.append(payment)
    state.counts["payments"] += 1


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


def _check_due(entry: Entry, claim: Claim) -> None:
    if claim.status is Status.PENDING:
        require(
            entry.time >= claim.window_end,
            entry,
            f"the window ends at {claim.window_end}, it was {entry.time}",
        )
    else:
        require(claim.status is Status.RULED, entry, f"the claim is {claim.status.name.lower()}")


def _basis(claim: Claim) -> Basis:
    if claim.dispute is None:
        return Basis.REPORT
    return Basis.RULING if claim.dispute.outcome is Outcome.RULED else Basis.SILENCE
