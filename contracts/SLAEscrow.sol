// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Disputes} from "./Disputes.sol";
import {IMeasurementOracle} from "./interfaces/IMeasurementOracle.sol";
import {ISLAEscrow} from "./interfaces/ISLAEscrow.sol";
import {AgreementHash} from "./libraries/AgreementHash.sol";
import {ScheduleMath} from "./libraries/ScheduleMath.sol";
import {TermsCheck} from "./libraries/TermsCheck.sol";
import {Agreement, ClaimKey, Finding, Obligation, Report, Terms} from "./Types.sol";

/// @title SLAEscrow
/// @notice One contract for all agreements. Immutable: no owner, no proxy, no pause, no upgrade.
contract SLAEscrow is Disputes {
    using SafeCast for uint256;
    using SafeCast for int256;

    constructor() EIP712("Makegood", "1") {
        emit EscrowDeployed(block.chainid);
    }

    /// @inheritdoc ISLAEscrow
    function open(Agreement calldata agreement, bytes calldata providerSignature, bytes calldata customerSignature)
        external
        nonReentrant
        returns (bytes32 id)
    {
        id = _hashTypedDataV4(
            AgreementHash.hashAgreement(
                agreement.parties,
                agreement.service,
                agreement.stake,
                AgreementHash.hashFormation(agreement.formation),
                AgreementHash.hashObligations(agreement)
            )
        );
        if (_accounts[id].state != AccountState.Unknown) revert AgreementExists(id);
        TermsCheck.check(agreement);
        _checkSupported(agreement);
        _checkSignature(agreement.parties.provider, id, providerSignature);
        _checkSignature(agreement.parties.customer, id, customerSignature);

        // Nobody can enter while the collateral moves; the account is written once, with what arrived.
        uint96 collateral = _pull(agreement.stake.token, agreement.parties.provider, agreement.formation.collateral);
        _accounts[id] = Account({
            collateral: collateral, due: 0, openClaims: 0, count: agreement.service.count, state: AccountState.Open
        });
        emit AgreementOpened(id, agreement.parties.provider, agreement.parties.customer, collateral, msg.data[4:]);
    }

    /// @inheritdoc ISLAEscrow
    function deposit(Terms calldata terms, bytes32 obligationsHash, uint256 amount) external nonReentrant {
        bytes32 id = _openId(terms, obligationsHash);
        uint96 arrived = _pull(terms.stake.token, msg.sender, amount);
        Account memory account = _accounts[id];
        account.collateral += arrived;
        emit Deposited(id, msg.sender, arrived);
        _payDue(id, account, terms.stake.token, terms.parties.customer);
    }

    /// @inheritdoc ISLAEscrow
    function claim(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        uint16 revision,
        Finding calldata found,
        bytes32[] calldata proof
    ) external nonReentrant {
        bytes32 id = _openIdOf(terms, obligationHashes, obligation, key.obligation);
        Account memory account = _accounts[id];
        if (key.period >= account.count) revert PeriodUnknown(key.period, account.count);
        bytes32 leaf =
            AgreementHash.leaf(Report(id, key.period, key.obligation, revision, found.attained, found.charge));
        bytes32 root = MerkleProof.processProofCalldata(proof, leaf);
        _checkTimes(terms, key.period, root);

        Claim memory claimed = _claims[id][key.period][key.obligation];
        if (claimed.status != ClaimStatus.None) revert AlreadyClaimed(claimed.revision);
        uint96 compensation = _compensation(terms.service, obligation, found);
        if (compensation == 0) revert NothingOwed(found.attained);
        claimed.pending = compensation;
        claimed.windowEnd = (block.timestamp + terms.stake.disputeWindow).toUint40();
        claimed.revision = revision;
        claimed.status = ClaimStatus.Pending;
        emit Claimed(
            id,
            key.period,
            key.obligation,
            revision,
            found.attained,
            found.charge,
            compensation,
            claimed.windowEnd,
            root
        );

        if (terms.stake.disputeWindow == 0) {
            account.due = (account.due + _finalise(id, key, claimed, terms.service.periodCap)).toInt104();
            _payDue(id, account, terms.stake.token, terms.parties.customer);
        } else {
            _claims[id][key.period][key.obligation] = claimed;
            ++account.openClaims;
            _accounts[id] = account;
        }
    }

    /// @inheritdoc ISLAEscrow
    function settle(Terms calldata terms, bytes32 obligationsHash, ClaimKey[] calldata keys) external nonReentrant {
        bytes32 id = _openId(terms, obligationsHash);
        Account memory account = _accounts[id];
        uint256 bondsOfProvider;
        uint256 bondsOfCustomer;
        int256 change;
        for (uint256 i; i < keys.length; ++i) {
            ClaimKey calldata key = keys[i];
            Claim memory claimed = _claims[id][key.period][key.obligation];
            if (!_isDue(id, key, claimed)) continue;
            if (claimed.status == ClaimStatus.Disputed) {
                (address disputer, uint96 bond) = _closeUnruled(id, key, terms);
                if (disputer == terms.parties.customer) bondsOfCustomer += bond;
                else bondsOfProvider += bond;
            }
            change += _finalise(id, key, claimed, terms.service.periodCap);
            --account.openClaims;
        }
        account.due = (account.due + change).toInt104();
        _payDue(id, account, terms.stake.token, terms.parties.customer);
        _send(terms.stake.token, terms.parties.provider, bondsOfProvider);
        _send(terms.stake.token, terms.parties.customer, bondsOfCustomer);
    }

    /// @inheritdoc ISLAEscrow
    function release(Terms calldata terms, bytes32 obligationsHash) external nonReentrant {
        bytes32 id = _openId(terms, obligationsHash);
        Account storage account = _accounts[id];
        uint256 deadline = ScheduleMath.lastClaimDeadline(terms.service, terms.stake, account.count);
        if (block.timestamp < deadline || account.openClaims != 0) {
            revert NotReleasable(block.timestamp, deadline, account.openClaims);
        }
        uint96 amount = account.collateral;
        account.collateral = 0;
        emit Released(id, terms.parties.provider, amount);
        _send(terms.stake.token, terms.parties.provider, amount);
    }

    /// @inheritdoc ISLAEscrow
    function withdraw(address token, address account, address to) external nonReentrant {
        if (to != account && msg.sender != account) revert CallerInvalid(msg.sender);
        uint256 amount = withdrawable[token][account];
        if (amount == 0) revert NothingToWithdraw(token, account);
        withdrawable[token][account] = 0;
        emit Withdrawn(token, account, to, amount);
        if (!_trySend(token, to, amount)) revert TransferFailed(token, to, amount);
    }

    /// @inheritdoc ISLAEscrow
    function accountOf(bytes32 id) external view returns (Account memory) {
        return _accounts[id];
    }

    /// @inheritdoc ISLAEscrow
    function claimOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Claim memory) {
        return _claims[id][period][obligation];
    }

    /// @inheritdoc ISLAEscrow
    function settledTotalOf(bytes32 id, uint32 period) external view returns (uint256) {
        return _settledTotals[id][period];
    }

    /// @dev The root was attested after the period's end, and is brought before the claim deadline.
    function _checkTimes(Terms calldata terms, uint256 period, bytes32 root) private view {
        uint256 end = ScheduleMath.endOf(terms.service, period);
        uint256 deadline = end + terms.stake.claimWithin;
        if (block.timestamp >= deadline) revert ClaimTooLate(block.timestamp, deadline);
        uint256 attestedAt = IMeasurementOracle(terms.service.committee).attestedAt(root);
        if (attestedAt == 0) revert RootNotAttested(root);
        if (attestedAt < end) revert RootTooEarly(attestedAt, end);
    }

    /// @dev ECDSA first: an account with delegated code (EIP-7702) still signs with its key.
    function _checkSignature(address party, bytes32 digest, bytes calldata signature) private view {
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && signer == party) return;
        if (SignatureChecker.isValidERC1271SignatureNow(party, digest, signature)) return;
        revert SignatureInvalid(party);
    }

    /// @dev Parts of the terms whose operations this version lacks; signing them would promise what cannot be done.
    function _checkSupported(Agreement calldata agreement) private pure {
        if (agreement.formation.predecessor != 0) revert FieldUnsupported("predecessor");
        if (agreement.stake.downstream != 0) revert FieldUnsupported("downstream");
        if (agreement.formation.exitBreaches != 0) revert FieldUnsupported("exitBreaches");
    }
}
