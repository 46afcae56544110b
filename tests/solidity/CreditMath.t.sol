// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {CreditMath} from "../../contracts/libraries/CreditMath.sol";
import {Comparator, MissingData, Obligation, PayUnit, Tier} from "../../contracts/Types.sol";

/// @title The formula against published schedules, and P2 and P3 for terms of sixteen tiers, more than halmos unrolls
contract CreditMathTest {
    uint96 private constant CHARGE = 1_000_000_000;
    uint256 private constant TIERS = 16;

    /// @dev The compute SLA of AWS: below 99.99 % 10 %, below 99.0 % 30 %, below 95 % all of the charge.
    function testCompensationOfAPublishedScheduleIsWhatItSays() external view {
        Tier[] memory tiers = new Tier[](3);
        tiers[0] = Tier(999_900, 100_000, 0, 0);
        tiers[1] = Tier(990_000, 300_000, 0, 0);
        tiers[2] = Tier(950_000, 1_000_000, 0, 0);
        Obligation memory uptime = _obligation(Comparator.AtLeast, PayUnit.ChargePpm, 0, tiers);

        assert(this.compensationOf(uptime, 1_000_000, CHARGE) == 0);
        assert(this.compensationOf(uptime, 999_900, CHARGE) == 0);
        assert(this.compensationOf(uptime, 999_899, CHARGE) == 100_000_000);
        assert(this.compensationOf(uptime, 990_000, CHARGE) == 100_000_000);
        assert(this.compensationOf(uptime, 989_999, CHARGE) == 300_000_000);
        assert(this.compensationOf(uptime, 949_999, CHARGE) == 1_000_000_000);
    }

    /// @dev Ten a day beyond two days, at most twenty-five: whole days only.
    function testCompensationByTheDayCountsWholeDaysUpToTheCap() external view {
        Tier[] memory tiers = new Tier[](1);
        tiers[0] = Tier(2 days, 0, 10, 1 days);
        Obligation memory repair = _obligation(Comparator.AtMost, PayUnit.Amount, 25, tiers);

        assert(this.compensationOf(repair, 2 days, 0) == 0);
        assert(this.compensationOf(repair, 3 days - 1, 0) == 0);
        assert(this.compensationOf(repair, 3 days, 0) == 10);
        assert(this.compensationOf(repair, 5 days - 1, 0) == 20);
        assert(this.compensationOf(repair, 5 days, 0) == 25);
    }

    function testFuzzCompensationStaysBetweenZeroAndTheCap(uint64 attained, uint96 charge, uint96 cap, uint256 seed)
        external
        view
    {
        Obligation memory obligation = _obligation(Comparator.AtLeast, PayUnit.ChargePpm, cap, _tiers(seed));
        uint256 amount = this.compensationOf(obligation, attained, charge);

        assert(cap == 0 || amount <= cap);
        assert(attained < obligation.tiers[0].bound || amount == 0);
    }

    function testFuzzCompensationOfAWorseAttainmentIsNoLess(
        uint64 better,
        uint64 worse,
        uint96 charge,
        uint96 cap,
        uint256 seed
    ) external view {
        if (better < worse) (better, worse) = (worse, better);
        Obligation memory obligation = _obligation(Comparator.AtLeast, PayUnit.ChargePpm, cap, _tiers(seed));

        assert(this.compensationOf(obligation, worse, charge) >= this.compensationOf(obligation, better, charge));
    }

    function compensationOf(Obligation calldata obligation, uint64 attained, uint96 charge)
        external
        pure
        returns (uint256)
    {
        return CreditMath.compensation(obligation, attained, charge);
    }

    /// @dev Sixteen tiers over the whole of the type, each beginning where the one before can at most have come to.
    function _tiers(uint256 seed) private pure returns (Tier[] memory tiers) {
        tiers = new Tier[](TIERS);
        uint256 width = type(uint64).max / (TIERS + 1);
        uint256 base;
        for (uint256 i; i < TIERS; ++i) {
            uint256 slope = uint256(keccak256(abi.encode(seed, i))) % 1_000;
            uint256 step = slope == 0 ? 0 : width / (1 + uint256(keccak256(abi.encode(i, seed))) % 100);
            tiers[i] = Tier(uint64(width * (TIERS - i)), uint96(base + 1), uint96(slope), uint64(step));
            base += 1 + (step == 0 ? 0 : slope * (width / step));
        }
    }

    function _obligation(Comparator comparator, PayUnit unit, uint96 cap, Tier[] memory tiers)
        private
        pure
        returns (Obligation memory)
    {
        return Obligation(0, comparator, unit, MissingData.Ignore, cap, 0, type(uint64).max - 1, tiers);
    }
}
