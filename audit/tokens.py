"""The escrow's tokens: what moved by the tokens' own logs, beside what the escrow owes to whom."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from audit.difference import Difference
from audit.findings import TokenBalance
from record.pack_logs import Transfer


@dataclass(slots=True)
class Ledger:
    """Sums by token. ``counted`` limits the tokens whose own logs must agree; None means all."""

    escrow: str
    counted: frozenset[str] | None
    received: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    collateral: Counter[str] = field(default_factory=Counter)
    bonds: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    _owed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def counts(self, token: str) -> bool:
        """Whether this token's own logs must agree with the escrow's."""
        return self.counted is None or token in self.counted

    def move(self, token: str, transfer: Transfer) -> None:
        """Tokens came or went."""
        if transfer.to == self.escrow:
            self.received[token] += transfer.amount
        if transfer.sender == self.escrow:
            self.sent[token] += transfer.amount

    def withhold(self, token: str, account: str, amount: int) -> None:
        """A transfer to ``account`` failed."""
        self.withheld[token] += amount
        self._owed[token, account] += amount

    def withdraw(self, token: str, account: str) -> int:
        """All that was withheld from ``account``, now paid out."""
        amount = self._owed.pop((token, account), 0)
        self.withheld[token] -= amount
        return amount

    def balance(self, token: str) -> TokenBalance:
        """How one token stands."""
        return TokenBalance(
            token=token,
            received=self.received[token],
            sent=self.sent[token],
            collateral=self.collateral[token],
            bonds=self.bonds[token],
            withdrawable=self.withheld[token],
        )

    def check(self, token: str, place: str) -> None:
        """P1: what the escrow owes it also has; more is a donation."""
        balance = self.balance(token)
        if self.counts(token) and balance.donated < 0:
            has = balance.received - balance.sent
            raise Difference(
                place, f"the escrow owes {balance.held} of {token}, and has {has} by the token's own logs"
            )

    def balances(self, tokens: set[str]) -> tuple[TokenBalance, ...]:
        """How the tokens of all agreements stand, by address."""
        return tuple(self.balance(token) for token in sorted(tokens, key=str.lower))
