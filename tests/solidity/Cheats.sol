// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @notice What forge and Hardhat let a test do beyond the EVM, as far as tests here need it.
interface Cheats {
    function assume(bool condition) external pure;
    function warp(uint256 time) external;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
}

Cheats constant CHEATS = Cheats(address(uint160(uint256(keccak256("hevm cheat code")))));
