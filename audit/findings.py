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
    CONCESSION = "concession"
    SILENCE = "silence"
    MISSING_DATA = "missing data"


class Outcome(Enum):
    """How a dispute or a case stands; only a case can end by a later report or a dispute."""

    OPEN = "open"
    RULED = "ruled"
    CONCEDED = "conceded"
    SILENT = "not ruled in time"
    CORRECTED = "replaced by a later report"
    CONTESTED = "disputed by a party"


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

    ``agreement_id`` is the first version's, ``version`` the id of the terms that govern the period, ``agreement``
    those. ``round``, ``revision`` and ``observed`` are those of the report that was brought last, None and nothing
    without one; where the committee is not in scope, only the revision is known. ``before`` is what was settled for the
    obligation before, ``others`` what the period's other settlements came to, ``change`` what the entitlement changed
    by.
    """

    agreement_id: bytes
    version: bytes
    agreement: Agreement
    period: int
    obligation: int
    basis: Basis
    round: int | None
    revision: int | None
    observed: Observed
    derivation: Derivation
    before: int
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
    ``downstream`` is the agreement whose escrow received it in the customer's stead (R14); None for a transfer.
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
    downstream: bytes | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that a party named: the hash of its content, and where it was said to lie."""

    party: str
    content_hash: bytes
    uri: str
    place: Place


@dataclass(slots=True)
class Dispute:
    """A dispute and how it went: ended at ``decided``. ``fee`` went to the arbiter, the rest of the bond to the winner.

    ``contested`` is the compensation that a ruling is measured against; ``reported`` what stood when it began.
    ``is_leafless``: there was no report, ``reported`` is what the missing-data policy says and nothing is contested.
    """

    agreement_id: bytes
    version: bytes
    period: int
    obligation: int
    disputer: str
    reported: Derivation
    contested: int
    alleged: Derivation
    bond: int
    ruling_deadline: int
    place: Place
    is_leafless: bool = False
    evidence: list[Evidence] = field(default_factory=list)
    outcome: Outcome = Outcome.OPEN
    ruling: Derivation | None = None
    winner: str | None = None
    fee: int = 0
    decided: Place | None = None


@dataclass(slots=True)
class Case:
    """A report outside the sane bounds, for the arbiter to rule (R22). ``standing`` is what the missing-data policy
    says."""

    agreement_id: bytes
    version: bytes
    period: int
    obligation: int
    revision: int
    attained: int
    standing: Derivation
    ruling_deadline: int
    place: Place
    evidence: list[Evidence] = field(default_factory=list)
    outcome: Outcome = Outcome.OPEN
    ruling: Derivation | None = None
    decided: Place | None = None


class Ending(Enum):
    """Why terms end before the periods that were signed are over."""

    AMENDED = "amended"
    TERMINATED = "terminated"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class VersionFound:
    """The terms of an agreement from a time on: ``count`` periods of those that were signed. ``ending`` is None while
    all of them count."""

    id: bytes
    agreement: Agreement
    count: int
    ending: Ending | None
    in_scope: bool


@dataclass(frozen=True, slots=True)
class AgreementBalance:
    """Where an agreement's money is. ``received`` is what arrived as collateral in all, ``credits`` what agreements
    upstream paid into it, ``credited`` what it paid into others'. ``agreement`` is what was signed first."""

    agreement_id: bytes
    agreement: Agreement
    received: int
    credits: int
    compensated: int
    credited: int
    released: int
    collateral: int
    due: int
    open_claims: int
    in_scope: bool
    versions: tuple[VersionFound, ...]


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
