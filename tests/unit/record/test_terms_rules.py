"""All rules that terms break, in one run: each as the escrow names it, and none that only follows from another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from record.terms import load_terms
from record.terms.rules import broken_rules
from sla.agreement import UINT96_MAX, ZERO_ADDRESS, Agreement, Tier
from tests.unit.cli.terms_hostile import SOUND

SOUND_TERMS = load_terms(SOUND).agreement()
NOW = 1_795_305_600
DAY = 86_400

Break = Callable[[Agreement], Agreement]


def service(**values: int | str) -> Break:
    return lambda a: replace(a, service=replace(a.service, **values))  # type: ignore[arg-type]


def stake(**values: int | str) -> Break:
    return lambda a: replace(a, stake=replace(a.stake, **values))  # type: ignore[arg-type]


def formation(**values: int) -> Break:
    return lambda a: replace(a, formation=replace(a.formation, **values))  # type: ignore[arg-type]


def parties(**values: str) -> Break:
    return lambda a: replace(a, parties=replace(a.parties, **values))


def tiers(*rows: Tier) -> Break:
    return lambda a: replace(a, obligations=(*a.obligations, replace(a.obligations[0], tiers=rows)))


BREAKS: list[tuple[Break, str]] = [
    (parties(arbiter=ZERO_ADDRESS), "ZeroAddress"),
    (parties(customer=SOUND_TERMS.parties.provider), "SameParty"),
    (stake(token=ZERO_ADDRESS), "ZeroAddress"),
    (service(committee=ZERO_ADDRESS), "ZeroAddress"),
    (service(length=14), "LengthOutOfRange"),
    (service(count=0), "CountOutOfRange"),
    (service(zone_lag_seconds=15 * 3_600), "ZoneLagTooLong"),
    (service(count=2**24 - 1), "TimesTooLate"),
    (service(start=0), "FirstPeriodOver"),
    (service(charge_max=1), "TwoCharges"),
    (stake(dispute_window=401 * DAY), "DurationTooLong"),
    (stake(claim_within=0), "ReportAfterClaim"),
    (stake(rule_within=0), "RuleWithinZero"),
    (stake(bond=0), "BondZero"),
    (stake(arbiter_fee=10**12), "ArbiterFeeAboveBond"),
    (formation(open_by=NOW), "OpenByPassed"),
    (formation(exit_breaches=2, exit_periods=1), "ExitRuleInvalid"),
    (tiers(), "TiersOutOfRange"),
    (tiers(Tier(0, 1, 0, 0)), "BoundOutOfSane"),
    (tiers(Tier(9, 0, 0, 0)), "TierPaysNothing"),
    (tiers(Tier(9, 1, 1, 0)), "StepSlopeMismatch"),
    (tiers(Tier(9, 1, 0, 0), Tier(10, 2, 0, 0)), "TiersUnordered"),
    (tiers(Tier(9, 2, 0, 0), Tier(8, 1, 0, 0)), "TierPaysLess"),
    (tiers(Tier(9, UINT96_MAX, 0, 0)), "AmountTooLarge"),
    (lambda a: replace(a, obligations=()), "ObligationsOutOfRange"),
    (lambda a: replace(a, obligations=a.obligations * 65), "ObligationsOutOfRange"),
    (tiers(Tier(9, UINT96_MAX // 1_000, 0, 0)), "ExposureTooLarge"),
]


@pytest.mark.parametrize(("broken", "rule"), BREAKS, ids=[rule for _, rule in BREAKS])
def test_broken_rules__one_thing_wrong__is_the_only_one_told(broken: Break, rule: str) -> None:
    assert [each.rule for each in broken_rules(broken(SOUND_TERMS), NOW)] == [rule]


def test_broken_rules__many_things_wrong__are_all_told_in_the_escrows_order() -> None:
    wrong = SOUND_TERMS
    for index in (0, 2, 4, 9, 10, 14, 15, 16, 18, 22):
        wrong = BREAKS[index][0](wrong)

    found = broken_rules(wrong, NOW)
    assert [each.rule for each in found] == [
        "ZeroAddress",
        "ZeroAddress",
        "LengthOutOfRange",
        "DurationTooLong",
        "OpenByPassed",
        "ArbiterFeeAboveBond",
        "TwoCharges",
        "ExitRuleInvalid",
        "BoundOutOfSane",
        "TierPaysLess",
    ]
    assert [each.values[0] for each in found[-2:]] == [1, 2]


def test_broken_rules__sound_terms__break_none() -> None:
    assert broken_rules(SOUND_TERMS, NOW) == []
