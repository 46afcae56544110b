// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Report} from "../Types.sol";
import {IMeasurementOracle} from "./IMeasurementOracle.sol";

/// @title A committee of oracle nodes that attest Merkle roots of reports
/// @notice One round, one transaction, any number of agreements. Who submits, and in which order the signatures
/// come, never matters. The members may replace one of them at a time; how many there are, and how many must sign,
/// never changes.
interface ICommittee is IMeasurementOracle {
    /// @param rotationDelay In seconds, from a rotation's proposal to its taking effect.
    event CommitteeFormed(address[] members, uint256 quorum, uint256 rotationDelay);

    /// @param signers One bit for each member that signed, by its index at that time.
    event RoundPosted(uint64 indexed round, bytes32 indexed root, bytes32 bundle, uint256 signers);

    /// @notice All reports of an attested root; they were checked against it. The set is certain, its order is not:
    /// pairs are hashed whichever way round, so siblings may stand swapped.
    event ReportsPublished(bytes32 indexed root, Report[] reports);

    /// @param number How many rotations were proposed before.
    /// @param effectiveAt From this second on, UTC, anyone may `rotate`.
    /// @param signers One bit for each member that signed, by its index.
    event RotationProposed(
        address indexed outgoing, address indexed incoming, uint256 number, uint256 effectiveAt, uint256 signers
    );

    /// @param index Where `outgoing` stood and `incoming` stands among the members.
    event MemberRotated(address indexed outgoing, address indexed incoming, uint256 index);

    error MembersOutOfRange(uint256 members, uint256 max);
    error QuorumOutOfRange(uint256 quorum, uint256 members);
    error RotationDelayOutOfRange(uint256 rotationDelay, uint256 max);
    error MemberInvalid(address member);
    error RoundNotAfter(uint64 round, uint64 last);
    error RootAlreadyAttested(bytes32 root);
    error RootEmpty();
    error QuorumMissing(uint256 signatures, uint256 quorum);
    error SignerNotMember(address signer);
    error SignerRepeated(address signer);
    error RootNotAttested(bytes32 root);
    error ReportsNotOfRoot(bytes32 computed, bytes32 root);
    error RotationPending(address incoming, uint256 effectiveAt);
    error NoRotationPending();
    error RotationTooEarly(uint256 time, uint256 effectiveAt);

    /// @notice Attest `root`.
    /// @dev Reverts unless `round` is above every earlier one, `root` is new, and at least `quorum` distinct members
    /// signed the EIP-712 struct `Round(uint64 round,bytes32 root,bytes32 bundle)`. Every signature given must be
    /// that of a member now: whoever was rotated out since it signed counts no more. Roots attested before stay
    /// attested. Whoever submits may leave out reports, and signatures above the quorum.
    /// @param round Rounds increase and may skip.
    /// @param root Of the standard Merkle tree over the round's reports.
    /// @param bundle keccak256 of the round's evidence.
    /// @param reports All reports of the round in the order of the tree's leaves, or none of them.
    /// @param signatures 65 bytes each, in any order.
    function post(uint64 round, bytes32 root, bytes32 bundle, Report[] calldata reports, bytes[] calldata signatures)
        external;

    /// @notice Publish the reports of an attested root that was posted without them.
    /// @dev Anyone may, as often as they like. The members' signatures do not say whether reports travel along, so
    /// whoever copies a posting could leave them out; nobody can keep them out.
    /// @param reports All reports of the root, in the order of the tree's leaves.
    function publish(bytes32 root, Report[] calldata reports) external;

    /// @notice Let `incoming` take the place of the member `outgoing` once `rotationDelay` has passed.
    /// @dev At least `quorum` distinct members, `outgoing` among them or not, signed the EIP-712 struct
    /// `Rotation(address outgoing,address incoming,uint256 number)`, `number` being `rotations()`: once any rotation
    /// is proposed, signatures collected for another one are void. One is pending at a time, and it cannot be called
    /// off: a committee that thinks better of it rotates back. `incoming` proves nothing: a wrong address takes the
    /// place of a member that can never sign.
    /// @param signatures 65 bytes each, in any order.
    function proposeRotation(address outgoing, address incoming, bytes[] calldata signatures) external;

    /// @notice Carry out the pending rotation. Anyone may, once its delay is over.
    function rotate() external;

    /// @notice How many members must sign.
    function quorum() external view returns (uint256);

    /// @notice Seconds from a rotation's proposal to its taking effect.
    function rotationDelay() external view returns (uint256);

    /// @notice The last round posted; 0 before the first.
    function lastRound() external view returns (uint64);

    /// @notice How many rotations were proposed so far: the number that signatures of the next one state.
    function rotations() external view returns (uint256);

    /// @notice The rotation that waits; zeros when none does.
    function pendingRotation() external view returns (address outgoing, address incoming, uint256 effectiveAt);

    /// @notice All members, in the order of their index.
    function members() external view returns (address[] memory);

    /// @notice The index of `account`, plus one; 0 if it is not a member.
    function memberNumber(address account) external view returns (uint256);
}
