// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {EscrowBase} from "./EscrowBase.sol";
import {ISLAEscrow} from "./interfaces/ISLAEscrow.sol";
import {ClaimKey, Finding, Obligation, Terms} from "./Types.sol";

/// @title How a claim is contested
/// @notice A bond, an allegation, evidence, one ruling within bounds; on silence the report stands.
abstract contract Disputes is EscrowBase {
    using SafeCast for uint256;

    /// @inheritdoc ISLAEscrow
    function dispute(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata alleged
    ) external nonReentrant {
        bytes32 id = _openIdOf(terms, obligationHashes, obligation, key.obligation);
        bool byCustomer = msg.sender == terms.parties.customer;
        if (!byCustomer && msg.sender != terms.parties.provider) revert CallerInvalid(msg.sender);

        Claim storage stored = _claims[id][key.period][key.obligation];
        if (stored.status != ClaimStatus.Pending || block.timestamp >= stored.windowEnd) {
            revert NotDisputable(stored.status, block.timestamp, stored.windowEnd);
        }
        uint96 compensation = _compensation(terms.service, obligation, alleged);
        if (byCustomer ? compensation <= stored.pending : compensation >= stored.pending) {
            revert AllegationUseless(compensation, stored.pending);
        }

        stored.status = ClaimStatus.Disputed;
        // Nobody can enter while the bond moves; what arrives of it is what is at stake.
        uint96 bond = _pull(terms.stake.token, msg.sender, terms.stake.bond);
        uint40 rulingDeadline = (block.timestamp + terms.stake.ruleWithin).toUint40();
        _disputes[id][key.period][key.obligation] =
            Dispute({alleged: compensation, bond: bond, rulingDeadline: rulingDeadline, byCustomer: byCustomer});
        emit Disputed(
            id,
            key.period,
            key.obligation,
            msg.sender,
            alleged.attained,
            alleged.charge,
            compensation,
            bond,
            rulingDeadline
        );
    }

    /// @inheritdoc ISLAEscrow
    function submitEvidence(
        Terms calldata terms,
        bytes32 obligationsHash,
        ClaimKey calldata key,
        bytes32 contentHash,
        string calldata uri
    ) external {
        bytes32 id = _openId(terms, obligationsHash);
        if (msg.sender != terms.parties.customer && msg.sender != terms.parties.provider) {
            revert CallerInvalid(msg.sender);
        }
        _checkRulable(id, key);
        emit EvidenceSubmitted(id, key.period, key.obligation, msg.sender, contentHash, uri);
    }

    /// @inheritdoc ISLAEscrow
    function rule(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata ruling
    ) external nonReentrant {
        bytes32 id = _openIdOf(terms, obligationHashes, obligation, key.obligation);
        if (msg.sender != terms.parties.arbiter) revert CallerInvalid(msg.sender);
        _checkRulable(id, key);
        uint96 compensation = _compensation(terms.service, obligation, ruling);

        Claim storage stored = _claims[id][key.period][key.obligation];
        Dispute memory contest = _disputes[id][key.period][key.obligation];
        bool disputerWins = contest.byCustomer ? compensation > stored.pending : compensation < stored.pending;
        address winner = disputerWins == contest.byCustomer ? terms.parties.customer : terms.parties.provider;
        stored.pending = compensation;
        stored.status = ClaimStatus.Ruled;
        delete _disputes[id][key.period][key.obligation];
        emit Ruled(id, key.period, key.obligation, ruling.attained, ruling.charge, compensation, winner);

        uint256 fee = contest.bond < terms.stake.arbiterFee ? contest.bond : terms.stake.arbiterFee;
        _send(terms.stake.token, terms.parties.arbiter, fee);
        _send(terms.stake.token, winner, contest.bond - fee);
    }

    /// @inheritdoc ISLAEscrow
    function disputeOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Dispute memory) {
        return _disputes[id][period][obligation];
    }

    /// @dev Whether a claim can be settled now. At any time exactly one of dispute and settle is possible.
    function _isDue(bytes32 id, ClaimKey calldata key, Claim memory claimed) internal view returns (bool) {
        ClaimStatus status = claimed.status;
        if (status == ClaimStatus.Pending) return block.timestamp >= claimed.windowEnd;
        if (status == ClaimStatus.Disputed) {
            return block.timestamp >= _disputes[id][key.period][key.obligation].rulingDeadline;
        }
        return status == ClaimStatus.Ruled;
    }

    /// @dev The arbiter was silent.
    /// @return disputer Who has the bond back.
    /// @return bond How much.
    function _closeUnruled(bytes32 id, ClaimKey calldata key, Terms calldata terms)
        internal
        returns (address disputer, uint96 bond)
    {
        Dispute memory contest = _disputes[id][key.period][key.obligation];
        disputer = contest.byCustomer ? terms.parties.customer : terms.parties.provider;
        bond = contest.bond;
        delete _disputes[id][key.period][key.obligation];
        emit BondReturned(id, key.period, key.obligation, disputer, bond);
    }

    function _checkRulable(bytes32 id, ClaimKey calldata key) private view {
        ClaimStatus status = _claims[id][key.period][key.obligation].status;
        if (status != ClaimStatus.Disputed) revert NotDisputed(status);
        uint256 deadline = _disputes[id][key.period][key.obligation].rulingDeadline;
        if (block.timestamp >= deadline) revert RulingTooLate(block.timestamp, deadline);
    }
}
