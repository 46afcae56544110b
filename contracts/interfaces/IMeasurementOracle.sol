// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title All that the escrow knows of a committee
interface IMeasurementOracle {
    /// @notice When the Merkle root `root` was attested, in seconds UTC; 0 if it was not.
    function attestedAt(bytes32 root) external view returns (uint256);
}
