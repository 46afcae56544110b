// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IMeasurementOracle} from "./interfaces/IMeasurementOracle.sol";
import {ISLAEscrow} from "./interfaces/ISLAEscrow.sol";
import {Admission} from "./libraries/Admission.sol";
import {AgreementHash} from "./libraries/AgreementHash.sol";
import {AgreementId} from "./libraries/AgreementId.sol";
import {Books, theBooks} from "./libraries/Books.sol";
import {Contests} from "./libraries/Contests.sol";
import {Holdings} from "./libraries/Holdings.sol";
import {Judgement} from "./libraries/Judgement.sol";
import {Ledger} from "./libraries/Ledger.sol";
import {ScheduleMath} from "./libraries/ScheduleMath.sol";
import {Slots} from "./libraries/Slots.sol";
import {Successions} from "./libraries/Successions.sol";
import {Vault} from "./libraries/Vault.sol";
import {Agreement, ClaimKey, Finding, Formation, Obligation, Terms} from "./Types.sol";

/// @title SLAEscrow
/// @notice One contract for all agreements. Immutable: no owner, no proxy, no pause, no upgrade.
contract SLAEscrow is ISLAEscrow, IERC5267, Multicall, ReentrancyGuardTransient {
    using Admission for Books;
    using Ledger for Books;
    using SafeCast for uint256;
    using Vault for Books;

    constructor() {
        emit EscrowDeployed(block.chainid);
    }

    // The life of an agreement

    /// @inheritdoc ISLAEscrow
    function open(Agreement calldata agreement, bytes calldata providerSignature, bytes calldata customerSignature)
        external
        nonReentrant
        returns (bytes32 id)
    {
        bytes32 predecessor = agreement.formation.predecessor;
        if (predecessor != 0) revert PredecessorMismatch(0, predecessor);
        Books storage books = theBooks();
        id = books.admit(AgreementId.domainSeparator(), agreement, providerSignature, customerSignature);
        // Nobody can enter while the collateral moves; the account is written once, with what arrived.
        uint96 collateral = Admission.pullCollateral(agreement);
        Slots.write(
            books.accounts[id],
            Account({
                collateral: collateral, due: 0, openClaims: 0, count: agreement.service.count, state: AccountState.Open
            })
        );
        emit AgreementOpened(id, agreement.parties.provider, agreement.parties.customer, collateral, msg.data[4:]);
    }

    /// @inheritdoc ISLAEscrow
    function amend(Agreement calldata, bytes calldata, bytes calldata, Terms calldata, bytes32, uint24)
        external
        returns (bytes32)
    {
        return abi.decode(_continue(address(Successions), Successions.amend.selector), (bytes32));
    }

    /// @inheritdoc ISLAEscrow
    function terminate(Terms calldata, bytes32, uint24, uint40, bytes calldata, bytes calldata) external {
        _continue(address(Successions), Successions.terminate.selector);
    }

    /// @inheritdoc ISLAEscrow
    function exit(Terms calldata, bytes32, Formation calldata, uint24, ClaimKey[] calldata) external {
        _continue(address(Successions), Successions.exit.selector);
    }

    /// @inheritdoc ISLAEscrow
    function link(Terms calldata, bytes32, Terms calldata, bytes32) external {
        _continue(address(Successions), Successions.link.selector);
    }

    /// @inheritdoc ISLAEscrow
    function deposit(Terms calldata, bytes32, uint256) external {
        _continue(address(Holdings), Holdings.deposit.selector);
    }

    // Claims

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
        Books storage books = theBooks();
        bytes32 id =
            AgreementId.idOf(AgreementId.domainSeparator(), terms, obligationHashes, obligation, key.obligation);
        (bytes32 first, Account memory account, uint256 count) = books.accountOf(id);
        if (key.period >= count) revert PeriodUnknown(key.period, count);
        Claim memory claimed = books.claims[id][key.period][key.obligation];
        uint256 end = ScheduleMath.endOf(terms.service, key.period);
        uint40 rulingDeadline = _checkClaimable(id, key, claimed, end + terms.stake.claimWithin);
        bytes32 root = MerkleProof.processProofCalldata(
            proof, AgreementHash.leaf(id, key.period, key.obligation, revision, found.attained, found.charge)
        );
        _checkRoot(terms.service.committee, root, end);
        if (claimed.windowEnd != 0 && revision <= claimed.revision) {
            revert RevisionNotHigher(revision, claimed.revision);
        }

        if (claimed.status == ClaimStatus.None || claimed.status == ClaimStatus.Settled) ++account.openClaims;
        claimed.revision = revision;
        _weigh(id, terms, obligation, key, found, claimed, rulingDeadline);
        emit Claimed(
            id,
            key.period,
            key.obligation,
            revision,
            found.attained,
            found.charge,
            claimed.pending,
            claimed.status,
            claimed.windowEnd,
            root
        );

        if (claimed.status == ClaimStatus.Pending && terms.stake.disputeWindow == 0) {
            --account.openClaims;
            account.due = SafeCast.toInt104(account.due + books.finalise(id, key, claimed, terms.service.periodCap));
            books.payDue(id, first, account, terms);
        } else {
            Slots.write(books.claims[id][key.period][key.obligation], claimed);
            Slots.write(books.accounts[first], account);
        }
    }

    /// @inheritdoc ISLAEscrow
    function dispute(Terms calldata, bytes32[] calldata, Obligation calldata, ClaimKey calldata, Finding calldata)
        external
    {
        _continue(address(Contests), Contests.dispute.selector);
    }

    /// @inheritdoc ISLAEscrow
    function concede(Terms calldata, bytes32, ClaimKey calldata, uint96) external {
        _continue(address(Contests), Contests.concede.selector);
    }

    /// @inheritdoc ISLAEscrow
    function submitEvidence(Terms calldata, bytes32, ClaimKey calldata, bytes32, string calldata) external {
        _continue(address(Contests), Contests.submitEvidence.selector);
    }

    /// @inheritdoc ISLAEscrow
    function rule(Terms calldata, bytes32[] calldata, Obligation calldata, ClaimKey calldata, Finding calldata)
        external
    {
        _continue(address(Contests), Contests.rule.selector);
    }

    // Money

    /// @inheritdoc ISLAEscrow
    function settle(Terms calldata terms, bytes32 obligationsHash, ClaimKey[] calldata keys) external nonReentrant {
        Books storage books = theBooks();
        bytes32 id = _idOf(terms, obligationsHash);
        // slither-disable-next-line unused-return -- the rest is of no use here
        (bytes32 first, Account memory account,) = books.accountOf(id);
        // slither-disable-next-line uninitialized-local -- zero is where it begins
        uint256 bondsOfProvider;
        // slither-disable-next-line uninitialized-local -- zero is where it begins
        uint256 bondsOfCustomer;
        // slither-disable-next-line uninitialized-local -- zero is where it begins
        int256 change;
        for (uint256 i; i < keys.length; ++i) {
            ClaimKey calldata key = keys[i];
            Claim memory claimed = books.claims[id][key.period][key.obligation];
            if (claimed.status == ClaimStatus.Disputed) {
                // On the arbiter's silence what was reported stands.
                Dispute memory contest = books.disputes[id][key.period][key.obligation];
                if (block.timestamp < contest.rulingDeadline) continue;
                delete books.disputes[id][key.period][key.obligation];
                if (contest.disputer != Disputer.Nobody) {
                    bool byCustomer = contest.disputer == Disputer.Customer;
                    if (byCustomer) bondsOfCustomer += contest.bond;
                    else bondsOfProvider += contest.bond;
                    address disputer = byCustomer ? terms.parties.customer : terms.parties.provider;
                    emit BondReturned(id, key.period, key.obligation, disputer, contest.bond);
                }
            } else if (claimed.status == ClaimStatus.Pending) {
                if (block.timestamp < claimed.windowEnd) continue;
            } else if (claimed.status != ClaimStatus.Ruled) {
                continue;
            }
            change += books.finalise(id, key, claimed, terms.service.periodCap);
            --account.openClaims;
        }
        account.due = SafeCast.toInt104(account.due + change);
        books.payDue(id, first, account, terms);
        books.payOut(terms.stake.token, terms.parties.provider, bondsOfProvider);
        books.payOut(terms.stake.token, terms.parties.customer, bondsOfCustomer);
    }

    /// @inheritdoc ISLAEscrow
    function release(Terms calldata, bytes32) external {
        _continue(address(Holdings), Holdings.release.selector);
    }

    /// @inheritdoc ISLAEscrow
    function withdraw(address, address, address) external {
        _continue(address(Holdings), Holdings.withdraw.selector);
    }

    /// @inheritdoc ISLAEscrow
    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external {
        _continue(address(Holdings), Holdings.permit.selector);
    }

    // Views

    /// @inheritdoc ISLAEscrow
    function accountOf(bytes32 id) external view returns (Account memory) {
        return theBooks().accounts[id];
    }

    /// @inheritdoc ISLAEscrow
    function claimOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Claim memory) {
        return theBooks().claims[id][period][obligation];
    }

    /// @inheritdoc ISLAEscrow
    function disputeOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Dispute memory) {
        return theBooks().disputes[id][period][obligation];
    }

    /// @inheritdoc ISLAEscrow
    function settledTotalOf(bytes32 id, uint32 period) external view returns (uint256) {
        return theBooks().settledTotals[id][period];
    }

    /// @inheritdoc ISLAEscrow
    function firstOf(bytes32 id) public view returns (bytes32) {
        Books storage books = theBooks();
        AccountState state = books.accounts[id].state;
        if (state == AccountState.Version) return books.firsts[id];
        return state == AccountState.Unknown ? bytes32(0) : id;
    }

    /// @inheritdoc ISLAEscrow
    function versionsOf(bytes32 id) external view returns (bytes32[] memory versions) {
        bytes32 first = firstOf(id);
        if (first == 0) return versions;
        bytes32[] storage amendments = theBooks().amendments[first];
        versions = new bytes32[](amendments.length + 1);
        versions[0] = first;
        for (uint256 i = 1; i < versions.length; ++i) {
            versions[i] = amendments[i - 1];
        }
    }

    /// @inheritdoc ISLAEscrow
    function downstreamOf(bytes32 id) external view returns (bytes32) {
        return theBooks().downstreams[id];
    }

    /// @inheritdoc ISLAEscrow
    function withdrawable(address token, address account) external view returns (uint256) {
        return theBooks().withdrawable[token][account];
    }

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (hex"0f", AgreementId.NAME, AgreementId.VERSION, block.chainid, address(this), 0, new uint256[](0));
    }

    // What a call is about, and whether it may come

    function _idOf(Terms calldata terms, bytes32 obligationsHash) private view returns (bytes32) {
        return AgreementId.idOf(AgreementId.domainSeparator(), terms, obligationsHash);
    }

    /// @dev Let a library linked into this contract go on with the same arguments, as part of this contract.
    /// @param selector Its function of the same name, whose parameters have the same types.
    function _continue(address library_, bytes4 selector) private nonReentrant returns (bytes memory) {
        return Address.functionDelegateCall(library_, bytes.concat(selector, msg.data[4:]));
    }

    /// @dev What a report makes of `claimed`. During a dispute, until `rulingDeadline`, it is only recorded: it stands
    /// if nobody rules.
    function _weigh(
        bytes32 id,
        Terms calldata terms,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata found,
        Claim memory claimed,
        uint40 rulingDeadline
    ) private {
        bool isSane;
        (claimed.pending, isSane) = Judgement.standing(terms.service, obligation, found.attained, found.charge);
        if (rulingDeadline != 0) {
            claimed.windowEnd = rulingDeadline;
            return;
        }
        bool isFirst = claimed.status == ClaimStatus.None;
        // slither-disable-next-line incorrect-equality -- not a balance: what the signed formula gives, 0 or more
        if (isFirst && isSane && claimed.pending == 0) revert NothingOwed(found.attained);
        uint256 wait = isSane ? terms.stake.disputeWindow : terms.stake.ruleWithin;
        claimed.windowEnd = (block.timestamp + wait).toUint40();
        // slither-disable-next-line incorrect-equality -- a state, not a balance
        if (!isSane || claimed.status == ClaimStatus.Disputed) {
            // A case begins, or one is over.
            theBooks().disputes[id][key.period][key.obligation] = isSane
                ? Dispute(0, 0, 0, Disputer.Nobody, 0)
                : Dispute(claimed.pending, 0, claimed.windowEnd, Disputer.Nobody, 0);
        }
        claimed.status = isSane ? ClaimStatus.Pending : ClaimStatus.Disputed;
    }

    /// @dev A ruling is final; during a dispute reports may come until its deadline, else until the claim deadline.
    /// @return rulingDeadline Of the dispute that is running; 0 if none is.
    function _checkClaimable(bytes32 id, ClaimKey calldata key, Claim memory claimed, uint256 claimDeadline)
        private
        view
        returns (uint40 rulingDeadline)
    {
        ClaimStatus status = claimed.status;
        if (status == ClaimStatus.Ruled || status == ClaimStatus.Final) revert RulingFinal(status);
        if (status == ClaimStatus.Disputed) {
            Dispute storage contest = theBooks().disputes[id][key.period][key.obligation];
            if (contest.disputer != Disputer.Nobody) {
                rulingDeadline = contest.rulingDeadline;
                if (block.timestamp >= rulingDeadline) revert DisputeOver(block.timestamp, rulingDeadline);
                return rulingDeadline;
            }
        }
        if (block.timestamp >= claimDeadline) revert ClaimTooLate(block.timestamp, claimDeadline);
    }

    /// @dev The root was attested after the period's end.
    function _checkRoot(address committee, bytes32 root, uint256 end) private view {
        uint256 attestedAt = IMeasurementOracle(committee).attestedAt(root);
        if (attestedAt == 0) revert RootNotAttested(root);
        if (attestedAt < end) revert RootTooEarly(attestedAt, end);
    }
}
