// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {DateTimeLib} from "solady/src/utils/DateTimeLib.sol";

import {ScheduleUnit, Service, Stake} from "../Types.sol";

/// @title When periods begin and end, and what they are the anchor of
/// @notice Its twin is `sla/schedule.py`. Periods are half-open: `[boundary(p), boundary(p + 1))`.
library ScheduleMath {
    /// @notice Boundary `k`, computed from the anchor and never chained: 31 January, 28 February, 31 March.
    function boundary(Service calldata service, uint256 k) internal pure returns (uint256) {
        uint256 lengths = k * service.length;
        if (service.unit == ScheduleUnit.Seconds) return service.start + lengths;
        return DateTimeLib.addMonths(service.start, lengths);
    }

    /// @notice The end of `period` as deadlines count it, wherever the agreement's zone lies.
    function endOf(Service calldata service, uint256 period) internal pure returns (uint256) {
        return boundary(service, period + 1) + service.zoneLagSeconds;
    }

    /// @notice From here on nothing more can be claimed for an agreement of `count` periods.
    function lastClaimDeadline(Service calldata service, Stake calldata stake, uint256 count)
        internal
        pure
        returns (uint256)
    {
        return boundary(service, count) + service.zoneLagSeconds + stake.claimWithin;
    }
}
