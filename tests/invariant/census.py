"""How often each kind of call was made. A kind is a function that went through, or an error that refused a call.

A few groups stand for several errors each, as 100 hundredths do not hold them all: what ``TermsCheck`` refuses is
counted by the part of the terms that is at fault (every single error must be seen all the same), and what comes of a
token that refuses to be pulled from ("pull refused") is nobody's custom error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.invariant.calls import Call
from tests.invariant.model import Outcome

TERMS_ERRORS = {
    "terms: parties": ("ZeroAddress", "SameParty"),
    "terms: times": (
        "LengthOutOfRange", "CountOutOfRange", "ZoneLagTooLong", "DurationTooLong", "ReportAfterClaim",
        "RuleWithinZero", "TimesTooLate", "FirstPeriodOver", "OpenByPassed",
    ),
    "terms: stake": ("BondZero", "ArbiterFeeAboveBond", "TwoCharges", "ExitRuleInvalid"),
    "terms: obligations": (
        "ObligationsOutOfRange", "TiersOutOfRange", "SaneBoundsInvalid", "BoundOutOfSane", "StepSlopeMismatch",
        "TierPaysNothing", "TiersUnordered", "TierPaysLess", "ChargeMissing", "AmountTooLarge", "ExposureTooLarge",
    ),
}  # fmt: skip
PULL_ERRORS = ("Panic", "SafeERC20FailedOperation", "Blocked", "SafeCastOverflowedUintDowncast")
GROUPS = {error: group for group, errors in TERMS_ERRORS.items() for error in errors} | dict.fromkeys(
    PULL_ERRORS, "pull refused"
)

ACCEPTED = (
    "open", "amend", "terminate", "exit", "link", "deposit", "claim", "dispute", "concede", "submitEvidence", "rule",
    "settle", "release", "withdraw", "permit", "multicall", "post", "publish", "proposeRotation", "rotate",
)  # fmt: skip
ESCROW_ERRORS = (
    "AgreementUnknown", "AgreementExists", "NotHead", "PredecessorMismatch", "PartyChanged", "StartMismatch",
    "PeriodBegun", "PeriodNotNext", "NothingToCut", "VersionsOutOfRange", "ValidityOver", "FormationMismatch",
    "ExitRuleMissing", "BreachesTooFew", "BreachesNotAscending", "BreachesTooFarApart", "BreachNotFinal",
    "NotDownstream", "SignatureInvalid", "CallerInvalid", "ObligationUnknown", "PeriodUnknown", "RootNotAttested",
    "RootTooEarly", "ClaimTooLate", "RevisionNotHigher", "RulingFinal", "DisputeOver", "NotOverdue",
    "AllegationDiffers", "ChargeMismatch", "OutsideSaneBounds", "NothingOwed", "NotDisputable", "NotDisputed",
    "AllegationUseless", "RulingTooLate", "NotReleasable", "NothingToWithdraw", "TransferFailed", "GasTooLow",
)  # fmt: skip
COMMITTEE_ERRORS = (
    "RoundNotAfter", "RootAlreadyAttested", "RootEmpty", "QuorumMissing", "SignerNotMember", "SignerRepeated",
    "ReportsNotOfRoot", "RotationPending", "NoRotationPending", "RotationTooEarly", "MemberInvalid",
)  # fmt: skip
KINDS = (*ACCEPTED, *ESCROW_ERRORS, *COMMITTEE_ERRORS, *TERMS_ERRORS, "pull refused")
"""Every kind that must make up a hundredth of a campaign."""

WAYS = (
    "claim first", "claim revised", "claim corrects what was settled", "claim answers a dispute",
    "claim opens a case", "claim paid at once", "dispute a claim", "dispute a case", "dispute silence",
    "rule a dispute for the customer", "rule a dispute for the provider", "rule a case", "settle after the window",
    "settle after silence", "settle a case", "settle after a ruling", "credited", "in arrears", "transfer withheld",
    "cap reached", "entitlement lowered", "terms in a chain of three", "overpaid", "arrears paid", "with low gas",
    "release pays arrears",
)  # fmt: skip
"""Ways in which accepted calls differ, each of which must occur."""


def kind_of(call: Call, outcome: Outcome) -> str:
    """What a call is counted as."""
    if outcome.error is None:
        return call.function
    return GROUPS.get(outcome.error, outcome.error)


class Census:
    """``calls`` by kind, ``errors`` by function and error, ``ways`` by name."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.errors: Counter[tuple[str, str]] = Counter()
        self.ways: Counter[str] = Counter()

    def count(self, call: Call, outcome: Outcome) -> None:
        """One more."""
        self.calls[kind_of(call, outcome)] += 1
        if outcome.error:
            self.errors[call.function, outcome.error] += 1

    def add(self, other: Census) -> None:
        """Another's counts too."""
        self.calls += other.calls
        self.errors += other.errors
        self.ways += other.ways

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.calls.values())

    def rare(self, per_mille: int) -> list[str]:
        """Kinds that make up less than so many thousandths."""
        return [kind for kind in KINDS if self.calls[kind] * 1_000 < self.total * per_mille]

    def unseen(self) -> list[str]:
        """Single errors of the groups, and ways, that never occurred."""
        errors = {error for _, error in self.errors}
        return [
            *(error for error in GROUPS if error not in errors),
            *(way for way in WAYS if not self.ways[way]),
        ]

    def table(self) -> str:
        """All counts, the rarest first."""
        lines = [f"{self.total:,} calls; kinds that must make up 1 % each:"]
        lines += _rows(self.total, ((kind, self.calls[kind]) for kind in KINDS))
        others = [kind for kind in self.calls if kind not in KINDS]
        lines += _rows(self.total, (("also: " + kind, self.calls[kind]) for kind in others))
        lines += ["refused, by function and error:"]
        lines += _rows(
            self.total, ((f"{function}: {error}", n) for (function, error), n in self.errors.items())
        )
        lines += ["ways:"]
        lines += _rows(self.total, ((way, self.ways[way]) for way in WAYS))
        return "\n".join(lines)


def _rows(total: int, counts: Iterable[tuple[str, int]]) -> list[str]:
    return [
        f"  {count:>9,}  {100 * count / max(total, 1):6.2f} %  {name}"
        for name, count in sorted(counts, key=lambda pair: pair[1])
    ]
