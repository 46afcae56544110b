// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Steps} from "./Steps.sol";

/// @title A contract that calls its library by DELEGATECALL, in its constructor too: for tests of linking
contract Counter {
    uint256 public immutable start;
    Steps.Count private _count;

    constructor(uint256 start_) {
        start = start_;
        _count.value = Steps.twice(start_);
    }

    function step(uint256 by) external {
        Steps.step(_count, by);
    }

    function value() external view returns (uint256) {
        return Steps.twice(_count.value);
    }
}
