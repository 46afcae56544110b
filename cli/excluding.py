"""Exclusions as their commands use them: read from a file, bound to one agreement, told in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cli.terms_file import FileRefused, read_bytes
from record.eip712 import Domain
from record.exclusion_fields import ExclusionFileError
from record.exclusion_json import MAX_BYTES, read_exclusion
from record.exclusions import ExclusionFile, ExclusionRecord, require_agreement
from record.hexes import to_hex
from record.readable import duration, harmless, utc
from sla.agreement import Agreement


def read_file(file: Path, agreement: Agreement, domain: Domain) -> ExclusionFile:
    """The exclusion in ``file``, its signatures not verified yet; FileRefused unless it is one of the agreement."""
    try:
        found = read_exclusion(read_bytes(file, MAX_BYTES), domain)
        require_agreement(found.record, agreement, domain)
    except ExclusionFileError as error:
        raise refused(file, error) from None
    return found


def refused(file: Path, error: ExclusionFileError) -> FileRefused:
    """What is wrong with an exclusion, at its file."""
    return FileRefused(str(file), error.field or "", error.problem, error.remedy)


def sentence(record: ExclusionRecord) -> str:
    """ "Maintenance from … to … UTC (2 hours) of region eu: moving racks; announced …"."""
    scope = "; ".join(f"{name} {' or '.join(values)}" for name, values in record.scope) or "everything"
    time = f"from {utc(record.start)} to {utc(record.end)} UTC ({duration(record.end - record.start)})"
    announced = f"announced {utc(record.announced_at)} UTC"
    told = f"{str(record.kind).capitalize()} {time} of {scope}: {record.reason}; {announced}"
    return harmless(told, 3_000)


def details(record: ExclusionRecord, domain: Domain) -> dict[str, Any]:
    """The same for machines; times in seconds UTC."""
    return {
        "id": to_hex(record.digest(domain)),
        "agreement": to_hex(record.agreement),
        "kind": str(record.kind),
        "scope": {name: list(values) for name, values in record.scope},
        "start": record.start,
        "end": record.end,
        "announcedAt": record.announced_at,
        "reason": harmless(record.reason, 1_000),
    }
