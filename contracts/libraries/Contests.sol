// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";
import {ClaimKey, Finding, NO_DATA, Obligation, Terms} from "../Types.sol";
import {AgreementId} from "./AgreementId.sol";
import {Books, theBooks} from "./Books.sol";
import {Judgement} from "./Judgement.sol";
import {Ledger} from "./Ledger.sol";
import {ScheduleMath} from "./ScheduleMath.sol";
import {Vault} from "./Vault.sol";

/// @title How a claim is contested
/// @notice A bond, an allegation, evidence, one ruling within bounds; on silence what was reported stands.
/// @dev Part of the escrow: linked into it at deployment, its functions take the arguments of the escrow's of the same
/// name. See docs/decisions/0015-one-escrow-in-linked-parts.md.
library Contests {
    using Ledger for Books;
    using SafeCast for uint256;

    /// @dev See `ISLAEscrow.dispute`.
    function dispute(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata alleged
    ) external {
        Books storage books = theBooks();
        bytes32 id = _idOf(books, terms, obligationHashes, obligation, key);
        ISLAEscrow.Disputer disputer = _partyOf(terms, msg.sender);
        ISLAEscrow.Claim memory claimed = books.claims[id][key.period][key.obligation];
        uint96 contested = claimed.pending;
        if (claimed.status == ISLAEscrow.ClaimStatus.None) {
            _beginWithoutReport(books, id, terms, key);
            // slither-disable-next-line unused-return -- a period without data cannot be outside the bounds
            (claimed.pending,) = Judgement.standing(terms.service, obligation, NO_DATA, alleged.charge);
        } else if (!_isContestable(books, id, key, claimed)) {
            revert ISLAEscrow.NotDisputable(claimed.status, block.timestamp, claimed.windowEnd);
        }
        uint96 compensation = Judgement.compensation(terms.service, obligation, alleged);
        bool helps = disputer == ISLAEscrow.Disputer.Customer ? compensation > contested : compensation < contested;
        if (!helps) revert ISLAEscrow.AllegationUseless(compensation, contested);

        claimed.status = ISLAEscrow.ClaimStatus.Disputed;
        books.claims[id][key.period][key.obligation] = claimed;
        // Nobody can enter while the bond moves; what arrives of it is what is at stake.
        uint96 bond = Vault.pull(terms.stake.token, msg.sender, terms.stake.bond);
        uint40 rulingDeadline = (block.timestamp + terms.stake.ruleWithin).toUint40();
        books.disputes[id][key.period][key.obligation] =
            ISLAEscrow.Dispute(contested, compensation, rulingDeadline, disputer, bond);
        emit ISLAEscrow.Disputed(
            id,
            key.period,
            key.obligation,
            msg.sender,
            alleged.attained,
            alleged.charge,
            compensation,
            claimed.pending,
            bond,
            rulingDeadline
        );
    }

    /// @dev See `ISLAEscrow.concede`.
    function concede(Terms calldata terms, bytes32 obligationsHash, ClaimKey calldata key, uint96 alleged) external {
        Books storage books = theBooks();
        bytes32 id = _idOf(books, terms, obligationsHash);
        ISLAEscrow.Dispute memory contest = _contestOf(books, id, key);
        address disputer = _addressOf(terms, contest.disputer);
        if (disputer == address(0) || msg.sender == disputer) revert ISLAEscrow.CallerInvalid(msg.sender);
        _partyOf(terms, msg.sender);
        if (alleged != contest.alleged) revert ISLAEscrow.AllegationDiffers(alleged, contest.alleged);

        _close(books, id, key, alleged);
        emit ISLAEscrow.Conceded(id, key.period, key.obligation, alleged, disputer, contest.bond);
        Vault.payOut(books, terms.stake.token, disputer, contest.bond);
    }

    /// @dev See `ISLAEscrow.submitEvidence`.
    function submitEvidence(
        Terms calldata terms,
        bytes32 obligationsHash,
        ClaimKey calldata key,
        bytes32 contentHash,
        string calldata uri
    ) external {
        Books storage books = theBooks();
        bytes32 id = _idOf(books, terms, obligationsHash);
        _partyOf(terms, msg.sender);
        _contestOf(books, id, key);
        emit ISLAEscrow.EvidenceSubmitted(id, key.period, key.obligation, msg.sender, contentHash, uri);
    }

    /// @dev See `ISLAEscrow.rule`.
    function rule(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata ruling
    ) external {
        Books storage books = theBooks();
        bytes32 id = _idOf(books, terms, obligationHashes, obligation, key);
        if (msg.sender != terms.parties.arbiter) revert ISLAEscrow.CallerInvalid(msg.sender);
        ISLAEscrow.Dispute memory contest = _contestOf(books, id, key);
        uint96 compensation = Judgement.compensation(terms.service, obligation, ruling);
        address winner = _winnerOf(terms, contest, compensation);

        _close(books, id, key, compensation);
        emit ISLAEscrow.Ruled(id, key.period, key.obligation, ruling.attained, ruling.charge, compensation, winner);
        uint256 fee = contest.bond < terms.stake.arbiterFee ? contest.bond : terms.stake.arbiterFee;
        Vault.payOut(books, terms.stake.token, terms.parties.arbiter, fee);
        Vault.payOut(books, terms.stake.token, winner, contest.bond - fee);
    }

    function _idOf(Books storage books, Terms calldata terms, bytes32 obligationsHash)
        private
        view
        returns (bytes32 id)
    {
        id = AgreementId.idOf(AgreementId.domainSeparator(), terms, obligationsHash);
        books.requireKnown(id);
    }

    function _idOf(
        Books storage books,
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key
    ) private view returns (bytes32 id) {
        id = AgreementId.idOf(AgreementId.domainSeparator(), terms, obligationHashes, obligation, key.obligation);
        books.requireKnown(id);
    }

    /// @dev The report is overdue, and it is not too late to claim.
    function _beginWithoutReport(Books storage books, bytes32 id, Terms calldata terms, ClaimKey calldata key) private {
        // slither-disable-next-line unused-return -- the rest is of no use here
        (bytes32 first,, uint256 count) = books.accountOf(id);
        if (key.period >= count) revert ISLAEscrow.PeriodUnknown(key.period, count);
        uint256 end = ScheduleMath.endOf(terms.service, key.period);
        uint256 overdue = end + terms.stake.reportWithin;
        if (block.timestamp < overdue) revert ISLAEscrow.NotOverdue(block.timestamp, overdue);
        uint256 deadline = end + terms.stake.claimWithin;
        if (block.timestamp >= deadline) revert ISLAEscrow.ClaimTooLate(block.timestamp, deadline);
        ++books.accounts[first].openClaims;
    }

    /// @dev Whether there is a claim whose window is open, or a case that waits for its ruling.
    function _isContestable(Books storage books, bytes32 id, ClaimKey calldata key, ISLAEscrow.Claim memory claimed)
        private
        view
        returns (bool)
    {
        // While nobody has disputed it, the window of a case is the time for its ruling.
        if (block.timestamp >= claimed.windowEnd) return false;
        if (claimed.status == ISLAEscrow.ClaimStatus.Pending) return true;
        return claimed.status == ISLAEscrow.ClaimStatus.Disputed
            && books.disputes[id][key.period][key.obligation].disputer == ISLAEscrow.Disputer.Nobody;
    }

    /// @dev What may still be ruled or conceded.
    function _contestOf(Books storage books, bytes32 id, ClaimKey calldata key)
        private
        view
        returns (ISLAEscrow.Dispute memory contest)
    {
        ISLAEscrow.ClaimStatus status = books.claims[id][key.period][key.obligation].status;
        if (status != ISLAEscrow.ClaimStatus.Disputed) revert ISLAEscrow.NotDisputed(status);
        contest = books.disputes[id][key.period][key.obligation];
        if (block.timestamp >= contest.rulingDeadline) {
            revert ISLAEscrow.RulingTooLate(block.timestamp, contest.rulingDeadline);
        }
    }

    function _close(Books storage books, bytes32 id, ClaimKey calldata key, uint96 compensation) private {
        ISLAEscrow.Claim storage claimed = books.claims[id][key.period][key.obligation];
        claimed.pending = compensation;
        claimed.status = ISLAEscrow.ClaimStatus.Ruled;
        delete books.disputes[id][key.period][key.obligation];
    }

    /// @dev The disputer, if the ruling moved the pay in the disputer's favour, else the opponent; nobody in a case.
    function _winnerOf(Terms calldata terms, ISLAEscrow.Dispute memory contest, uint96 compensation)
        private
        pure
        returns (address)
    {
        if (contest.disputer == ISLAEscrow.Disputer.Nobody) return address(0);
        bool customerWins = contest.disputer == ISLAEscrow.Disputer.Customer
            ? compensation > contest.contested
            : compensation >= contest.contested;
        return customerWins ? terms.parties.customer : terms.parties.provider;
    }

    function _partyOf(Terms calldata terms, address account) private pure returns (ISLAEscrow.Disputer) {
        if (account == terms.parties.customer) return ISLAEscrow.Disputer.Customer;
        if (account == terms.parties.provider) return ISLAEscrow.Disputer.Provider;
        revert ISLAEscrow.CallerInvalid(account);
    }

    function _addressOf(Terms calldata terms, ISLAEscrow.Disputer disputer) private pure returns (address) {
        if (disputer == ISLAEscrow.Disputer.Nobody) return address(0);
        return disputer == ISLAEscrow.Disputer.Customer ? terms.parties.customer : terms.parties.provider;
    }
}
