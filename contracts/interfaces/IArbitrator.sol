// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IArbitrable} from "./IArbitrable.sol";

/// @title A court, as ERC-792 has it
/// @notice Whoever brings it a dispute pays its cost in ether; some time later it calls `IArbitrable.rule`, once.
interface IArbitrator {
    enum DisputeStatus {
        Waiting,
        Appealable,
        Solved
    }

    event DisputeCreation(uint256 indexed disputeID, IArbitrable indexed arbitrable);
    event AppealPossible(uint256 indexed disputeID, IArbitrable indexed arbitrable);
    event AppealDecision(uint256 indexed disputeID, IArbitrable indexed arbitrable);

    /// @param choices How many rulings there are besides 0, which is "refused to rule".
    /// @param extraData What the court wants to know besides: which of its courts, how many jurors.
    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 disputeID);

    /// @notice What `createDispute` costs, in wei.
    function arbitrationCost(bytes calldata extraData) external view returns (uint256 cost);

    function appeal(uint256 disputeID, bytes calldata extraData) external payable;

    function appealCost(uint256 disputeID, bytes calldata extraData) external view returns (uint256 cost);

    function appealPeriod(uint256 disputeID) external view returns (uint256 start, uint256 end);

    function disputeStatus(uint256 disputeID) external view returns (DisputeStatus status);

    /// @notice What the court would rule if nothing else came; only a `Solved` dispute is sure.
    function currentRuling(uint256 disputeID) external view returns (uint256 ruling);
}
