"""What both parties sign. The fields are those of ``contracts/Types.sol``, with the same meaning and widths.

Ratios are parts per million, money is token base units, time is whole seconds UTC. Addresses are EIP-55
checksummed strings, ``bytes32`` are ``bytes``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

NO_DATA = 2**64 - 1
"""A report's ``attained`` when fewer than a quorum of observations were known. Never a sane value."""

PPM = 1_000_000
"""One whole, in parts per million."""

UINT96_MAX = 2**96 - 1
"""The largest amount of money the contracts keep."""

ZERO_ADDRESS = "0x" + "0" * 40
ZERO_BYTES32 = bytes(32)


class ScheduleUnit(IntEnum):
    """What a period's length counts."""

    SECONDS = 0
    MONTHS = 1


class Comparator(IntEnum):
    """Whether better is more (uptime) or less (latency, repair time, incidents)."""

    AT_LEAST = 0
    AT_MOST = 1


class PayUnit(IntEnum):
    """What a tier's base and slope are: parts per million of the charge, or token base units."""

    CHARGE_PPM = 0
    AMOUNT = 1


class MissingData(IntEnum):
    """What a period without a known attainment means."""

    IGNORE = 0
    BREACH = 1
    ARBITER = 2


@dataclass(frozen=True, slots=True)
class Parties:
    """Who signs, and who judges when they disagree."""

    provider: str
    customer: str
    arbiter: str


@dataclass(frozen=True, slots=True)
class Service:
    """What is measured, by whom, over which periods, for which charge."""

    committee: str
    start: int
    unit: ScheduleUnit
    length: int
    count: int
    zone_lag_seconds: int
    charge: int
    charge_max: int
    period_cap: int


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake, and the windows within which it moves."""

    token: str
    bond: int
    arbiter_fee: int
    dispute_window: int
    report_within: int
    claim_within: int
    rule_within: int
    downstream: bytes


@dataclass(frozen=True, slots=True)
class Formation:
    """What matters only when an agreement begins or is left; later calls bring it by its hash."""

    document: bytes
    collateral: int
    predecessor: bytes
    open_by: int
    exit_breaches: int
    exit_periods: int


@dataclass(frozen=True, slots=True)
class Tier:
    """A bound on attainment and the compensation beyond it: ``base + slope * (distance // step)``."""

    bound: int
    base: int
    slope: int
    step: int


@dataclass(frozen=True, slots=True)
class Obligation:
    """One promise: an indicator, its tiers (from the objective outwards, worst last), its cap."""

    indicator: bytes
    comparator: Comparator
    pay_unit: PayUnit
    missing_data: MissingData
    cap: int
    sane_min: int
    sane_max: int
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The whole: its EIP-712 digest is the agreement's id."""

    parties: Parties
    service: Service
    stake: Stake
    formation: Formation
    obligations: tuple[Obligation, ...]
