// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title The words of Makegood, as structs
/// @notice One meaning per field; the same names stand in Python, in the terms file and on the pages.
/// Ratios are parts per million, money is token base units, time is whole seconds UTC.

/// @notice Who signs, and who judges when they disagree.
struct Parties {
    address provider;
    address customer;
    /// Rules disputes. Neither party.
    address arbiter;
}

/// @notice What is measured, by whom, over which periods, for which charge.
struct Service {
    /// The `IMeasurementOracle` whose roots count.
    address committee;
    /// First second of period 0.
    uint40 start;
    ScheduleUnit unit;
    /// Length of a period, in `unit`.
    uint32 length;
    /// Number of periods.
    uint24 count;
    /// How far the agreement's own zone may lag behind UTC: every deadline waits for it. At most 14 h.
    uint32 zoneLagSeconds;
    /// The fixed charge of a period; 0 when metered.
    uint96 charge;
    /// The most a metered charge may be; 0 when fixed.
    uint96 chargeMax;
    /// The most a period's obligations pay together; 0 means no joint cap.
    uint96 periodCap;
}

/// @notice What is at stake, and the windows within which it moves.
struct Stake {
    /// A plain ERC-20. Unsafe for all agreements that use it: one that rebases, takes more from the sender than the
    /// amount sent, or moves tokens and answers that it did not.
    address token;
    /// What a disputer puts up.
    uint96 bond;
    /// The part of the bond that pays for a ruling, whoever wins.
    uint96 arbiterFee;
    /// From claim to settlement. 0 pays in the claim's own transaction.
    uint32 disputeWindow;
    /// From a period's end: a report is overdue.
    uint32 reportWithin;
    /// From a period's end: nothing can be claimed any more.
    uint32 claimWithin;
    /// From a dispute: without a ruling the report stands.
    uint32 ruleWithin;
    /// The agreement whose escrow receives the compensation; 0 pays the customer.
    bytes32 downstream;
}

/// @notice What matters only when an agreement begins or is left: later calls bring it by its hash.
struct Formation {
    /// keccak256 of the terms document both parties hold.
    bytes32 document;
    /// Pulled from the provider when the agreement opens; 0 for internal agreements.
    uint96 collateral;
    /// The agreement these terms take over from; 0 for a first agreement.
    bytes32 predecessor;
    /// The terms cannot be opened at or after this time.
    uint40 openBy;
    /// The customer may leave after `exitBreaches` distinct paid periods within `exitPeriods`; 0 and 0 means no exit.
    uint16 exitBreaches;
    uint16 exitPeriods;
}

/// @notice A bound on attainment and the compensation beyond it: `base + slope * floor(distance / step)`.
struct Tier {
    uint64 bound;
    uint96 base;
    uint96 slope;
    uint64 step;
}

/// @notice One promise: an indicator, its tiers, its cap.
struct Obligation {
    /// keccak256 of the indicator's definition in the terms document.
    bytes32 indicator;
    Comparator comparator;
    PayUnit payUnit;
    MissingData missingData;
    /// The most this obligation pays in a period, in token base units; 0 means no cap of its own.
    uint96 cap;
    /// Attainments outside [saneMin, saneMax] never pay by themselves.
    uint64 saneMin;
    uint64 saneMax;
    /// From the objective outwards, worst last.
    Tier[] tiers;
}

/// @notice What both parties sign.
struct Agreement {
    Parties parties;
    Service service;
    Stake stake;
    Formation formation;
    Obligation[] obligations;
}

/// @notice An agreement as a later call brings it; the obligations come by their hashes beside it.
struct Terms {
    Parties parties;
    Service service;
    Stake stake;
    /// The EIP-712 struct hash of the formation.
    bytes32 formationHash;
}

/// @notice A leaf: what a committee found for one obligation in one period.
struct Report {
    bytes32 agreement;
    uint32 period;
    uint8 obligation;
    uint16 revision;
    uint64 attained;
    uint96 charge;
}

/// @notice What somebody says of one obligation in one period: an allegation, or a ruling.
struct Finding {
    uint64 attained;
    uint96 charge;
}

/// @notice A claim within an agreement.
struct ClaimKey {
    uint32 period;
    uint8 obligation;
}

enum ScheduleUnit {
    Seconds,
    Months
}

/// @notice Whether better is more (uptime) or less (latency, repair time, incidents).
enum Comparator {
    AtLeast,
    AtMost
}

/// @notice What a tier's `base` and `slope` are: parts per million of the charge, or token base units.
enum PayUnit {
    ChargePpm,
    Amount
}

/// @notice What a period without a known attainment means.
enum MissingData {
    Ignore,
    Breach,
    Arbiter
}

/// @dev A report's `attained` when fewer than a quorum of observations were known.
uint64 constant NO_DATA = type(uint64).max;

/// @dev One whole, in parts per million.
uint256 constant PPM = 1_000_000;
