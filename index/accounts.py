"""One agreement's money, event by event, whatever its versions."""

from __future__ import annotations

from dataclasses import replace

from index.facts import AccountRecord, Claim, Place
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


def began(event: AgreementOpened) -> AccountRecord:
    """The account of an agreement that was just opened."""
    return AccountRecord(event.id, (event.id,), event.collateral)


def moved(account: AccountRecord, event: Event, place: Place) -> AccountRecord:
    """The account after an event that names it. The trail is kept by the caller."""
    match event:
        case AgreementAmended():
            versions = (*account.versions, event.id)
            return replace(account, versions=versions, collateral=account.collateral + event.collateral)
        case Deposited():
            return replace(account, collateral=account.collateral + event.amount)
        case Settled():
            return replace(account, due=account.due + event.entitlement_change)
        case Compensated():
            paid = replace(account, paid=account.paid + event.amount)
            return _spent(paid, event.amount)
        case Credited():
            if event.downstream == account.id:
                credits = account.credits + event.amount
                return replace(account, credits=credits, collateral=account.collateral + event.amount)
            return _spent(replace(account, credited=account.credited + event.amount), event.amount)
        case Released():
            return replace(account, collateral=account.collateral - event.amount, released=place)
        case _:
            return account


def counted(account: AccountRecord, before: Claim | None, after: Claim) -> AccountRecord:
    """The account after one of its claims was opened or settled, or neither."""
    was_open = before is not None and before.is_open
    return replace(account, open_claims=account.open_claims + after.is_open - was_open)


def _spent(account: AccountRecord, amount: int) -> AccountRecord:
    return replace(account, due=account.due - amount, collateral=account.collateral - amount)
