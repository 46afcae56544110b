"""Settlement and release: what is due is paid, what is left goes back (R2, R3, R4, R15)."""

from __future__ import annotations

from collections.abc import Sequence

from sla.compensation import entitlement
from tests.invariant.books import (
    CUSTOMER,
    DISPUTED,
    FINAL,
    NOBODY,
    PENDING,
    PROVIDER,
    RULED,
    SETTLED,
    Dispute,
    Place,
)
from tests.invariant.deal import Deal
from tests.invariant.model_context import Context, Refused
from tests.invariant.model_money import pay_due


def settle(context: Context, deal: Deal, keys: Sequence[tuple[int, int]]) -> None:
    """What is due, once; the rest is skipped. One transfer to the customer, the bonds after it."""
    first = context.require_known(deal)
    parties, books = deal.agreement.parties, context.books
    sides = {PROVIDER: parties.provider, CUSTOMER: parties.customer}
    bonds = {PROVIDER: 0, CUSTOMER: 0}
    for key in keys:
        place = (deal.id, *key)
        if not is_due(context, place):
            continue
        contest = books.disputes[place]
        if contest.disputer != NOBODY:
            bonds[contest.disputer] += contest.bond
            context.emit("BondReturned", *place, sides[contest.disputer], contest.bond)
        books.disputes[place] = Dispute()
        finalise(context, deal, first, place)
    pay_due(context, deal, first)
    for side, bond in bonds.items():
        context.send(deal.agreement.stake.token, sides[side], bond)


def is_due(context: Context, place: Place) -> bool:
    """Whether a claim can be settled now."""
    claim = context.books.claims[place]
    if claim.status == PENDING:
        return context.now >= claim.window_end
    if claim.status == DISPUTED:
        return context.now >= context.books.disputes[place].deadline
    return claim.status == RULED


def finalise(context: Context, deal: Deal, first: bytes, place: Place) -> None:
    """Only the change of the period's entitlement moves (R3)."""
    books, cap = context.books, deal.agreement.service.period_cap
    claim, period = books.claims[place], place[:2]
    before = books.totals[period]
    after = before - claim.settled + claim.pending
    books.totals[period] = after
    change = entitlement(cap, after) - entitlement(cap, before)
    status = FINAL if claim.status == RULED else SETTLED
    books.claims[place] = claim._replace(pending=0, settled=claim.pending, status=status)
    account = context.account(first)
    books.accounts[first] = account._replace(due=account.due + change, open_claims=account.open_claims - 1)
    context.emit("Settled", *place, claim.pending, change)


def release(context: Context, deal: Deal) -> None:
    """After the last claim deadline of all versions, when nothing waits (R15). In arrears it only pays."""
    first, books = context.require_known(deal), context.books
    head = context.head(first)
    if deal.id != head:
        raise Refused("NotHead", deal.id, head)
    last = max(deal.last_claim_deadline(books.counts[head]), books.floors[first])
    open_claims = context.account(first).open_claims
    if context.now < last or open_claims:
        raise Refused("NotReleasable", context.now, last, open_claims)
    pay_due(context, deal, first)
    account = context.account(first)
    if account.due > 0:
        return
    books.accounts[first] = account._replace(collateral=0, is_released=True)
    provider = deal.agreement.parties.provider
    context.emit("Released", first, provider, account.collateral)
    context.send(deal.agreement.stake.token, provider, account.collateral)
