"""The escrow's books as the audit keeps them: claims by the version that governs their period, money by the first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

from audit.derivation import Derivation
from audit.findings import Basis, Case, Dispute, Ending, Observed, Settlement
from sla.agreement import UINT96_MAX, Agreement, Obligation
from sla.schedule import last_claim_deadline

ClaimKey = tuple[int, int]
"""Period and obligation."""


class Status(IntEnum):
    """Where a claim stands, as ``ISLAEscrow.ClaimStatus`` counts."""

    PENDING = 1
    DISPUTED = 2
    RULED = 3
    SETTLED = 4
    FINAL = 5


@dataclass(slots=True)
class Claim:
    """What is known of one obligation in one period. ``pending`` is what it will pay as things stand, ``settled`` the
    compensation that was. ``window_end`` is 0 while there is no report."""

    status: Status
    pending: Derivation
    basis: Basis
    settled: int = 0
    window_end: int = 0
    revision: int = 0
    round: int | None = None
    observed: Observed = ()
    contest: Dispute | Case | None = None

    @property
    def dispute(self) -> Dispute | None:
        """The dispute that waits for its ruling; a case is none."""
        contest = self.contest
        return contest if self.status is Status.DISPUTED and isinstance(contest, Dispute) else None


@dataclass(slots=True)
class Version:
    """Terms in force. ``count`` periods are left of those that were signed; ``downstream`` is whose escrow receives
    what they pay, None while they are not linked."""

    id: bytes
    agreement: Agreement
    account: Account
    in_scope: bool
    count: int
    ending: Ending | None = None
    downstream: Account | None = None
    claims: dict[ClaimKey, Claim] = field(default_factory=dict)
    totals: Counter[int] = field(default_factory=Counter)

    def promise(self, obligation: int) -> Obligation | None:
        """The obligation at an index."""
        obligations = self.agreement.obligations
        return obligations[obligation] if obligation < len(obligations) else None

    def credits(self, amount: int) -> Account | None:
        """Whose escrow a payment of ``amount`` raises; None if it goes to the customer (R14)."""
        below = self.downstream
        if below is None or below.is_released or amount > UINT96_MAX - below.collateral:
            return None
        return below


@dataclass(slots=True)
class Account:
    """An agreement's money, whatever its versions. ``unpaid`` are the settlements since nothing was due; ``floor`` is
    the latest claim deadline of the versions before the head."""

    id: bytes
    token: str
    provider: str
    customer: str
    collateral: int
    received: int
    due: int = 0
    open_claims: int = 0
    compensated: int = 0
    credited: int = 0
    credits: int = 0
    released: int = 0
    is_released: bool = False
    floor: int = 0
    versions: list[Version] = field(default_factory=list)
    unpaid: list[Settlement] = field(default_factory=list)

    @property
    def head(self) -> Version:
        """The version that no other has taken over from."""
        return self.versions[-1]

    @property
    def payable(self) -> int:
        """What the escrow pays as soon as it looks: what is due, as far as the collateral goes."""
        return max(0, min(self.due, self.collateral))

    @property
    def releasable_from(self) -> int:
        """The last claim deadline of all versions (R15)."""
        return max(self.floor, last_claim_deadline(self.head.agreement, self.head.count))
