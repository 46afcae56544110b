// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";
import {Agreement} from "../Types.sol";
import {AgreementHash} from "./AgreementHash.sol";
import {Books} from "./Books.sol";
import {Signatures} from "./Signatures.sol";
import {TermsCheck} from "./TermsCheck.sol";
import {Vault} from "./Vault.sol";

/// @title How terms come into force
library Admission {
    /// @notice The id of new terms that cannot misfire and that both parties signed.
    function admit(
        Books storage books,
        bytes32 separator,
        Agreement calldata agreement,
        bytes calldata providerSignature,
        bytes calldata customerSignature
    ) internal view returns (bytes32 id) {
        id = MessageHashUtils.toTypedDataHash(
            separator,
            AgreementHash.hashAgreement(
                agreement.parties,
                agreement.service,
                agreement.stake,
                AgreementHash.hashFormation(agreement.formation),
                AgreementHash.hashObligations(agreement)
            )
        );
        if (books.accounts[id].state != ISLAEscrow.AccountState.Unknown) revert ISLAEscrow.AgreementExists(id);
        TermsCheck.check(agreement);
        Signatures.check(agreement.parties.provider, id, providerSignature);
        Signatures.check(agreement.parties.customer, id, customerSignature);
    }

    /// @notice The collateral the provider signed. What arrives counts.
    function pullCollateral(Agreement calldata agreement) internal returns (uint96) {
        return Vault.pull(agreement.stake.token, agreement.parties.provider, agreement.formation.collateral);
    }
}
