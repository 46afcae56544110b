"""A folder of exclusions as they were signed: which of them may be put forward, and which files say why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from record.exclusion_fields import ExclusionFileError
from record.exclusion_json import MAX_BYTES, read_exclusion
from record.exclusions import ExclusionFile, counted
from record.hexes import to_hex
from record.terms import TermsDocument
from record.typed_data import Domain
from sla.errors import MeasurementError
from sla.exclusions import Exclusion

Vouching = Callable[[ExclusionFile], Mapping[str, bool]]
"""For each party that is a contract, whether it accepted its signature under the exclusion: only the chain can tell."""


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that is no exclusion of this agreement, or is not signed as it says. ``field`` is None for the whole."""

    name: str
    field: str | None
    problem: str
    remedy: str


def load_exclusions(
    folder: Path,
    document: TermsDocument,
    domain: Domain,
    seen_at: Mapping[str, int] | None = None,
    vouched: Vouching | None = None,
) -> tuple[list[Exclusion], list[RefusedFile]]:
    """The exclusions of all ``*.json`` files of the folder, ordered by id, their signatures verified; and the files
    refused, by name. What counts of the former, the terms say.

    An exclusion that comes in several files has all their approvals. ``seen_at``: by id when it was first known outside
    of its author's house, seconds UTC; of one that is not there its own word is taken.
    """
    agreement = document.agreement()
    found: dict[str, Exclusion] = {}
    refused = []
    for path in _files(folder):
        try:
            file = read_exclusion(_bytes(path), domain)
            seen = (seen_at or {}).get(to_hex(file.record.digest(domain)))
            exclusion = counted(file, domain, agreement, seen, vouched(file) if vouched else None)
        except ExclusionFileError as error:
            refused.append(RefusedFile(path.name, error.field, error.problem, error.remedy))
            continue
        known = found.get(exclusion.id, exclusion)
        found[exclusion.id] = replace(exclusion, approvers=exclusion.approvers | known.approvers)
    return [found[each] for each in sorted(found)], refused


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except OSError as error:
        raise MeasurementError(
            f"{folder} cannot be listed: {error.strerror}", "name the folder of the exclusions"
        ) from None


def _bytes(path: Path) -> bytes:
    """As much as an exclusion may have, and a byte more, by which a larger file is refused."""
    try:
        if not path.is_file():
            raise ExclusionFileError(None, "this is no file", "keep only files of exclusions here")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ExclusionFileError(
            None, f"the file cannot be read: {error.strerror}", "check who may read it"
        ) from None
