"""The terms of an agreement, whole: the members are those of the structs that were signed."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from api.answers.values import Address, Answer, Count, Hash, Money, Time, cap_money, money, time_text
from index.facts import Token as FoundToken
from record.hexes import to_hex
from sla import agreement as signed
from sla.agreement import ZERO_BYTES32, PayUnit
from sla.compensation import worst_attained, worst_compensation
from sla.validation import largest_charge


class ScheduleUnit(StrEnum):
    """What a period's length counts."""

    SECONDS = "seconds"
    MONTHS = "months"


class Comparator(StrEnum):
    """Whether better is more (uptime) or less (latency, repair time, incidents)."""

    AT_LEAST = "atLeast"
    AT_MOST = "atMost"


class PayUnitName(StrEnum):
    """What a tier pays: a part of the charge, or an amount."""

    CHARGE_PPM = "chargePpm"
    AMOUNT = "amount"


class MissingData(StrEnum):
    """What a period without a known attainment means."""

    IGNORE = "ignore"
    BREACH = "breach"
    ARBITER = "arbiter"


class Parties(Answer):
    """Who signed, and who judges when they disagree."""

    provider: Address
    customer: Address
    arbiter: Address


class Service(Answer):
    """What is measured, by whom, over which periods, for which charge."""

    committee: Address
    start: Time
    unit: ScheduleUnit = Field(examples=["months"])
    length: int = Field(ge=1, description="Length of a period, in `unit`", examples=[1])
    count: int = Field(ge=1, description="Number of periods", examples=[12])
    zone_lag_seconds: Count = Field(description="By how much the agreement's own zone may lag behind UTC")
    charge: Money | None = Field(description="The fixed charge of a period; null when metered")
    charge_max: Money | None = Field(description="The most a metered charge may be; null when fixed")
    period_cap: Money | None = Field(
        description="The most a period's obligations pay together; null: no joint cap"
    )


class Stake(Answer):
    """What is at stake, and the windows within which it moves."""

    token: Address
    bond: Money = Field(description="What a disputer puts up")
    arbiter_fee: Money = Field(description="The part of the bond that pays for a ruling")
    dispute_window_seconds: Count = Field(description="From claim to settlement")
    report_within_seconds: Count = Field(description="From a period's end: a report is overdue")
    claim_within_seconds: Count = Field(description="From a period's end: nothing can be claimed any more")
    rule_within_seconds: Count = Field(description="From a dispute: without a ruling the report stands")
    downstream: Hash | None = Field(description="The agreement whose escrow is paid; null: the customer")


class Formation(Answer):
    """What matters only when an agreement begins or is left."""

    document: Hash = Field(description="Hash of the terms document: see `/documents/{hash}`")
    collateral: Money = Field(description="Pulled from the provider when the agreement opened")
    predecessor: Hash | None = Field(description="The agreement these terms took over from; null: the first")
    open_by: Time
    exit_breaches: Count = Field(
        description="The customer may leave after so many paid periods within `exitPeriods`"
    )
    exit_periods: Count


class Tier(Answer):
    """Beyond `bound` the compensation is base + slope · ⌊distance / step⌋.

    `basePpm` and `slopePpm` are parts per million of the charge, `base` and `slope` amounts: one pair is null.
    """

    bound: Count = Field(description="In the indicator's unit; meeting it exactly does not pass it")
    base_ppm: int | None = Field(ge=0, examples=[100000])
    slope_ppm: int | None = Field(ge=0, examples=[0])
    base: Money | None
    slope: Money | None
    step: Count = Field(description="In the indicator's unit; 0 without a slope")


class Obligation(Answer):
    """One promise: an indicator, its tiers, its cap."""

    obligation: Count = Field(description="Its index in the agreement")
    indicator: Hash = Field(description="Hash of the indicator's definition in the terms document")
    comparator: Comparator = Field(examples=["atLeast"])
    pay_unit: PayUnitName = Field(examples=["chargePpm"])
    missing_data: MissingData = Field(examples=["ignore"])
    cap: Money | None = Field(description="The most it pays in a period; null: no cap of its own")
    sane_min: Count = Field(description="Attainments outside the sane bounds never pay by themselves")
    sane_max: Count
    tiers: list[Tier] = Field(min_length=1, max_length=16, description="From the objective outwards")
    worst_attained: Count = Field(description="The worst attainment that can pay by itself")
    worst_compensation: Money = Field(description="What that pays, at the largest charge")


def terms_answer(agreement: signed.Agreement, token: FoundToken) -> dict[str, object]:
    """``parties``, ``service``, ``stake``, ``formation`` and ``obligations``."""
    parties = agreement.parties
    return {
        "parties": Parties(provider=parties.provider, customer=parties.customer, arbiter=parties.arbiter),
        "service": _service(agreement.service, token),
        "stake": _stake(agreement.stake, token),
        "formation": _formation(agreement.formation, token),
        "obligations": [
            _obligation(index, obligation, largest_charge(agreement.service), token)
            for index, obligation in enumerate(agreement.obligations)
        ],
    }


def _service(service: signed.Service, token: FoundToken) -> Service:
    metered = service.charge_max != 0
    return Service(
        committee=service.committee,
        start=time_text(service.start),
        unit=ScheduleUnit[service.unit.name],
        length=service.length,
        count=service.count,
        zone_lag_seconds=service.zone_lag_seconds,
        charge=None if metered else money(service.charge, token),
        charge_max=money(service.charge_max, token) if metered else None,
        period_cap=cap_money(service.period_cap, token),
    )


def _stake(stake: signed.Stake, token: FoundToken) -> Stake:
    return Stake(
        token=stake.token,
        bond=money(stake.bond, token),
        arbiter_fee=money(stake.arbiter_fee, token),
        dispute_window_seconds=stake.dispute_window,
        report_within_seconds=stake.report_within,
        claim_within_seconds=stake.claim_within,
        rule_within_seconds=stake.rule_within,
        downstream=_hash(stake.downstream),
    )


def _formation(formation: signed.Formation, token: FoundToken) -> Formation:
    return Formation(
        document=to_hex(formation.document),
        collateral=money(formation.collateral, token),
        predecessor=_hash(formation.predecessor),
        open_by=time_text(formation.open_by),
        exit_breaches=formation.exit_breaches,
        exit_periods=formation.exit_periods,
    )


def _obligation(index: int, obligation: signed.Obligation, charge: int, token: FoundToken) -> Obligation:
    return Obligation(
        obligation=index,
        indicator=to_hex(obligation.indicator),
        comparator=Comparator[obligation.comparator.name],
        pay_unit=PayUnitName[obligation.pay_unit.name],
        missing_data=MissingData[obligation.missing_data.name],
        cap=cap_money(obligation.cap, token),
        sane_min=obligation.sane_min,
        sane_max=obligation.sane_max,
        tiers=[_tier(tier, obligation.pay_unit, token) for tier in obligation.tiers],
        worst_attained=worst_attained(obligation),
        worst_compensation=money(worst_compensation(obligation, charge), token),
    )


def _tier(tier: signed.Tier, unit: PayUnit, token: FoundToken) -> Tier:
    of_charge = unit == PayUnit.CHARGE_PPM
    return Tier(
        bound=tier.bound,
        base_ppm=tier.base if of_charge else None,
        slope_ppm=tier.slope if of_charge else None,
        base=None if of_charge else money(tier.base, token),
        slope=None if of_charge else money(tier.slope, token),
        step=tier.step,
    )


def _hash(word: bytes) -> str | None:
    return None if word == ZERO_BYTES32 else to_hex(word)
