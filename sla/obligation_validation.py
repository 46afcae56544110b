"""Tiers that cannot misfire: ordered, without gaps, and never paying less for worse attainment (R10)."""

from __future__ import annotations

from sla.agreement import NO_DATA, UINT96_MAX, Comparator, Obligation, PayUnit, Tier
from sla.compensation import is_passed, tier_rate, worst_compensation
from sla.errors import RuleBroken

MAX_TIERS = 16


def check_obligation(index: int, obligation: Obligation, largest_charge: int) -> None:
    """RuleBroken with the first rule the obligation breaks; ``index`` is its place in the agreement.

    The formula is evaluated at the worst sane attainment here, so it cannot overflow later.
    """
    tiers = obligation.tiers
    if not 1 <= len(tiers) <= MAX_TIERS:
        raise RuleBroken("TiersOutOfRange", index, len(tiers), MAX_TIERS)
    if obligation.sane_min >= obligation.sane_max or obligation.sane_max == NO_DATA:
        raise RuleBroken("SaneBoundsInvalid", index, obligation.sane_min, obligation.sane_max)
    for place, tier in enumerate(tiers):
        _check_tier(index, place, obligation, tier)
        if place > 0:
            _check_neighbours(index, place, obligation.comparator, tiers[place - 1], tier)
    if obligation.pay_unit == PayUnit.CHARGE_PPM and largest_charge == 0:
        raise RuleBroken("ChargeMissing", index)
    worst = worst_compensation(obligation, largest_charge)
    if worst > UINT96_MAX:
        raise RuleBroken("AmountTooLarge", worst, UINT96_MAX)


def _check_tier(index: int, place: int, obligation: Obligation, tier: Tier) -> None:
    low, high = obligation.sane_min, obligation.sane_max
    if obligation.comparator == Comparator.AT_LEAST:
        inside = low < tier.bound <= high
    else:
        inside = low <= tier.bound < high
    if not inside:
        raise RuleBroken("BoundOutOfSane", index, place, tier.bound)
    if (tier.slope == 0) != (tier.step == 0):
        raise RuleBroken("StepSlopeMismatch", index, place)
    if tier.base == 0 and tier.slope == 0:
        raise RuleBroken("TierPaysNothing", index, place)


def _check_neighbours(index: int, place: int, comparator: Comparator, better: Tier, worse: Tier) -> None:
    """The worse tier lies further out, and begins at no less than the better one pays at that bound."""
    if not is_passed(comparator, better.bound, worse.bound):
        raise RuleBroken("TiersUnordered", index, place)
    if tier_rate(better, worse.bound) > worse.base:
        raise RuleBroken("TierPaysLess", index, place)
