"""Reports that are brought (R3, R5, R6, R9, R21, R22)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from record.merkle import hash_pair
from sla.report import Report
from tests.invariant.books import (
    DISPUTED,
    FINAL,
    NOBODY,
    NONE,
    PENDING,
    RULED,
    SETTLED,
    Claim,
    Dispute,
    Place,
)
from tests.invariant.deal import Deal
from tests.invariant.model_context import Context, Refused
from tests.invariant.model_money import pay_due
from tests.invariant.model_settling import finalise
from tests.invariant.rounds import leaf_of

Finding = tuple[int, int]
"""Attained and charge."""


def claim(
    context: Context,
    deal: Deal,
    key: tuple[int, int],
    revision: int,
    found: Finding,
    proof: Sequence[bytes],
) -> None:
    """An attested report: its compensation is computed and its window opens, or a case, or it is recorded."""
    books, stake, now = context.books, deal.agreement.stake, context.now
    require_obligation(deal, key[1])
    first = context.require_known(deal)
    place = (deal.id, *key)
    require_period(context, deal, key[0])
    before, contest = books.claims[place], books.disputes[place]
    is_running = before.status == DISPUTED and contest.disputer != NOBODY
    _require_open(context, deal, key[0], before, contest)
    root = _require_attested(context, deal, key, revision, found, proof)
    if before.window_end and revision <= before.revision:
        raise Refused("RevisionNotHigher", revision, before.revision)
    standing, is_sane = _standing(deal, key[1], found)

    if is_running:
        after = before._replace(pending=standing, window_end=contest.deadline, revision=revision)
    elif is_sane:
        if before.status == NONE and standing == 0:
            raise Refused("NothingOwed", found[0])
        books.disputes[place] = Dispute()
        window_end = now + stake.dispute_window
        after = Claim(standing, before.settled, window_end, revision, PENDING)
    else:
        deadline = now + stake.rule_within
        books.disputes[place] = Dispute(contested=standing, deadline=deadline)
        after = Claim(standing, before.settled, deadline, revision, DISPUTED)
    books.claims[place] = after
    if before.status in (NONE, SETTLED):
        count_open(context, first, 1)
    values = (deal.id, *key, revision, *found, standing, after.status, after.window_end, root)
    context.emit("Claimed", *values)

    if after.status == PENDING and stake.dispute_window == 0:
        finalise(context, deal, first, place)
        pay_due(context, deal, first)


def require_obligation(deal: Deal, index: int) -> None:
    """The obligation's place is among those that were brought."""
    if index >= len(deal.agreement.obligations):
        raise Refused("ObligationUnknown", index, len(deal.agreement.obligations))


def require_period(context: Context, deal: Deal, period: int) -> None:
    """The version governs it."""
    count = context.books.counts[deal.id]
    if period >= count:
        raise Refused("PeriodUnknown", period, count)


def require_charge(deal: Deal, charge: int) -> None:
    """Fixed charges are what was signed, metered ones at most that (R21)."""
    service = deal.agreement.service
    if service.charge_max == 0 and charge != service.charge:
        raise Refused("ChargeMismatch", charge, service.charge)
    if service.charge_max and charge > service.charge_max:
        raise Refused("ChargeMismatch", charge, service.charge_max)


def compensation(deal: Deal, index: int, found: Finding) -> int:
    """Of what somebody alleges or rules: within the sane bounds (R7, R8)."""
    require_charge(deal, found[1])
    if not deal.is_sane(index, found[0]):
        obligation = deal.agreement.obligations[index]
        raise Refused("OutsideSaneBounds", found[0], obligation.sane_min, obligation.sane_max)
    return deal.pays(index, *found)


def count_open(context: Context, first: bytes, change: int) -> None:
    """One claim more or less that is not settled."""
    account = context.account(first)
    context.books.accounts[first] = account._replace(open_claims=account.open_claims + change)


def _standing(deal: Deal, index: int, found: Finding) -> tuple[int, bool]:
    """What the report pays if nobody objects, and whether it is sane (R22)."""
    require_charge(deal, found[1])
    if deal.is_sane(index, found[0]):
        return deal.pays(index, *found), True
    return deal.pays_without_data(index, found[1]), False


def _require_open(context: Context, deal: Deal, period: int, before: Claim, contest: Dispute) -> None:
    """A ruling is final; a dispute takes reports until its own deadline, everything else until the claim deadline."""
    if before.status in (RULED, FINAL):
        raise Refused("RulingFinal", before.status)
    if before.status == DISPUTED and contest.disputer != NOBODY:
        if context.now >= contest.deadline:
            raise Refused("DisputeOver", context.now, contest.deadline)
    elif context.now >= deal.claim_deadline(period):
        raise Refused("ClaimTooLate", context.now, deal.claim_deadline(period))


def _require_attested(
    context: Context,
    deal: Deal,
    key: tuple[int, int],
    revision: int,
    found: Finding,
    proof: Sequence[bytes],
) -> bytes:
    """The root the proof leads to was attested after the period's end (R9)."""
    root = reduce(hash_pair, proof, leaf_of(Report(deal.id, *key, revision, *found)))
    attested_at, end = context.books.roots[root], deal.end(key[0])
    if attested_at == 0:
        raise Refused("RootNotAttested", root)
    if attested_at < end:
        raise Refused("RootTooEarly", attested_at, end)
    return root


def place_of(deal: Deal, key: tuple[int, int]) -> Place:
    """Where a claim stands in the books."""
    return (deal.id, *key)
