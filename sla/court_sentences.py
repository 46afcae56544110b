"""What each refusal of a court as arbiter means: the custom errors of ``CourtArbiter``."""

from __future__ import annotations

from sla.sentences import Sentence

COURT_SENTENCES: dict[str, Sentence] = {
    "NotTheArbiter": Sentence(
        "arbiter",
        "the terms name {arbiter} as their arbiter, not this court",
        "ask the arbiter they name",
        "AGREEMENT",
    ),
    "NotDisputedNow": Sentence(
        "id period obligation",
        "nobody disputes period {period:plain}, obligation {obligation:plain} of {id} now",
        "let the provider or the customer dispute it first; a case without a disputer is no matter for the court",
        "--period",
    ),
    "DeadlineOver": Sentence(
        "time rulingDeadline",
        "the ruling deadline was {rulingDeadline:time} and it is {time:time}",
        "settle the claim: what was reported stands, else the missing-data policy",
        "--period",
    ),
    "RequestedAlready": Sentence(
        "disputeID",
        "the court was asked already: this is its dispute {disputeID:plain}",
        "wait for its ruling",
        "--period",
    ),
    "AnsweredAlready": Sentence(
        "id period obligation",
        "the disputer's opponent has answered already in period {period:plain}, obligation {obligation:plain} of {id}",
        "one answer stands until the ruling; makegood court evidence tells the court more",
        "--period",
    ),
    "AnswerDiffers": Sentence(
        "attained charge answeredAttained answeredCharge",
        "the finding is {attained} under a charge of {charge}, but the court ruled for the answer, {answeredAttained} "
        "under {answeredCharge}",
        "pass the answer on as it was given, as makegood court execute does",
        "--attained",
    ),
    "CostDiffers": Sentence(
        "paid cost",
        "{paid} wei were sent, and the court costs {cost}",
        "send exactly what it costs now",
        "value",
    ),
    "CourtRepeated": Sentence(
        "disputeID",
        "the court gave the number {disputeID:plain} to two disputes",
        "do not use this court",
    ),
    "NotTheCourt": Sentence(
        "caller", "{caller} is not the court", "wait for the court's own ruling", "--keystore"
    ),
    "RequestUnknown": Sentence(
        "disputeID",
        "the court was not asked about a dispute {disputeID:plain} from here",
        "use the number that makegood court status shows",
        "disputeID",
    ),
    "RulingUnknown": Sentence(
        "ruling choices",
        "the court ruled {ruling:plain}, but was asked for 0 to {choices:plain}",
        "rule one of these",
        "ruling",
    ),
    "RuledAlready": Sentence(
        "disputeID",
        "the court has ruled its dispute {disputeID:plain} already",
        "pass its ruling on with makegood court execute",
        "disputeID",
    ),
    "NothingRuled": Sentence(
        "disputeID",
        "the court has not ruled its dispute {disputeID:plain}, or refused to",
        "wait; without a ruling the claim can be settled after the ruling deadline",
        "--period",
    ),
    "DisputeReplaced": Sentence(
        "rulingDeadline requested",
        "the dispute that the court was asked about, to be ruled until {requested:time}, is over; what waits now has "
        "{rulingDeadline:time}",
        "nothing can be passed on; a new dispute is a new request",
        "--period",
    ),
    "RulingDiffers": Sentence(
        "compensation ruled",
        "the finding pays {compensation}, but by the court's ruling {ruled} are due",
        "bring a finding that pays just that: what was alleged, or what was reported",
        "--attained",
    ),
}
