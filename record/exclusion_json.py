"""The file of an exclusion: canonical JSON, a line end behind it.

It holds the exclusion and the approvals that it has so far, none at first; the party that approves passes it on with
its own. One exclusion with one set of approvals has one file. Chain and escrow stand in it because a signature binds
both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from record import canonical
from record.canonical import Json
from record.exclusion_fields import ExclusionFileError, read_scope
from record.exclusions import Approval, ExclusionFile, ExclusionRecord
from record.hexes import to_hex
from record.json_fields import Fields
from record.offer import ROLES, parse_signature
from record.typed_data import Domain
from sla.errors import RecordError
from sla.exclusions import ExclusionKind

FORMAT = "makegood-exclusion/1"
MAX_BYTES = 300_000
"""More than the largest scope in the widest letters and two signatures of the largest wallets."""

_MEMBERS = (
    "format", "chainId", "escrow", "agreement", "kind", "scope", "start", "end", "announcedAt", "reason",
    "approvals",
)  # fmt: skip

T = TypeVar("T")


def exclusion_bytes(file: ExclusionFile, domain: Domain) -> bytes:
    """The file's bytes."""
    record = file.record
    scope: dict[str, Json] = {name: list(values) for name, values in record.scope}
    approvals: list[Json] = [
        {"role": each.role, "address": each.address, "signature": to_hex(each.signature)}
        for each in file.approvals
    ]
    value: dict[str, Json] = {
        "format": FORMAT,
        "chainId": domain.chain_id,
        "escrow": domain.verifying_contract,
        "agreement": to_hex(record.agreement),
        "kind": str(record.kind),
        "scope": scope,
        "start": record.start,
        "end": record.end,
        "announcedAt": record.announced_at,
        "reason": record.reason,
        "approvals": approvals,
    }
    return canonical.dumps(value) + b"\n"


def read_exclusion(data: bytes, domain: Domain) -> ExclusionFile:
    """What a file says; ExclusionFileError unless it is an exclusion for this escrow on this chain. No signature is
    verified yet (``approvers``)."""
    if len(data) > MAX_BYTES:
        raise ExclusionFileError(None, f"the file has more than {MAX_BYTES} bytes", "ask for the file again")
    value = _read(None, lambda: canonical.loads(data.removesuffix(b"\n")))
    said = value.get("format") if isinstance(value, dict) else None
    if isinstance(said, str) and said != FORMAT:
        raise ExclusionFileError("format", f"its format is {said[:80]!r}", f"use a file of format {FORMAT}")
    fields = _read(None, lambda: Fields.of(value, "$", _MEMBERS))
    _require_domain(fields, domain)
    record = ExclusionRecord(
        agreement=_read("agreement", lambda: fields.hex("agreement", 32)),
        kind=_kind(_read("kind", lambda: fields.text("kind"))),
        scope=read_scope(fields.members["scope"]),
        start=_read("start", lambda: fields.number("start", 40)),
        end=_read("end", lambda: fields.number("end", 40)),
        announced_at=_read("announcedAt", lambda: fields.number("announcedAt", 40)),
        reason=_read("reason", lambda: fields.text("reason")),
    )
    items = _read("approvals", lambda: list(fields.items("approvals")))
    approvals = tuple(_approval(path, item) for path, item in items)
    roles = [each.role for each in approvals]
    if roles != sorted(set(roles)):
        raise ExclusionFileError(
            "approvals", "the approvals are not one a role, ordered by role", "keep one of each"
        )
    return ExclusionFile(record, approvals)


def _require_domain(fields: Fields, domain: Domain) -> None:
    chain_id = _read("chainId", lambda: fields.number("chainId", 53))
    if chain_id != domain.chain_id:
        raise ExclusionFileError(
            "chainId",
            f"it is for chain {chain_id}, but the network is chain {domain.chain_id}",
            "use a file for this chain, or name the other network",
        )
    escrow = _read("escrow", lambda: fields.address("escrow"))
    if escrow != domain.verifying_contract:
        raise ExclusionFileError(
            "escrow",
            f"it is for the escrow {escrow}, but the network's is {domain.verifying_contract}",
            "use a file for this escrow, or name the other network",
        )


def _kind(text: str) -> ExclusionKind:
    if text not in [*ExclusionKind]:
        raise ExclusionFileError(
            "kind", f"{text[:80]!r} is no kind of exclusion", f"use {', '.join(ExclusionKind)}"
        )
    return ExclusionKind(text)


def _approval(path: str, value: Json) -> Approval:
    field = path.removeprefix("$.")
    fields = _read(field, lambda: Fields.of(value, path, ("role", "address", "signature")))
    role = _read(f"{field}.role", lambda: fields.text("role"))
    if role not in ROLES:
        raise ExclusionFileError(f"{field}.role", f"its role is {role[:80]!r}", "use provider or customer")
    return Approval(
        role,
        _read(f"{field}.address", lambda: fields.address("address")),
        _read(f"{field}.signature", lambda: parse_signature(fields.text("signature"))),
    )


def _read(field: str | None, read: Callable[[], T]) -> T:
    try:
        return read()
    except RecordError as error:
        raise ExclusionFileError(
            field, f"the exclusion cannot be read: {error.problem}", error.remedy
        ) from None
