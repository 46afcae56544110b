// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {CreditMath} from "../../../contracts/libraries/CreditMath.sol";
import {TermsCheck} from "../../../contracts/libraries/TermsCheck.sol";
import {
    Agreement,
    Comparator,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier
} from "../../../contracts/Types.sol";
import {CHEATS} from "./Cheats.sol";

/// @title P3 and R10 for all tiers that `open` accepts
/// @dev `CreditMathProof` shows that within one tier a worse attainment pays no less, and that amounts keep the order of
/// rates, whatever charge, cap and unit. What is left is the step from a tier to the next, here for two neighbours;
/// from tier to tier it follows for any number. Charge, cap and unit are such that `open` refuses for the tiers alone.
contract AcceptedTermsProof {
    function check_rate__attainment_in_the_next_tier__is_no_less(
        bool atMost,
        uint64[2] calldata sane,
        Tier[2] calldata both,
        uint64 better,
        uint64 worse
    ) external view {
        uint64 next = both[1].bound;
        if (atMost) CHEATS.assume(both[0].bound < better && better <= next && next < worse);
        else CHEATS.assume(both[0].bound > better && better >= next && next > worse);
        Tier[] memory tiers = _accepted(atMost, sane, both);
        // As proved in CreditMathProof: further from the bound pays no less, and never less than the base.
        CHEATS.assume(CreditMath.tierRate(tiers[0], better) <= CreditMath.tierRate(tiers[0], next));
        CHEATS.assume(CreditMath.tierRate(tiers[1], worse) >= tiers[1].base);
        Obligation memory obligation = _obligation(atMost, sane, tiers);
        assert(this.rateOf(obligation, better) <= this.rateOf(obligation, worse));
    }

    function check_rate__worst_sane_attainment__is_the_last_tiers(
        bool atMost,
        uint64[2] calldata sane,
        Tier[2] calldata both
    ) external view {
        Tier[] memory tiers = _accepted(atMost, sane, both);
        uint64 worst = atMost ? sane[1] : sane[0];
        uint256 rate = this.rateOf(_obligation(atMost, sane, tiers), worst);
        assert(rate == CreditMath.tierRate(tiers[1], worst));
    }

    function _accepted(bool atMost, uint64[2] calldata sane, Tier[2] calldata both)
        private
        view
        returns (Tier[] memory tiers)
    {
        tiers = new Tier[](2);
        (tiers[0], tiers[1]) = (both[0], both[1]);
        this.accept(_agreement(_obligation(atMost, sane, tiers)));
    }

    function accept(Agreement calldata agreement) external view {
        TermsCheck.check(agreement);
    }

    function rateOf(Obligation calldata obligation, uint64 attained) external pure returns (uint256) {
        return CreditMath.rate(obligation, attained);
    }

    function _obligation(bool atMost, uint64[2] calldata sane, Tier[] memory tiers)
        private
        pure
        returns (Obligation memory)
    {
        Comparator comparator = atMost ? Comparator.AtMost : Comparator.AtLeast;
        return Obligation(0, comparator, PayUnit.Amount, MissingData.Ignore, 1, sane[0], sane[1], tiers);
    }

    function _agreement(Obligation memory obligation) private view returns (Agreement memory agreement) {
        uint40 now_ = uint40(block.timestamp);
        agreement.parties = Parties(address(1), address(2), address(3));
        agreement.service = Service(address(4), now_, ScheduleUnit.Seconds, 1 days, 1, 0, 0, 0, 0);
        agreement.stake = Stake(address(5), 1, 0, 0, 0, 1, 1, 0);
        agreement.formation = Formation(0, 0, 0, now_ + 1, 0, 0);
        agreement.obligations = new Obligation[](1);
        agreement.obligations[0] = obligation;
    }
}
