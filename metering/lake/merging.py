"""Many records become the sorted set of them: each once, contradictions set apart.

Two records contradict each other when they agree on the kind's key and differ elsewhere. Neither is believed: whichever
came first, or more often, is no proof. One that waits for an end (an order not done yet, a fault that lasts) gives way
to the one of the same key that has it.

The records arrive sorted, so equal ones are neighbours and a key's records stand together. They are looked at a batch
at a time; of the last key of a batch so much is carried over to the next as its verdict still depends on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from metering.schemas import arrow_schema
from record.landing.kinds import Kind, Type

ROWS_PER_GROUP = 131_072
IS_NEW = "is_new"
"""The last column of what is merged: 0 for records that were there, 1 for those that come."""

_MANY = 10_000


@dataclass(slots=True)
class Merged:
    """What a merge came to: numbers of records, and the first and last of their times (None: no records)."""

    records: int = 0
    contradictions: int = 0
    new: int = 0
    duplicates: int = 0
    first: int | None = None
    last: int | None = None


def sort_columns(kind: Kind) -> tuple[str, ...]:
    """The order of a day's records: by key, then those with an end before those without, then the rest."""
    head = kind.key if kind.open_until is None else (*kind.key, kind.open_until)
    return (*head, *(name for name in kind.names if name not in head), IS_NEW)


def merge(batches: Iterator[Any], kind: Kind, records: Path, contradictions: Path) -> Merged:
    """Writes two Parquet files from records sorted by ``sort_columns``: those to believe, those that contradict."""
    merged = Merged()
    with _Writer(records, kind) as believed, _Writer(contradictions, kind) as refuted:
        for table, verdicts in _groups(batches, kind, merged):
            believed.write(table.filter(pa.array(~verdicts)))
            refuted.write(table.filter(pa.array(verdicts)))
    merged.records, merged.contradictions = believed.rows, refuted.rows
    merged.first, merged.last = believed.first, believed.last
    return merged


def _groups(batches: Iterator[Any], kind: Kind, merged: Merged) -> Iterator[tuple[Any, Any]]:
    """Tables of whole keys, each record once, with what is contradictory marked."""
    carried = before = kind_table(kind, with_is_new=True)
    condemned = False
    for batch in batches:
        arrived = pa.Table.from_batches([batch])
        fresh = _each_once(before, arrived, kind, merged)
        # What gave way is no longer carried, and still may come again.
        before = arrived.slice(max(0, arrived.num_rows - 1)) if arrived.num_rows else before
        table = pa.concat_tables([carried.cast(fresh.schema), fresh]).combine_chunks()
        table = _without_given_way(table, kind)
        ends = _ends(table, kind.key)
        cut = int(ends[-2]) if len(ends) > 1 else 0
        if cut:
            yield table.slice(0, cut), _contradictory(ends[:-1], condemned)
            table, condemned = table.slice(cut), False
        if table.num_rows > _MANY:
            # So many different records of one key are a contradiction already: one stands for them from here on.
            yield table.slice(0, table.num_rows - 1), np.ones(table.num_rows - 1, bool)
            table, condemned = table.slice(table.num_rows - 1), True
        carried = table.combine_chunks()
    if carried.num_rows:
        yield carried, _contradictory(np.array([carried.num_rows]), condemned)


def kind_table(kind: Kind, *, with_is_new: bool = False) -> Any:
    """No records, of that kind."""
    wanted = arrow_schema(kind).append(pa.field(IS_NEW, pa.int64())) if with_is_new else arrow_schema(kind)
    return pa.Table.from_batches([], wanted)


def _each_once(before: Any, table: Any, kind: Kind, merged: Merged) -> Any:
    """The table without the records that repeat the one before them; ``before`` is the one before the first."""
    both = pa.concat_tables([before.cast(table.schema), table]).combine_chunks()
    first = _differs(both, kind.names)[before.num_rows :]
    is_new = table.column(IS_NEW).to_numpy() == 1
    merged.new += int(np.count_nonzero(is_new & first))
    merged.duplicates += int(np.count_nonzero(is_new & ~first))
    return table if first.all() else table.filter(pa.array(first)).combine_chunks()


def _without_given_way(table: Any, kind: Kind) -> Any:
    """Drops records that wait for an end which another of their key has: those with an end stand first."""
    if kind.open_until is None or not table.num_rows:
        return table
    ends = _ends(table, kind.key)
    starts = np.concatenate(([0], ends[:-1]))
    is_open = pc.is_null(table.column(kind.open_until)).to_numpy(zero_copy_only=False)
    kept = ~is_open | np.repeat(is_open[starts], ends - starts)
    return table.filter(pa.array(kept)).combine_chunks()


def _contradictory(ends: Any, condemned: bool) -> Any:
    """By row: whether its key, the rows up to one of ``ends``, has more than one; the first has if ``condemned``."""
    sizes = np.diff(ends, prepend=0)
    many = sizes > 1
    many[0] |= condemned
    return np.repeat(many, sizes)


def _ends(table: Any, columns: Sequence[str]) -> Any:
    """Where each run of rows that agree on the columns ends, exclusive."""
    starts = np.flatnonzero(_differs(table, columns))
    return np.append(starts[1:], table.num_rows) if len(starts) else starts


def _differs(table: Any, columns: Sequence[str]) -> Any:
    """By row: whether it differs from the one before in any of the columns; true for the first."""
    rows = table.num_rows
    differs = np.zeros(rows, bool)
    if rows:
        differs[0] = True
    for name in columns if rows > 1 else ():
        column = table.column(name)
        here, before = column.slice(1), column.slice(0, rows - 1)
        unlike = pc.fill_null(pc.not_equal(here, before), False)
        if column.null_count:
            unlike = pc.or_(unlike, pc.xor(pc.is_null(here), pc.is_null(before)))
        differs[1:] |= unlike.to_numpy(zero_copy_only=False)
    return differs


class _Writer:
    """Writes records to a Parquet file in row groups of one size, so that equal records make equal files."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.rows = 0
        self.first: int | None = None
        self.last: int | None = None
        self._time = kind.time.name
        self._schema = arrow_schema(kind)
        texts = [column.name for column in kind.columns if column.type is Type.TEXT]
        self._file = parquet.ParquetWriter(
            path, self._schema, compression="zstd", compression_level=1, use_dictionary=texts
        )
        self._waiting: list[Any] = []
        self._waiting_rows = 0

    def write(self, table: Any) -> None:
        """Takes any number of rows."""
        if not table.num_rows:
            return
        span = pc.min_max(table.column(self._time))
        first, last = span["min"].as_py(), span["max"].as_py()
        self.first = first if self.first is None else min(first, self.first)
        self.last = last if self.last is None else max(last, self.last)
        self.rows += table.num_rows
        self._waiting.append(table.select(self._schema.names).cast(self._schema))
        self._waiting_rows += table.num_rows
        if self._waiting_rows >= ROWS_PER_GROUP:
            self._flush(self._waiting_rows - self._waiting_rows % ROWS_PER_GROUP)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush(self._waiting_rows)
        self._file.close()

    def _flush(self, rows: int) -> None:
        if not rows:
            return
        table = pa.concat_tables(self._waiting).combine_chunks()
        self._file.write_table(table.slice(0, rows), row_group_size=ROWS_PER_GROUP)
        self._waiting = [table.slice(rows)]
        self._waiting_rows -= rows
