"""Recorded samples, from a CSV or Parquet file.

Columns, exactly these, in any order:

============  ======================================================================================================
time          the moment: in CSV as ``2026-01-31T12:00:00Z`` or with an offset, to the millisecond at most; in Parquet
              a timestamp with a time zone. A time without zone is refused: nobody knows which hour it means.
known         ``true`` or ``false``: whether the monitor could tell
status        HTTP status of the answer, 100 to 599; 0 when there was none (or when not known)
latency_us    microseconds to the end of the answer; 0 when there was none
============  ======================================================================================================

Rows stand in the order of their times, each time once. MeasurementError names the file, the line and the field of the
first row that breaks a rule: from a file that is wrong somewhere nothing is taken.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from metering.samples import Sample
from record.terms.indicators import Replay
from sla.errors import MeasurementError

COLUMNS = ("time", "known", "status", "latency_us")

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,14})\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = tuple[int, tuple[object, object, object, object]]
"""A line's number and its values, in the order of ``COLUMNS``."""


class ReplaySource:
    """The samples of one file. ``folder`` holds all files that terms may name; none outside it is opened."""

    def __init__(self, replay: Replay, folder: Path) -> None:
        self._format = replay.format
        self._folder = folder
        self._path = folder / replay.path

    def samples(self, start_ms: int, end_ms: int) -> list[Sample]:
        """The samples with ``start_ms <= time_ms < end_ms``. The file is read anew, so it may grow."""
        if not self._path.resolve().is_relative_to(self._folder.resolve()):
            raise MeasurementError(
                f"{self._path} lies outside {self._folder}", "name a file inside the folder"
            )
        return [
            sample for sample in read_samples(self._path, self._format) if start_ms <= sample.time_ms < end_ms
        ]


def read_samples(path: Path, kind: str) -> Iterator[Sample]:
    """All samples of a file of ``kind`` csv or parquet, in order."""
    last = -1
    for line, values in _csv_rows(path) if kind == "csv" else _parquet_rows(path):
        sample = _sample(path, line, values)
        if sample.time_ms <= last:
            problem = "occurs twice" if sample.time_ms == last else "is before the row above it"
            raise _refused(path, line, "time", values[0], problem, "sort the rows by time, each once")
        last = sample.time_ms
        yield sample


def _csv_rows(path: Path) -> Iterator[Row]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file, strict=True)
            order = _order(path, next(rows, []))
            for row in rows:
                if len(row) != len(COLUMNS):
                    raise MeasurementError(
                        f"{path}, line {rows.line_num}: {len(row)} values",
                        f"write {len(COLUMNS)} in every row",
                    )
                time, known, status, latency = (row[place] for place in order)
                yield rows.line_num, (time, {"true": True, "false": False}.get(known, known), status, latency)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MeasurementError(f"{path} cannot be read: {error}", "give a CSV file in UTF-8") from None


def _parquet_rows(path: Path) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            _order(path, file.schema_arrow.names)
            kind = file.schema_arrow.field("time").type
            if not pyarrow.types.is_timestamp(kind) or kind.tz is None:
                raise MeasurementError(f"{path}: column time is {kind}", "store timestamps with a time zone")
            line = 0
            for batch in file.iter_batches(columns=list(COLUMNS)):
                columns = [batch.column(name) for name in COLUMNS]
                columns[0] = columns[0].cast(pyarrow.timestamp("ms", "UTC")).cast(pyarrow.int64())
                for values in zip(*(column.to_pylist() for column in columns), strict=True):
                    line += 1
                    yield line, values
    except (OSError, pyarrow.ArrowException) as error:
        raise MeasurementError(f"{path} cannot be read: {error}", "give a Parquet file") from None


def _order(path: Path, header: Sequence[str]) -> list[int]:
    if sorted(header) != sorted(COLUMNS):
        shown = ", ".join(header)[:200]
        raise MeasurementError(f"{path}: the columns are {shown!r}", f"use exactly {', '.join(COLUMNS)}")
    return [header.index(name) for name in COLUMNS]


def _sample(path: Path, line: int, values: tuple[object, object, object, object]) -> Sample:
    time, known, status, latency = values
    if not isinstance(known, bool):
        raise _refused(path, line, "known", known, "is neither true nor false", "write one of them")
    sample = Sample(
        time_ms=_moment(path, line, time),
        known=known,
        status=_number(path, line, "status", status),
        latency_us=_number(path, line, "latency_us", latency),
    )
    if sample.status != 0 and not 100 <= sample.status < 600:
        raise _refused(
            path, line, "status", status, "is no HTTP status", "write 100 to 599, or 0 for no answer"
        )
    if sample.status == 0 and sample.latency_us != 0:
        raise _refused(path, line, "latency_us", latency, "is given without an answer", "write 0")
    if not known and sample.status != 0:
        raise _refused(path, line, "status", status, "is given, but not known", "write 0")
    return sample


def _moment(path: Path, line: int, value: object) -> int:
    """Milliseconds since 1970: of Parquet already a number."""
    if isinstance(value, int) and value >= 0:
        return value
    if not isinstance(value, str) or not _TIME.match(value):
        raise _refused(
            path, line, "time", value, "is not a moment with a zone", "write it as in 2026-01-31T12:00:00Z"
        )
    try:
        since = datetime.fromisoformat(value) - _EPOCH
    except (ValueError, OverflowError):
        raise _refused(path, line, "time", value, "is not in the calendar", "check day and time") from None
    if since < timedelta(0):
        raise _refused(path, line, "time", value, "lies before 1970", "check the year")
    return since // timedelta(milliseconds=1)


def _number(path: Path, line: int, field: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15:
        return value
    if isinstance(value, str) and _NUMBER.match(value):
        return int(value)
    raise _refused(path, line, field, value, "is not a whole number from 0", "write digits only")


def _refused(path: Path, line: int, field: str, value: object, problem: str, remedy: str) -> MeasurementError:
    return MeasurementError(f"{path}, line {line}, {field}: {str(value)[:40]!r} {problem}", remedy)
