"""Agreements at random: small numbers, short windows, every policy; and terms that would misfire."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from record.keccak import keccak256
from sla.agreement import (
    NO_DATA,
    UINT96_MAX,
    ZERO_ADDRESS,
    Agreement,
    Comparator,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier,
)
from tests.contracts.world import REPAIR_OBLIGATION, UPTIME_OBLIGATION, changed

LENGTH = 40_000
CHARGE = 1_000_000
DAY = 86_400

LATENCY_OBLIGATION = Obligation(
    indicator=keccak256(b"latency"),
    comparator=Comparator.AT_MOST,
    pay_unit=PayUnit.CHARGE_PPM,
    missing_data=MissingData.ARBITER,
    cap=250_001,
    sane_min=0,
    sane_max=10_000,
    tiers=(Tier(200, 0, 333, 7), Tier(1_000, 77_777, 1_111, 13)),
)
OBLIGATIONS = (
    UPTIME_OBLIGATION,
    replace(UPTIME_OBLIGATION, missing_data=MissingData.BREACH),
    replace(UPTIME_OBLIGATION, missing_data=MissingData.ARBITER, sane_min=900_000),
    REPAIR_OBLIGATION,
    replace(REPAIR_OBLIGATION, missing_data=MissingData.IGNORE, cap=0),
    LATENCY_OBLIGATION,
    replace(LATENCY_OBLIGATION, missing_data=MissingData.BREACH),
)


def usual_terms(source: random.Random, now: int, parties: Parties, token: str, committee: str) -> Agreement:
    """Terms that can be opened now. One in three has an exit rule and many periods, one in eight counts months."""
    can_exit = source.random() < 0.35
    monthly = not can_exit and source.random() < 0.12
    length = 1 if monthly else LENGTH
    metered = source.random() < 0.3
    begins = source.choice((-1, 0, 0, 1, 1, LENGTH, 2 * LENGTH)) * source.randint(1, LENGTH // 2 - 1)
    breaches = source.choice((1, 1, 2)) if can_exit else 0
    return Agreement(
        parties=parties,
        service=Service(
            committee=committee,
            start=now + (begins if abs(begins) < LENGTH else begins % (3 * LENGTH)),
            unit=ScheduleUnit.MONTHS if monthly else ScheduleUnit.SECONDS,
            length=length,
            count=source.randint(8, 14) if can_exit else 1 if monthly else source.randint(1, 4),
            zone_lag_seconds=source.choice((0, 0, 3_600)),
            charge=0 if metered else CHARGE,
            charge_max=CHARGE if metered else 0,
            period_cap=source.choice((0, 350_000, 1_100_000)),
        ),
        stake=Stake(
            token=token,
            bond=source.choice((1, 500, 70_001)),
            arbiter_fee=source.choice((0, 1, 1)),
            dispute_window=source.choice((0, 0, 20_000, 1) if can_exit else (0, 20_000, 20_000, 1)),
            report_within=source.choice((0, 5_000)),
            claim_within=source.choice((60_000, 110_000)),
            rule_within=source.choice((15_000, 30_000)),
            downstream=bytes(32),
        ),
        formation=Formation(
            document=keccak256(source.randbytes(8)),
            collateral=source.choice((0, 100_000, 3_000_000, 3_000_000)),
            predecessor=bytes(32),
            open_by=now + source.choice((1, 1_000)),
            exit_breaches=breaches,
            exit_periods=breaches and breaches + source.choice((0, 0, 1)),
        ),
        obligations=tuple(source.sample(OBLIGATIONS, source.randint(1, 3))),
    )


def levels(obligation: Obligation) -> list[int]:
    """Attainments where something changes, and some no report can mean."""
    low, high = obligation.sane_min, obligation.sane_max
    bounds = [tier.bound for tier in obligation.tiers]
    inside = {low, high, *bounds, *(bound - 1 for bound in bounds), *(bound + 1 for bound in bounds)}
    return sorted(level for level in inside if low <= level <= high)


def misfiring(source: random.Random, good: Agreement, now: int, group: str) -> Agreement:
    """Terms of which one part is at fault (see ``census.TERMS_ERRORS``), at random."""
    match group:
        case "terms: parties":
            return _bad_parties(source, good)
        case "terms: times":
            return changed(good, **source.choice(_bad_times(good, now)))
        case "terms: stake":
            return changed(good, **source.choice(_bad_stakes(good)))
    return _bad_obligations(source, good)


def _bad_parties(source: random.Random, good: Agreement) -> Agreement:
    parties = good.parties
    bad: list[dict[str, dict[str, Any]]] = [
        *({"parties": {member: ZERO_ADDRESS}} for member in ("provider", "customer", "arbiter")),
        {"stake": {"token": ZERO_ADDRESS}},
        {"service": {"committee": ZERO_ADDRESS}},
        {"parties": {"customer": parties.provider}},
        {"parties": {"arbiter": parties.provider}},
        {"parties": {"arbiter": parties.customer}},
    ]
    return changed(good, **source.choice(bad))


def _bad_times(good: Agreement, now: int) -> list[dict[str, dict[str, Any]]]:
    too_long = 400 * DAY + 1
    monthly = {"unit": ScheduleUnit.MONTHS, "length": 14}
    return [
        {"service": {"length": 0}},
        {"service": {"unit": ScheduleUnit.SECONDS, "length": too_long}},
        {"service": monthly},
        {"service": {"count": 0}},
        {"service": {"zone_lag_seconds": 14 * 3_600 + 1}},
        *({"stake": {member: too_long}} for member in _WINDOWS),
        {"stake": {"report_within": good.stake.claim_within}},
        {"stake": {"rule_within": 0}},
        {"service": {"start": 2**40 - 1}},
        {"service": {"unit": ScheduleUnit.SECONDS, "length": 100, "start": now - 100 - 3_600}},
        {"formation": {"open_by": now}},
        {"formation": {"open_by": 0}},
    ]


_WINDOWS = ("dispute_window", "report_within", "claim_within", "rule_within")


def _bad_stakes(good: Agreement) -> list[dict[str, dict[str, Any]]]:
    return [
        {"stake": {"bond": 0}},
        {"stake": {"arbiter_fee": good.stake.bond + 1}},
        {"service": {"charge": 1, "charge_max": 1}},
        {"formation": {"exit_breaches": 1, "exit_periods": 0}},
        {"formation": {"exit_breaches": 0, "exit_periods": 1}},
        {"formation": {"exit_breaches": 3, "exit_periods": 2}},
    ]


def _bad_obligations(source: random.Random, good: Agreement) -> Agreement:
    plain, first = UPTIME_OBLIGATION, UPTIME_OBLIGATION.tiers[0]
    huge = replace(plain, pay_unit=PayUnit.AMOUNT, tiers=(Tier(999_900, UINT96_MAX, 1, 1),))
    nearly = replace(plain, pay_unit=PayUnit.AMOUNT, tiers=(Tier(999_900, UINT96_MAX, 0, 0),))
    bad: list[Callable[[], tuple[Obligation, ...]]] = [
        tuple,
        lambda: (plain,) * 65,
        lambda: (replace(plain, tiers=()),),
        lambda: (replace(plain, tiers=(first,) * 17),),
        lambda: (plain, replace(plain, sane_min=plain.sane_max)),
        lambda: (replace(plain, comparator=Comparator.AT_MOST, sane_max=NO_DATA),),
        lambda: (replace(plain, tiers=(replace(first, bound=0),)),),
        lambda: (replace(plain, tiers=(replace(first, bound=1_000_001),)),),
        lambda: (replace(plain, tiers=(replace(first, slope=1),)),),
        lambda: (replace(plain, tiers=(replace(first, base=0),)),),
        lambda: (replace(plain, tiers=(first, first)),),
        lambda: (replace(plain, tiers=(first, Tier(990_000, 99_999, 0, 0))),),
        lambda: (huge,),
    ]
    choice = source.randrange(len(bad) + 2)
    if choice < len(bad):
        return replace(good, obligations=bad[choice]())
    if choice == len(bad):
        return replace(changed(good, service={"charge": 0, "charge_max": 0}), obligations=(plain,))
    return replace(changed(good, service={"count": 2, "period_cap": 0}), obligations=(nearly,))
