"""What can happen in a campaign: a call, or a token that behaves otherwise from now on."""

from __future__ import annotations

from dataclasses import dataclass

from tests.contracts.world import START
from tests.invariant.calls import Call


@dataclass(frozen=True, slots=True)
class Mood:
    """A token changes its behaviour."""

    token: str
    transfer: str
    pull: str


@dataclass(frozen=True, slots=True)
class Block:
    """A token refuses a recipient, or admits it again."""

    token: str
    account: str
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class Donation:
    """Tokens that somebody sends to the escrow by themselves."""

    token: str
    by: str
    amount: int


Action = Call | Mood | Block | Donation


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at a second."""

    time: int
    action: Action

    def __repr__(self) -> str:
        return f"+{self.time - START:>9,} s  {self.action!r}"
