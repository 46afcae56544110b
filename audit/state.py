"""The escrow as the audit keeps it: its own books, written from the events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto

from audit.calls import Call
from audit.derivation import Derivation
from audit.findings import Dispute, Observed, Payment, Settlement
from audit.tokens import Ledger
from record.pack_logs import Scope
from record.typed_data import Domain
from sla.agreement import Agreement, Obligation
from sla.report import Report

ClaimKey = tuple[int, int]
"""Period and obligation."""


class Status(Enum):
    """Where a claim stands."""

    PENDING = auto()
    DISPUTED = auto()
    RULED = auto()
    SETTLED = auto()


@dataclass(slots=True)
class Claim:
    """A report that was brought. ``final`` is what it will pay as things stand: the report's or the ruling's."""

    round: int | None
    revision: int
    observed: Observed
    reported: Derivation
    final: Derivation
    window_end: int
    status: Status = Status.PENDING
    dispute: Dispute | None = None


@dataclass(slots=True)
class Account:
    """An agreement's account. ``unpaid`` are the settlements since nothing was due."""

    id: bytes
    agreement: Agreement
    in_scope: bool
    collateral: int
    received: int
    due: int = 0
    open_claims: int = 0
    compensated: int = 0
    released: int = 0
    claims: dict[ClaimKey, Claim] = field(default_factory=dict)
    totals: Counter[int] = field(default_factory=Counter)
    unpaid: list[Settlement] = field(default_factory=list)

    @property
    def token(self) -> str:
        """What the agreement pays in."""
        return self.agreement.stake.token

    @property
    def payable(self) -> int:
        """What the escrow pays as soon as it looks: what is due, as far as the collateral goes."""
        return max(0, min(self.due, self.collateral))

    def promise(self, obligation: int) -> Obligation | None:
        """The obligation at an index."""
        obligations = self.agreement.obligations
        return obligations[obligation] if obligation < len(obligations) else None


@dataclass(frozen=True, slots=True)
class Attested:
    """A root of a committee in scope: its reports, each with what the members observed."""

    round: int
    time: int
    observed: dict[Report, Observed]


@dataclass(slots=True)
class Committee:
    """A committee in scope. ``reports`` are the first of each revision, with their rounds."""

    members: tuple[str, ...]
    quorum: int
    last_round: int = 0
    roots: dict[bytes, Attested] = field(default_factory=dict)
    reports: dict[tuple[bytes | int, ...], tuple[int, Report]] = field(default_factory=dict)


@dataclass(slots=True)
class Terms:
    """An agreement whose digest is its id, and the signatures it came with."""

    agreement: Agreement
    provider_signature: bytes
    customer_signature: bytes


@dataclass(slots=True)
class State:
    """Everything at one point of the history. ``trusted``: the chain itself was checked against trust roots."""

    chain_id: int
    scope: Scope
    domain: Domain
    trusted: bool
    terms: dict[bytes, Terms]
    ledger: Ledger
    accounts: dict[bytes, Account] = field(default_factory=dict)
    committees: dict[str, Committee] = field(default_factory=dict)
    deployed: bool = False
    call: Call | None = None
    settlements: list[Settlement] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
