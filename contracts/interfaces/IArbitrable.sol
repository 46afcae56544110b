// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IArbitrator} from "./IArbitrator.sol";

/// @title Who brings disputes to a court, as ERC-792 has it
interface IArbitrable {
    /// @notice The court ruled.
    event Ruling(IArbitrator indexed arbitrator, uint256 indexed disputeID, uint256 ruling);

    /// @notice The court's answer; only the court calls.
    function rule(uint256 disputeID, uint256 ruling) external;
}
