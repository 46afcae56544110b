"""Which files have landed, by the hash of their bytes: a folder may be landed over and over, only what is new is read.

``LAKE/source=NAME/landed.json`` holds the digests of files that are done with, and the declaration by which they
landed: by another one all are read again. A file is entered once its records are in the lake, and only if none of them
was refused for a reason that may pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from metering.lake import Lake
from metering.lake.files import read_json, write_json
from metering.unpacking.task import File
from record.landing.declaration import Declaration

_UNPACKING = 1
"""To be raised when the same file would be unpacked otherwise than before."""


class Ledger:
    """The files that landed in a lake by one declaration."""

    def __init__(self, lake: Lake, declaration: Declaration) -> None:
        self._place = lake.folder(declaration.source) / "landed.json"
        self._declaration = hashlib.sha256(f"{_UNPACKING} {declaration!r}".encode()).hexdigest()
        state = read_json(self._place) or {}
        self._landed = set(state["files"]) if state.get("declaration") == self._declaration else set()
        self._digests: dict[int, str] = {}

    def new(self, files: Sequence[File]) -> tuple[File, ...]:
        """Those of which the bytes have not landed, whatever their names."""
        self._digests = {file.number: _digest(file.path) for file in files}
        return tuple(file for file in files if self._digests[file.number] not in self._landed)

    def enter(self, numbers: Iterable[int]) -> None:
        """Notes that files have landed; by the numbers they had when they were ``new``."""
        landed = {self._digests[number] for number in numbers} - self._landed
        if landed:
            self._landed |= landed
            write_json(self._place, {"declaration": self._declaration, "files": sorted(self._landed)})


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        # Who unpacks it will say so.
        return f"unreadable: {error.errno}"
