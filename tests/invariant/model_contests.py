"""Disputes, concessions, evidence, rulings (R6, R7, R8)."""

from __future__ import annotations

from tests.invariant.books import CUSTOMER, DISPUTED, NOBODY, NONE, PENDING, PROVIDER, RULED, Claim, Dispute
from tests.invariant.deal import Deal
from tests.invariant.model_claims import (
    Finding,
    compensation,
    count_open,
    place_of,
    require_charge,
    require_obligation,
    require_period,
)
from tests.invariant.model_context import Context, Refused

Key = tuple[int, int]


def dispute(context: Context, deal: Deal, key: Key, alleged: Finding) -> None:
    """A party, with a bond, against a pending claim, a case, or the silence of the committee."""
    require_obligation(deal, key[1])
    first = context.require_known(deal)
    party = _party(context, deal)
    place, books, stake = place_of(deal, key), context.books, deal.agreement.stake
    before = books.claims[place]
    if before.status == NONE:
        _require_overdue(context, deal, key[0])
        require_charge(deal, alleged[1])
        contested, standing = 0, deal.pays_without_data(key[1], alleged[1])
    else:
        is_case = before.status == DISPUTED and books.disputes[place].disputer == NOBODY
        deadline = books.disputes[place].deadline if is_case else before.window_end
        if not (before.status == PENDING or is_case) or context.now >= deadline:
            raise Refused("NotDisputable", before.status, context.now, before.window_end)
        contested = standing = before.pending
    found = compensation(deal, key[1], alleged)
    if not (found > contested if party == CUSTOMER else found < contested):
        raise Refused("AllegationUseless", found, contested)
    if before.status == NONE:
        count_open(context, first, 1)
    books.claims[place] = before._replace(pending=standing, status=DISPUTED)
    bond = context.pull(stake.token, context.caller, stake.bond)
    ruling_deadline = context.now + stake.rule_within
    books.disputes[place] = Dispute(contested, found, ruling_deadline, party, bond)
    values = (deal.id, *key, context.caller, *alleged, found, standing, bond, ruling_deadline)
    context.emit("Disputed", *values)


def concede(context: Context, deal: Deal, key: Key, alleged: int) -> None:
    """The opponent accepts exactly what was alleged."""
    context.require_known(deal)
    contest = _require_rulable(context, deal, key)
    parties = deal.agreement.parties
    sides = {PROVIDER: parties.provider, CUSTOMER: parties.customer}
    opponent = {PROVIDER: CUSTOMER, CUSTOMER: PROVIDER}.get(contest.disputer)
    if opponent is None or context.caller != sides[opponent]:
        raise Refused("CallerInvalid", context.caller)
    if alleged != contest.alleged:
        raise Refused("AllegationDiffers", alleged, contest.alleged)
    _close(context, deal, key, alleged)
    disputer = sides[contest.disputer]
    context.emit("Conceded", deal.id, *key, alleged, disputer, contest.bond)
    context.send(deal.agreement.stake.token, disputer, contest.bond)


def submit_evidence(context: Context, deal: Deal, key: Key, content_hash: bytes, uri: str) -> None:
    """A party, while it can be ruled."""
    context.require_known(deal)
    _party(context, deal)
    _require_rulable(context, deal, key)
    context.emit("EvidenceSubmitted", deal.id, *key, context.caller, content_hash, uri)


def rule(context: Context, deal: Deal, key: Key, ruling: Finding) -> None:
    """The arbiter. The fee is fixed; the rest of the bond goes to whose favour the pay was moved in."""
    require_obligation(deal, key[1])
    context.require_known(deal)
    parties, stake = deal.agreement.parties, deal.agreement.stake
    if context.caller != parties.arbiter:
        raise Refused("CallerInvalid", context.caller)
    contest = _require_rulable(context, deal, key)
    found = compensation(deal, key[1], ruling)
    _close(context, deal, key, found)
    if contest.disputer == NOBODY:
        context.emit("Ruled", deal.id, *key, *ruling, found, "0x" + "0" * 40)
        return
    if contest.disputer == CUSTOMER:
        winner = parties.customer if found > contest.contested else parties.provider
    else:
        winner = parties.provider if found < contest.contested else parties.customer
    context.emit("Ruled", deal.id, *key, *ruling, found, winner)
    fee = min(stake.arbiter_fee, contest.bond)
    context.send(stake.token, parties.arbiter, fee)
    context.send(stake.token, winner, contest.bond - fee)


def _party(context: Context, deal: Deal) -> int:
    parties = deal.agreement.parties
    if context.caller == parties.customer:
        return CUSTOMER
    if context.caller == parties.provider:
        return PROVIDER
    raise Refused("CallerInvalid", context.caller)


def _require_overdue(context: Context, deal: Deal, period: int) -> None:
    """A leafless dispute: the report is overdue, and it is not too late to claim."""
    require_period(context, deal, period)
    if context.now < deal.overdue(period):
        raise Refused("NotOverdue", context.now, deal.overdue(period))
    if context.now >= deal.claim_deadline(period):
        raise Refused("ClaimTooLate", context.now, deal.claim_deadline(period))


def _require_rulable(context: Context, deal: Deal, key: Key) -> Dispute:
    place = place_of(deal, key)
    status, contest = context.books.claims[place].status, context.books.disputes[place]
    if status != DISPUTED:
        raise Refused("NotDisputed", status)
    if context.now >= contest.deadline:
        raise Refused("RulingTooLate", context.now, contest.deadline)
    return contest


def _close(context: Context, deal: Deal, key: Key, pays: int) -> None:
    """Final: nothing but its settlement comes after."""
    place = place_of(deal, key)
    before: Claim = context.books.claims[place]
    context.books.claims[place] = before._replace(pending=pays, status=RULED)
    context.books.disputes[place] = Dispute()
