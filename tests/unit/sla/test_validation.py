"""Every rule an agreement can break: one change to good terms, the rule's name and its arguments (R10, R20)."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sla.agreement import (
    NO_DATA,
    UINT96_MAX,
    ZERO_ADDRESS,
    ZERO_BYTES32,
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
from sla.errors import RuleBroken
from sla.rule_sentences import RULE_SENTENCES
from sla.validation import check_agreement, largest_period_compensation

ROOT = Path(__file__).resolve().parents[3]
PROVIDER, CUSTOMER, ARBITER, TOKEN, COMMITTEE = ("0x" + digit * 40 for digit in "12345")
DAY = 86_400
START = 1_798_761_600  # 2027-01-01
NOW = START - DAY

UPTIME = Obligation(
    indicator=bytes(32),
    comparator=Comparator.AT_LEAST,
    pay_unit=PayUnit.CHARGE_PPM,
    missing_data=MissingData.BREACH,
    cap=0,
    sane_min=0,
    sane_max=1_000_000,
    tiers=(Tier(999_900, 100_000, 0, 0), Tier(990_000, 300_000, 0, 0), Tier(950_000, 1_000_000, 0, 0)),
)
REPAIR = Obligation(
    indicator=bytes(32),
    comparator=Comparator.AT_MOST,
    pay_unit=PayUnit.AMOUNT,
    missing_data=MissingData.IGNORE,
    cap=0,
    sane_min=0,
    sane_max=60,
    tiers=(Tier(12, 0, 200, 1), Tier(15, 1_200, 400, 1)),
)
GOOD = Agreement(
    Parties(PROVIDER, CUSTOMER, ARBITER),
    Service(
        committee=COMMITTEE,
        start=START,
        unit=ScheduleUnit.SECONDS,
        length=30 * DAY,
        count=12,
        zone_lag_seconds=0,
        charge=100_000,
        charge_max=0,
        period_cap=0,
    ),
    Stake(
        token=TOKEN,
        bond=500,
        arbiter_fee=200,
        dispute_window=3 * DAY,
        report_within=2 * DAY,
        claim_within=60 * DAY,
        rule_within=14 * DAY,
        downstream=ZERO_BYTES32,
    ),
    Formation(
        document=ZERO_BYTES32,
        collateral=0,
        predecessor=ZERO_BYTES32,
        open_by=START + DAY,
        exit_breaches=0,
        exit_periods=0,
    ),
    (UPTIME, REPAIR),
)

Change = Callable[[Agreement], Agreement]


def parties(**values: Any) -> Change:
    return lambda agreement: replace(agreement, parties=replace(agreement.parties, **values))


def service(**values: Any) -> Change:
    return lambda agreement: replace(agreement, service=replace(agreement.service, **values))


def stake(**values: Any) -> Change:
    return lambda agreement: replace(agreement, stake=replace(agreement.stake, **values))


def formation(**values: Any) -> Change:
    return lambda agreement: replace(agreement, formation=replace(agreement.formation, **values))


def uptime(**values: Any) -> Change:
    return lambda agreement: replace(agreement, obligations=(replace(UPTIME, **values), REPAIR))


def repair(**values: Any) -> Change:
    return lambda agreement: replace(agreement, obligations=(UPTIME, replace(REPAIR, **values)))


def months(length: int) -> Change:
    return service(unit=ScheduleUnit.MONTHS, length=length)


BROKEN: list[tuple[Change, str, tuple[int | str, ...]]] = [
    (parties(provider=ZERO_ADDRESS), "ZeroAddress", ("provider",)),
    (parties(customer=ZERO_ADDRESS), "ZeroAddress", ("customer",)),
    (parties(arbiter=ZERO_ADDRESS), "ZeroAddress", ("arbiter",)),
    (stake(token=ZERO_ADDRESS), "ZeroAddress", ("token",)),
    (service(committee=ZERO_ADDRESS), "ZeroAddress", ("committee",)),
    (parties(customer=PROVIDER), "SameParty", (PROVIDER,)),
    (parties(arbiter=PROVIDER), "SameParty", (PROVIDER,)),
    (parties(arbiter=CUSTOMER), "SameParty", (CUSTOMER,)),
    (service(length=0), "LengthOutOfRange", (0, 400 * DAY)),
    (service(length=400 * DAY + 1), "LengthOutOfRange", (400 * DAY + 1, 400 * DAY)),
    (months(0), "LengthOutOfRange", (0, 13)),
    (months(14), "LengthOutOfRange", (14, 13)),
    (service(count=0), "CountOutOfRange", (0,)),
    (service(count=2**24), "CountOutOfRange", (2**24,)),
    (service(zone_lag_seconds=50_401), "ZoneLagTooLong", (50_401, 50_400)),
    (stake(dispute_window=400 * DAY + 1), "DurationTooLong", ("disputeWindow", 400 * DAY + 1, 400 * DAY)),
    (stake(report_within=400 * DAY + 1), "DurationTooLong", ("reportWithin", 400 * DAY + 1, 400 * DAY)),
    (stake(claim_within=400 * DAY + 1), "DurationTooLong", ("claimWithin", 400 * DAY + 1, 400 * DAY)),
    (stake(rule_within=400 * DAY + 1), "DurationTooLong", ("ruleWithin", 400 * DAY + 1, 400 * DAY)),
    (stake(report_within=60 * DAY), "ReportAfterClaim", (60 * DAY, 60 * DAY)),
    (stake(rule_within=0), "RuleWithinZero", ()),
    (service(start=2**40 - 437 * DAY), "TimesTooLate", (2**40, 2**40)),
    (service(start=NOW - 30 * DAY), "FirstPeriodOver", (NOW, NOW)),
    (formation(open_by=NOW), "OpenByPassed", (NOW, NOW)),
    (stake(bond=0, arbiter_fee=0), "BondZero", ()),
    (stake(arbiter_fee=501), "ArbiterFeeAboveBond", (501, 500)),
    (service(charge_max=7), "TwoCharges", (100_000, 7)),
    (formation(exit_breaches=1), "ExitRuleInvalid", (1, 0)),
    (formation(exit_periods=1), "ExitRuleInvalid", (0, 1)),
    (formation(exit_breaches=3, exit_periods=2), "ExitRuleInvalid", (3, 2)),
    (lambda agreement: replace(agreement, obligations=()), "ObligationsOutOfRange", (0, 64)),
    (lambda agreement: replace(agreement, obligations=(UPTIME,) * 65), "ObligationsOutOfRange", (65, 64)),
    (uptime(tiers=()), "TiersOutOfRange", (0, 0, 16)),
    (uptime(tiers=(Tier(1, 1, 0, 0),) * 17), "TiersOutOfRange", (0, 17, 16)),
    (repair(sane_min=60), "SaneBoundsInvalid", (1, 60, 60)),
    (repair(sane_max=NO_DATA), "SaneBoundsInvalid", (1, 0, NO_DATA)),
    (uptime(sane_min=950_000), "BoundOutOfSane", (0, 2, 950_000)),
    (uptime(sane_max=999_899), "BoundOutOfSane", (0, 0, 999_900)),
    (repair(sane_max=15), "BoundOutOfSane", (1, 1, 15)),
    (repair(sane_min=13), "BoundOutOfSane", (1, 0, 12)),
    (repair(tiers=(Tier(12, 5, 200, 0),)), "StepSlopeMismatch", (1, 0)),
    (repair(tiers=(Tier(12, 5, 0, 1),)), "StepSlopeMismatch", (1, 0)),
    (repair(tiers=(Tier(12, 5, 0, 0), Tier(13, 0, 0, 0))), "TierPaysNothing", (1, 1)),
    (uptime(tiers=(Tier(990_000, 1, 0, 0), Tier(990_000, 2, 0, 0))), "TiersUnordered", (0, 1)),
    (uptime(tiers=(Tier(990_000, 1, 0, 0), Tier(995_000, 2, 0, 0))), "TiersUnordered", (0, 1)),
    (repair(tiers=(Tier(15, 1, 0, 0), Tier(12, 2, 0, 0))), "TiersUnordered", (1, 1)),
    (repair(tiers=(Tier(12, 0, 200, 1), Tier(15, 599, 400, 1))), "TierPaysLess", (1, 1)),
    (service(charge=0), "ChargeMissing", (0,)),
    (repair(tiers=(Tier(59, 1, UINT96_MAX, 1),)), "AmountTooLarge", (UINT96_MAX + 1, UINT96_MAX)),
    (
        repair(tiers=(Tier(59, UINT96_MAX, 0, 0),)),
        "ExposureTooLarge",
        (12 * (UINT96_MAX + 100_000), UINT96_MAX),
    ),
]

ALLOWED: list[Change] = [
    lambda agreement: agreement,
    service(length=400 * DAY),
    months(13),
    service(zone_lag_seconds=50_400),
    service(start=2**40 - 437 * DAY - 1),
    service(start=NOW - 30 * DAY + 1),
    service(charge=0, charge_max=100_000),
    stake(dispute_window=0),
    stake(report_within=60 * DAY - 1),
    stake(report_within=0),
    formation(exit_breaches=2, exit_periods=2),
    formation(open_by=NOW + 1),
    uptime(sane_min=949_999),
    uptime(sane_max=999_900),
    repair(sane_max=16),
    repair(sane_min=12),
    repair(sane_max=NO_DATA - 1, cap=5_000),
    repair(tiers=(Tier(12, 0, 200, 1), Tier(15, 600, 400, 1))),
    repair(tiers=(Tier(59, UINT96_MAX, 0, 0),), cap=1),
    lambda agreement: service(period_cap=1)(repair(tiers=(Tier(59, UINT96_MAX, 0, 0),))(agreement)),
]


@pytest.mark.parametrize(("change", "rule", "values"), BROKEN)
def test_check_agreement__one_rule_broken__names_it_with_its_values(
    change: Change, rule: str, values: tuple[int | str, ...]
) -> None:
    with pytest.raises(RuleBroken) as refusal:
        check_agreement(change(GOOD), NOW)
    assert (refusal.value.rule, refusal.value.values) == (rule, values)


@pytest.mark.parametrize("change", ALLOWED)
def test_check_agreement__just_inside_a_rule__is_accepted(change: Change) -> None:
    check_agreement(change(GOOD), NOW)


def test_check_agreement__two_rules_broken__names_the_one_the_contract_checks_first() -> None:
    in_order = [change for change, rule, _ in BROKEN if rule in ("SameParty", "BondZero", "TierPaysNothing")]
    both = in_order[0](in_order[-2](GOOD))

    with pytest.raises(RuleBroken) as refusal:
        check_agreement(both, NOW)
    assert refusal.value.rule == "SameParty"


def test_broken_table__every_rule__is_covered() -> None:
    assert {rule for _, rule, _ in BROKEN} == set(RULE_SENTENCES)


def test_rules__their_names_and_arguments__are_those_of_the_contract() -> None:
    source = (ROOT / "contracts" / "libraries" / "TermsCheck.sol").read_text()
    errors = dict(re.findall(r"^\s*error (\w+)\((.*?)\);", source, re.MULTILINE))

    assert set(errors) == set(RULE_SENTENCES)
    for _, rule, values in BROKEN:
        assert len(values) == len([argument for argument in errors[rule].split(",") if argument])


def test_largest_period_compensation__two_obligations__is_their_worst_up_to_the_joint_cap() -> None:
    worst = 100_000 + (1_200 + 45 * 400)

    assert largest_period_compensation(GOOD) == worst
    assert largest_period_compensation(service(period_cap=50_000)(GOOD)) == 50_000
