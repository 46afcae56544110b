// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {CreditMath} from "../../../contracts/libraries/CreditMath.sol";
import {Comparator, Obligation, PayUnit, Tier} from "../../../contracts/Types.sol";
import {CHEATS} from "./Cheats.sol";

/// @title P2 and P3 for every value of the types
/// @dev `check_arithmetic...` prove what later proofs assume of products and quotients, where a solver cannot find it.
contract CreditMathProof {
    uint256 private constant RATES = 1 << 160;

    function check_arithmetic__a_larger_distance__has_no_fewer_steps(uint64 less, uint64 more, uint64 step)
        external
        pure
    {
        CHEATS.assume(less <= more && step != 0);
        assert(less / step <= more / step);
    }

    function check_arithmetic__more_steps__pay_no_less(uint64 less, uint64 more, uint96 slope) external pure {
        CHEATS.assume(less <= more);
        unchecked {
            assert(uint256(slope) * less <= uint256(slope) * more);
            assert(uint256(slope) * more < RATES);
        }
    }

    function check_compensation__any_terms__is_within_the_cap(
        Obligation calldata obligation,
        uint64 attained,
        uint96 charge
    ) external pure {
        uint256 amount = CreditMath.compensation(obligation, attained, charge);
        assert(obligation.cap == 0 || amount <= obligation.cap);
    }

    function check_compensation__objective_met__is_zero(Obligation calldata obligation, uint64 attained, uint96 charge)
        external
        pure
    {
        if (obligation.tiers.length != 0) {
            uint64 bound = obligation.tiers[0].bound;
            CHEATS.assume(obligation.comparator == Comparator.AtLeast ? attained >= bound : attained <= bound);
        }
        assert(CreditMath.compensation(obligation, attained, charge) == 0);
    }

    function check_entitlement__any_cap__is_the_lesser(uint256 cap, uint256 total) external pure {
        uint256 entitled = CreditMath.entitlement(cap, total);
        if (cap == 0 || total <= cap) assert(entitled == total);
        else assert(entitled == cap);
    }

    function check_tier_rate__any_tier__cannot_overflow(Tier calldata tier, uint64 attained) external pure {
        uint256 rate = CreditMath.tierRate(tier, attained);
        assert(rate >= tier.base && rate < RATES);
    }

    function check_amount__any_rate__cannot_overflow(uint160 rate, uint96 charge) external pure {
        unchecked {
            if (charge != 0) assert(uint256(rate) * charge / charge == rate);
        }
    }

    function check_amount__higher_rate_and_charge__is_no_less(
        uint160 lower,
        uint160 higher,
        PayUnit unit,
        uint96 cap,
        uint96 lowerCharge,
        uint96 higherCharge
    ) external pure {
        CHEATS.assume(lower <= higher && lowerCharge <= higherCharge);
        uint256 less = CreditMath.amountOf(lower, unit, cap, lowerCharge);
        assert(less <= CreditMath.amountOf(higher, unit, cap, higherCharge));
    }

    function check_tier_rate__further_from_the_bound__is_no_less(Tier calldata tier, uint64 near, uint64 far)
        external
        pure
    {
        CHEATS.assume((far >= near && near >= tier.bound) || (far <= near && near <= tier.bound));
        (uint256 nearSteps, uint256 nearPay) = _parts(tier, near);
        (uint256 farSteps, uint256 farPay) = _parts(tier, far);
        // As proved in check_arithmetic.
        CHEATS.assume(nearSteps <= farSteps);
        CHEATS.assume(nearPay <= farPay && farPay < RATES);
        assert(CreditMath.tierRate(tier, near) <= CreditMath.tierRate(tier, far));
    }

    function _parts(Tier calldata tier, uint64 attained) private pure returns (uint256 steps, uint256 pay) {
        unchecked {
            uint256 bound = tier.bound;
            uint256 distance = bound > attained ? bound - attained : attained - bound;
            steps = tier.step == 0 ? 0 : distance / tier.step;
            pay = uint256(tier.slope) * steps;
        }
    }
}
