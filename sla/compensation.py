"""What an attainment costs the provider. The Solidity twin is ``CreditMath``: equal bit for bit (P4).

Attainments are integers in the indicator's unit, charges and results token base units. Divisions floor, so
every rounding is in the provider's favour and by less than one base unit or one step.
"""

from __future__ import annotations

from sla.agreement import PPM, Comparator, MissingData, Obligation, PayUnit, Tier


def is_passed(comparator: Comparator, bound: int, attained: int) -> bool:
    """Whether an attainment lies beyond a bound. Meeting the bound exactly does not pass it."""
    return attained < bound if comparator == Comparator.AT_LEAST else attained > bound


def tier_reached(obligation: Obligation, attained: int) -> int | None:
    """The index of the worst tier whose bound is passed; None within the objective.

    Tiers run outwards, so the search stops at the first bound that holds.
    """
    reached = None
    for index, tier in enumerate(obligation.tiers):
        if not is_passed(obligation.comparator, tier.bound, attained):
            break
        reached = index
    return reached


def tier_rate(tier: Tier, attained: int) -> int:
    """What one tier pays at an attainment, in the obligation's pay unit: base + slope for each whole step
    of distance from the bound.

    £10 a day beyond two days: bound 2, base 0, slope 10, step 1; five days are three steps, £30.
    """
    steps = abs(tier.bound - attained) // tier.step if tier.step else 0
    return tier.base + tier.slope * steps


def rate(obligation: Obligation, attained: int) -> int:
    """What the attainment pays before charge and cap: parts per million of the charge, or base units."""
    reached = tier_reached(obligation, attained)
    return 0 if reached is None else tier_rate(obligation.tiers[reached], attained)


def compensation(obligation: Obligation, attained: int, charge: int) -> int:
    """The amount owed for one obligation in one period, in token base units; floored, then capped.

    Tiers 99.99 -> 10 %, 99 -> 30 % on a charge of 1 000.00: 99.5 % attained pays 100.00, 98 % pays 300.00.
    """
    amount = rate(obligation, attained)
    if obligation.pay_unit == PayUnit.CHARGE_PPM:
        amount = amount * charge // PPM
    return entitlement(obligation.cap, amount)


def entitlement(cap: int, total: int) -> int:
    """The total, at most the cap. A cap of 0 means no cap (R3).

    ``entitlement(500, 700) == 500``; ``entitlement(0, 700) == 700``.
    """
    return total if cap == 0 else min(cap, total)


def worst_attained(obligation: Obligation) -> int:
    """The worst attainment that can be reported at all: what missing data means under policy "breach"."""
    if obligation.comparator == Comparator.AT_LEAST:
        return obligation.sane_min
    return obligation.sane_max


def worst_compensation(obligation: Obligation, charge: int) -> int:
    """The most the obligation can pay in a period at this charge."""
    return compensation(obligation, worst_attained(obligation), charge)


def is_sane(obligation: Obligation, attained: int) -> bool:
    """Whether a report may pay by itself (R22). Both bounds are sane; NO_DATA never is."""
    return obligation.sane_min <= attained <= obligation.sane_max


def missing_compensation(obligation: Obligation, charge: int) -> int:
    """What a period without a sane attainment pays while nobody rules: under policy "breach" as for the worst sane
    attainment, under the others nothing (R22)."""
    if obligation.missing_data == MissingData.BREACH:
        return worst_compensation(obligation, charge)
    return 0


def standing(obligation: Obligation, attained: int, charge: int) -> int:
    """What a report pays while nobody rules, in token base units; outside the sane bounds the missing-data policy
    decides, NO_DATA included.

    Sane from 0 %, 100.00 below 99.99 %, 300.00 below 99 %: NO_DATA pays 300.00 under policy "breach" and nothing under
    "ignore" and "arbiter"; 99.5 % pays 100.00 under each.
    """
    if is_sane(obligation, attained):
        return compensation(obligation, attained, charge)
    return missing_compensation(obligation, charge)
