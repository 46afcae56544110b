// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";

/// @notice All that the escrow remembers. What belongs to a period is kept by the version that governs it, money
/// by the first version.
struct Books {
    mapping(bytes32 id => ISLAEscrow.Account) accounts;
    /// Sums of settled compensations, before the joint cap.
    mapping(bytes32 id => mapping(uint256 period => uint256 total)) settledTotals;
    mapping(bytes32 id => mapping(uint256 period => mapping(uint256 obligation => ISLAEscrow.Claim))) claims;
    mapping(bytes32 id => mapping(uint256 period => mapping(uint256 obligation => ISLAEscrow.Dispute))) disputes;
    mapping(address token => mapping(address account => uint256 amount)) withdrawable;
    /// The versions after the first, oldest first.
    mapping(bytes32 first => bytes32[] ids) amendments;
    /// Of amendments only.
    mapping(bytes32 id => bytes32 first) firsts;
    /// The latest claim deadline of the versions before the head.
    mapping(bytes32 first => uint256 time) claimableUntil;
    /// Whose escrow receives what `id` pays.
    mapping(bytes32 id => bytes32 first) downstreams;
}

/// @dev ERC-7201: keccak256(abi.encode(uint256(keccak256("makegood.books")) - 1)) & ~bytes32(uint256(0xff)).
bytes32 constant BOOKS_SLOT = 0xa4193050de6777e51717a09112faf611caadd7f29a4884cca4daa296bc70ab00;

/// @notice The one place where they are, for the escrow and for the libraries linked into it.
function theBooks() pure returns (Books storage books) {
    assembly ("memory-safe") {
        books.slot := BOOKS_SLOT
    }
}
