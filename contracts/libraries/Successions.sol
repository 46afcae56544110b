// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";
import {Agreement, ClaimKey, Formation, Service, Terms} from "../Types.sol";
import {Admission} from "./Admission.sol";
import {AgreementHash} from "./AgreementHash.sol";
import {AgreementId} from "./AgreementId.sol";
import {Books, theBooks} from "./Books.sol";
import {Ledger} from "./Ledger.sol";
import {ScheduleMath} from "./ScheduleMath.sol";
import {Signatures} from "./Signatures.sol";
import {Slots} from "./Slots.sol";

/// @title How an agreement is succeeded, ended or left
/// @notice Amendment, termination and exit are one operation: the head is cut to a count of periods, the first of those
/// dropped not having begun.
/// @dev Part of the escrow: linked into it at deployment, its functions take the arguments of the escrow's of the same
/// name. See docs/decisions/0015-one-escrow-in-linked-parts.md.
library Successions {
    using Admission for Books;
    using Ledger for Books;
    using SafeCast for uint256;

    bytes32 private constant TERMINATION_TYPEHASH =
        keccak256("Termination(bytes32 agreement,uint24 count,uint40 validBy)");

    /// @dev With at most this many versions, no sum of what they can pay leaves `int104`.
    uint256 private constant MAX_VERSIONS = 127;

    /// @dev See `ISLAEscrow.amend`.
    function amend(
        Agreement calldata agreement,
        bytes calldata providerSignature,
        bytes calldata customerSignature,
        Terms calldata predecessor,
        bytes32 predecessorObligationsHash,
        uint24 count
    ) external returns (bytes32 id) {
        Books storage books = theBooks();
        bytes32 separator = AgreementId.domainSeparator();
        bytes32 before = AgreementId.idOf(separator, predecessor, predecessorObligationsHash);
        if (before != agreement.formation.predecessor) {
            revert ISLAEscrow.PredecessorMismatch(before, agreement.formation.predecessor);
        }
        id = books.admit(separator, agreement, providerSignature, customerSignature);
        bytes32 first = _cut(books, before, predecessor.service, count, true);
        _checkSame(agreement, predecessor);
        uint256 boundary = ScheduleMath.boundary(predecessor.service, count);
        if (agreement.service.start != boundary) {
            revert ISLAEscrow.StartMismatch(agreement.service.start, boundary);
        }
        _append(books, first, id, agreement.service.count);
        uint256 deadline = ScheduleMath.lastClaimDeadline(predecessor.service, predecessor.stake, count);
        if (deadline > books.claimableUntil[first]) books.claimableUntil[first] = deadline;

        // Nobody can enter while the collateral moves.
        uint96 collateral = Admission.pullCollateral(agreement);
        emit ISLAEscrow.AgreementAmended(first, before, id, count, collateral, msg.data[4:]);
        ISLAEscrow.Account memory account = books.accounts[first];
        account.collateral = (uint256(account.collateral) + collateral).toUint96();
        books.payDue(before, first, account, predecessor);
    }

    /// @dev See `ISLAEscrow.terminate`.
    function terminate(
        Terms calldata terms,
        bytes32 obligationsHash,
        uint24 count,
        uint40 validBy,
        bytes calldata providerSignature,
        bytes calldata customerSignature
    ) external {
        Books storage books = theBooks();
        bytes32 separator = AgreementId.domainSeparator();
        bytes32 id = AgreementId.idOf(separator, terms, obligationsHash);
        if (block.timestamp >= validBy) revert ISLAEscrow.ValidityOver(validBy, block.timestamp);
        _cut(books, id, terms.service, count, false);
        bytes32 digest = MessageHashUtils.toTypedDataHash(
            separator, keccak256(abi.encode(TERMINATION_TYPEHASH, id, count, validBy))
        );
        Signatures.check(terms.parties.provider, digest, providerSignature);
        Signatures.check(terms.parties.customer, digest, customerSignature);
        emit ISLAEscrow.AgreementTerminated(id, count, msg.data[4:]);
    }

    /// @dev See `ISLAEscrow.exit`.
    function exit(
        Terms calldata terms,
        bytes32 obligationsHash,
        Formation calldata formation,
        uint24 count,
        ClaimKey[] calldata breaches
    ) external {
        Books storage books = theBooks();
        bytes32 id = AgreementId.idOf(AgreementId.domainSeparator(), terms, obligationsHash);
        if (msg.sender != terms.parties.customer) revert ISLAEscrow.CallerInvalid(msg.sender);
        bytes32 formationHash = AgreementHash.hashFormation(formation);
        if (formationHash != terms.formationHash) {
            revert ISLAEscrow.FormationMismatch(formationHash, terms.formationHash);
        }
        _cut(books, id, terms.service, count, false);
        if (count != 0) {
            uint256 before = ScheduleMath.boundary(terms.service, count - 1);
            if (block.timestamp < before) revert ISLAEscrow.PeriodNotNext(before, block.timestamp);
        }
        _checkBreaches(books, id, formation, breaches);
        emit ISLAEscrow.AgreementExited(id, count, breaches);
    }

    /// @dev See `ISLAEscrow.link`.
    function link(
        Terms calldata terms,
        bytes32 obligationsHash,
        Terms calldata downstream,
        bytes32 downstreamObligationsHash
    ) external {
        Books storage books = theBooks();
        bytes32 separator = AgreementId.domainSeparator();
        bytes32 id = AgreementId.idOf(separator, terms, obligationsHash);
        bytes32 downstreamId = AgreementId.idOf(separator, downstream, downstreamObligationsHash);
        books.requireKnown(id);
        if (downstreamId != terms.stake.downstream) {
            revert ISLAEscrow.NotDownstream(downstreamId, terms.stake.downstream);
        }
        // slither-disable-next-line unused-return -- the rest is of no use here
        (bytes32 first,,) = books.accountOf(downstreamId);
        if (downstream.stake.token != terms.stake.token) revert ISLAEscrow.PartyChanged("token");
        if (downstream.parties.provider != terms.parties.customer) revert ISLAEscrow.PartyChanged("provider");
        books.downstreams[id] = first;
        emit ISLAEscrow.DownstreamLinked(id, first);
    }

    /// @dev Provider, customer and token stay.
    function _checkSame(Agreement calldata agreement, Terms calldata predecessor) private pure {
        if (agreement.parties.provider != predecessor.parties.provider) revert ISLAEscrow.PartyChanged("provider");
        if (agreement.parties.customer != predecessor.parties.customer) revert ISLAEscrow.PartyChanged("customer");
        if (agreement.stake.token != predecessor.stake.token) revert ISLAEscrow.PartyChanged("token");
    }

    function _append(Books storage books, bytes32 first, bytes32 id, uint24 count) private {
        bytes32[] storage amendments = books.amendments[first];
        if (amendments.length + 1 == MAX_VERSIONS) {
            revert ISLAEscrow.VersionsOutOfRange(MAX_VERSIONS + 1, MAX_VERSIONS);
        }
        amendments.push(id);
        books.firsts[id] = first;
        Slots.write(books.accounts[id], ISLAEscrow.Account(0, 0, 0, count, ISLAEscrow.AccountState.Version));
    }

    /// @dev Let the head end after `count` periods. The collateral is still there: it is released after the last one.
    /// @param mayEqual Whether that may be all it has.
    function _cut(Books storage books, bytes32 id, Service calldata service, uint24 count, bool mayEqual)
        private
        returns (bytes32 first)
    {
        uint256 current;
        // slither-disable-next-line unused-return -- the rest is of no use here
        (first,, current) = books.accountOf(id);
        bytes32 head = books.headOf(first);
        if (head != id) revert ISLAEscrow.NotHead(id, head);
        if (count > current || (count == current && !mayEqual)) revert ISLAEscrow.NothingToCut(count, current);
        uint256 boundary = ScheduleMath.boundary(service, count);
        if (block.timestamp >= boundary) revert ISLAEscrow.PeriodBegun(boundary, block.timestamp);
        books.accounts[id].count = count;
    }

    /// @dev Each breach named is paid and can only be moved by a correction; the periods are distinct and close.
    function _checkBreaches(Books storage books, bytes32 id, Formation calldata formation, ClaimKey[] calldata breaches)
        private
        view
    {
        uint256 needed = formation.exitBreaches;
        if (needed == 0) revert ISLAEscrow.ExitRuleMissing();
        if (breaches.length < needed) revert ISLAEscrow.BreachesTooFew(breaches.length, needed);
        // slither-disable-next-line uninitialized-local -- read from the second breach on
        uint256 before;
        for (uint256 i; i < breaches.length; ++i) {
            ClaimKey calldata key = breaches[i];
            if (i != 0 && key.period <= before) revert ISLAEscrow.BreachesNotAscending(key.period, before);
            before = key.period;
            ISLAEscrow.Claim memory claimed = books.claims[id][key.period][key.obligation];
            bool isFinal =
                claimed.status == ISLAEscrow.ClaimStatus.Settled || claimed.status == ISLAEscrow.ClaimStatus.Final;
            if (!isFinal || claimed.settled == 0) {
                revert ISLAEscrow.BreachNotFinal(key.period, key.obligation, claimed.status);
            }
        }
        uint256 first = breaches[0].period;
        if (before - first >= formation.exitPeriods) {
            revert ISLAEscrow.BreachesTooFarApart(first, before, formation.exitPeriods);
        }
    }
}
