// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {
    Agreement,
    Comparator,
    Formation,
    NO_DATA,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier
} from "../Types.sol";
import {CreditMath} from "./CreditMath.sol";
import {ScheduleMath} from "./ScheduleMath.sol";

/// @title Terms that cannot misfire
/// @notice What `open` refuses. Its twin is `sla/validation.py`, with the same names in the same order.
library TermsCheck {
    uint256 private constant MAX_DURATION = 400 days;
    uint256 private constant MAX_MONTHS = 13;
    uint256 private constant MAX_ZONE_LAG = 14 hours;
    uint256 private constant MAX_OBLIGATIONS = 64;
    uint256 private constant MAX_TIERS = 16;
    uint256 private constant TIME_LIMIT = 1 << 40;

    error ZeroAddress(string field);
    error SameParty(address account);
    error LengthOutOfRange(uint256 length, uint256 max);
    error CountOutOfRange(uint256 count);
    error ZoneLagTooLong(uint256 zoneLagSeconds, uint256 max);
    error DurationTooLong(string field, uint256 duration, uint256 max);
    error ReportAfterClaim(uint256 reportWithin, uint256 claimWithin);
    error RuleWithinZero();
    error TimesTooLate(uint256 time, uint256 limit);
    error FirstPeriodOver(uint256 end, uint256 time);
    error OpenByPassed(uint256 openBy, uint256 time);
    error BondZero();
    error ArbiterFeeAboveBond(uint256 arbiterFee, uint256 bond);
    error TwoCharges(uint256 charge, uint256 chargeMax);
    error ExitRuleInvalid(uint256 exitBreaches, uint256 exitPeriods);
    error ObligationsOutOfRange(uint256 count, uint256 max);
    error TiersOutOfRange(uint256 obligation, uint256 count, uint256 max);
    error SaneBoundsInvalid(uint256 obligation, uint64 min, uint64 max);
    error BoundOutOfSane(uint256 obligation, uint256 tier, uint64 bound);
    error StepSlopeMismatch(uint256 obligation, uint256 tier);
    error TierPaysNothing(uint256 obligation, uint256 tier);
    error TiersUnordered(uint256 obligation, uint256 tier);
    error TierPaysLess(uint256 obligation, uint256 tier);
    error ChargeMissing(uint256 obligation);
    error AmountTooLarge(uint256 amount, uint256 max);
    error ExposureTooLarge(uint256 exposure, uint256 max);

    function check(Agreement calldata agreement) internal view {
        _checkParties(agreement.parties, agreement.service, agreement.stake);
        _checkTimes(agreement.service, agreement.stake, agreement.formation.openBy);
        _checkStake(agreement.service, agreement.stake, agreement.formation);
        _checkObligations(agreement);
    }

    function _checkParties(Parties calldata parties, Service calldata service, Stake calldata stake) private pure {
        if (parties.provider == address(0)) revert ZeroAddress("provider");
        if (parties.customer == address(0)) revert ZeroAddress("customer");
        if (parties.arbiter == address(0)) revert ZeroAddress("arbiter");
        if (stake.token == address(0)) revert ZeroAddress("token");
        if (service.committee == address(0)) revert ZeroAddress("committee");
        if (parties.provider == parties.customer) revert SameParty(parties.customer);
        if (parties.arbiter == parties.provider || parties.arbiter == parties.customer) {
            revert SameParty(parties.arbiter);
        }
    }

    function _checkTimes(Service calldata service, Stake calldata stake, uint256 openBy) private view {
        uint256 maxLength = service.unit == ScheduleUnit.Months ? MAX_MONTHS : MAX_DURATION;
        if (service.length == 0 || service.length > maxLength) revert LengthOutOfRange(service.length, maxLength);
        if (service.count == 0) revert CountOutOfRange(service.count);
        if (service.zoneLagSeconds > MAX_ZONE_LAG) revert ZoneLagTooLong(service.zoneLagSeconds, MAX_ZONE_LAG);
        if (stake.disputeWindow > MAX_DURATION) {
            revert DurationTooLong("disputeWindow", stake.disputeWindow, MAX_DURATION);
        }
        if (stake.reportWithin > MAX_DURATION) {
            revert DurationTooLong("reportWithin", stake.reportWithin, MAX_DURATION);
        }
        if (stake.claimWithin > MAX_DURATION) revert DurationTooLong("claimWithin", stake.claimWithin, MAX_DURATION);
        if (stake.ruleWithin > MAX_DURATION) revert DurationTooLong("ruleWithin", stake.ruleWithin, MAX_DURATION);
        if (stake.reportWithin >= stake.claimWithin) revert ReportAfterClaim(stake.reportWithin, stake.claimWithin);
        if (stake.ruleWithin == 0) revert RuleWithinZero();

        uint256 last = ScheduleMath.lastClaimDeadline(service, stake, service.count);
        uint256 latest = last + stake.disputeWindow + stake.ruleWithin;
        if (latest >= TIME_LIMIT) revert TimesTooLate(latest, TIME_LIMIT);
        uint256 firstEnd = ScheduleMath.endOf(service, 0);
        if (block.timestamp >= firstEnd) revert FirstPeriodOver(firstEnd, block.timestamp);
        if (block.timestamp >= openBy) revert OpenByPassed(openBy, block.timestamp);
    }

    function _checkStake(Service calldata service, Stake calldata stake, Formation calldata formation) private pure {
        if (stake.bond == 0) revert BondZero();
        if (stake.arbiterFee > stake.bond) revert ArbiterFeeAboveBond(stake.arbiterFee, stake.bond);
        if (service.charge != 0 && service.chargeMax != 0) revert TwoCharges(service.charge, service.chargeMax);
        uint256 breaches = formation.exitBreaches;
        uint256 periods = formation.exitPeriods;
        if ((breaches == 0) != (periods == 0) || breaches > periods) revert ExitRuleInvalid(breaches, periods);
    }

    /// @dev With what a period can pay bounded here, no later sum of an account can leave its type.
    function _checkObligations(Agreement calldata agreement) private pure {
        Service calldata service = agreement.service;
        Obligation[] calldata obligations = agreement.obligations;
        uint256 count = obligations.length;
        if (count == 0 || count > MAX_OBLIGATIONS) revert ObligationsOutOfRange(count, MAX_OBLIGATIONS);
        uint256 charge = service.charge != 0 ? service.charge : service.chargeMax;
        // slither-disable-next-line uninitialized-local -- zero is where it begins
        uint256 worst;
        for (uint256 i; i < count; ++i) {
            worst += _worstCompensation(i, obligations[i], charge);
        }
        uint256 exposure = CreditMath.entitlement(service.periodCap, worst) * service.count;
        if (exposure > type(uint96).max) revert ExposureTooLarge(exposure, type(uint96).max);
    }

    /// @dev Checks the obligation and returns the most it can pay for a sane attainment.
    function _worstCompensation(uint256 index, Obligation calldata obligation, uint256 charge)
        private
        pure
        returns (uint256 amount)
    {
        uint64 min = obligation.saneMin;
        uint64 max = obligation.saneMax;
        Comparator comparator = obligation.comparator;
        uint256 rate = _worstRate(index, obligation.tiers, comparator, min, max);
        // Reading an enum is what checks it; this one is used by nobody here.
        obligation.missingData;
        PayUnit payUnit = obligation.payUnit;
        if (charge == 0 && payUnit == PayUnit.ChargePpm) revert ChargeMissing(index);
        amount = CreditMath.amountOf(rate, payUnit, obligation.cap, charge);
        if (amount > type(uint96).max) revert AmountTooLarge(amount, type(uint96).max);
    }

    /// @dev Every bound can be passed, so the last tier's rate at the worst sane attainment is the highest.
    function _worstRate(uint256 index, Tier[] calldata tiers, Comparator comparator, uint64 min, uint64 max)
        private
        pure
        returns (uint256)
    {
        uint256 count = tiers.length;
        if (count == 0 || count > MAX_TIERS) revert TiersOutOfRange(index, count, MAX_TIERS);
        if (min >= max || max == NO_DATA) revert SaneBoundsInvalid(index, min, max);
        uint64 worst = comparator == Comparator.AtLeast ? min : max;
        // slither-disable-next-line uninitialized-local -- read from the second tier on
        Tier memory before;
        for (uint256 j; j < count; ++j) {
            Tier memory tier = tiers[j];
            uint64 bound = tier.bound;
            if (bound < min || bound > max || bound == worst) revert BoundOutOfSane(index, j, bound);
            if ((tier.slope == 0) != (tier.step == 0)) revert StepSlopeMismatch(index, j);
            if (tier.base == 0 && tier.slope == 0) revert TierPaysNothing(index, j);
            if (j != 0) {
                if (!CreditMath.isBeyond(comparator, bound, before.bound)) revert TiersUnordered(index, j);
                if (CreditMath.tierRate(before, bound) > tier.base) revert TierPaysLess(index, j);
            }
            before = tier;
        }
        return CreditMath.tierRate(before, worst);
    }
}
