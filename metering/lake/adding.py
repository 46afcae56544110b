"""Records are added to a day: with what is there already, they become the day's next version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from metering.days import date_of
from metering.engine import Engine, literal, union
from metering.lake.errors import LakeError
from metering.lake.files import beside, discard_parts, keep_as_content, read_json
from metering.lake.lake import Day, Lake
from metering.lake.merging import IS_NEW, Merged, merge, sort_columns
from metering.schemas import arrow_schema
from record.landing.kinds import Kind

MOST_ROWS_IN_MEMORY = 400_000
"""Days of up to so many records are sorted here, at some 200 bytes a record; larger ones by an engine that spills."""


def add(
    lake: Lake, source: str, day: int, files: Sequence[Path], engine: Callable[[], Engine]
) -> tuple[Merged, bool]:
    """Adds the records in Parquet files of the source's kind to one of its days. Only within ``Lake.landing``.

    Says what came of it, and whether the day is another than before. ``engine`` is asked for only if the day is large.
    LakeError when the day's raw records were deleted, ResidencyError for a record that may not be kept in this lake:
    the day stays as it was.
    """
    kind = lake.kind(source)
    folder = lake.day_folder(source, day)
    folder.mkdir(parents=True, exist_ok=True)
    discard_parts(folder)
    before = lake.day(source, day) if read_json(folder / "current.json") else None
    if before is not None and before.records is None:
        raise LakeError(f"the raw records of {source} on {date_of(day)} were deleted", "keep them longer")
    kept = [folder / name for name in (before.records, before.contradictions) if name] if before else []
    rows = sum(parquet.read_metadata(path).num_rows for path in (*kept, *files))
    ordered = _sorted_here if rows <= MOST_ROWS_IN_MEMORY else _sorted_by(engine())
    records, contradictions = beside(folder, "records"), beside(folder, "contradictions")
    try:
        merged = merge(_may_be_here(lake, ordered(kind, kept, files)), kind, records, contradictions)
        after = Day(
            day=day,
            records=keep_as_content(records, "records"),
            rows=merged.records,
            first=merged.first,
            last=merged.last,
            contradictions=keep_as_content(contradictions, "contradictions")
            if merged.contradictions
            else None,
            contradictory_rows=merged.contradictions,
        )
    finally:
        records.unlink(missing_ok=True)
        contradictions.unlink(missing_ok=True)
    if before is not None and after == replace(before, rolled_up=None):
        return merged, False
    # What was rolled up before no longer says what the records do.
    lake.set_day(source, after)
    return merged, True


def _sorted_here(kind: Kind, kept: Sequence[Path], files: Sequence[Path]) -> Iterator[Any]:
    tables = []
    for paths, is_new in ((kept, 0), (files, 1)):
        for path in paths:
            with parquet.ParquetFile(path) as file:
                table = file.read(columns=list(kind.names)).cast(arrow_schema(kind))
            flags = pa.array(np.full(table.num_rows, is_new, np.int64))
            tables.append(table.append_column(IS_NEW, flags))
    table = pa.concat_tables(tables)
    yield from (
        table.sort_by([(name, "ascending") for name in sort_columns(kind)]).combine_chunks().to_batches()
    )


def _sorted_by(engine: Engine) -> Callable[[Kind, Sequence[Path], Sequence[Path]], Iterator[Any]]:
    def ordered(kind: Kind, kept: Sequence[Path], files: Sequence[Path]) -> Iterator[Any]:
        table = engine.from_parquet(files, kind.names).mutate(**{IS_NEW: literal(1, "int64")})
        if kept:
            there = engine.from_parquet(kept, kind.names).mutate(**{IS_NEW: literal(0, "int64")})
            table = union(there, table)
        return engine.stream(table.order_by(list(sort_columns(kind))))

    return ordered


def _may_be_here(lake: Lake, batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        for region in pc.unique(batch.column("region")).to_pylist():
            lake.require_home(region)
        yield batch
