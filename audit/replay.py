"""The whole history once more, entry by entry, against the audit's own books."""

from __future__ import annotations

from collections.abc import Sequence

from audit.claiming import claimed
from audit.difference import differ, place_of, require, require_equal
from audit.disputing import bond_returned, disputed, evidence, ruled
from audit.evidence import Rounds
from audit.opening import deposited, opened, released
from audit.rounds import formed, posted, published
from audit.settling import compensated, settled, withdrawn, withheld
from audit.state import Account, State
from record.events import (
    AgreementOpened,
    BondReturned,
    Claimed,
    CommitteeFormed,
    Compensated,
    Deposited,
    Disputed,
    EscrowDeployed,
    EvidenceSubmitted,
    Released,
    ReportsPublished,
    RoundPosted,
    Ruled,
    Settled,
    TransferWithheld,
    Withdrawn,
)
from record.pack_logs import Entry, Transfer


def replay(state: State, entries: Sequence[Entry], rounds: Rounds) -> None:
    """Write the books from the first entry to the last; Difference at the first that does not fit."""
    for entry in entries:
        if isinstance(entry.event, Transfer):
            _moved(state, entry, entry.event)
        elif entry.address == state.scope.escrow:
            _escrow_event(state, entry)
        else:
            _committee_event(state, entry, rounds)
    _close_call(state)
    for token in sorted({account.token for account in state.accounts.values()}):
        state.ledger.check(token, "the end")


def _moved(state: State, entry: Entry, transfer: Transfer) -> None:
    state.ledger.move(entry.address, transfer)
    call = state.call
    if (
        call
        and call.shares_transaction(entry)
        and (call.token, state.scope.escrow) == (entry.address, transfer.sender)
    ):
        call.outflow[transfer.to] += transfer.amount


def _committee_event(state: State, entry: Entry, rounds: Rounds) -> None:
    match entry.event:
        case CommitteeFormed() as event:
            formed(state, entry, event)
        case RoundPosted() as event:
            posted(state, entry, event, *rounds[entry.address, event.round])
        case ReportsPublished() as event:
            published(state, entry, event)


def _escrow_event(state: State, entry: Entry) -> None:
    event = entry.event
    if isinstance(event, EvidenceSubmitted):
        # The one entry point that others do not lock: a party that is a token could come in from a transfer.
        evidence(entry, event, _account(state, entry, event.id))
        return
    if state.call is not None and not state.call.continues_with(entry):
        _close_call(state)
    match event:
        case EscrowDeployed():
            require_equal(entry, "the chain", event.chain_id, state.chain_id)
            state.deployed = True
        case TransferWithheld():
            withheld(state, entry, event)
            state.ledger.check(event.token, place_of(entry))
        case Withdrawn():
            withdrawn(state, entry, event)
            state.ledger.check(event.token, place_of(entry))
        case AgreementOpened():
            require(state.deployed, entry, "the escrow was not deployed yet")
            opened(state, entry, event)
            state.ledger.check(state.accounts[event.id].token, place_of(entry))
        case _:
            _account_event(state, entry)


def _account_event(state: State, entry: Entry) -> None:
    event = entry.event
    if not isinstance(
        event, Deposited | Claimed | Disputed | Ruled | BondReturned | Settled | Compensated | Released
    ):
        differ(entry, "no such event is expected here")
    account = _account(state, entry, event.id)
    match event:
        case Deposited():
            deposited(state, entry, event, account)
        case Claimed():
            claimed(state, entry, event, account)
        case Disputed():
            disputed(state, entry, event, account)
        case Ruled():
            ruled(state, entry, event, account)
        case BondReturned():
            bond_returned(state, entry, event, account)
        case Settled():
            settled(state, entry, event, account)
        case Compensated():
            compensated(state, entry, event, account)
        case Released():
            released(state, entry, event, account)
    state.ledger.check(account.token, place_of(entry))


def _account(state: State, entry: Entry, agreement_id: bytes) -> Account:
    account = state.accounts.get(agreement_id)
    if account is None:
        differ(entry, f"agreement 0x{agreement_id.hex()} is not open")
    return account


def _close_call(state: State) -> None:
    if state.call is not None:
        state.call.close(state.ledger.counts(state.call.token))
    state.call = None
