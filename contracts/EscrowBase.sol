// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ISLAEscrow} from "./interfaces/ISLAEscrow.sol";
import {AgreementHash} from "./libraries/AgreementHash.sol";
import {CreditMath} from "./libraries/CreditMath.sol";
import {ClaimKey, Finding, Obligation, Service, Terms} from "./Types.sol";

/// @title Accounts, and how tokens enter and leave
abstract contract EscrowBase is ISLAEscrow, EIP712, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev What a token's `transfer` may use. A caller who brings too little gas for it is refused, so that nobody
    /// can make a good transfer fail; a token that wants more is treated as failing.
    uint256 private constant TRANSFER_GAS = 300_000;

    /// @dev Room for the call itself, for what the token returns, and for the event after it.
    uint256 private constant TRANSFER_RESERVE = 60_000;

    mapping(bytes32 id => Account) internal _accounts;
    mapping(bytes32 id => mapping(uint256 period => uint256 total)) internal _settledTotals;
    mapping(bytes32 id => mapping(uint256 period => mapping(uint256 obligation => Claim))) internal _claims;
    mapping(bytes32 id => mapping(uint256 period => mapping(uint256 obligation => Dispute))) internal _disputes;

    /// @inheritdoc ISLAEscrow
    mapping(address token => mapping(address account => uint256 amount)) public withdrawable;

    // Who is meant

    /// @dev The id of terms that are open; reverts otherwise.
    function _openId(Terms calldata terms, bytes32 obligationsHash) internal view returns (bytes32 id) {
        id = _hashTypedDataV4(
            AgreementHash.hashAgreement(terms.parties, terms.service, terms.stake, terms.formationHash, obligationsHash)
        );
        if (_accounts[id].state != AccountState.Open) revert AgreementUnknown(id);
    }

    /// @dev The id of open terms of which `obligation` is the one at `index`; reverts otherwise.
    function _openIdOf(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        uint256 index
    ) internal view returns (bytes32) {
        if (index >= obligationHashes.length) {
            revert ObligationUnknown(index, obligationHashes.length);
        }
        bytes32 one = AgreementHash.hashObligation(obligation);
        return _openId(terms, AgreementHash.hashWithOne(obligationHashes, index, one));
    }

    // What is owed

    /// @dev Fixed charges are what was signed; metered ones are at most that.
    function _checkCharge(Service calldata service, uint96 charge) internal pure {
        if (service.chargeMax == 0) {
            if (charge != service.charge) revert ChargeMismatch(charge, service.charge);
        } else if (charge > service.chargeMax) {
            revert ChargeMismatch(charge, service.chargeMax);
        }
    }

    /// @dev The compensation of a finding that may pay by itself.
    function _compensation(Service calldata service, Obligation calldata obligation, Finding calldata found)
        internal
        pure
        returns (uint96)
    {
        uint64 attained = found.attained;
        uint96 charge = found.charge;
        _checkCharge(service, charge);
        if (attained < obligation.saneMin || attained > obligation.saneMax) {
            revert OutsideSaneBounds(attained, obligation.saneMin, obligation.saneMax);
        }
        // The terms were refused if the worst sane attainment pays more than fits.
        return CreditMath.compensation(obligation, attained, charge).toUint96();
    }

    /// @dev Make the pending compensation final; only the change of the period's entitlement counts, so the money
    /// does not depend on the order of claims.
    /// @return change Of what the account owes.
    function _finalise(bytes32 id, ClaimKey memory key, Claim memory claimed, uint256 periodCap)
        internal
        returns (int256 change)
    {
        uint256 before = _settledTotals[id][key.period];
        uint256 total = before - claimed.settled + claimed.pending;
        _settledTotals[id][key.period] = total;
        change = int256(CreditMath.entitlement(periodCap, total)) - int256(CreditMath.entitlement(periodCap, before));
        emit Settled(id, key.period, key.obligation, claimed.pending, change);
        claimed.settled = claimed.pending;
        claimed.pending = 0;
        claimed.status = ClaimStatus.Settled;
        _claims[id][key.period][key.obligation] = claimed;
    }

    /// @dev Pay what the account owes, as far as its collateral goes; the rest stays as arrears.
    function _payDue(bytes32 id, Account memory account, address token, address customer) internal {
        uint96 amount;
        if (account.due > 0) {
            uint256 owed = uint104(account.due);
            amount = owed < account.collateral ? uint96(owed) : account.collateral;
            account.due -= int104(uint104(amount));
            account.collateral -= amount;
        }
        _accounts[id] = account;
        if (amount == 0) return;
        emit Compensated(id, customer, amount);
        _send(token, customer, amount);
    }

    // How tokens move

    /// @dev What arrives counts, whatever the token does on the way.
    function _pull(address token, address from, uint256 amount) internal returns (uint96 arrived) {
        if (amount == 0) return 0;
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(from, address(this), amount);
        return (IERC20(token).balanceOf(address(this)) - before).toUint96();
    }

    /// @dev A transfer that fails leaves the amount to `withdraw`; it harms nobody else.
    function _send(address token, address to, uint256 amount) internal {
        if (amount == 0 || _trySend(token, to, amount)) return;
        withdrawable[token][to] += amount;
        emit TransferWithheld(token, to, amount);
    }

    function _trySend(address token, address to, uint256 amount) internal returns (bool) {
        uint256 needed = TRANSFER_GAS * 64 / 63 + TRANSFER_RESERVE;
        if (gasleft() < needed) revert GasTooLow(gasleft(), needed);
        bytes memory transfer = abi.encodeCall(IERC20.transfer, (to, amount));
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory result) = token.call{gas: TRANSFER_GAS}(transfer);
        if (!success) return false;
        if (result.length == 0) return token.code.length != 0;
        return result.length >= 32 && bytes32(result) == bytes32(uint256(1));
    }
}
