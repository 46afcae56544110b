"""Whose escrow holds what, as the events tell it (P12): the arrears that a deposit or a credit can pay."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from record.events import (
    AgreementAmended,
    AgreementOpened,
    Compensated,
    Credited,
    Deposited,
    Event,
    Released,
    Settled,
)


@dataclass(frozen=True, slots=True)
class Money:
    """An account, in token base units. ``due`` is entitled minus paid. ``payer`` is the version whose claim was settled
    last: what is owed goes where its terms direct it."""

    payer: bytes
    collateral: int
    due: int = 0
    is_released: bool = False

    @property
    def payable(self) -> int:
        """The arrears that the collateral covers."""
        return max(0, min(self.due, self.collateral))


@dataclass(slots=True)
class Accounts:
    """The accounts of an escrow by their first versions; ``firsts`` says which is whose."""

    firsts: dict[bytes, bytes] = field(default_factory=dict)
    money: dict[bytes, Money] = field(default_factory=dict)

    def copy(self) -> Accounts:
        """One that can go on by itself."""
        return Accounts(dict(self.firsts), dict(self.money))

    def is_open(self, agreement_id: bytes) -> bool:
        """Whether the agreement is known and its collateral was not given back."""
        money = self.money.get(self.firsts.get(agreement_id, agreement_id))
        return money is not None and not money.is_released

    def arrears(self) -> dict[bytes, int]:
        """What can be paid now, by the version whose terms direct it."""
        return {money.payer: money.payable for money in self.money.values() if money.payable}

    def take(self, event: Event) -> None:
        """Take in the next event; events that move no money change nothing."""
        match event:
            case AgreementOpened():
                self.firsts[event.id] = event.id
                self.money[event.id] = Money(event.id, event.collateral)
            case AgreementAmended():
                self.firsts[event.id] = event.first
                self._move(event.first, event.collateral)
            case Deposited():
                self._move(event.id, event.amount)
            case Settled():
                first = self.firsts.get(event.id, event.id)
                self._move(first, 0, event.entitlement_change, payer=event.id)
            case Compensated():
                self._move(event.id, -event.amount, -event.amount)
            case Credited():
                self._move(event.id, -event.amount, -event.amount)
                self._move(event.downstream, event.amount)
            case Released() if event.id in self.money:
                self.money[event.id] = replace(self.money[event.id], collateral=0, is_released=True)
            case _:
                pass

    def _move(self, first: bytes, collateral: int, due: int = 0, payer: bytes | None = None) -> None:
        """Of what was opened before the first block that is read nothing is known, and nothing is kept."""
        before = self.money.get(first)
        if before is not None:
            self.money[first] = replace(
                before,
                collateral=before.collateral + collateral,
                due=before.due + due,
                payer=payer or before.payer,
            )
