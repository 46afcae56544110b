// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IArbitrable} from "../interfaces/IArbitrable.sol";
import {IArbitrator} from "../interfaces/IArbitrator.sol";

/// @title A court of one judge (ERC-792), who may be told to misbehave: for tests
contract SmallCourt is IArbitrator {
    enum Manner {
        Honest,
        /// Rules before the caller knows the dispute's number.
        RulesAtOnce,
        /// Gives every dispute the first one's number.
        RepeatsNumbers,
        /// Calls `target` with `payload` while it is asked.
        Calls
    }

    struct Case {
        IArbitrable arbitrable;
        uint256 choices;
        bytes extraData;
        uint256 paid;
        bool solved;
        uint256 ruling;
    }

    uint256 public price;
    Manner public manner;
    address public target;
    bytes public payload;
    bool public called;
    bytes public answer;

    Case[] public cases;

    error NotEnoughPaid(uint256 paid, uint256 cost);
    error NoAppeals();

    constructor(uint256 price_) {
        price = price_;
    }

    function setPrice(uint256 price_) external {
        price = price_;
    }

    function setManner(Manner manner_, address target_, bytes calldata payload_) external {
        manner = manner_;
        target = target_;
        payload = payload_;
    }

    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 disputeID) {
        if (msg.value < price) revert NotEnoughPaid(msg.value, price);
        disputeID = manner == Manner.RepeatsNumbers ? 0 : cases.length;
        IArbitrable arbitrable = IArbitrable(msg.sender);
        cases.push(Case(arbitrable, choices, extraData, msg.value, false, 0));
        emit DisputeCreation(disputeID, arbitrable);
        if (manner == Manner.RulesAtOnce) arbitrable.rule(disputeID, 1);
        if (manner == Manner.Calls) (called, answer) = target.call(payload);
    }

    /// @notice Pass a ruling on, whatever it is and however often.
    function giveRuling(uint256 disputeID, uint256 ruling) external {
        Case storage one = cases[disputeID];
        one.solved = true;
        one.ruling = ruling;
        one.arbitrable.rule(disputeID, ruling);
    }

    /// @notice Rule what this court was never asked.
    function ruleUnasked(IArbitrable arbitrable, uint256 disputeID, uint256 ruling) external {
        arbitrable.rule(disputeID, ruling);
    }

    function arbitrationCost(bytes calldata) external view returns (uint256) {
        return price;
    }

    function appeal(uint256, bytes calldata) external payable {
        revert NoAppeals();
    }

    function appealCost(uint256, bytes calldata) external pure returns (uint256) {
        return type(uint256).max;
    }

    function appealPeriod(uint256) external pure returns (uint256, uint256) {
        return (0, 0);
    }

    function disputeStatus(uint256 disputeID) external view returns (DisputeStatus) {
        return cases[disputeID].solved ? DisputeStatus.Solved : DisputeStatus.Waiting;
    }

    function currentRuling(uint256 disputeID) external view returns (uint256) {
        return cases[disputeID].ruling;
    }
}
