"""Terms that come into force: whose signatures they carry, and whether they may."""

from __future__ import annotations

from collections.abc import Sequence

from audit.books import Account, Version
from audit.difference import differ, require, require_equal
from audit.state import State, Terms
from record.eip712 import agreement_digest
from record.events import AgreementAmended, AgreementOpened
from record.open_call import read_open_call
from record.pack_logs import Entry
from record.signing import recover
from record.typed_data import Domain
from sla.agreement import Agreement, Parties
from sla.errors import RecordError, RuleBroken, SignatureError
from sla.validation import check_agreement


def terms_of(entries: Sequence[Entry], domain: Domain) -> dict[bytes, Terms]:
    """The terms of all versions by id, where the digest of what was carried is the id."""
    found: dict[bytes, Terms] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, AgreementOpened | AgreementAmended):
            try:
                # ``amend`` begins with the arguments of ``open``.
                terms = Terms(*read_open_call(event.call))
            except RecordError:
                continue
            if agreement_digest(terms.agreement, domain) == event.id:
                found[event.id] = terms
    return found


def check_formed(state: State, entry: Entry, event: AgreementOpened | AgreementAmended) -> Agreement:
    """The terms: of this id, never used before, fit to be put into force, signed by both parties."""
    require(event.id not in state.versions, entry, "the agreement was opened before")
    terms = state.terms.get(event.id)
    if terms is None:
        differ(entry, "the terms it carries are not those of the agreement's id")
    agreement = terms.agreement
    try:
        check_agreement(agreement, entry.time)
    except RuleBroken as error:
        differ(entry, f"the terms break a rule of the escrow: {error}")
    what = f"Agreement 0x{event.id.hex()}"
    signatures = terms.provider_signature, terms.customer_signature
    check_signatures(state, entry, event.id, what, agreement.parties, signatures)
    return agreement


def add_version(state: State, agreement_id: bytes, agreement: Agreement, account: Account) -> Version:
    """The version, now the head of its account."""
    committee = agreement.service.committee
    in_scope = committee in state.scope.committees
    if not in_scope:
        state.notes.append(
            f"Agreement 0x{agreement_id.hex()} is measured by {committee}, which is not in scope: its money was "
            "recomputed from what was claimed, its measurements were not looked at."
        )
    version = Version(agreement_id, agreement, account, in_scope, agreement.service.count)
    account.versions.append(version)
    state.versions[agreement_id] = version
    return version


def check_signatures(
    state: State, entry: Entry, digest: bytes, what: str, parties: Parties, signatures: tuple[bytes, bytes]
) -> None:
    """The provider's and the customer's signature under ``digest``, which is that of ``what``."""
    signed = (("provider", parties.provider), ("customer", parties.customer))
    for (role, party), signature in zip(signed, signatures, strict=True):
        _check_signature(state, entry, digest, what, role, party, signature)


def _check_signature(
    state: State, entry: Entry, digest: bytes, what: str, role: str, party: str, signature: bytes
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
        f"{what}: the {role} {party} signed by contract (ERC-1271), not by key; that the escrow accepted it is the "
        "proof."
    )


def require_parties(entry: Entry, written: tuple[str, str], agreement: Agreement) -> None:
    """The parties an event names are those of the terms."""
    require_equal(entry, "the provider", written[0], agreement.parties.provider)
    require_equal(entry, "the customer", written[1], agreement.parties.customer)
