// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {EfficientHashLib} from "solady/src/utils/EfficientHashLib.sol";

import {Agreement, Formation, Obligation, Parties, Report, Service, Stake, Tier} from "../Types.sol";

/// @title Everything that is hashed
/// @notice EIP-712 struct hashes of an agreement, and the Merkle leaf of a report. Their twins are in `record/`.
/// @dev A static struct in calldata is its EIP-712 encoding, word for word, so it is hashed where it lies. The words
/// are not cleaned here: `open` reads, and the compiler thereby checks, every member narrower than a word before any
/// digest counts, and later calls must hash to that digest. See docs/decisions/0003-hash-calldata-in-place.md.
library AgreementHash {
    error OffsetBackwards();

    // Each type in one literal: only those are hashed by the compiler.
    bytes32 internal constant AGREEMENT_TYPEHASH = keccak256(
        "Agreement(Parties parties,Service service,Stake stake,Formation formation," "Obligation[] obligations)"
        "Formation(bytes32 document,uint96 collateral,bytes32 predecessor,uint40 openBy,"
        "uint16 exitBreaches,uint16 exitPeriods)"
        "Obligation(bytes32 indicator,uint8 comparator,uint8 payUnit,uint8 missingData,uint96 cap,"
        "uint64 saneMin,uint64 saneMax,Tier[] tiers)" "Parties(address provider,address customer,address arbiter)"
        "Service(address committee,uint40 start,uint8 unit,uint32 length,uint24 count,"
        "uint32 zoneLagSeconds,uint96 charge,uint96 chargeMax,uint96 periodCap)"
        "Stake(address token,uint96 bond,uint96 arbiterFee,uint32 disputeWindow,"
        "uint32 reportWithin,uint32 claimWithin,uint32 ruleWithin,bytes32 downstream)"
        "Tier(uint64 bound,uint96 base,uint96 slope,uint64 step)"
    );
    bytes32 internal constant OBLIGATION_TYPEHASH = keccak256(
        "Obligation(bytes32 indicator,uint8 comparator,uint8 payUnit,uint8 missingData,uint96 cap,"
        "uint64 saneMin,uint64 saneMax,Tier[] tiers)" "Tier(uint64 bound,uint96 base,uint96 slope,uint64 step)"
    );
    bytes32 internal constant FORMATION_TYPEHASH = keccak256(
        "Formation(bytes32 document,uint96 collateral,bytes32 predecessor,uint40 openBy,"
        "uint16 exitBreaches,uint16 exitPeriods)"
    );
    bytes32 internal constant PARTIES_TYPEHASH =
        keccak256("Parties(address provider,address customer,address arbiter)");
    bytes32 internal constant SERVICE_TYPEHASH = keccak256(
        "Service(address committee,uint40 start,uint8 unit,uint32 length,uint24 count,"
        "uint32 zoneLagSeconds,uint96 charge,uint96 chargeMax,uint96 periodCap)"
    );
    bytes32 internal constant STAKE_TYPEHASH = keccak256(
        "Stake(address token,uint96 bond,uint96 arbiterFee,uint32 disputeWindow,"
        "uint32 reportWithin,uint32 claimWithin,uint32 ruleWithin,bytes32 downstream)"
    );
    bytes32 internal constant TIER_TYPEHASH = keccak256("Tier(uint64 bound,uint96 base,uint96 slope,uint64 step)");

    /// @param obligationsHash `hashObligations` of the agreement, or `hashWithOne` of its obligations' hashes.
    function hashAgreement(
        Parties calldata parties,
        Service calldata service,
        Stake calldata stake,
        bytes32 formationHash,
        bytes32 obligationsHash
    ) internal pure returns (bytes32) {
        // slither-disable-next-line write-after-write -- offset and length are written apart
        bytes calldata partiesWords;
        // slither-disable-next-line write-after-write -- offset and length are written apart
        bytes calldata serviceWords;
        // slither-disable-next-line write-after-write -- offset and length are written apart
        bytes calldata stakeWords;
        assembly ("memory-safe") {
            partiesWords.offset := parties
            partiesWords.length := 96
            serviceWords.offset := service
            serviceWords.length := 288
            stakeWords.offset := stake
            stakeWords.length := 256
        }
        return EfficientHashLib.hash(
            AGREEMENT_TYPEHASH,
            _hash(PARTIES_TYPEHASH, partiesWords, ""),
            _hash(SERVICE_TYPEHASH, serviceWords, ""),
            _hash(STAKE_TYPEHASH, stakeWords, ""),
            formationHash,
            obligationsHash
        );
    }

    function hashFormation(Formation calldata formation) internal pure returns (bytes32) {
        // slither-disable-next-line write-after-write -- offset and length are written apart
        bytes calldata words;
        assembly ("memory-safe") {
            words.offset := formation
            words.length := 192
        }
        return _hash(FORMATION_TYPEHASH, words, "");
    }

    /// @dev Solidity follows nested offsets that lead backwards, other ABI decoders do not. They are refused (an array
    /// begins behind the word of its length), so that
    /// whoever reads `open`'s call in its event reads the same terms.
    function hashObligations(Agreement calldata agreement) internal pure returns (bytes32) {
        Obligation[] calldata obligations = agreement.obligations;
        bytes32[] memory hashes = new bytes32[](obligations.length);
        bool backwards;
        assembly ("memory-safe") {
            backwards := lt(obligations.offset, add(agreement, 0x20))
        }
        for (uint256 i; i < hashes.length; ++i) {
            Obligation calldata obligation = obligations[i];
            Tier[] calldata tiers = obligation.tiers;
            assembly ("memory-safe") {
                backwards := or(
                    backwards,
                    or(lt(obligation, obligations.offset), lt(tiers.offset, add(obligation, 0x20)))
                )
            }
            hashes[i] = hashObligation(obligation);
        }
        if (backwards) revert OffsetBackwards();
        return EfficientHashLib.hash(hashes);
    }

    /// @notice The hash of all obligations from their hashes, of which the one at `index` is computed here.
    function hashWithOne(bytes32[] calldata others, uint256 index, bytes32 one) internal pure returns (bytes32) {
        bytes32[] memory hashes = others;
        hashes[index] = one;
        return EfficientHashLib.hash(hashes);
    }

    function hashObligation(Obligation calldata obligation) internal pure returns (bytes32) {
        Tier[] calldata tiers = obligation.tiers;
        bytes32[] memory hashes = new bytes32[](tiers.length);
        for (uint256 i; i < hashes.length; ++i) {
            Tier calldata tier = tiers[i];
            // slither-disable-next-line write-after-write -- offset and length are written apart
            bytes calldata tierWords;
            assembly ("memory-safe") {
                tierWords.offset := tier
                tierWords.length := 128
            }
            hashes[i] = _hash(TIER_TYPEHASH, tierWords, "");
        }
        // slither-disable-next-line write-after-write -- offset and length are written apart
        bytes calldata words;
        assembly ("memory-safe") {
            words.offset := obligation
            words.length := 224
        }
        return _hash(OBLIGATION_TYPEHASH, words, EfficientHashLib.hash(hashes));
    }

    /// @notice The leaf of `@openzeppelin/merkle-tree`'s standard tree: hashed twice, so that no inner node is a leaf.
    function leaf(Report memory report) internal pure returns (bytes32) {
        (uint256 period, uint256 obligation, uint256 revision) = (report.period, report.obligation, report.revision);
        return leaf(report.agreement, period, obligation, revision, report.attained, report.charge);
    }

    /// @notice The same of the members of a report, each as one word.
    function leaf(
        bytes32 agreement,
        uint256 period,
        uint256 obligation,
        uint256 revision,
        uint256 attained,
        uint256 charge
    ) internal pure returns (bytes32) {
        return EfficientHashLib.hash(
            EfficientHashLib.hash(uint256(agreement), period, obligation, revision, attained, charge)
        );
    }

    /// @dev The EIP-712 struct hash of `words`, and of one word `last` unless that is 0.
    function _hash(bytes32 typeHash, bytes calldata words, bytes32 last) private pure returns (bytes32 structHash) {
        assembly ("memory-safe") {
            // Beyond the free memory pointer, which stays: nothing is allocated.
            let start := mload(0x40)
            let end := add(add(start, 0x20), words.length)
            mstore(start, typeHash)
            calldatacopy(add(start, 0x20), words.offset, words.length)
            mstore(end, last)
            structHash := keccak256(start, sub(add(end, mul(0x20, iszero(iszero(last)))), start))
        }
    }
}
