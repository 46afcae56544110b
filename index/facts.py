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
from sla.compensation import entitlement
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


@dataclass(frozen=True, slots=True)
class Brought:
    """A report as it was brought: what it says, and as what the escrow took it. ``root`` attested it."""

    revision: int
    finding: Finding
    status: ClaimStatus
    deadline: int
    root: bytes
    place: Place


class Outcome(StrEnum):
    """How a contest ended: ``UNRULED`` when the arbiter was silent; a case also by a later report (``CORRECTED``) or by
    a dispute (``DISPUTED``)."""

    AWAITED = "awaited"
    RULED = "ruled"
    CONCEDED = "conceded"
    UNRULED = "unruled"
    CORRECTED = "corrected"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document a party named."""

    party: str
    content_hash: bytes
    uri: str
    place: Place


@dataclass(frozen=True, slots=True)
class Dispute:
    """A contest. Of a case, which a report outside the sane bounds opened, ``disputer`` and ``alleged`` are None.

    ``reported`` is the report contested, None without one. A ruling is measured against ``contested``; ``standing`` was
    to be settled if nobody ruled. ``bond`` is what arrived of it; ``ruling`` and ``winner`` are None without a ruling.
    """

    key: ClaimKey
    disputer: str | None
    reported: Finding | None
    alleged: Finding | None
    contested: int
    standing: int
    bond: int
    ruling_deadline: int
    place: Place
    evidence: tuple[Evidence, ...] = ()
    outcome: Outcome = Outcome.AWAITED
    ruling: Finding | None = None
    winner: str | None = None
    decided: Place | None = None

    @property
    def is_case(self) -> bool:
        """Whether nobody disputes: it waits for the arbiter all the same."""
        return self.disputer is None


@dataclass(frozen=True, slots=True)
class Settlement:
    """A compensation that was settled; a later one of the same claim moves the difference."""

    compensation: int
    entitlement_change: int
    place: Place


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of one obligation in one period: all reports that were brought, all contests, all settlements, each
    in order. ``pending`` is what will be settled as things stand; ``place`` where it began."""

    key: ClaimKey
    place: Place
    status: ClaimStatus
    pending: int
    reports: tuple[Brought, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    settlements: tuple[Settlement, ...] = ()

    @property
    def report(self) -> Brought | None:
        """The newest report; None where a period was disputed without one."""
        return self.reports[-1] if self.reports else None

    @property
    def dispute(self) -> Dispute | None:
        """The contest that waits for its ruling, else the last there was."""
        return self.disputes[-1] if self.disputes else None

    @property
    def awaits_ruling(self) -> bool:
        """Whether it is contested now."""
        return self.status == ClaimStatus.DISPUTED

    @property
    def is_open(self) -> bool:
        """Whether it is still to be settled."""
        return self.status in (ClaimStatus.PENDING, ClaimStatus.DISPUTED, ClaimStatus.RULED)

    @property
    def settled(self) -> int:
        """The compensation that was settled last."""
        return self.settlements[-1].compensation if self.settlements else 0

    @property
    def compensation(self) -> int:
        """What it pays by the last word so far."""
        return self.pending if self.is_open else self.settled

    @property
    def window_end(self) -> int:
        """Until when the newest report may be disputed, or ruled; 0 without a report."""
        return self.reports[-1].deadline if self.reports else 0

    @property
    def ruling(self) -> Finding | None:
        """What was ruled or conceded: the last word. None without one."""
        last = self.dispute
        if last is None or self.status not in (ClaimStatus.RULED, ClaimStatus.FINAL):
            return None
        return last.ruling if last.outcome is Outcome.RULED else last.alleged

    def is_due(self, time: int) -> bool:
        """Whether it can be settled at ``time``."""
        if self.status == ClaimStatus.PENDING:
            return time >= self.window_end
        if self.awaits_ruling and self.dispute is not None:
            return time >= self.dispute.ruling_deadline
        return self.status == ClaimStatus.RULED


class CutReason(StrEnum):
    """Why terms end early, or where others took over."""

    AMENDED = "amended"
    TERMINATED = "terminated"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class Cut:
    """Terms end after ``count`` periods. ``successor`` took over from them; ``breaches`` are those an exit named."""

    reason: CutReason
    count: int
    place: Place
    successor: bytes | None = None
    breaches: tuple[ClaimKey, ...] = ()


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """Terms in force, and all that became of their periods. ``first`` is the version that holds the money.

    ``count`` periods are left of those that were signed, by the last of ``cuts``. ``downstream`` is the first version
    whose escrow receives what these terms pay, None while they are not linked. ``settled_totals`` sums each period's
    settled compensations before the joint cap, ``entitlements`` after it.
    """

    id: bytes
    first: bytes
    agreement: Agreement
    opened: Place
    count: int
    cuts: tuple[Cut, ...] = ()
    downstream: bytes | None = None
    claims: Mapping[ClaimKey, Claim] = field(default_factory=dict)
    settled_totals: Mapping[int, int] = field(default_factory=dict)
    entitlements: Mapping[int, int] = field(default_factory=dict)

    def pending_entitlement(self) -> int:
        """By how much what the customer is to have changes if every open claim is settled as things stand, the joint
        cap of each period considered."""
        changes: dict[int, int] = {}
        for claim in self.claims.values():
            if claim.is_open:
                changes[claim.key.period] = changes.get(claim.key.period, 0) + claim.pending - claim.settled
        cap = self.agreement.service.period_cap
        return sum(
            entitlement(cap, self.settled_totals.get(period, 0) + change) - self.entitlements.get(period, 0)
            for period, change in changes.items()
        )


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An agreement's money, kept under its first version. ``due`` is entitled minus paid: positive is arrears.

    ``versions`` are the ids of all, oldest first. ``credited`` went into others' escrows, ``credits`` came from others.
    ``trail`` is all that happened, in order.
    """

    id: bytes
    versions: tuple[bytes, ...]
    collateral: int
    due: int = 0
    paid: int = 0
    credited: int = 0
    credits: int = 0
    open_claims: int = 0
    released: Place | None = None
    trail: tuple[Occurrence, ...] = ()

    @property
    def head(self) -> bytes:
        """The version that no other has taken over from."""
        return self.versions[-1]

    @property
    def arrears(self) -> int:
        """What is owed and was not covered."""
        return max(0, self.due)


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
    """A committee as it was when it was first read; ``members`` in the order of their index.

    Parties may name any contract. ``is_genuine`` is False for one that does not speak as a Committee: of it, nothing
    is read.
    """

    address: str
    members: tuple[str, ...]
    quorum: int
    is_genuine: bool
