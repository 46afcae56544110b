// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";
import {Obligation, Terms} from "../Types.sol";
import {AgreementHash} from "./AgreementHash.sol";

/// @title Which agreement a call is about
library AgreementId {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    string internal constant NAME = "Makegood";
    string internal constant VERSION = "1";
    // Of the literals: only those are hashed by the compiler.
    bytes32 private constant NAME_HASH = keccak256("Makegood");
    bytes32 private constant VERSION_HASH = keccak256("1");

    /// @notice The escrow's EIP-712 domain: also in the libraries linked into it, whose code runs at its address.
    /// @dev Computed each time: as cheap as OpenZeppelin's cache with its checks, and one kilobyte smaller.
    function domainSeparator() internal view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    function idOf(bytes32 separator, Terms calldata terms, bytes32 obligationsHash) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(
            separator,
            AgreementHash.hashAgreement(terms.parties, terms.service, terms.stake, terms.formationHash, obligationsHash)
        );
    }

    /// @notice The id of terms of which `obligation` is the one at `index`.
    function idOf(
        bytes32 separator,
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        uint256 index
    ) internal pure returns (bytes32) {
        if (index >= obligationHashes.length) {
            revert ISLAEscrow.ObligationUnknown(index, obligationHashes.length);
        }
        bytes32 one = AgreementHash.hashObligation(obligation);
        return idOf(separator, terms, AgreementHash.hashWithOne(obligationHashes, index, one));
    }
}
