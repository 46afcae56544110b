// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {Report} from "../Types.sol";
import {AgreementHash} from "./AgreementHash.sol";

/// @title The Merkle tree over a round's reports
/// @notice The tree of `@openzeppelin/merkle-tree`: complete, in an array, leaves from the end.
library ReportTree {
    /// @param reports In the order of the tree's leaves (by leaf hash), at least one.
    function rootOf(Report[] calldata reports) internal pure returns (bytes32) {
        uint256 size = 2 * reports.length - 1;
        bytes32[] memory tree = new bytes32[](size);
        for (uint256 i; i < reports.length; ++i) {
            tree[size - 1 - i] = AgreementHash.leaf(reports[i]);
        }
        for (uint256 i = reports.length - 1; i > 0; --i) {
            tree[i - 1] = Hashes.commutativeKeccak256(tree[2 * i - 1], tree[2 * i]);
        }
        return tree[0];
    }
}
