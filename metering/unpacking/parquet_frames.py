"""Rows of a Parquet file, its columns written out as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from metering.unpacking.frames import ROWS_PER_FRAME, Frame, Unreadable

MOST_ROWS = 200_000_000
"""Of one file, which may unpack to far more than it weighs."""


def parquet_frames(path: Path, taken: Sequence[str]) -> Iterator[Frame]:
    """All rows; Unreadable as soon as the file turns out to be damaged, or other than it says."""
    try:
        with parquet.ParquetFile(path) as file:
            _check(file, taken)
            line = 1
            batches = file.iter_batches(batch_size=ROWS_PER_FRAME, columns=list(taken), use_threads=False)
            for batch in batches:
                batch.validate(full=True)
                columns = [_texts(name, batch.column(name)) for name in taken]
                rows = [dict(zip(taken, row, strict=True)) for row in zip(*columns, strict=True)]
                yield Frame(columns, list(range(line, line + batch.num_rows)), rows)
                line += batch.num_rows
    except (OSError, pa.ArrowException, MemoryError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise Unreadable(f"cannot be read: {said}", "give a Parquet file that is whole") from None


def _check(file: Any, taken: Sequence[str]) -> None:
    schema = file.schema_arrow
    for name in taken:
        if schema.names.count(name) != 1:
            shown = ", ".join(schema.names)[:200]
            raise Unreadable(
                f"does not have the column {name!r} once among {shown!r}", "declare the columns it has"
            )
        _written(name, schema.field(name).type)
    if file.metadata.num_rows > MOST_ROWS:
        raise Unreadable(f"unpacks to {file.metadata.num_rows} rows", f"split it: {MOST_ROWS} are read")


def _written(name: str, arrow_type: Any) -> Any:
    """The type to go through on the way to text; Unreadable for one that has no exact text."""
    kinds = pa.types
    if kinds.is_dictionary(arrow_type):
        return _written(name, arrow_type.value_type)
    if kinds.is_timestamp(arrow_type):
        # A time with a zone is written out in UTC, with a Z; one without stays without.
        return pa.timestamp(arrow_type.unit, "UTC" if arrow_type.tz else None)
    is_text = kinds.is_string(arrow_type) or kinds.is_large_string(arrow_type)
    if (
        is_text
        or kinds.is_integer(arrow_type)
        or kinds.is_boolean(arrow_type)
        or kinds.is_decimal(arrow_type)
    ):
        return arrow_type
    if kinds.is_null(arrow_type):
        return pa.string()
    if kinds.is_float32(arrow_type) or kinds.is_float64(arrow_type):
        return pa.float64()
    raise Unreadable(f"column {name!r} is {arrow_type}", "store numbers, texts, truth values or timestamps")


def _texts(name: str, column: Any) -> list[str | None]:
    through = _written(name, column.type)
    if through == pa.float64():
        # The shortest decimal that reads back as the same number: what JSON and CSV would have held.
        return [None if value is None else repr(value) for value in column.to_pylist()]
    texts: list[str | None] = column.cast(through).cast(pa.string()).to_pylist()
    return texts
