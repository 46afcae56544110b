"""Where in a terms document each on-chain rule is broken: the name of the rule -> the field to mend."""

from __future__ import annotations

from sla.errors import RuleBroken, TermsError

_PATHS = {
    "SameParty": "spec.parties",
    "LengthOutOfRange": "spec.schedule.every",
    "CountOutOfRange": "spec.schedule.periods",
    "ZoneLagTooLong": "spec.schedule.zone",
    "ReportAfterClaim": "spec.reportWithin",
    "RuleWithinZero": "spec.dispute.rulingWithin",
    "TimesTooLate": "spec.schedule.periods",
    "FirstPeriodOver": "spec.schedule.start",
    "OpenByPassed": "spec.openBy",
    "BondZero": "spec.dispute.bond",
    "ArbiterFeeAboveBond": "spec.dispute.arbiterFee",
    "TwoCharges": "spec.charge",
    "ExitRuleInvalid": "spec.exit",
    "ObligationsOutOfRange": "spec.obligations",
    "AmountTooLarge": "spec.obligations",
    "ExposureTooLarge": "spec.periodCap",
}

_FIELD_PATHS = {
    "provider": "spec.parties.provider.address",
    "customer": "spec.parties.customer.address",
    "arbiter": "spec.parties.arbiter.address",
    "token": "spec.token.address",
    "committee": "spec.committee.address",
    "disputeWindow": "spec.dispute.window",
    "reportWithin": "spec.reportWithin",
    "claimWithin": "spec.claimWithin",
    "ruleWithin": "spec.dispute.rulingWithin",
}

_OBLIGATION_RULES = {"TiersOutOfRange": ".tiers", "SaneBoundsInvalid": ".sane", "ChargeMissing": ".tiers"}


def terms_error(broken: RuleBroken) -> TermsError:
    """The broken rule as an error about the document."""
    return TermsError(rule_path(broken), f"{broken.problem} ({broken.rule})", broken.remedy)


def rule_path(broken: RuleBroken) -> str:
    """``TierPaysLess(1, 2)`` -> ``spec.obligations[1].tiers[2]``; ``BondZero()`` -> ``spec.dispute.bond``."""
    if broken.rule in _PATHS:
        return _PATHS[broken.rule]
    if broken.rule in ("ZeroAddress", "DurationTooLong"):
        return _FIELD_PATHS[str(broken.values[0])]
    obligation = f"spec.obligations[{broken.values[0]}]"
    if broken.rule in _OBLIGATION_RULES:
        return obligation + _OBLIGATION_RULES[broken.rule]
    return f"{obligation}.tiers[{broken.values[1]}]"
