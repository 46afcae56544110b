"""How an attainment became an amount, step by step, for people to follow."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sla.agreement import NO_DATA, MissingData, Obligation, Service
from sla.compensation import compensation, is_sane, rate, tier_reached, worst_attained


@dataclass(frozen=True, slots=True)
class Derivation:
    """The compensation of one obligation in one period, before the period's joint cap.

    ``tier`` is the index of the worst tier passed; None within the objective. ``rate`` is in the obligation's pay
    unit, ``uncapped`` and ``compensation`` in token base units, before and after the obligation's own cap.
    """

    attained: int
    charge: int
    tier: int | None
    rate: int
    uncapped: int
    compensation: int


def derive(obligation: Obligation, attained: int, charge: int) -> Derivation:
    """The steps from an attainment and a charge to the compensation."""
    without_cap = replace(obligation, cap=0)
    return Derivation(
        attained=attained,
        charge=charge,
        tier=tier_reached(obligation, attained),
        rate=rate(obligation, attained),
        uncapped=compensation(without_cap, attained, charge),
        compensation=compensation(obligation, attained, charge),
    )


def derive_standing(obligation: Obligation, attained: int, charge: int) -> Derivation:
    """What a report pays while nobody rules (R22): outside the sane bounds the missing-data policy decides. What it
    counts is then in ``attained``: under "breach" the worst sane value."""
    if is_sane(obligation, attained):
        return derive(obligation, attained, charge)
    if obligation.missing_data == MissingData.BREACH:
        return derive(obligation, worst_attained(obligation), charge)
    return Derivation(attained, charge, tier=None, rate=0, uncapped=0, compensation=0)


def charge_problem(service: Service, charge: int) -> str | None:
    """Why a charge is not the agreed one (R21); None if it is."""
    if service.charge_max == 0 and charge != service.charge:
        return f"the charge is {charge}, agreed {service.charge}"
    if service.charge_max != 0 and charge > service.charge_max:
        return f"the charge is {charge}, agreed at most {service.charge_max}"
    return None


def finding_problem(service: Service, obligation: Obligation, attained: int, charge: int) -> str | None:
    """Why nobody may allege or rule this (R21, R22); None if one may."""
    problem = charge_problem(service, charge)
    if problem is not None:
        return problem
    if not is_sane(obligation, attained):
        found = "no data" if attained == NO_DATA else f"an attainment of {attained}"
        return f"{found} is outside the sane bounds {obligation.sane_min} to {obligation.sane_max}"
    return None
