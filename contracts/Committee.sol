// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {ICommittee} from "./interfaces/ICommittee.sol";
import {IMeasurementOracle} from "./interfaces/IMeasurementOracle.sol";
import {ReportTree} from "./libraries/ReportTree.sol";
import {Report} from "./Types.sol";

/// @title Committee
/// @notice Members and quorum are fixed at deployment. Immutable, no owner.
contract Committee is ICommittee, EIP712 {
    bytes32 private constant ROUND_TYPEHASH = keccak256("Round(uint64 round,bytes32 root,bytes32 bundle)");

    /// @dev Members are bits of a `uint256` in the event.
    uint256 private constant MAX_MEMBERS = 64;

    /// @inheritdoc ICommittee
    uint256 public immutable quorum;

    /// @inheritdoc ICommittee
    uint64 public lastRound;

    /// @notice When the committee was formed, in seconds UTC.
    /// @dev Shares the slot of `lastRound`, so that the first round costs no more than the others.
    uint64 public formedAt;

    /// @inheritdoc ICommittee
    mapping(address account => uint256 number) public memberNumber;

    /// @inheritdoc IMeasurementOracle
    mapping(bytes32 root => uint256 time) public attestedAt;

    address[] private _members;

    constructor(address[] memory members_, uint256 quorum_) EIP712("Makegood Committee", "1") {
        uint256 count = members_.length;
        if (count == 0 || count > MAX_MEMBERS) revert MembersOutOfRange(count, MAX_MEMBERS);
        // Two quorums must share a member, or two halves could attest two truths.
        if (quorum_ * 2 <= count || quorum_ > count) revert QuorumOutOfRange(quorum_, count);
        for (uint256 i; i < count; ++i) {
            address member = members_[i];
            if (member == address(0) || memberNumber[member] != 0) revert MemberInvalid(member);
            memberNumber[member] = i + 1;
        }
        quorum = quorum_;
        _members = members_;
        formedAt = uint64(block.timestamp);
        emit CommitteeFormed(members_, quorum_);
    }

    /// @inheritdoc ICommittee
    function post(uint64 round, bytes32 root, bytes32 bundle, Report[] calldata reports, bytes[] calldata signatures)
        external
    {
        if (round <= lastRound) revert RoundNotAfter(round, lastRound);
        if (root == 0) revert RootEmpty();
        if (attestedAt[root] != 0) revert RootAlreadyAttested(root);
        uint256 signers = _signersOf(round, root, bundle, signatures);

        lastRound = round;
        attestedAt[root] = block.timestamp;
        emit RoundPosted(round, root, bundle, signers);

        if (reports.length != 0) publish(root, reports);
    }

    /// @inheritdoc ICommittee
    function publish(bytes32 root, Report[] calldata reports) public {
        if (attestedAt[root] == 0) revert RootNotAttested(root);
        bytes32 computed = reports.length == 0 ? bytes32(0) : ReportTree.rootOf(reports);
        if (computed != root) revert ReportsNotOfRoot(computed, root);
        emit ReportsPublished(root, reports);
    }

    /// @inheritdoc ICommittee
    function members() external view returns (address[] memory) {
        return _members;
    }

    /// @dev One bit for each distinct member; reverts below the quorum or on any other signature.
    function _signersOf(uint64 round, bytes32 root, bytes32 bundle, bytes[] calldata signatures)
        private
        view
        returns (uint256 signers)
    {
        if (signatures.length < quorum) revert QuorumMissing(signatures.length, quorum);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(ROUND_TYPEHASH, round, root, bundle)));
        for (uint256 i; i < signatures.length; ++i) {
            address signer = ECDSA.recoverCalldata(digest, signatures[i]);
            uint256 number = memberNumber[signer];
            if (number == 0) revert SignerNotMember(signer);
            uint256 bit = 1 << (number - 1);
            if (signers & bit != 0) revert SignerRepeated(signer);
            signers |= bit;
        }
    }
}
