"""What an audit hands on: settlements, payments, disputes and balances, each recomputed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from audit.derivation import Derivation
from record.pack_logs import Entry
from sla.agreement import Agreement, Obligation

Observed = tuple[int | None, ...]
"""What each member saw of one obligation in one period, by its address; None for unknown."""


class Basis(Enum):
    """What a settled amount rests on."""

    REPORT = "report"
    RULING = "ruling"
    SILENCE = "silence"


class Outcome(Enum):
    """How a dispute stands."""

    OPEN = "open"
    RULED = "ruled"
    SILENT = "not ruled in time"


@dataclass(frozen=True, slots=True)
class Place:
    """A transaction: its place in a block, which has a number and a time in seconds UTC."""

    block: int
    time: int
    transaction: int

    @staticmethod
    def of(entry: Entry) -> Place:
        """Where an entry stands."""
        return Place(entry.block, entry.time, entry.transaction)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A compensation that became final.

    ``round``, ``revision`` and ``observed`` are those of the report that was claimed; ``round`` is None, and nothing
    was observed, when its committee is not in scope. ``others`` is what the period's other settlements came to before,
    ``change`` what the entitlement changed by.
    """

    agreement_id: bytes
    agreement: Agreement
    period: int
    obligation: int
    basis: Basis
    round: int | None
    revision: int
    observed: Observed
    derivation: Derivation
    others: int
    change: int
    place: Place

    @property
    def promise(self) -> Obligation:
        """The obligation itself."""
        return self.agreement.obligations[self.obligation]


@dataclass(frozen=True, slots=True)
class Payment:
    """Collateral that went to a customer: the least of ``due`` and ``collateral``, both as they were before.

    ``settlements`` are those since nothing was due. ``withheld``: the token refused; the customer may withdraw it.
    """

    agreement_id: bytes
    customer: str
    token: str
    amount: int
    due: int
    collateral: int
    settlements: tuple[Settlement, ...]
    withheld: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that a party named: the hash of its content, and where it was said to lie."""

    party: str
    content_hash: bytes
    uri: str
    place: Place


@dataclass(slots=True)
class Dispute:
    """A dispute and how it went: ruled or closed at ``decided``. ``fee`` went to the arbiter, the rest of the bond to
    the winner."""

    agreement_id: bytes
    period: int
    obligation: int
    disputer: str
    reported: Derivation
    alleged: Derivation
    bond: int
    ruling_deadline: int
    place: Place
    evidence: list[Evidence] = field(default_factory=list)
    outcome: Outcome = Outcome.OPEN
    ruling: Derivation | None = None
    winner: str | None = None
    fee: int = 0
    decided: Place | None = None


@dataclass(frozen=True, slots=True)
class AgreementBalance:
    """Where an agreement's money is. ``received`` is what arrived as collateral in all."""

    agreement_id: bytes
    agreement: Agreement
    received: int
    compensated: int
    released: int
    collateral: int
    due: int
    open_claims: int
    in_scope: bool


@dataclass(frozen=True, slots=True)
class TokenBalance:
    """The escrow's tokens: what came and went by the token's own account, and whose the rest is.

    ``held`` is collateral, bonds and what can be withdrawn; whatever is beyond was given to the escrow unasked.
    """

    token: str
    received: int
    sent: int
    collateral: int
    bonds: int
    withdrawable: int

    @property
    def held(self) -> int:
        """What the escrow owes to somebody."""
        return self.collateral + self.bonds + self.withdrawable

    @property
    def donated(self) -> int:
        """What it has beyond."""
        return self.received - self.sent - self.held
