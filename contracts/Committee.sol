// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {ICommittee} from "./interfaces/ICommittee.sol";
import {IMeasurementOracle} from "./interfaces/IMeasurementOracle.sol";
import {ReportTree} from "./libraries/ReportTree.sol";
import {Report} from "./Types.sol";

/// @title Committee
/// @notice Quorum and number of members are fixed at deployment; the members replace one another by that quorum,
/// after a delay (R12). Immutable, no owner.
contract Committee is ICommittee, EIP712 {
    struct Rotation {
        address outgoing;
        address incoming;
        uint256 effectiveAt;
    }

    bytes32 private constant ROUND_TYPEHASH = keccak256("Round(uint64 round,bytes32 root,bytes32 bundle)");
    bytes32 private constant ROTATION_TYPEHASH =
        keccak256("Rotation(address outgoing,address incoming,uint256 number)");

    /// @dev Members are bits of a `uint256` in the event.
    uint256 private constant MAX_MEMBERS = 64;

    uint256 private constant MAX_ROTATION_DELAY = 400 days;

    /// @inheritdoc ICommittee
    uint256 public immutable quorum;

    /// @inheritdoc ICommittee
    uint256 public immutable rotationDelay;

    /// @inheritdoc ICommittee
    uint64 public lastRound;

    /// @notice When the committee was formed, in seconds UTC.
    /// @dev Shares the slot of `lastRound`, so that the first round costs no more than the others.
    uint64 public formedAt;

    /// @inheritdoc ICommittee
    uint256 public rotations;

    /// @inheritdoc ICommittee
    Rotation public pendingRotation;

    /// @inheritdoc ICommittee
    mapping(address account => uint256 number) public memberNumber;

    /// @inheritdoc IMeasurementOracle
    mapping(bytes32 root => uint256 time) public attestedAt;

    address[] private _members;

    constructor(address[] memory members_, uint256 quorum_, uint256 rotationDelay_) EIP712("Makegood Committee", "1") {
        uint256 count = members_.length;
        if (count == 0 || count > MAX_MEMBERS) revert MembersOutOfRange(count, MAX_MEMBERS);
        // Two quorums must share a member, or two halves could attest two truths.
        if (quorum_ * 2 <= count || quorum_ > count) revert QuorumOutOfRange(quorum_, count);
        if (rotationDelay_ == 0 || rotationDelay_ > MAX_ROTATION_DELAY) {
            revert RotationDelayOutOfRange(rotationDelay_, MAX_ROTATION_DELAY);
        }
        for (uint256 i; i < count; ++i) {
            address member = members_[i];
            if (member == address(0) || memberNumber[member] != 0) revert MemberInvalid(member);
            memberNumber[member] = i + 1;
        }
        quorum = quorum_;
        rotationDelay = rotationDelay_;
        _members = members_;
        formedAt = uint64(block.timestamp);
        emit CommitteeFormed(members_, quorum_, rotationDelay_);
    }

    /// @inheritdoc ICommittee
    function post(uint64 round, bytes32 root, bytes32 bundle, Report[] calldata reports, bytes[] calldata signatures)
        external
    {
        if (round <= lastRound) revert RoundNotAfter(round, lastRound);
        if (root == 0) revert RootEmpty();
        if (attestedAt[root] != 0) revert RootAlreadyAttested(root);
        uint256 signers = _signersOf(keccak256(abi.encode(ROUND_TYPEHASH, round, root, bundle)), signatures);

        lastRound = round;
        attestedAt[root] = block.timestamp;
        emit RoundPosted(round, root, bundle, signers);

        if (reports.length != 0) publish(root, reports);
    }

    /// @inheritdoc ICommittee
    function publish(bytes32 root, Report[] calldata reports) public {
        // slither-disable-next-line incorrect-equality -- zero says that it never was
        if (attestedAt[root] == 0) revert RootNotAttested(root);
        bytes32 computed = reports.length == 0 ? bytes32(0) : ReportTree.rootOf(reports);
        if (computed != root) revert ReportsNotOfRoot(computed, root);
        emit ReportsPublished(root, reports);
    }

    /// @inheritdoc ICommittee
    function proposeRotation(address outgoing, address incoming, bytes[] calldata signatures) external {
        Rotation storage pending = pendingRotation;
        if (pending.effectiveAt != 0) revert RotationPending(pending.incoming, pending.effectiveAt);
        if (memberNumber[outgoing] == 0) revert SignerNotMember(outgoing);
        if (incoming == address(0) || memberNumber[incoming] != 0) revert MemberInvalid(incoming);
        uint256 number = rotations;
        uint256 signers = _signersOf(keccak256(abi.encode(ROTATION_TYPEHASH, outgoing, incoming, number)), signatures);

        rotations = number + 1;
        uint256 effectiveAt = block.timestamp + rotationDelay;
        pendingRotation = Rotation(outgoing, incoming, effectiveAt);
        emit RotationProposed(outgoing, incoming, number, effectiveAt, signers);
    }

    /// @inheritdoc ICommittee
    function rotate() external {
        Rotation memory pending = pendingRotation;
        // slither-disable-next-line incorrect-equality -- zero says that there is none
        if (pending.effectiveAt == 0) revert NoRotationPending();
        if (block.timestamp < pending.effectiveAt) revert RotationTooEarly(block.timestamp, pending.effectiveAt);

        uint256 number = memberNumber[pending.outgoing];
        delete memberNumber[pending.outgoing];
        memberNumber[pending.incoming] = number;
        _members[number - 1] = pending.incoming;
        delete pendingRotation;
        emit MemberRotated(pending.outgoing, pending.incoming, number - 1);
    }

    /// @inheritdoc ICommittee
    function members() external view returns (address[] memory) {
        return _members;
    }

    /// @dev One bit for each distinct member; reverts below the quorum or on any other signature.
    function _signersOf(bytes32 structHash, bytes[] calldata signatures) private view returns (uint256 signers) {
        if (signatures.length < quorum) revert QuorumMissing(signatures.length, quorum);
        bytes32 digest = _hashTypedDataV4(structHash);
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
