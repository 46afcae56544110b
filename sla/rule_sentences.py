"""What each on-chain validation error means: name of the custom error -> (problem, remedy)."""

from __future__ import annotations

RULE_SENTENCES: dict[str, tuple[str, str]] = {
    "ZeroAddress": ("this address is zero", "name an account for it"),
    "SameParty": (
        "provider, customer and arbiter are not three different accounts",
        "choose a customer other than the provider and an arbiter who is neither",
    ),
    "LengthOutOfRange": (
        "a period's length is out of range",
        "use 1 second to 400 days, or 1 to 13 calendar months",
    ),
    "CountOutOfRange": ("the number of periods is out of range", "use 1 to 16 777 215 periods"),
    "ZoneLagTooLong": ("the zone lags more than 14 hours behind UTC", "name a real time zone"),
    "DurationTooLong": ("this window is longer than 400 days", "shorten it"),
    "ReportAfterClaim": (
        "reports are not due before claims end",
        "make the report window shorter than the claim window",
    ),
    "RuleWithinZero": ("the arbiter has no time to rule", "give the ruling a window above zero"),
    "TimesTooLate": ("the agreement would end after the year 36812", "use fewer or shorter periods"),
    "FirstPeriodOver": ("the first period is already over", "start later, or amend the schedule"),
    "OpenByPassed": ("the offer's time to open has passed", "sign new terms with a later openBy"),
    "BondZero": ("a dispute would cost nothing", "set a bond above zero"),
    "ArbiterFeeAboveBond": (
        "the arbiter's fee exceeds the bond that pays it",
        "lower the fee or raise the bond",
    ),
    "TwoCharges": ("the charge is both fixed and metered", "set either the charge or its maximum to zero"),
    "ExitRuleInvalid": (
        "the exit rule cannot be met",
        "set both numbers to zero, or at least one breach within at least as many periods",
    ),
    "ObligationsOutOfRange": ("the number of obligations is out of range", "use 1 to 64 obligations"),
    "TiersOutOfRange": ("the number of tiers is out of range", "use 1 to 16 tiers"),
    "SaneBoundsInvalid": (
        "the sane bounds leave no room or include the mark for missing data",
        "set a lower bound below the upper one",
    ),
    "BoundOutOfSane": (
        "a tier's bound has no sane attainment beyond it",
        "move the bound inside the sane bounds or widen them",
    ),
    "StepSlopeMismatch": ("a slope has no step or a step no slope", "give both or neither"),
    "TierPaysNothing": ("a tier has neither base nor slope", "say what it pays, or drop it"),
    "TiersUnordered": (
        "the tiers do not run from the objective outwards",
        "order the bounds: descending for 'at least', ascending for 'at most'",
    ),
    "TierPaysLess": (
        "a worse attainment would pay less",
        "raise the base of the worse tier to what the better one pays at its far edge",
    ),
    "ChargeMissing": (
        "a tier pays a part of the charge, but there is no charge",
        "set a charge or a maximum",
    ),
    "AmountTooLarge": ("the worst attainment would pay more than a uint96 holds", "cap the obligation"),
    "ExposureTooLarge": (
        "all periods together could owe more than a uint96 holds",
        "cap the period, or use fewer periods",
    ),
}
