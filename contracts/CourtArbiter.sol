// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IArbitrable} from "./interfaces/IArbitrable.sol";
import {IArbitrator} from "./interfaces/IArbitrator.sol";
import {ICourtArbiter} from "./interfaces/ICourtArbiter.sol";
import {ISLAEscrow} from "./interfaces/ISLAEscrow.sol";
import {AgreementId} from "./libraries/AgreementId.sol";
import {Judgement} from "./libraries/Judgement.sol";
import {ClaimKey, Finding, Obligation, Terms} from "./Types.sol";

/// @title CourtArbiter
/// @notice Passes disputes to an ERC-792 court, and its rulings to the escrow. Immutable, no owner.
/// @dev The court is trusted with its answer only. Neither it nor a token can reach anything here but their own
/// requests and fees. Appeals are not passed on: see docs/decisions/0016-court-as-arbiter.md.
contract CourtArbiter is ICourtArbiter, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    uint256 private constant ALLEGED = 1;
    uint256 private constant REPORT = 2;
    uint256 private constant ANSWER = 3;

    /// @inheritdoc ICourtArbiter
    ISLAEscrow public immutable escrow;

    /// @inheritdoc ICourtArbiter
    IArbitrator public immutable arbitrator;

    /// @inheritdoc ICourtArbiter
    bytes public extraData;

    mapping(uint256 disputeID => Request) private _requests;

    /// @dev By agreement, claim and the dispute's ruling deadline: the court's number, plus one.
    mapping(bytes32 dispute => uint256 number) private _numbers;

    /// @dev By the same: what the disputer's opponent said.
    mapping(bytes32 dispute => Answer answer) private _answers;

    mapping(address token => mapping(address account => uint256 amount)) private _kept;
    mapping(address token => mapping(address account => uint256 amount)) private _withheld;

    /// @dev Of each token, what is here and somebody's: never used for what was withheld from another.
    mapping(address token => uint256 amount) private _keptInAll;

    constructor(ISLAEscrow escrow_, IArbitrator arbitrator_, bytes memory extraData_, string memory metaEvidence) {
        escrow = escrow_;
        arbitrator = arbitrator_;
        extraData = extraData_;
        emit MetaEvidence(0, metaEvidence);
    }

    /// @inheritdoc ICourtArbiter
    function request(Terms calldata terms, bytes32 obligationsHash, ClaimKey calldata key)
        external
        payable
        nonReentrant
        returns (uint256 disputeID)
    {
        bytes32 id = AgreementId.idOf(_domainSeparator(), terms, obligationsHash);
        ISLAEscrow.Dispute memory open = _openDispute(terms, id, key);
        bytes32 place = _place(id, key.period, key.obligation, open.rulingDeadline);
        if (_numbers[place] != 0) revert RequestedAlready(_numbers[place] - 1);
        uint256 price = cost();
        if (msg.value != price) revert CostDiffers(msg.value, price);

        // Nobody can enter while the court is asked; until its number is written down it cannot rule either.
        // slither-disable-next-line reentrancy-eth,reentrancy-benign -- the number is the court's answer
        disputeID = arbitrator.createDispute{value: msg.value}(ANSWER, extraData);
        if (_requests[disputeID].rulingDeadline != 0) revert CourtRepeated(disputeID);
        _numbers[place] = disputeID + 1;
        _requests[disputeID] = Request({
            id: id,
            funder: msg.sender,
            period: key.period,
            obligation: key.obligation,
            rulingDeadline: open.rulingDeadline,
            verdict: Verdict.None
        });
        emit Requested(disputeID, id, key.period, key.obligation, open.rulingDeadline, msg.sender);
        emit Dispute(arbitrator, disputeID, 0, disputeID);
    }

    /// @inheritdoc ICourtArbiter
    function answer(
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        ClaimKey calldata key,
        Finding calldata said
    ) external {
        bytes32 id = AgreementId.idOf(_domainSeparator(), terms, obligationHashes, obligation, key.obligation);
        ISLAEscrow.Dispute memory open = _openDispute(terms, id, key);
        bool byCustomer = open.disputer == ISLAEscrow.Disputer.Customer;
        address opponent = byCustomer ? terms.parties.provider : terms.parties.customer;
        if (msg.sender != opponent) revert CallerInvalid(msg.sender);
        bytes32 place = _place(id, key.period, key.obligation, open.rulingDeadline);
        if (_answers[place].given) revert AnsweredAlready(id, key.period, key.obligation);
        uint256 number = _numbers[place];
        if (number != 0 && _requests[number - 1].verdict != Verdict.None) revert RuledAlready(number - 1);
        uint96 compensation = Judgement.compensation(terms.service, obligation, said);

        _answers[place] = Answer(said.attained, said.charge, true, compensation);
        emit Answered(
            id, key.period, key.obligation, open.rulingDeadline, msg.sender, said.attained, said.charge, compensation
        );
    }

    /// @inheritdoc ICourtArbiter
    function submitEvidence(uint256 disputeID, string calldata evidence) external {
        if (_known(disputeID).verdict != Verdict.None) revert RuledAlready(disputeID);
        emit Evidence(arbitrator, disputeID, msg.sender, evidence);
    }

    /// @inheritdoc IArbitrable
    /// @dev Also when it is too late for the escrow: a court must be able to close what it opened.
    function rule(uint256 disputeID, uint256 ruling) external {
        if (msg.sender != address(arbitrator)) revert NotTheCourt(msg.sender);
        Request storage asked = _known(disputeID);
        if (asked.verdict != Verdict.None) revert RuledAlready(disputeID);
        if (ruling > ANSWER) revert RulingUnknown(ruling, ANSWER);
        if (ruling == ALLEGED) asked.verdict = Verdict.Alleged;
        else if (ruling == REPORT) asked.verdict = Verdict.Report;
        // Nobody can answer any more. Where nobody did, the opponent's side is the report.
        else if (ruling == ANSWER) asked.verdict = _answers[_placeOf(asked)].given ? Verdict.Answer : Verdict.Report;
        else asked.verdict = Verdict.Refused;
        emit Ruling(arbitrator, disputeID, ruling);
    }

    /// @inheritdoc ICourtArbiter
    function execute(
        uint256 disputeID,
        Terms calldata terms,
        bytes32[] calldata obligationHashes,
        Obligation calldata obligation,
        Finding calldata ruling
    ) external nonReentrant {
        Request memory asked = _known(disputeID);
        uint96 compensation = _ruled(disputeID, asked, ruling);
        IERC20 token = IERC20(terms.stake.token);
        uint256 held = token.balanceOf(address(this));
        uint256 waiting = escrow.withdrawable(address(token), address(this));

        escrow.rule(terms, obligationHashes, obligation, ClaimKey(asked.period, asked.obligation), ruling);
        // Other terms that name this arbiter would rule another agreement's dispute, and leave this one as it was.
        ISLAEscrow.Claim memory claim = escrow.claimOf(asked.id, asked.period, asked.obligation);
        if (claim.status != ISLAEscrow.ClaimStatus.Ruled) {
            revert NotDisputedNow(asked.id, asked.period, asked.obligation);
        }
        if (claim.pending != compensation) revert RulingDiffers(claim.pending, compensation);

        uint256 kept = Math.saturatingSub(token.balanceOf(address(this)), held);
        uint256 withheld = escrow.withdrawable(address(token), address(this)) - waiting;
        _kept[address(token)][asked.funder] += kept;
        _keptInAll[address(token)] += kept;
        _withheld[address(token)][asked.funder] += withheld;
        emit Executed(disputeID, asked.funder, compensation, kept, withheld);
    }

    /// @inheritdoc ICourtArbiter
    function withdraw(address token, address account, address to) external nonReentrant {
        if (to != account && msg.sender != account) revert CallerInvalid(msg.sender);
        uint256 amount = _kept[token][account];
        if (amount == 0) {
            // slither-disable-next-line reentrancy-no-eth -- what arrives is what counts; nobody enters meanwhile
            amount = _fetch(token, account);
            // slither-disable-next-line incorrect-equality -- nobody gains by making it more than nothing
            if (amount == 0) revert NothingToWithdraw(token, account);
            _withheld[token][account] -= amount;
        } else {
            _kept[token][account] = 0;
            _keptInAll[token] -= amount;
        }
        emit FeeWithdrawn(token, account, to, amount);
        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc ICourtArbiter
    function cost() public view returns (uint256) {
        return arbitrator.arbitrationCost(extraData);
    }

    /// @inheritdoc ICourtArbiter
    function requestOf(uint256 disputeID) external view returns (Request memory) {
        return _requests[disputeID];
    }

    /// @inheritdoc ICourtArbiter
    function disputeIDOf(bytes32 id, uint32 period, uint8 obligation)
        external
        view
        returns (bool asked, uint256 disputeID)
    {
        uint40 deadline = escrow.disputeOf(id, period, obligation).rulingDeadline;
        uint256 number = _numbers[_place(id, period, obligation, deadline)];
        return number == 0 ? (false, 0) : (true, number - 1);
    }

    /// @inheritdoc ICourtArbiter
    function answerOf(bytes32 id, uint32 period, uint8 obligation) external view returns (Answer memory) {
        uint40 deadline = escrow.disputeOf(id, period, obligation).rulingDeadline;
        return _answers[_place(id, period, obligation, deadline)];
    }

    /// @inheritdoc ICourtArbiter
    function feesOf(address token, address account) external view returns (uint256 kept, uint256 withheld) {
        return (_kept[token][account], _withheld[token][account]);
    }

    /// @dev Fetch what the escrow withheld. It counts as far as it has arrived, whoever fetched it from there: what is
    /// kept for somebody else is never used for it.
    /// @return What is here of it.
    function _fetch(address token, address account) private returns (uint256) {
        uint256 withheld = _withheld[token][account];
        if (withheld == 0) return 0;
        if (escrow.withdrawable(token, address(this)) != 0) escrow.withdraw(token, address(this), address(this));
        uint256 arrived = Math.saturatingSub(IERC20(token).balanceOf(address(this)), _keptInAll[token]);
        return Math.min(arrived, withheld);
    }

    /// @dev A dispute of terms that this contract rules, before its ruling deadline.
    function _openDispute(Terms calldata terms, bytes32 id, ClaimKey calldata key)
        private
        view
        returns (ISLAEscrow.Dispute memory open)
    {
        if (terms.parties.arbiter != address(this)) revert NotTheArbiter(terms.parties.arbiter);
        open = escrow.disputeOf(id, key.period, key.obligation);
        if (open.disputer == ISLAEscrow.Disputer.Nobody) revert NotDisputedNow(id, key.period, key.obligation);
        if (block.timestamp >= open.rulingDeadline) revert DeadlineOver(block.timestamp, open.rulingDeadline);
    }

    /// @dev What the verdict pays in the escrow, where the dispute must still be the one the court was asked about. An
    /// answer is passed on word for word.
    function _ruled(uint256 disputeID, Request memory asked, Finding calldata ruling) private view returns (uint96) {
        if (asked.verdict == Verdict.None || asked.verdict == Verdict.Refused) revert NothingRuled(disputeID);
        ISLAEscrow.Dispute memory open = escrow.disputeOf(asked.id, asked.period, asked.obligation);
        if (open.disputer == ISLAEscrow.Disputer.Nobody || open.rulingDeadline != asked.rulingDeadline) {
            revert DisputeReplaced(open.rulingDeadline, asked.rulingDeadline);
        }
        if (asked.verdict == Verdict.Alleged) return open.alleged;
        if (asked.verdict == Verdict.Answer) {
            Answer memory said = _answers[_placeOf(asked)];
            if (ruling.attained != said.attained || ruling.charge != said.charge) {
                revert AnswerDiffers(ruling.attained, ruling.charge, said.attained, said.charge);
            }
            return said.compensation;
        }
        return escrow.claimOf(asked.id, asked.period, asked.obligation).pending;
    }

    function _known(uint256 disputeID) private view returns (Request storage asked) {
        asked = _requests[disputeID];
        if (asked.rulingDeadline == 0) revert RequestUnknown(disputeID);
    }

    /// @dev The domain in which both parties signed.
    function _domainSeparator() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                DOMAIN_TYPEHASH,
                keccak256(bytes(AgreementId.NAME)),
                keccak256(bytes(AgreementId.VERSION)),
                block.chainid,
                address(escrow)
            )
        );
    }

    function _placeOf(Request memory asked) private pure returns (bytes32) {
        return _place(asked.id, asked.period, asked.obligation, asked.rulingDeadline);
    }

    function _place(bytes32 id, uint256 period, uint256 obligation, uint256 rulingDeadline)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(id, period, obligation, rulingDeadline));
    }
}
