// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @notice What the prover lets a proof do beyond the EVM.
interface Cheats {
    function assume(bool condition) external pure;
    function warp(uint256 time) external;
    function prank(address sender) external;
}

Cheats constant CHEATS = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
