"""Where refused records are kept, each with its reason: ``LAKE/source=NAME/quarantine/refused-HASH.parquet``.

A record that contradicts another of its day is kept with that day, in its ``contradictions`` file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metering.lake import Lake
from metering.lake.files import beside, keep_as_content
from metering.unpacking.notes import Note, read_notes, write_notes


def notes(lake: Lake, source: str) -> list[Note]:
    """All that was refused of a source and is kept in this lake, sorted."""
    found: set[Note] = set()
    for path in (lake.folder(source) / "quarantine").glob("refused-*.parquet"):
        found.update(read_notes(path))
    return sorted(found)


def keep(lake: Lake, source: str, files: Sequence[Path]) -> None:
    """Puts what unpacking processes noted into the source's quarantine, under a name of its content."""
    if files:
        part = beside(lake.folder(source) / "quarantine", "refused")
        write_notes(part, (note for path in files for note in read_notes(path)))
        keep_as_content(part, "refused")
