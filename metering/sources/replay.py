"""Recorded samples, from a CSV or Parquet file.

Columns, exactly these, in any order:

============  ======================================================================================================
time          the moment: in CSV as ``2026-01-31T12:00:00Z`` or with an offset, to the millisecond at most; in Parquet
              a timestamp with a time zone. A time without zone is refused: nobody knows which hour it means.
known         ``true`` or ``false``: whether the monitor could tell
status        HTTP status of the answer, 100 to 599; 0 when there was none (or when not known)
latency_us    microseconds to the end of the answer; 0 when there was none
============  ======================================================================================================

Rows stand in the order of their times, each time once, none in the future. MeasurementError names the file, the line
and the field of the first row that breaks a rule: from a file that is wrong somewhere nothing is taken.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryFile

from metering.samples import Sample
from metering.sources import parquet_unpacking
from metering.sources.parquet_unpacking import COLUMNS
from metering.sources.rows import Row, csv_rows, inside
from record.terms.sources import Replay
from sla.errors import MeasurementError

MAX_ROWS = 200_000_000
"""Of a Parquet file, which may unpack to far more than it weighs: ten a second for half a year."""


class ReplaySource:
    """The samples of one file. ``folder`` holds all files that terms may name; none outside it is opened. ``now_ms`` is
    the node's time in milliseconds: later rows are refused."""

    def __init__(self, replay: Replay, folder: Path, now_ms: Callable[[], int]) -> None:
        self._replay = replay
        self._folder = folder
        self._now_ms = now_ms

    def samples(self, start_ms: int, end_ms: int) -> list[Sample]:
        """The samples with ``start_ms <= time_ms < end_ms``. The file is read anew, so it may grow."""
        path = inside(self._folder, self._replay.path)
        samples = read_samples(path, self._replay.format, self._now_ms())
        return [sample for sample in samples if start_ms <= sample.time_ms < end_ms]


def read_samples(path: Path, kind: str, now_ms: int) -> Iterator[Sample]:
    """All samples of a file of ``kind`` csv or parquet, in order."""
    last = -1
    for row in csv_rows(path, COLUMNS) if kind == "csv" else _parquet_rows(path):
        sample = _sample(row, now_ms)
        if sample.time_ms <= last:
            problem = "occurs twice" if sample.time_ms == last else "is before the row above it"
            raise row.refuse("time", row.values[0], problem, "sort the rows by time, each once")
        last = sample.time_ms
        yield sample


def _parquet_rows(path: Path) -> Iterator[Row]:
    """The rows of a Parquet file, unpacked by a process of its own: what crashes it does not crash the node."""
    command = [sys.executable, "-m", parquet_unpacking.__name__, str(path), str(MAX_ROWS)]
    with TemporaryFile() as said:
        process = Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=said, text=True)
        assert process.stdout is not None
        try:
            for line, text in enumerate(process.stdout, 1):
                yield Row(path, line, _values(text))
            code = process.wait()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        if code:
            said.seek(0)
            problem, remedy = _complaint(code, said.read(4_096).decode(errors="replace"))
            raise MeasurementError(f"{path} {problem}", remedy)


def _values(text: str) -> tuple[object, ...]:
    # A process that crashes may leave half a line behind; its exit code says the rest.
    try:
        values = json.loads(text)
    except ValueError:
        values = []
    return tuple(values) if len(values) == len(COLUMNS) else (None,) * len(COLUMNS)


def _complaint(code: int, said: str) -> tuple[str, str]:
    problem, _, remedy = said.strip().partition("\n")
    if code == 3 and remedy:
        return problem, remedy
    return "cannot be read: it crashes the reader", "give a Parquet file that is whole"


def _sample(row: Row, now_ms: int) -> Sample:
    time, known, status, latency = row.values
    known = {"true": True, "false": False}.get(known, known) if isinstance(known, str) else known
    if not isinstance(known, bool):
        raise row.refuse("known", known, "is neither true nor false", "write one of them")
    sample = Sample(
        time_ms=row.moment("time", time, now_ms),
        known=known,
        status=row.number("status", status),
        latency_us=row.number("latency_us", latency),
    )
    if sample.status != 0 and not 100 <= sample.status < 600:
        raise row.refuse("status", status, "is no HTTP status", "write 100 to 599, or 0 for no answer")
    if sample.status == 0 and sample.latency_us != 0:
        raise row.refuse("latency_us", latency, "is given without an answer", "write 0")
    if not known and sample.status != 0:
        raise row.refuse("status", status, "is given, but not known", "write 0")
    return sample
