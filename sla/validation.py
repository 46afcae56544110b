"""Terms that cannot misfire: what the escrow refuses to open, in its order and under its names (R10, R20).

``RuleBroken`` carries the name of the custom error in ``TermsCheck.sol`` and its arguments, in order: what
came and what was allowed; within obligations first the obligation's index, within tiers obligation and tier.
"""

from __future__ import annotations

from sla.agreement import UINT96_MAX, ZERO_ADDRESS, Agreement, ScheduleUnit, Service, Stake
from sla.compensation import entitlement, worst_compensation
from sla.errors import RuleBroken
from sla.obligation_validation import check_obligation
from sla.schedule import deadline_end, last_claim_deadline

DAY = 86_400
MAX_DURATION = 400 * DAY
MAX_MONTHS = 13
MAX_COUNT = 2**24 - 1
MAX_ZONE_LAG = 14 * 3_600
MAX_OBLIGATIONS = 64
TIME_LIMIT = 2**40


def check_agreement(agreement: Agreement, now: int) -> None:
    """RuleBroken with the first rule the agreement breaks at time ``now`` (seconds UTC); nothing if none."""
    _check_accounts(agreement)
    _check_schedule(agreement.service)
    _check_windows(agreement.stake)
    _check_times(agreement, now)
    _check_money(agreement)
    if not 1 <= len(agreement.obligations) <= MAX_OBLIGATIONS:
        raise RuleBroken("ObligationsOutOfRange", len(agreement.obligations), MAX_OBLIGATIONS)
    for index, obligation in enumerate(agreement.obligations):
        check_obligation(index, obligation, largest_charge(agreement.service))
    _check_exposure(agreement)


def largest_charge(service: Service) -> int:
    """The most a report may state as the period's charge: the fixed charge, or the metered one's maximum."""
    return service.charge or service.charge_max


def largest_period_compensation(agreement: Agreement) -> int:
    """The most one period can cost the provider: every obligation at its worst, then the joint cap."""
    charge = largest_charge(agreement.service)
    total = sum(worst_compensation(obligation, charge) for obligation in agreement.obligations)
    return entitlement(agreement.service.period_cap, total)


def _check_accounts(agreement: Agreement) -> None:
    parties = agreement.parties
    accounts = {
        "provider": parties.provider,
        "customer": parties.customer,
        "arbiter": parties.arbiter,
        "token": agreement.stake.token,
        "committee": agreement.service.committee,
    }
    for field, account in accounts.items():
        if account == ZERO_ADDRESS:
            raise RuleBroken("ZeroAddress", field)
    if parties.customer == parties.provider:
        raise RuleBroken("SameParty", parties.customer)
    if parties.arbiter in (parties.provider, parties.customer):
        raise RuleBroken("SameParty", parties.arbiter)


def _check_schedule(service: Service) -> None:
    longest = MAX_MONTHS if service.unit == ScheduleUnit.MONTHS else MAX_DURATION
    if not 1 <= service.length <= longest:
        raise RuleBroken("LengthOutOfRange", service.length, longest)
    if not 1 <= service.count <= MAX_COUNT:
        raise RuleBroken("CountOutOfRange", service.count)
    if service.zone_lag_seconds > MAX_ZONE_LAG:
        raise RuleBroken("ZoneLagTooLong", service.zone_lag_seconds, MAX_ZONE_LAG)


def _check_windows(stake: Stake) -> None:
    windows = {
        "disputeWindow": stake.dispute_window,
        "reportWithin": stake.report_within,
        "claimWithin": stake.claim_within,
        "ruleWithin": stake.rule_within,
    }
    for field, seconds in windows.items():
        if seconds > MAX_DURATION:
            raise RuleBroken("DurationTooLong", field, seconds, MAX_DURATION)
    if stake.report_within >= stake.claim_within:
        raise RuleBroken("ReportAfterClaim", stake.report_within, stake.claim_within)
    if stake.rule_within == 0:
        raise RuleBroken("RuleWithinZero")


def _check_times(agreement: Agreement, now: int) -> None:
    stake = agreement.stake
    last = last_claim_deadline(agreement) + stake.dispute_window + stake.rule_within
    if last >= TIME_LIMIT:
        raise RuleBroken("TimesTooLate", last, TIME_LIMIT)
    first_over = deadline_end(agreement.service, 0)
    if now >= first_over:
        raise RuleBroken("FirstPeriodOver", first_over, now)
    open_by = agreement.formation.open_by
    if now >= open_by:
        raise RuleBroken("OpenByPassed", open_by, now)


def _check_money(agreement: Agreement) -> None:
    service, stake = agreement.service, agreement.stake
    if stake.bond == 0:
        raise RuleBroken("BondZero")
    if stake.arbiter_fee > stake.bond:
        raise RuleBroken("ArbiterFeeAboveBond", stake.arbiter_fee, stake.bond)
    if service.charge and service.charge_max:
        raise RuleBroken("TwoCharges", service.charge, service.charge_max)
    breaches, periods = agreement.formation.exit_breaches, agreement.formation.exit_periods
    no_exit = breaches == 0 and periods == 0
    if not (no_exit or 0 < breaches <= periods):
        raise RuleBroken("ExitRuleInvalid", breaches, periods)


def _check_exposure(agreement: Agreement) -> None:
    exposure = largest_period_compensation(agreement) * agreement.service.count
    if exposure > UINT96_MAX:
        raise RuleBroken("ExposureTooLarge", exposure, UINT96_MAX)
