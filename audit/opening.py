"""Agreements that open, are topped up, and give back what is left."""

from __future__ import annotations

from collections.abc import Sequence

from audit.calls import Call, Send
from audit.difference import differ, require, require_equal
from audit.state import Account, State, Terms
from record.eip712 import agreement_digest
from record.events import AgreementOpened, Deposited, Released
from record.open_call import read_open_call
from record.pack_logs import Entry
from record.signing import recover
from record.typed_data import Domain
from sla.agreement import ZERO_BYTES32, Agreement
from sla.errors import RecordError, RuleBroken, SignatureError
from sla.schedule import last_claim_deadline
from sla.validation import check_agreement


def terms_of(entries: Sequence[Entry], domain: Domain) -> dict[bytes, Terms]:
    """The terms of all agreements by id, where the digest of what was carried is the id."""
    found: dict[bytes, Terms] = {}
    for entry in entries:
        if isinstance(entry.event, AgreementOpened):
            try:
                terms = Terms(*read_open_call(entry.event.call))
            except RecordError:
                continue
            if agreement_digest(terms.agreement, domain) == entry.event.id:
                found[entry.event.id] = terms
    return found


def opened(state: State, entry: Entry, event: AgreementOpened) -> None:
    """Both parties signed exactly these terms, and the terms may be opened."""
    require(event.id not in state.accounts, entry, "the agreement was opened before")
    terms = state.terms.get(event.id)
    if terms is None:
        differ(entry, "the terms it carries are not those of the agreement's id")
    agreement = terms.agreement
    require_equal(entry, "the provider", event.provider, agreement.parties.provider)
    require_equal(entry, "the customer", event.customer, agreement.parties.customer)
    try:
        check_agreement(agreement, entry.time)
    except RuleBroken as error:
        differ(entry, f"the terms break a rule of the escrow: {error}")
    _check_supported(entry, agreement)
    _check_signature(state, entry, event.id, "provider", event.provider, terms.provider_signature)
    _check_signature(state, entry, event.id, "customer", event.customer, terms.customer_signature)
    in_scope = agreement.service.committee in state.scope.committees
    if not in_scope:
        state.notes.append(
            f"Agreement 0x{event.id.hex()} is measured by {agreement.service.committee}, which is not in scope: its "
            "money was recomputed from what was claimed, its measurements were not looked at."
        )
    state.accounts[event.id] = Account(event.id, agreement, in_scope, event.collateral, event.collateral)
    state.ledger.collateral[agreement.stake.token] += event.collateral
    state.call = Call(entry, agreement.stake.token, event.id)
    state.counts["agreements"] += 1


def deposited(state: State, entry: Entry, event: Deposited, account: Account) -> None:
    """Collateral arrived; arrears are paid from it at once."""
    account.collateral += event.amount
    account.received += event.amount
    state.ledger.collateral[account.token] += event.amount
    sends = [Send(account.agreement.parties.customer)]
    state.call = Call(entry, account.token, account.id, sends, must_pay=account.payable)


def released(state: State, entry: Entry, event: Released, account: Account) -> None:
    """All that is left goes to the provider, once nothing can be claimed any more (R15)."""
    deadline = last_claim_deadline(account.agreement)
    require(entry.time >= deadline, entry, f"claims were possible until {deadline}, it was {entry.time}")
    require(account.open_claims == 0, entry, f"{account.open_claims} claims were not settled")
    require_equal(entry, "the provider", event.provider, account.agreement.parties.provider)
    require_equal(entry, "the amount", event.amount, account.collateral)
    account.collateral = 0
    account.released += event.amount
    state.ledger.collateral[account.token] -= event.amount
    state.call = Call(entry, account.token, account.id, [Send(event.provider, [event.amount])])


def _check_supported(entry: Entry, agreement: Agreement) -> None:
    formation = agreement.formation
    require(
        formation.predecessor == ZERO_BYTES32, entry, "the terms name a predecessor, which is not supported"
    )
    require(
        agreement.stake.downstream == ZERO_BYTES32,
        entry,
        "the terms name a downstream, which is not supported",
    )
    require(formation.exit_breaches == 0, entry, "the terms name an exit rule, which is not supported")


def _check_signature(
    state: State, entry: Entry, digest: bytes, role: str, party: str, signature: bytes
) -> None:
    """By key; else the chain's word that the party's own contract accepted it (R19)."""
    try:
        signer = recover(digest, signature)
    except SignatureError:
        signer = ""
    if signer == party:
        state.counts["signatures of parties"] += 1
        return
    require(
        state.trusted,
        entry,
        f"the {role}'s signature is not by the key of {party}; only the trust roots could prove that a contract "
        "there accepted it",
    )
    state.notes.append(
        f"Agreement 0x{digest.hex()}: the {role} {party} signed by contract (ERC-1271), not by key; that the escrow "
        "accepted it is the proof."
    )
