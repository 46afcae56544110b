"""Agreements that open, are topped up, and give back what is left."""

from __future__ import annotations

from audit.books import Account
from audit.calls import Call, Send
from audit.difference import require, require_equal
from audit.forming import add_version, check_formed, require_parties
from audit.state import State
from record.events import AgreementOpened, Deposited, Released
from record.pack_logs import Entry
from sla.agreement import ZERO_BYTES32


def opened(state: State, entry: Entry, event: AgreementOpened) -> None:
    """Both parties signed exactly these terms, and the terms may be opened."""
    agreement = check_formed(state, entry, event)
    require_parties(entry, (event.provider, event.customer), agreement)
    is_first = agreement.formation.predecessor == ZERO_BYTES32
    require(is_first, entry, "the terms name a predecessor, so they could only amend it")
    token = agreement.stake.token
    account = Account(
        event.id,
        token,
        event.provider,
        event.customer,
        collateral=event.collateral,
        received=event.collateral,
    )
    state.accounts[event.id] = account
    version = add_version(state, event.id, agreement, account)
    state.ledger.collateral[token] += event.collateral
    state.call = Call(entry, token, account, version)
    state.counts["agreements"] += 1


def deposited(state: State, entry: Entry, event: Deposited, account: Account) -> None:
    """Collateral arrived; arrears are paid from it at once."""
    account.collateral += event.amount
    account.received += event.amount
    state.ledger.collateral[account.token] += event.amount
    state.call = Call(entry, account.token, account, sends=[Send(account.customer)], pays=True)
    state.call.owe(account)


def released(state: State, entry: Entry, event: Released, account: Account) -> None:
    """All that is left goes to the provider, once nothing can be claimed any more for any version (R15), and what is
    due was paid."""
    deadline = account.releasable_from
    require(entry.time >= deadline, entry, f"claims were possible until {deadline}, it was {entry.time}")
    require(account.open_claims == 0, entry, f"{account.open_claims} claims were not settled")
    require(account.due <= 0, entry, f"{account.due} was due, and is paid first")
    require_equal(entry, "the provider", event.provider, account.provider)
    require_equal(entry, "the amount", event.amount, account.collateral)
    account.collateral = 0
    account.released += event.amount
    account.is_released = True
    state.ledger.collateral[account.token] -= event.amount
    sends = [Send(event.provider, [event.amount])]
    state.call = Call(entry, account.token, account, account.head, sends)
