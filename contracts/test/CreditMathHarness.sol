// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {AgreementHash} from "../libraries/AgreementHash.sol";
import {CreditMath} from "../libraries/CreditMath.sol";
import {ReportTree} from "../libraries/ReportTree.sol";
import {ScheduleMath} from "../libraries/ScheduleMath.sol";
import {TermsCheck} from "../libraries/TermsCheck.sol";
import {Agreement, Finding, Obligation, Report, Service, Stake} from "../Types.sol";

/// @title The libraries' internal functions, as calls: for tests against their Python twins
/// @dev Where thousands of cases are compared, a call takes an array of them.
contract CreditMathHarness {
    function rates(Obligation calldata obligation, Finding[] calldata found)
        external
        pure
        returns (uint256[] memory results)
    {
        results = new uint256[](found.length);
        for (uint256 i; i < found.length; ++i) {
            results[i] = CreditMath.rate(obligation, found[i].attained);
        }
    }

    function compensations(Obligation calldata obligation, Finding[] calldata found)
        external
        pure
        returns (uint256[] memory results)
    {
        results = new uint256[](found.length);
        for (uint256 i; i < found.length; ++i) {
            results[i] = CreditMath.compensation(obligation, found[i].attained, found[i].charge);
        }
    }

    function entitlements(uint256[] calldata caps, uint256[] calldata totals)
        external
        pure
        returns (uint256[] memory results)
    {
        results = new uint256[](caps.length);
        for (uint256 i; i < caps.length; ++i) {
            results[i] = CreditMath.entitlement(caps[i], totals[i]);
        }
    }

    function boundaries(Service calldata service, uint256[] calldata ks)
        external
        pure
        returns (uint256[] memory results)
    {
        results = new uint256[](ks.length);
        for (uint256 i; i < ks.length; ++i) {
            results[i] = ScheduleMath.boundary(service, ks[i]);
        }
    }

    /// @return end of `period`, last claim deadline of the whole schedule.
    function deadlines(Service calldata service, Stake calldata stake, uint256 period)
        external
        pure
        returns (uint256, uint256)
    {
        return (ScheduleMath.endOf(service, period), ScheduleMath.lastClaimDeadline(service, stake, service.count));
    }

    function check(Agreement calldata agreement) external view {
        TermsCheck.check(agreement);
    }

    /// @return structHash, formation's hash, the obligations' hash.
    function hashes(Agreement calldata agreement) external pure returns (bytes32, bytes32, bytes32) {
        bytes32 formation = AgreementHash.hashFormation(agreement.formation);
        bytes32 obligations = AgreementHash.hashObligations(agreement);
        bytes32 whole =
            AgreementHash.hashAgreement(agreement.parties, agreement.service, agreement.stake, formation, obligations);
        return (whole, formation, obligations);
    }

    function hashObligation(Obligation calldata obligation) external pure returns (bytes32) {
        return AgreementHash.hashObligation(obligation);
    }

    function hashWithOne(bytes32[] calldata others, uint256 index, bytes32 one) external pure returns (bytes32) {
        return AgreementHash.hashWithOne(others, index, one);
    }

    function leaf(Report calldata report) external pure returns (bytes32) {
        return AgreementHash.leaf(report);
    }

    function rootOf(Report[] calldata reports) external pure returns (bytes32) {
        return ReportTree.rootOf(reports);
    }

    function rootOfProof(bytes32 leaf_, bytes32[] calldata proof) external pure returns (bytes32) {
        return MerkleProof.processProofCalldata(proof, leaf_);
    }
}
