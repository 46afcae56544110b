// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Comparator, Obligation, PayUnit, PPM, Tier} from "../Types.sol";

/// @title The compensation formula
/// @notice Its twin is `sla/compensation.py`; the two are equal bit for bit over the whole domain of their types.
/// @dev Nothing here can overflow: a rate is below 2^96 * 2^64 = 2^160, and times a charge below 2^256.
library CreditMath {
    /// @notice What one obligation owes for one period, rounded down, never above the obligation's cap.
    /// @param attained The level reached, in the indicator's unit.
    /// @param charge The period's charge, in token base units.
    /// @return amount In token base units.
    function compensation(Obligation calldata obligation, uint64 attained, uint96 charge)
        internal
        pure
        returns (uint256 amount)
    {
        return amountOf(rate(obligation, attained), obligation.payUnit, obligation.cap, charge);
    }

    /// @notice `base + slope * floor(distance / step)` of the worst tier passed; 0 within the objective.
    /// @return The rate in the obligation's pay unit.
    function rate(Obligation calldata obligation, uint64 attained) internal pure returns (uint256) {
        Comparator comparator = obligation.comparator;
        Tier[] calldata tiers = obligation.tiers;
        uint256 passed;
        while (passed < tiers.length && isBeyond(comparator, attained, tiers[passed].bound)) {
            ++passed;
        }
        if (passed == 0) return 0;
        return tierRate(tiers[passed - 1], attained);
    }

    /// @notice A rate in token base units, rounded down.
    /// @param cap 0 means none.
    function amountOf(uint256 rate_, PayUnit payUnit, uint256 cap, uint256 charge)
        internal
        pure
        returns (uint256 amount)
    {
        unchecked {
            amount = payUnit == PayUnit.ChargePpm ? rate_ * charge / PPM : rate_;
        }
        if (cap != 0 && amount > cap) amount = cap;
    }

    /// @notice What a period's obligations pay together.
    /// @param periodCap 0 means no joint cap.
    /// @param total The sum of their compensations.
    function entitlement(uint256 periodCap, uint256 total) internal pure returns (uint256) {
        return periodCap != 0 && total > periodCap ? periodCap : total;
    }

    /// @notice The tier's rate at `attained`, whichever side of its bound that is.
    function tierRate(Tier memory tier, uint64 attained) internal pure returns (uint256) {
        uint256 base = tier.base;
        uint256 bound = tier.bound;
        uint256 step = tier.step;
        if (step == 0) return base;
        unchecked {
            uint256 distance = bound > attained ? bound - attained : attained - bound;
            // slither-disable-next-line divide-before-multiply -- only whole steps count
            return base + uint256(tier.slope) * (distance / step);
        }
    }

    /// @notice Whether `attained` misses `bound`. Exactly on the bound is met.
    function isBeyond(Comparator comparator, uint64 attained, uint64 bound) internal pure returns (bool) {
        return comparator == Comparator.AtLeast ? attained < bound : attained > bound;
    }
}
