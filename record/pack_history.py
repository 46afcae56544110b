"""The history of a pack: every entry in words, for people and their tools.

It adds nothing: an audit derives the same bytes from the receipts and refuses any other. Times are seconds UTC;
numbers up to 32 bits are numbers, wider ones decimal strings; terms are written out with Solidity's names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from record import canonical
from record.bundle_json import report_json
from record.canonical import Json
from record.eip712 import AGREEMENT_TYPES
from record.events import (
    AgreementAmended,
    AgreementExited,
    AgreementOpened,
    AgreementTerminated,
    Event,
    ReportsPublished,
)
from record.hexes import to_hex
from record.open_call import Terms, read_open_call
from record.pack_logs import Entry, Transfer
from record.typed_messages import agreement_message, camel, flat_message
from sla.agreement import Agreement
from sla.errors import RecordError
from sla.report import Report


def history_bytes(entries: Sequence[Entry]) -> bytes:
    """The entries, in order, as the one canonical JSON."""
    return canonical.dumps([_entry_json(entry) for entry in entries])


def _entry_json(entry: Entry) -> dict[str, Json]:
    return {
        "block": entry.block,
        "time": entry.time,
        "transaction": entry.transaction,
        "log": entry.log,
        "address": entry.address,
        "event": type(entry.event).__name__,
        "values": _values(entry.event),
    }


def _values(event: Event | Transfer) -> dict[str, Json]:
    if isinstance(event, Transfer):
        return {"sender": event.sender, "to": event.to, "amount": str(event.amount)}
    values: dict[str, Json] = {}
    for field, kind in zip(fields(event), event.LAYOUT, strict=True):
        values[camel(field.name)] = _value(kind.rstrip("*"), getattr(event, field.name))
    if isinstance(event, AgreementOpened):
        del values["call"]
        values["opened"] = _opened(event.call)
    if isinstance(event, AgreementAmended):
        del values["call"]
        values["amended"] = _amended(event)
    if isinstance(event, AgreementTerminated):
        del values["call"]
        values["terminated"] = _terminated(event)
    if isinstance(event, AgreementExited):
        values["breaches"] = [
            {"period": period, "obligation": obligation} for period, obligation in event.breaches
        ]
    if isinstance(event, ReportsPublished):
        values["reports"] = [report_json(Report(*report)) for report in event.reports]
    return values


def _opened(call: bytes) -> Json:
    """The terms and both signatures; null where the contract itself could not have read them so."""
    try:
        agreement, provider, customer = read_open_call(call)
    except RecordError:
        return None
    return _signed(agreement, provider, customer)


def _amended(event: AgreementAmended) -> Json:
    """The new terms, both signatures and the old terms; null likewise."""
    try:
        call = event.arguments()
    except RecordError:
        return None
    return {
        **_signed(call.agreement, call.provider_signature, call.customer_signature),
        "predecessor": _terms(call.predecessor),
    }


def _terminated(event: AgreementTerminated) -> Json:
    """The terms, both signatures, and until when they were valid; null likewise."""
    try:
        call = event.arguments()
    except RecordError:
        return None
    return {
        "terms": _terms(call.terms),
        "validBy": str(call.valid_by),
        "providerSignature": to_hex(call.provider_signature),
        "customerSignature": to_hex(call.customer_signature),
    }


def _signed(agreement: Agreement, provider: bytes, customer: bytes) -> dict[str, Json]:
    return {
        "agreement": _struct("Agreement", agreement_message(agreement)),
        "providerSignature": to_hex(provider),
        "customerSignature": to_hex(customer),
    }


def _terms(terms: Terms) -> Json:
    return {
        "parties": _struct("Parties", flat_message(terms.parties)),
        "service": _struct("Service", flat_message(terms.service)),
        "stake": _struct("Stake", flat_message(terms.stake)),
        "formationHash": to_hex(terms.formation_hash),
        "obligationsHash": to_hex(terms.obligations_hash),
    }


def _struct(name: str, message: Mapping[str, Any]) -> dict[str, Json]:
    return {member: _value(kind, message[member]) for member, kind in AGREEMENT_TYPES[name]}


def _value(kind: str, value: Any) -> Json:
    if kind in AGREEMENT_TYPES:
        return _struct(kind, value)
    if kind.endswith("[]") and not kind.startswith("("):
        return [_value(kind[:-2], item) for item in value]
    if isinstance(value, bytes):
        return to_hex(value)
    if kind.startswith(("uint", "int")):
        return int(value) if int(kind.lstrip("uint")) <= 32 else str(int(value))
    return str(value)
