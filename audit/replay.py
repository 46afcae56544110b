"""The whole history once more, entry by entry, against the audit's own books."""

from __future__ import annotations

from collections.abc import Sequence

from audit.books import Account, Version
from audit.claiming import claimed
from audit.difference import differ, place_of, require, require_equal
from audit.disputing import bond_returned, conceded, disputed, evidence, ruled
from audit.evidence import Rounds
from audit.opening import deposited, opened, released
from audit.paying import compensated, credited, in_arrears, withdrawn, withheld
from audit.rotating import rotated, rotation_proposed
from audit.rounds import formed, posted, published
from audit.settling import settled
from audit.state import State
from audit.succession import amended, exited, linked, terminated
from record.events import (
    AgreementAmended,
    AgreementExited,
    AgreementOpened,
    AgreementTerminated,
    BondReturned,
    Claimed,
    CommitteeFormed,
    Compensated,
    Conceded,
    Credited,
    Deposited,
    Disputed,
    DownstreamLinked,
    EscrowDeployed,
    EvidenceSubmitted,
    InArrears,
    MemberRotated,
    Released,
    ReportsPublished,
    RotationProposed,
    RoundPosted,
    Ruled,
    Settled,
    TransferWithheld,
    Withdrawn,
)
from record.pack_logs import Entry, Transfer

OfMoney = Deposited | InArrears | Compensated | Credited | Released
OfVersion = (
    Claimed
    | Disputed
    | EvidenceSubmitted
    | Conceded
    | Ruled
    | BondReturned
    | Settled
    | AgreementTerminated
    | AgreementExited
    | DownstreamLinked
)


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
        case RotationProposed() as event:
            rotation_proposed(state, entry, event)
        case MemberRotated() as event:
            rotated(state, entry, event)


def _escrow_event(state: State, entry: Entry) -> None:
    event = entry.event
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
        case AgreementOpened() | AgreementAmended():
            require(state.deployed, entry, "the escrow was not deployed yet")
            if isinstance(event, AgreementOpened):
                opened(state, entry, event)
            else:
                amended(state, entry, event)
            state.ledger.check(state.versions[event.id].account.token, place_of(entry))
        case Deposited() | InArrears() | Compensated() | Credited() | Released():
            account = _account(state, entry, event.id)
            _money_event(state, entry, event, account)
            state.ledger.check(account.token, place_of(entry))
        case _:
            _version_event(state, entry)


def _money_event(state: State, entry: Entry, event: OfMoney, account: Account) -> None:
    match event:
        case Deposited():
            deposited(state, entry, event, account)
        case InArrears():
            in_arrears(state, entry, event, account)
        case Compensated():
            compensated(state, entry, event, account)
        case Credited():
            credited(state, entry, event, account)
        case Released():
            released(state, entry, event, account)


def _version_event(state: State, entry: Entry) -> None:
    event = entry.event
    if not isinstance(event, OfVersion):
        differ(entry, "no such event is expected here")
    version = _version(state, entry, event.id)
    match event:
        case Claimed():
            claimed(state, entry, event, version)
        case Disputed():
            disputed(state, entry, event, version)
        case EvidenceSubmitted():
            evidence(entry, event, version)
        case Conceded():
            conceded(state, entry, event, version)
        case Ruled():
            ruled(state, entry, event, version)
        case BondReturned():
            bond_returned(state, entry, event, version)
        case Settled():
            settled(state, entry, event, version)
        case AgreementTerminated():
            terminated(state, entry, event, version)
        case AgreementExited():
            exited(state, entry, event, version)
        case DownstreamLinked():
            linked(state, entry, event, version)
    state.ledger.check(version.account.token, place_of(entry))


def _account(state: State, entry: Entry, agreement_id: bytes) -> Account:
    account = state.accounts.get(agreement_id)
    if account is None:
        differ(entry, f"agreement 0x{agreement_id.hex()} is not open, or not the first of its versions")
    return account


def _version(state: State, entry: Entry, agreement_id: bytes) -> Version:
    version = state.versions.get(agreement_id)
    if version is None:
        differ(entry, f"agreement 0x{agreement_id.hex()} is not open")
    return version


def _close_call(state: State) -> None:
    if state.call is not None:
        state.call.close(state.ledger.counts(state.call.token))
    state.call = None
