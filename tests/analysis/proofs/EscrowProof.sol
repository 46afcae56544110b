// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {ISLAEscrow} from "../../../contracts/interfaces/ISLAEscrow.sol";
import {AgreementHash} from "../../../contracts/libraries/AgreementHash.sol";
import {AgreementId} from "../../../contracts/libraries/AgreementId.sol";
import {SLAEscrow} from "../../../contracts/SLAEscrow.sol";
import {
    Agreement,
    ClaimKey,
    Comparator,
    Finding,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Terms,
    Tier
} from "../../../contracts/Types.sol";
import {CHEATS} from "./Cheats.sol";

/// @title A committee, a token and two wallets in one, as agreeable as can be
contract Obliging {
    function attestedAt(bytes32) external view returns (uint256) {
        return block.timestamp;
    }

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return this.isValidSignature.selector;
    }

    function balanceOf(address) external pure returns (uint256) {
        return 0;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }

    function transfer(address, uint256) external pure returns (bool) {
        return true;
    }
}

/// @title P7 and R8 through the whole escrow and the libraries linked into it, at every time and for every caller
/// @dev No token ever moves: the gas for it, which the prover does not count, decides nothing.
contract EscrowProof {
    uint256 private constant START = 1_800_000_000;
    uint256 private constant CLAIMED = START + 2 days;
    uint32 private constant WINDOW = 3 days;
    uint32 private constant RULE_WITHIN = 14 days;
    address private constant ARBITER = address(0xA5B1);

    SLAEscrow private _escrow;
    address private _provider;
    address private _customer;
    address private _infrastructure;
    bytes32 private _id;

    error Outcome(bool happened);

    function setUp() external {
        _escrow = new SLAEscrow();
        _provider = address(new Obliging());
        _customer = address(new Obliging());
        _infrastructure = address(new Obliging());
        CHEATS.warp(START);
        _id = _escrow.open(_agreement(), "", "");
        CHEATS.warp(CLAIMED);
        _escrow.claim(_terms(), new bytes32[](1), _obligation(), ClaimKey(0, 0), 0, Finding(400, 0), new bytes32[](0));
    }

    function check_pending_claim__any_time__is_either_disputable_or_due(uint40 time, bool byCustomer) external {
        CHEATS.assume(time >= CLAIMED);
        CHEATS.warp(time);
        bool disputable = _try(abi.encodeCall(this.disputeAndUndo, (byCustomer)));
        bool due = _try(abi.encodeCall(this.settleAndUndo, ()));
        assert(disputable != due);
        assert(due == (time >= CLAIMED + WINDOW));
    }

    function check_disputed_claim__any_time__is_either_rulable_or_due(uint40 time, uint64 attained, bool byCustomer)
        external
    {
        CHEATS.assume(time >= CLAIMED && attained <= 1000);
        _dispute(byCustomer);
        CHEATS.warp(time);
        bool rulable = _try(abi.encodeCall(this.ruleAndUndo, (attained)));
        bool due = _try(abi.encodeCall(this.settleAndUndo, ()));
        assert(rulable != due);
        assert(due == (time >= CLAIMED + RULE_WITHIN));
    }

    function check_rule__any_caller_and_time__takes_the_arbiter(
        address caller,
        uint40 time,
        Finding calldata ruling,
        bool byCustomer
    ) external {
        CHEATS.assume(time >= CLAIMED);
        _dispute(byCustomer);
        CHEATS.warp(time);
        if (_rules(caller, ARBITER, ruling)) assert(caller == ARBITER);
    }

    function check_rule__terms_with_another_arbiter__is_refused(
        address caller,
        address pretended,
        Finding calldata ruling
    ) external {
        Terms memory terms = _terms();
        terms.parties.arbiter = pretended;
        // The prover knows nothing of keccak256 but that it is a function: other terms have another id.
        CHEATS.assume(pretended != ARBITER && this.idOf(terms) != _id);
        _dispute(true);
        assert(!_rules(caller, pretended, ruling));
    }

    // What a call would do, told by its revert, so that the next one finds the same state

    function disputeAndUndo(bool byCustomer) external {
        _dispute(byCustomer);
        revert Outcome(true);
    }

    function ruleAndUndo(uint64 attained) external {
        Terms memory terms = _terms();
        CHEATS.prank(ARBITER);
        _escrow.rule(terms, new bytes32[](1), _obligation(), ClaimKey(0, 0), Finding(attained, 0));
        revert Outcome(true);
    }

    function settleAndUndo() external {
        _escrow.settle(_terms(), this.hashOf(_agreement()), new ClaimKey[](1));
        revert Outcome(_escrow.accountOf(_id).openClaims == 0);
    }

    function hashOf(Agreement calldata agreement) external pure returns (bytes32) {
        return AgreementHash.hashObligations(agreement);
    }

    function idOf(Terms calldata terms) external view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Makegood"),
                keccak256("1"),
                block.chainid,
                address(_escrow)
            )
        );
        return AgreementId.idOf(separator, terms, this.hashOf(_agreement()));
    }

    function formationHashOf(Agreement calldata agreement) external pure returns (bytes32) {
        return AgreementHash.hashFormation(agreement.formation);
    }

    function _dispute(bool byCustomer) private {
        Terms memory terms = _terms();
        CHEATS.prank(byCustomer ? _customer : _provider);
        _escrow.dispute(terms, new bytes32[](1), _obligation(), ClaimKey(0, 0), Finding(byCustomer ? 300 : 1000, 0));
    }

    function _rules(address caller, address arbiter, Finding calldata ruling) private returns (bool) {
        Terms memory terms = _terms();
        terms.parties.arbiter = arbiter;
        CHEATS.prank(caller);
        try _escrow.rule(terms, new bytes32[](1), _obligation(), ClaimKey(0, 0), ruling) {
            return true;
        } catch {
            return false;
        }
    }

    /// @return happened What the call said of itself; false if it was refused.
    function _try(bytes memory call) private returns (bool happened) {
        (, bytes memory answer) = address(this).call(call);
        return bytes4(answer) == Outcome.selector && answer[35] != 0;
    }

    function _terms() private view returns (Terms memory) {
        Agreement memory agreement = _agreement();
        return Terms(agreement.parties, agreement.service, agreement.stake, this.formationHashOf(agreement));
    }

    function _obligation() private pure returns (Obligation memory) {
        Tier[] memory tiers = new Tier[](3);
        (tiers[0], tiers[1], tiers[2]) = (Tier(900, 100, 0, 0), Tier(500, 200, 0, 0), Tier(350, 300, 0, 0));
        return Obligation(0, Comparator.AtLeast, PayUnit.Amount, MissingData.Ignore, 0, 0, 1000, tiers);
    }

    function _agreement() private view returns (Agreement memory agreement) {
        agreement.parties = Parties(_provider, _customer, ARBITER);
        agreement.service = Service(_infrastructure, uint40(START), ScheduleUnit.Seconds, 1 days, 10, 0, 0, 0, 0);
        agreement.stake = Stake(_infrastructure, 1, 0, WINDOW, 1 days, 30 days, RULE_WITHIN, 0);
        agreement.formation = Formation(0, 0, 0, uint40(START + 1), 0, 0);
        agreement.obligations = new Obligation[](1);
        agreement.obligations[0] = _obligation();
    }
}
