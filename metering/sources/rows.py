"""What all files of recorded measurements have in common: where they lie, rows, moments, and how they are refused."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sla.errors import MeasurementError

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,14})\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file; ``values`` in the order of the columns asked for."""

    path: Path
    line: int
    values: tuple[object, ...]

    def refuse(self, field: str, value: object, problem: str, remedy: str) -> MeasurementError:
        """The error to raise about a value of this row."""
        return MeasurementError(
            f"{self.path}, line {self.line}, {field}: {str(value)[:40]!r} {problem}", remedy
        )

    def moment(self, field: str, value: object, now_ms: int) -> int:
        """Milliseconds since 1970 of a time with a zone, or of a number of milliseconds; not later than ``now_ms``."""
        time_ms = self._milliseconds(field, value)
        if time_ms > now_ms:
            raise self.refuse(
                field, value, "lies in the future", "check its unit and zone, and this machine's clock"
            )
        return time_ms

    def number(self, field: str, value: object) -> int:
        """A whole number from 0."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15:
            return value
        if isinstance(value, str) and _NUMBER.match(value):
            return int(value)
        raise self.refuse(field, value, "is not a whole number from 0", "write digits only")

    def _milliseconds(self, field: str, value: object) -> int:
        if isinstance(value, int) and value >= 0:
            return value
        if not isinstance(value, str) or not _TIME.match(value):
            raise self.refuse(
                field, value, "is not a moment with a zone", "write it as in 2026-01-31T12:00:00Z"
            )
        try:
            since = datetime.fromisoformat(value) - _EPOCH
        except (ValueError, OverflowError):
            raise self.refuse(field, value, "is not in the calendar", "check day and time") from None
        if since < timedelta(0):
            raise self.refuse(field, value, "lies before 1970", "check the year")
        return since // timedelta(milliseconds=1)


def inside(folder: Path, name: str) -> Path:
    """The file that terms name, in the folder of all such files; MeasurementError for one outside it."""
    path = folder / name
    try:
        is_inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError) as error:
        raise MeasurementError(
            f"{name[:80]!r} names no file: {error}", "name a file inside the folder"
        ) from None
    if not is_inside:
        raise MeasurementError(f"{path} lies outside {folder}", "name a file inside the folder")
    return path


def csv_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a CSV file with exactly these columns, in any order."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file, strict=True)
            order = order_of(path, next(rows, []), columns)
            for row in rows:
                if len(row) != len(columns):
                    raise MeasurementError(
                        f"{path}, line {rows.line_num}: {len(row)} values",
                        f"write {len(columns)} in every row",
                    )
                yield Row(path, rows.line_num, tuple(row[place] for place in order))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MeasurementError(f"{path} cannot be read: {error}", "give a CSV file in UTF-8") from None


def order_of(path: Path, header: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Where each column stands; MeasurementError when there are others, or one is missing."""
    if sorted(header) != sorted(columns):
        shown = ", ".join(header)[:200]
        raise MeasurementError(f"{path}: the columns are {shown!r}", f"use exactly {', '.join(columns)}")
    return [header.index(name) for name in columns]
