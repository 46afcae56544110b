"""One fault for each proof, which halmos must find: a proof that nothing can refute proves nothing."""

from __future__ import annotations

from dataclasses import dataclass

CREDIT_MATH = "contracts/libraries/CreditMath.sol"
TERMS_CHECK = "contracts/libraries/TermsCheck.sol"
CONTESTS = "contracts/libraries/Contests.sol"
PROOF = "tests/analysis/proofs/CreditMathProof.sol"
ESCROW_PROOF = "tests/analysis/proofs/EscrowProof.sol"


@dataclass(frozen=True, slots=True)
class Fault:
    """``before`` stands once in the file; with ``after`` in its place the proof must be refuted."""

    path: str
    before: str
    after: str
    refutes: str


FAULTS: dict[str, tuple[Fault, ...]] = {
    "CreditMathProof": (
        Fault(PROOF, "assert(less / step <= more / step)", "assert(less / step < more / step)",
              "check_arithmetic__a_larger_distance__has_no_fewer_steps"),
        Fault(PROOF, "assert(uint256(slope) * less <= uint256(slope) * more)",
              "assert(uint256(slope) * less < uint256(slope) * more)", "check_arithmetic__more_steps__pay_no_less"),
        Fault(CREDIT_MATH, "amount > cap) amount = cap;", "amount > cap) amount = cap + 1;",
              "check_compensation__any_terms__is_within_the_cap"),
        Fault(CREDIT_MATH, "if (passed == 0) return 0;", "if (passed == 0) return 1;",
              "check_compensation__objective_met__is_zero"),
        Fault(CREDIT_MATH, "periodCap != 0 && total > periodCap", "total > periodCap",
              "check_entitlement__any_cap__is_the_lesser"),
        Fault(CREDIT_MATH, "if (step == 0) return base;", "if (step == 0) return attained;",
              "check_tier_rate__any_tier__cannot_overflow"),
        Fault(PROOF, "(uint160 rate, uint96 charge)", "(uint256 rate, uint96 charge)",
              "check_amount__any_rate__cannot_overflow"),
        Fault(CREDIT_MATH, "rate_ * charge / PPM : rate_", "rate_ * charge / PPM : ~rate_",
              "check_amount__higher_rate_and_charge__is_no_less"),
        Fault(CREDIT_MATH, "if (step == 0) return base;", "if (step == 0) return attained;",
              "check_tier_rate__further_from_the_bound__is_no_less"),
    ),
    "AcceptedTermsProof": (
        Fault(TERMS_CHECK, "CreditMath.tierRate(before, bound) > tier.base",
              "CreditMath.tierRate(before, bound) < tier.base",
              "check_rate__attainment_in_the_next_tier__is_no_less"),
        Fault(TERMS_CHECK, "bound > max || bound == worst", "bound > max",
              "check_rate__worst_sane_attainment__is_the_last_tiers"),
    ),
    "EscrowProof": (
        Fault(CONTESTS, "if (block.timestamp >= claimed.windowEnd) return false;",
              "if (block.timestamp > claimed.windowEnd) return false;",
              "check_pending_claim__any_time__is_either_disputable_or_due"),
        Fault(CONTESTS, "if (block.timestamp >= contest.rulingDeadline) {",
              "if (block.timestamp > contest.rulingDeadline) {",
              "check_disputed_claim__any_time__is_either_rulable_or_due"),
        Fault(CONTESTS, "if (msg.sender != terms.parties.arbiter)", "if (msg.sender == address(this))",
              "check_rule__any_caller_and_time__takes_the_arbiter"),
        Fault(ESCROW_PROOF, "CHEATS.assume(pretended != ARBITER && this.idOf(terms) != _id);", "",
              "check_rule__terms_with_another_arbiter__is_refused"),
    ),
}  # fmt: skip
"""By contract of tests/analysis/proofs; all faults of a contract are planted in one copy."""
