"""What the escrow keeps, as its views answer: named as in ``ISLAEscrow``; amounts in token base units, times in
seconds UTC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class AccountState(IntEnum):
    """What is known under an agreement's id."""

    UNKNOWN = 0
    OPEN = 1
    VERSION = 2
    RELEASED = 3


class ClaimStatus(IntEnum):
    """Where a claim stands."""

    NONE = 0
    PENDING = 1
    DISPUTED = 2
    RULED = 3
    SETTLED = 4
    FINAL = 5


class Disputer(IntEnum):
    """Who contests. A case, opened by a report outside the sane bounds, has nobody."""

    NOBODY = 0
    PROVIDER = 1
    CUSTOMER = 2


@dataclass(frozen=True, slots=True)
class Account:
    """An agreement's account, kept under the id of its first version. ``due`` is entitled minus paid: positive is
    arrears. Of an amendment (VERSION) only ``count`` and ``state`` mean anything."""

    collateral: int
    due: int
    open_claims: int
    count: int
    state: AccountState

    @property
    def is_open(self) -> bool:
        """Whether this is the account of a first version whose collateral was not released."""
        return self.state is AccountState.OPEN

    @property
    def is_known(self) -> bool:
        """Whether terms of this id were ever put into force."""
        return self.state is not AccountState.UNKNOWN


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of one obligation in one period. ``window_end`` is 0 while there is no report."""

    pending: int
    settled: int
    window_end: int
    revision: int
    status: ClaimStatus


@dataclass(frozen=True, slots=True)
class Dispute:
    """A contest that waits for its ruling. ``contested`` is what was pending when it began."""

    contested: int
    alleged: int
    ruling_deadline: int
    disputer: Disputer
    bond: int


NO_DISPUTE = Dispute(0, 0, 0, Disputer.NOBODY, 0)
"""What the escrow answers where nothing is contested."""
