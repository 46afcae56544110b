"""What the events say, as records that never change: a later state of the chain is another record.

Amounts are token base units, times seconds UTC, addresses EIP-55.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from chain.escrow import ClaimStatus
from record.events import Event
from sla.agreement import Agreement
from sla.report import Report


@dataclass(frozen=True, slots=True)
class Block:
    """A block, pinned by its hash; ``time`` in seconds UTC."""

    number: int
    hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the chain, and since when."""

    block: Block
    transaction: bytes
    log_index: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event of the contract at ``address``."""

    address: str
    event: Event
    place: Place


class ClaimKey(NamedTuple):
    """A claim within an agreement."""

    period: int
    obligation: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody says was attained, and what the escrow computed from it."""

    attained: int
    charge: int
    compensation: int


class Outcome(StrEnum):
    """How a dispute ended: ``UNRULED`` when the arbiter was silent, so that the report stands."""

    AWAITED = "awaited"
    RULED = "ruled"
    UNRULED = "unruled"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document a party named."""

    party: str
    content_hash: bytes
    uri: str
    place: Place


@dataclass(frozen=True, slots=True)
class Dispute:
    """``bond`` is what arrived of it; ``ruling`` and ``winner`` are None without a ruling."""

    key: ClaimKey
    disputer: str
    alleged: Finding
    bond: int
    ruling_deadline: int
    place: Place
    evidence: tuple[Evidence, ...] = ()
    outcome: Outcome = Outcome.AWAITED
    ruling: Finding | None = None
    winner: str | None = None
    decided: Place | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """``reported`` is what was brought, ``final`` the last word so far; ``root`` attested the report."""

    key: ClaimKey
    revision: int
    reported: Finding
    final: Finding
    window_end: int
    root: bytes
    place: Place
    status: ClaimStatus = ClaimStatus.PENDING
    dispute: Dispute | None = None
    settled: Place | None = None

    def is_due(self, time: int) -> bool:
        """Whether it can be settled at ``time``."""
        if self.status == ClaimStatus.PENDING:
            return time >= self.window_end
        if self.status == ClaimStatus.DISPUTED and self.dispute is not None:
            return time >= self.dispute.ruling_deadline
        return self.status == ClaimStatus.RULED


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """An agreement, its account and all that happened to it, in order. ``due`` is entitled minus paid.

    ``settled_totals`` sums each period's settled compensations before the joint cap, ``entitlements`` after it.
    """

    id: bytes
    agreement: Agreement
    opened: Place
    collateral: int
    due: int = 0
    paid: int = 0
    open_claims: int = 0
    released: Place | None = None
    claims: Mapping[ClaimKey, Claim] = field(default_factory=dict)
    settled_totals: Mapping[int, int] = field(default_factory=dict)
    entitlements: Mapping[int, int] = field(default_factory=dict)
    trail: tuple[Occurrence, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """A round on the chain. ``reports`` is None until they are published; ``signers`` has one bit for each member."""

    committee: str
    number: int
    root: bytes
    bundle: bytes
    signers: int
    place: Place
    reports: tuple[Report, ...] | None = None


class Attested(NamedTuple):
    """A published report and the round that attested it."""

    report: Report
    round: Round


@dataclass(frozen=True, slots=True)
class Token:
    """An ERC-20. ``symbol`` and ``decimals`` are None where the contract does not say them as a token should."""

    address: str
    symbol: str | None
    decimals: int | None


@dataclass(frozen=True, slots=True)
class CommitteeTerms:
    """What never changes about a committee; ``members`` in the order of their index.

    Parties may name any contract. ``is_genuine`` is False for one that does not speak as a Committee: of it, nothing
    is read.
    """

    address: str
    members: tuple[str, ...]
    quorum: int
    is_genuine: bool
