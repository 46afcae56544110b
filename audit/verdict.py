"""What an audit says in the end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from audit.findings import AgreementBalance, Case, Dispute, Payment, Settlement, TokenBalance


class Kind(Enum):
    """PASS needs trust roots; without them a pack can at best agree with itself."""

    PASS = "PASS"
    FAIL = "FAIL"
    INTERNALLY_CONSISTENT = "INTERNALLY CONSISTENT"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict and all that was recomputed; after a difference, what was recomputed before it.

    ``counts`` says how many of each thing were checked, ``notes`` what a reader should know besides.
    """

    kind: Kind
    first_difference: str | None
    chain_id: int | None
    escrow: str | None
    head: tuple[int, int, bytes] | None
    settlements: tuple[Settlement, ...]
    payments: tuple[Payment, ...]
    disputes: tuple[Dispute, ...]
    cases: tuple[Case, ...]
    agreements: tuple[AgreementBalance, ...]
    tokens: tuple[TokenBalance, ...]
    counts: dict[str, int]
    notes: tuple[str, ...]
