"""What was read of one file, on its way into the lakes: typed, by lake and day, not sorted yet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from metering.days import day_name
from metering.unpacking.errors import DELETED_DAY, ELSEWHERE, UNKNOWN_HOME
from metering.unpacking.notes import Note, write_notes
from metering.unpacking.task import File, Place, Task
from metering.unpacking.typed import Refused
from sla.civil import DAY

_ROWS_HELD = 400_000
MOST_NOTES = 100_000
"""Of one file: beyond it refused records are counted, and no longer kept."""


class Spool:
    """Writes ``SPOOL/day=…/FILE-N.parquet`` and ``SPOOL/refused/FILE-N.parquet`` in each lake."""

    def __init__(self, task: Task, file: File) -> None:
        self.read = 0
        self.refused: Counter[str] = Counter()
        self.late = 0
        self.last: int | None = None
        self._task = task
        self._number = file.number
        self._kind = task.declaration.of_kind
        self._name = file.name
        self._tags = frozenset(task.places) - {""}
        self._folded_tags = frozenset(tag.strip().casefold() for tag in self._tags)
        self._held: dict[str, list[Any]] = {}
        self._notes: dict[str, list[Note]] = {}
        self._rows_held = self._notes_kept = self._parts = 0
        self._written: list[Path] = []

    def add(self, table: Any, refused: list[Refused]) -> None:
        """A frame's records, and those of it that were refused."""
        self.read += table.num_rows + len(refused)
        for one in refused:
            self._refuse(one)
        for tag, part in self._by_home(table):
            place = None if tag is None else self._task.places[tag]
            if tag is None or place is None:
                self.refused[UNKNOWN_HOME if tag is None else ELSEWHERE] += part.num_rows
                continue
            part = self._of_open_days(tag, place, part)
            if part.num_rows:
                self._count(place, part)
                self._held.setdefault(tag, []).append(part)
                self._rows_held += part.num_rows
        if self._rows_held >= _ROWS_HELD:
            self._flush()

    def close(self) -> None:
        """Writes what is still held."""
        self._flush()
        for tag, notes in self._notes.items():
            place = self._task.places[tag]
            assert place is not None
            path = place.spool / "refused" / f"{self._number}.parquet"
            self._written.append(path)
            write_notes(path, notes)

    def discard(self) -> None:
        """Removes what was written: of a file that proves unreadable nothing lands."""
        for path in self._written:
            path.unlink(missing_ok=True)

    def _by_home(self, table: Any) -> list[tuple[str | None, Any]]:
        if not self._tags:
            return [("", table)]
        column = table.column("region")
        regions: dict[str | None, list[str]] = {}
        for region in pc.unique(column).to_pylist():
            regions.setdefault(self._home(region), []).append(region)
        return [
            (tag, table.filter(pc.is_in(column, pa.array(of_tag, pa.string()))))
            for tag, of_tag in regions.items()
        ]

    def _home(self, region: str) -> str | None:
        """The tag a region is kept under, ``""`` for those that need none; None for one that is almost a tag."""
        if region in self._tags:
            return region
        return None if region.strip().casefold() in self._folded_tags else ""

    def _of_open_days(self, tag: str, place: Place, table: Any) -> Any:
        """Without the records of days whose raw records were deleted: they would stand for the whole day."""
        if not place.deleted_days:
            return table
        days = self._days(table)
        deleted = pc.is_in(days, pa.array(sorted(place.deleted_days), pa.int64()))
        gone = pc.sum(deleted).as_py() or 0
        if gone:
            self.refused[DELETED_DAY] += gone
            for row in table.filter(deleted).slice(0, MOST_NOTES - self._notes_kept).to_pylist():
                detail = "the raw records of its day were deleted by retention"
                self._note(tag, Note(self._name, 0, DELETED_DAY, detail, str(row)))
            table = table.filter(pc.invert(deleted))
        return table

    def _count(self, place: Place, table: Any) -> None:
        times = table.column(self._kind.time.name)
        per_second = self._kind.time.type.per_second
        last = pc.max(times).as_py() // per_second
        self.last = last if self.last is None else max(last, self.last)
        if place.watermark is not None:
            self.late += pc.sum(pc.less(times, place.watermark * per_second)).as_py() or 0

    def _days(self, table: Any) -> Any:
        return pc.divide(table.column(self._kind.time.name), DAY * self._kind.time.type.per_second)

    def _flush(self) -> None:
        self._parts += 1
        for tag, tables in self._held.items():
            place = self._task.places[tag]
            assert place is not None
            table = pa.concat_tables(tables)
            days = self._days(table).combine_chunks()
            order = pc.sort_indices(days)
            table, days = table.take(order), days.take(order)
            runs = pc.run_end_encode(days, run_end_type=pa.int64())
            start = 0
            for day, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
                path = place.spool / day_name(day) / f"{self._number}-{self._parts}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                self._written.append(path)
                parquet.write_table(table.slice(start, end - start), path, compression="lz4")
                start = end
        self._held.clear()
        self._rows_held = 0

    def _refuse(self, refused: Refused) -> None:
        """Keeps a refused record where it would have been kept, or only counts it where that is not here."""
        refusal, tag = refused.refusal, ""
        self.refused[refusal.reason] += 1
        note = Note(self._name, refused.line, refusal.reason, refusal.detail, refused.text)
        if self._tags:
            home = None if refused.region is None else self._home(refused.region)
            if home is None:
                # Its residency is unknown: of what it says nothing is kept.
                note = Note(self._name, refused.line, refusal.reason, "", "")
            else:
                tag = home
        if self._task.places[tag] is not None:
            self._note(tag, note)

    def _note(self, tag: str, note: Note) -> None:
        if self._notes_kept < MOST_NOTES:
            self._notes_kept += 1
            self._notes.setdefault(tag, []).append(note)
