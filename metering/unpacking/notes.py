"""What is kept of refused records, as a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

_MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """A refused record: its file, the line it begins in, why it was refused (a word, and the case), what it said."""

    file: str
    line: int
    reason: str
    detail: str
    record: str


_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("record", pa.string()),
    ]
)


def write_notes(path: Path, notes: Iterable[Note]) -> None:
    """Writes them sorted, each once. What is not text in them is written as escapes, long records are cut off."""
    rows = sorted({_writable(note) for note in notes})
    columns = list(zip(*(astuple(note) for note in rows), strict=True)) or [()] * len(fields(Note))
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table(arrays, _SCHEMA), path, compression="zstd")


def read_notes(path: Path) -> list[Note]:
    """The notes of a file."""
    return [Note(**row) for row in parquet.read_table(path, partitioning=None).to_pylist()]


def _writable(note: Note) -> Note:
    def text(value: str) -> str:
        return value[:_MOST_CHARACTERS].encode("utf-8", "backslashreplace").decode()

    return Note(text(note.file), note.line, note.reason, text(note.detail), text(note.record))
