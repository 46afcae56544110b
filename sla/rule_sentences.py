"""What each rule that terms can break means: the custom errors of ``TermsCheck.sol``, which ``sla.validation`` raises
too. The field of the document is found by ``record.terms.rule_paths``. Obligations and tiers count from 0."""

from __future__ import annotations

from sla.sentences import Sentence

RULE_SENTENCES: dict[str, Sentence] = {
    "ZeroAddress": Sentence("field", "the address of {field} is zero", "name an account for it"),
    "SameParty": Sentence(
        "account",
        "provider, customer and arbiter are not three different accounts: {account} stands there twice",
        "choose a customer other than the provider and an arbiter who is neither",
    ),
    "LengthOutOfRange": Sentence(
        "length max",
        "a period's length of {length} is out of range, which ends at {max}",
        "use 1 second to 400 days, or 1 to 13 calendar months",
    ),
    "CountOutOfRange": Sentence("count", "{count} periods are out of range", "use 1 to 16 777 215 periods"),
    "ZoneLagTooLong": Sentence(
        "zoneLagSeconds max",
        "the zone lags {zoneLagSeconds:span} behind UTC, more than {max:span}",
        "name a real time zone",
    ),
    "DurationTooLong": Sentence(
        "field duration max", "{field} lasts {duration:span}, longer than {max:span}", "shorten it"
    ),
    "ReportAfterClaim": Sentence(
        "reportWithin claimWithin",
        "reports are not due before claims end: {reportWithin:span} against {claimWithin:span}",
        "make the report window shorter than the claim window",
    ),
    "RuleWithinZero": Sentence("", "the arbiter has no time to rule", "give the ruling a window above zero"),
    "TimesTooLate": Sentence(
        "time limit",
        "the agreement would end at {time:time}, after the year 36812",
        "use fewer or shorter periods",
    ),
    "FirstPeriodOver": Sentence(
        "end time",
        "the first period was over at {end:time} and it is {time:time}",
        "sign new terms that start later",
    ),
    "OpenByPassed": Sentence(
        "openBy time",
        "the offer could be opened until {openBy:time} and it is {time:time}",
        "sign new terms with a later openBy",
    ),
    "BondZero": Sentence("", "a dispute would cost nothing", "set a bond above zero"),
    "ArbiterFeeAboveBond": Sentence(
        "arbiterFee bond",
        "the arbiter's fee exceeds the bond that pays it: {arbiterFee} against {bond}",
        "lower the fee or raise the bond",
    ),
    "TwoCharges": Sentence(
        "charge chargeMax",
        "the charge is both fixed ({charge}) and metered (up to {chargeMax})",
        "set either the charge or its maximum to zero",
    ),
    "ExitRuleInvalid": Sentence(
        "exitBreaches exitPeriods",
        "the exit rule of {exitBreaches} breaches within {exitPeriods} periods cannot be met",
        "set both numbers to zero, or at least one breach within at least as many periods",
    ),
    "ObligationsOutOfRange": Sentence(
        "count max", "{count} obligations are out of range", "use 1 to {max} obligations"
    ),
    "TiersOutOfRange": Sentence(
        "obligation count max",
        "{count} tiers of obligation {obligation:plain} are out of range",
        "use 1 to {max} tiers",
    ),
    "SaneBoundsInvalid": Sentence(
        "obligation min max",
        "the sane bounds {min} to {max} of obligation {obligation:plain} leave no room or include the mark for missing "
        "data",
        "set a lower bound below the upper one",
    ),
    "BoundOutOfSane": Sentence(
        "obligation tier bound",
        "the bound {bound} of obligation {obligation:plain}'s tier {tier:plain} has no sane attainment beyond it",
        "move the bound inside the sane bounds or widen them",
    ),
    "StepSlopeMismatch": Sentence(
        "obligation tier",
        "obligation {obligation:plain}'s tier {tier:plain} has a slope without a step or a step without a slope",
        "give both or neither",
    ),
    "TierPaysNothing": Sentence(
        "obligation tier",
        "obligation {obligation:plain}'s tier {tier:plain} has neither base nor slope",
        "say what it pays, or drop it",
    ),
    "TiersUnordered": Sentence(
        "obligation tier",
        "obligation {obligation:plain}'s tier {tier:plain} is not further from the objective than the one before",
        "order the bounds: descending for 'at least', ascending for 'at most'",
    ),
    "TierPaysLess": Sentence(
        "obligation tier",
        "at obligation {obligation:plain}'s tier {tier:plain} a worse attainment would pay less",
        "raise the base of the worse tier to what the better one pays at its far edge",
    ),
    "ChargeMissing": Sentence(
        "obligation",
        "a tier of obligation {obligation:plain} pays a part of the charge, but there is no charge",
        "set a charge or a maximum",
    ),
    "AmountTooLarge": Sentence(
        "amount max",
        "the worst attainment would pay {amount}, more than the {max} an amount can be",
        "cap the obligation",
    ),
    "ExposureTooLarge": Sentence(
        "exposure max",
        "all periods together could owe {exposure}, more than the {max} an amount can be",
        "cap the period, or use fewer periods",
    ),
}
