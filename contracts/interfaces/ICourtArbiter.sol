// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ClaimKey, Finding, Obligation, Terms} from "../Types.sol";
import {IArbitrable} from "./IArbitrable.sol";
import {IArbitrator} from "./IArbitrator.sol";
import {ISLAEscrow} from "./ISLAEscrow.sol";

/// @title A court as the arbiter of agreements
/// @notice Terms that name this contract as their arbiter have their disputes ruled by an ERC-792 court. The court is
/// asked who is right: 1 is what was alleged, 2 is the report, 3 is what the disputer's opponent answered (without an
/// answer: the report); on 0, "refused to rule", nothing is passed on, and the escrow's default for a silent arbiter
/// applies. Immutable, no owner.
/// @dev One escrow, one court. The events of ERC-1497 tell the court's own pages what a dispute is about.
interface ICourtArbiter is IArbitrable {
    /// @notice What the court said.
    enum Verdict {
        None,
        Refused,
        Alleged,
        Report,
        Answer
    }

    /// @notice What the disputer's opponent says was attained; it fills two slots.
    struct Answer {
        uint64 attained;
        uint96 charge;
        bool given;
        /// What it would pay.
        uint96 compensation;
    }

    /// @notice A dispute of the escrow that was brought to the court; it fills two slots.
    struct Request {
        /// The agreement's version.
        bytes32 id;
        /// Who paid the court; receives the arbiter's fee.
        address funder;
        uint32 period;
        uint8 obligation;
        /// Of the dispute in the escrow. A later dispute of the same claim has a later one.
        uint40 rulingDeadline;
        Verdict verdict;
    }

    /// @notice ERC-1497: where the question to the court is written down. Emitted once, with id 0.
    event MetaEvidence(uint256 indexed metaEvidenceID, string evidence);

    /// @notice ERC-1497: the court was asked.
    /// @param disputeID The court's number of it, which is also its evidence group.
    event Dispute(
        IArbitrator indexed arbitrator, uint256 indexed disputeID, uint256 metaEvidenceID, uint256 evidenceGroupID
    );

    /// @notice ERC-1497: something for the court to read.
    event Evidence(
        IArbitrator indexed arbitrator, uint256 indexed evidenceGroupID, address indexed party, string evidence
    );

    /// @notice Which dispute of the escrow the court was asked about.
    event Requested(
        uint256 indexed disputeID,
        bytes32 indexed id,
        uint32 period,
        uint8 obligation,
        uint40 rulingDeadline,
        address funder
    );

    /// @notice The disputer's opponent named a third value for the court to choose from.
    /// @param compensation What it would pay.
    event Answered(
        bytes32 indexed id,
        uint32 period,
        uint8 obligation,
        uint40 rulingDeadline,
        address indexed opponent,
        uint64 attained,
        uint96 charge,
        uint96 compensation
    );

    /// @notice The escrow has the court's ruling.
    /// @param compensation What it pays.
    /// @param kept What arrived of the arbiter's fee.
    /// @param withheld What the escrow could not transfer of it and keeps for this contract.
    event Executed(
        uint256 indexed disputeID, address indexed funder, uint96 compensation, uint256 kept, uint256 withheld
    );

    event FeeWithdrawn(address indexed token, address indexed account, address to, uint256 amount);

    error NotTheArbiter(address arbiter);
    error NotDisputedNow(bytes32 id, uint256 period, uint256 obligation);
    error DeadlineOver(uint256 time, uint256 rulingDeadline);
    error RequestedAlready(uint256 disputeID);
    error AnsweredAlready(bytes32 id, uint256 period, uint256 obligation);
    error AnswerDiffers(uint256 attained, uint256 charge, uint256 answeredAttained, uint256 answeredCharge);
    error CostDiffers(uint256 paid, uint256 cost);
    error CourtRepeated(uint256 disputeID);
    error NotTheCourt(address caller);
    error RequestUnknown(uint256 disputeID);
    error RulingUnknown(uint256 ruling, uint256 choices);
    error RuledAlready(uint256 disputeID);
    error NothingRuled(uint256 disputeID);
    error DisputeReplaced(uint256 rulingDeadline, uint256 requested);
    error RulingDiffers(uint256 compensation, uint256 ruled);
    error CallerInvalid(address caller);
    error NothingToWithdraw(address token, address account);

    /// @notice Bring an open dispute to the court. Anyone may, and pays exactly what the court costs; the arbiter's
    /// fee, if the court rules in time, is theirs.
    /// @dev Once per dispute. A case has nobody who alleges anything; the parties may turn it into a dispute.
    /// @return disputeID The court's number.
    function request(Terms calldata terms, bytes32 obligationsHash, ClaimKey calldata key)
        external
        payable
        returns (uint256 disputeID);

    /// @notice As the disputer's opponent, say what was attained, for the court to choose as well. Once per dispute,
    /// whether or not the court was asked yet, until it ruled or the ruling deadline.
    /// @dev There is one contest at a time. Without an answer whoever disputes first, a hair in the wrong direction,
    /// would leave the court nothing better than a wrong report.
    /// @param said Any finding that the escrow would take as a ruling.
    function answer(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata said
    ) external;

    /// @notice Hand the court something to read, as ERC-1497 has it. Anyone may, until the court ruled; the parties'
    /// own evidence stands in the escrow.
    function submitEvidence(uint256 disputeID, string calldata evidence) external;

    /// @notice Pass the court's ruling on to the escrow. Anyone may.
    /// @dev The escrow computes by the same tiers as ever, and the result must be what was alleged (1), what is pending
    /// for the report (2), or what was answered (3). So whoever calls chooses nothing but how it is written down.
    /// @param ruling A finding that pays just that: what was alleged, or what was reported. Where no report stands,
    /// any sane finding that pays what the missing-data policy says. An answer must come as it was given.
    function execute(
        uint256 disputeID,
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        Finding calldata ruling
    ) external;

    /// @notice Pay out the arbiter's fees of `account`. Anyone may call; only `account` may name another recipient.
    /// @dev What is kept here is paid first; when nothing is, fees whose transfer failed are fetched from the escrow.
    /// Of a token that keeps a part of each transfer, those may fall short; fees kept here never do.
    function withdraw(address token, address account, address to) external;

    function escrow() external view returns (ISLAEscrow);

    function arbitrator() external view returns (IArbitrator);

    function extraData() external view returns (bytes memory);

    /// @notice What `request` costs now, in wei.
    function cost() external view returns (uint256);

    function requestOf(uint256 disputeID) external view returns (Request memory);

    /// @notice The court's number of the dispute that is open in the escrow, if the court was asked.
    function disputeIDOf(bytes32 id, uint32 period, uint8 obligation)
        external
        view
        returns (bool asked, uint256 disputeID);

    /// @notice What was answered in the dispute that is open in the escrow.
    function answerOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Answer memory);

    /// @notice The fees of `account`: here, and with the escrow.
    function feesOf(address token, address account) external view returns (uint256 kept, uint256 withheld);
}
