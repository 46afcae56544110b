"""How each kind of call comes about: who makes it, by which functions, and what must have happened before."""

from __future__ import annotations

from collections.abc import Callable

from tests.invariant.callers_claims import (
    claim_call,
    concede_call,
    dispute_call,
    evidence_call,
    rule_call,
    settle_call,
)
from tests.invariant.callers_committee import post_call, propose_call, publish_call, revised_call, rotate_call
from tests.invariant.callers_exit import breach_call
from tests.invariant.callers_life import amend_call, exit_call, link_call, open_call, terminate_call
from tests.invariant.callers_money import (
    deposit_call,
    permit_call,
    release_call,
    several,
    withdraw_call,
    withheld_call,
)
from tests.invariant.calls import Call
from tests.invariant.census import TERMS_ERRORS
from tests.invariant.scene import Scene

Maker = Callable[[Scene, str], Call | None]

MAKERS: dict[str, Maker] = {
    "open": open_call,
    "amend": amend_call,
    "terminate": terminate_call,
    "exit": exit_call,
    "link": link_call,
    "deposit": deposit_call,
    "claim": claim_call,
    "dispute": dispute_call,
    "concede": concede_call,
    "submitEvidence": evidence_call,
    "rule": rule_call,
    "settle": settle_call,
    "release": release_call,
    "withdraw": withdraw_call,
    "permit": permit_call,
    "post": post_call,
    "publish": publish_call,
    "proposeRotation": propose_call,
    "rotate": rotate_call,
}
PARTS = [
    maker for name, maker in MAKERS.items() if name not in ("post", "publish", "proposeRotation", "rotate")
]
MAKERS |= {"breach": breach_call, "revised": revised_call, "withheld": withheld_call}
MAKERS["multicall"] = lambda scene, want: several(scene, want, PARTS)

SOUGHT_WAYS = (
    "claim revised", "claim corrects what was settled", "claim answers a dispute", "claim opens a case",
    "dispute a claim", "dispute a case", "rule a case",
)  # fmt: skip
"""Sought like kinds, so that one in eight hundred calls is of each."""

WITH_TERMS = (
    "amend",
    "terminate",
    "deposit",
    "claim",
    "dispute",
    "concede",
    "submitEvidence",
    "rule",
    "settle",
    "release",
)
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "AgreementUnknown": WITH_TERMS,
    "AgreementExists": ("open",),
    "NotHead": ("amend", "terminate", "release"),
    "PredecessorMismatch": ("open", "amend"),
    "PartyChanged": ("amend", "link"),
    "StartMismatch": ("amend",),
    "PeriodBegun": ("amend", "terminate", "exit"),
    "PeriodNotNext": ("exit",),
    "NothingToCut": ("amend", "terminate", "exit"),
    "VersionsOutOfRange": ("amend",),
    "ValidityOver": ("terminate",),
    "FormationMismatch": ("exit",),
    "ExitRuleMissing": ("exit",),
    "BreachesTooFew": ("exit",),
    "BreachesNotAscending": ("exit",),
    "BreachesTooFarApart": ("exit",),
    "BreachNotFinal": ("exit",),
    "NotDownstream": ("link",),
    "SignatureInvalid": ("open", "amend", "terminate"),
    "CallerInvalid": ("dispute", "concede", "submitEvidence", "rule", "exit", "withdraw"),
    "ObligationUnknown": ("claim", "dispute", "rule"),
    "PeriodUnknown": ("claim", "dispute"),
    "RootNotAttested": ("claim", "publish"),
    "RootTooEarly": ("claim",),
    "ClaimTooLate": ("claim", "dispute"),
    "RevisionNotHigher": ("claim",),
    "RulingFinal": ("claim",),
    "DisputeOver": ("claim",),
    "NotOverdue": ("dispute",),
    "AllegationDiffers": ("concede",),
    "ChargeMismatch": ("claim", "dispute", "rule"),
    "OutsideSaneBounds": ("dispute", "rule"),
    "NothingOwed": ("claim",),
    "NotDisputable": ("dispute",),
    "NotDisputed": ("concede", "submitEvidence", "rule"),
    "AllegationUseless": ("dispute",),
    "RulingTooLate": ("concede", "submitEvidence", "rule"),
    "NotReleasable": ("release",),
    "NothingToWithdraw": ("withdraw",),
    "TransferFailed": ("withdraw",),
    "GasTooLow": ("withdraw", "settle", "rule", "release", "deposit"),
    "RoundNotAfter": ("post",),
    "RootAlreadyAttested": ("post",),
    "RootEmpty": ("post",),
    "QuorumMissing": ("post", "proposeRotation"),
    "SignerNotMember": ("post", "proposeRotation"),
    "SignerRepeated": ("post", "proposeRotation"),
    "ReportsNotOfRoot": ("post", "publish"),
    "RotationPending": ("proposeRotation",),
    "NoRotationPending": ("rotate",),
    "RotationTooEarly": ("rotate",),
    "MemberInvalid": ("proposeRotation",),
    **dict.fromkeys(TERMS_ERRORS, ("open", "amend")),
    "pull refused": ("deposit", "open"),
    **{name: (name,) for name in MAKERS},
    **{way: (way.split()[0],) for way in SOUGHT_WAYS},
}
"""By which functions a kind comes about."""

FIRST: dict[str, tuple[str, ...]] = {
    "claim": ("post",),
    "dispute": ("claim",),
    "concede": ("dispute",),
    "submitEvidence": ("dispute",),
    "rule": ("dispute",),
    "RulingFinal": ("rule", "concede"),
    "DisputeOver": ("dispute",),
    "RulingTooLate": ("dispute",),
    "AllegationDiffers": ("dispute",),
    "RevisionNotHigher": ("claim",),
    "RootTooEarly": ("post",),
    "ChargeMismatch": ("post",),
    "NothingOwed": ("post",),
    "exit": ("breach", "breach", "breach", "open"),
    "PeriodNotNext": ("open",),
    "BreachesNotAscending": ("breach", "breach", "breach", "open"),
    "BreachesTooFarApart": ("breach", "breach", "breach", "open"),
    "BreachesTooFew": ("open",),
    "BreachNotFinal": ("open",),
    "FormationMismatch": ("open",),
    "settle": ("claim",),
    "link": ("open",),
    "NotDownstream": ("open",),
    "claim revised": ("revised", "claim"),
    "claim corrects what was settled": ("revised", "settle", "claim"),
    "claim answers a dispute": ("revised", "dispute"),
    "claim opens a case": ("revised", "post"),
    "dispute a claim": ("claim",),
    "dispute a case": ("claim opens a case",),
    "rule a case": ("claim opens a case",),
    "NotHead": ("amend",),
    "publish": ("post",),
    "withdraw": ("withheld",),
    "rotate": ("proposeRotation",),
    "RotationPending": ("proposeRotation",),
    "RotationTooEarly": ("proposeRotation",),
}
"""What must have happened before, where a kind cannot come about yet."""

STEPS = ("VersionsOutOfRange", "breach", "revised", "withheld")
"""What is reached step by step: every step that is accepted will do."""
