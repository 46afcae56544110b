"""The records themselves: the log's rows as outages, and the minutes the monitor published. Read here without the
metering room, so that a mistake there does not explain itself."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the log. ``line`` is its number in the file; ``time`` is in seconds UTC."""

    line: int
    time: int
    service: str
    status: str


@dataclass(frozen=True, slots=True)
class Outage:
    """A stretch of "down": ``opened`` is the row that says so first, ``closed`` the next that does not, or None."""

    opened: Row
    closed: Row | None

    def seconds_in(self, start: int, end: int) -> int:
        """How much of ``[start, end)`` it takes."""
        until = self.closed.time if self.closed is not None else end
        return max(0, min(until, end) - max(self.opened.time, start))

    def shown(self) -> str:
        """Its rows and times, for people."""
        closed = f"{self.closed.line} ({_clock(self.closed.time)})" if self.closed is not None else "none"
        return f"line {self.opened.line} ({_clock(self.opened.time)}) to line {closed}"


@dataclass(frozen=True, slots=True)
class Records:
    """A monitor's log and summary. ``published`` is minutes down by service and day."""

    rows: tuple[Row, ...]
    published: dict[tuple[str, date], int]

    @property
    def services(self) -> tuple[str, ...]:
        """All services, in the order in which they first occur."""
        return tuple(dict.fromkeys(row.service for row in self.rows))

    def of(self, service: str) -> list[Row]:
        """The rows of one service."""
        return [row for row in self.rows if row.service == service]

    def known_seconds(self, service: str, start: int, end: int, holds_for: int) -> int:
        """How much of ``[start, end)`` the rows of a service speak of, each for ``holds_for`` seconds at most."""
        rows = self.of(service)
        ends = [*(row.time for row in rows[1:]), end]
        return sum(
            max(0, min(until, row.time + holds_for, end) - max(row.time, start))
            for row, until in zip(rows, ends, strict=True)
        )

    def outages(self, service: str) -> list[Outage]:
        """All outages of a service."""
        found: list[Outage] = []
        opened: Row | None = None
        for row in self.of(service):
            if row.status == "down":
                opened = opened or row
            elif opened is not None:
                found.append(Outage(opened, row))
                opened = None
        return found if opened is None else [*found, Outage(opened, None)]


def read_records(log: Path, summary: Path) -> Records:
    """Both files of a monitor."""
    with log.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = tuple(
            Row(
                reader.line_num,
                int(datetime.fromisoformat(row["checked_at"]).timestamp()),
                row["service"],
                row["status"],
            )
            for row in reader
        )
    published = {
        (service["name"], date.fromisoformat(day)): int(minutes)
        for service in json.loads(summary.read_text(encoding="utf-8"))
        for day, minutes in service["dailyMinutesDown"].items()
    }
    return Records(rows, published)


def day_start(day: date) -> int:
    """When a day begins, in seconds UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _clock(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}"
