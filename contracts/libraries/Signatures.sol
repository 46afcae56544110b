// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";

/// @title What a party signed
library Signatures {
    /// @dev ECDSA first: an account with delegated code (EIP-7702) still signs with its key.
    function check(address party, bytes32 digest, bytes calldata signature) internal view {
        // slither-disable-next-line unused-return -- the rest is of no use here
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && signer == party) return;
        if (SignatureChecker.isValidERC1271SignatureNow(party, digest, signature)) return;
        revert ISLAEscrow.SignatureInvalid(party);
    }
}
