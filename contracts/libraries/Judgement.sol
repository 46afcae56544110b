// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ISLAEscrow} from "../interfaces/ISLAEscrow.sol";
import {Comparator, Finding, MissingData, Obligation, Service} from "../Types.sol";
import {CreditMath} from "./CreditMath.sol";

/// @title What a finding pays
library Judgement {
    using SafeCast for uint256;

    /// @notice The compensation of what was alleged or ruled: it must be within the sane bounds.
    function compensation(Service calldata service, Obligation calldata obligation, Finding calldata found)
        internal
        pure
        returns (uint96)
    {
        checkCharge(service, found.charge);
        if (!isSane(obligation, found.attained)) {
            revert ISLAEscrow.OutsideSaneBounds(found.attained, obligation.saneMin, obligation.saneMax);
        }
        return _compensation(obligation, found.attained, found.charge);
    }

    /// @notice What a report pays if nobody objects: outside the sane bounds, what the missing-data policy says.
    /// @param attained `NO_DATA` where there is no report.
    /// @return amount In token base units.
    /// @return sane Whether it is within the bounds.
    function standing(Service calldata service, Obligation calldata obligation, uint64 attained, uint96 charge)
        internal
        pure
        returns (uint96 amount, bool sane)
    {
        checkCharge(service, charge);
        sane = isSane(obligation, attained);
        if (!sane) {
            if (obligation.missingData != MissingData.Breach) return (0, false);
            attained = obligation.comparator == Comparator.AtLeast ? obligation.saneMin : obligation.saneMax;
        }
        amount = _compensation(obligation, attained, charge);
    }

    /// @dev `NO_DATA` never is: `open` refuses bounds that reach it.
    function isSane(Obligation calldata obligation, uint64 attained) internal pure returns (bool) {
        return attained >= obligation.saneMin && attained <= obligation.saneMax;
    }

    /// @dev Fixed charges are what was signed; metered ones are at most that.
    function checkCharge(Service calldata service, uint96 charge) internal pure {
        if (service.chargeMax == 0) {
            if (charge != service.charge) revert ISLAEscrow.ChargeMismatch(charge, service.charge);
        } else if (charge > service.chargeMax) {
            revert ISLAEscrow.ChargeMismatch(charge, service.chargeMax);
        }
    }

    /// @dev The terms were refused if the worst sane attainment pays more than fits.
    function _compensation(Obligation calldata obligation, uint64 attained, uint96 charge)
        private
        pure
        returns (uint96)
    {
        return CreditMath.compensation(obligation, attained, charge).toUint96();
    }
}
