"""The escrow as the audit keeps it: its own books, written from the events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from audit.books import Account, Version
from audit.calls import Call
from audit.findings import Case, Dispute, Observed, Payment, Settlement
from audit.tokens import Ledger
from record.events import RotationProposed
from record.pack_logs import Scope
from record.typed_data import Domain
from sla.agreement import Agreement
from sla.report import Report


@dataclass(frozen=True, slots=True)
class Attested:
    """A root of a committee in scope: its reports, each with what the members observed."""

    round: int
    time: int
    observed: dict[Report, Observed]


@dataclass(slots=True)
class Committee:
    """A committee in scope. ``reports`` are the first of each revision, with their rounds. ``former`` says who were
    the members before each rotation, and until when; ``rotations`` were proposed, ``rotation`` waits."""

    members: tuple[str, ...]
    quorum: int
    rotation_delay: int
    rotations: int = 0
    rotation: RotationProposed | None = None
    former: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
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
    """Everything at one point of the history. ``trusted``: the chain itself was checked against trust roots.
    ``accounts`` are by the first version's id, ``versions`` each by its own."""

    chain_id: int
    scope: Scope
    domain: Domain
    trusted: bool
    terms: dict[bytes, Terms]
    ledger: Ledger
    accounts: dict[bytes, Account] = field(default_factory=dict)
    versions: dict[bytes, Version] = field(default_factory=dict)
    committees: dict[str, Committee] = field(default_factory=dict)
    deployed: bool = False
    call: Call | None = None
    settlements: list[Settlement] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
