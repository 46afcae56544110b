// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title A library with an address of its own: for tests of linking
library Steps {
    struct Count {
        uint256 value;
    }

    error StepTooLong(uint256 step, uint256 max);

    function step(Count storage count, uint256 by) external {
        if (by > 9) revert StepTooLong(by, 9);
        count.value += by;
    }

    function twice(uint256 value) external pure returns (uint256) {
        return value * 2;
    }
}
