"""A log of status, as an Upptime monitor keeps one: a row is a change of a service's status, or a daily reading.

Columns, exactly these, in any order:

============  ======================================================================================================
checked_at    the moment, as in ``2026-08-11T11:06:25+00:00``: with a zone, to the millisecond at most
service       whose status it is; a file may hold several services
status        ``up``, ``down``, or ``degraded`` where the terms say what that counts as
http_status   of the answer; 0 when there was none
response_ms   milliseconds to the answer; 0 when there was none
============  ======================================================================================================

Between two rows of a service the first one's status holds, but for no longer than the terms believe it. Nothing is
known before the first row. Rows stand in the order of their times, and a service has one status at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from metering.sources.rows import Row, csv_rows, inside
from metering.spans import Span
from record.terms.ratios import TimeRatio
from record.terms.sources import StatusLog
from sla.errors import MeasurementError

COLUMNS = ("checked_at", "service", "status", "http_status", "response_ms")


class StatusLogSource:
    """One service of one file in ``folder``. ``now_ms`` is the node's time in milliseconds: later rows are refused."""

    def __init__(self, log: StatusLog, ratio: TimeRatio, folder: Path, now_ms: Callable[[], int]) -> None:
        self._log = log
        self._ratio = ratio
        self._folder = folder
        self._now_ms = now_ms

    def spans(self, start_ms: int, end_ms: int) -> list[Span]:
        """All that is known of ``[start_ms, end_ms)``, one span a row. The file is read anew, so it may grow."""
        path = inside(self._folder, self._log.path)
        rows = self._rows(path)
        if not rows:
            raise MeasurementError(
                f"{path} has no row of the service {self._log.service[:80]!r}",
                "write its name as the log does",
            )
        holds_ms = self._log.holds_for_seconds * 1_000
        ends = [*(time for time, _ in rows[1:]), end_ms]
        spans = []
        for (time, good), until in zip(rows, ends, strict=True):
            start, end = max(time, start_ms), min(until, time + holds_ms, end_ms)
            if start < end:
                spans.append(Span(start, end, good))
        return spans

    def _rows(self, path: Path) -> list[tuple[int, bool]]:
        """When the service's status was read, and whether it was good. The whole file is checked."""
        now_ms = self._now_ms()
        found: list[tuple[int, bool]] = []
        last = -1
        for row in csv_rows(path, COLUMNS):
            checked_at, service, status, http_status, response_ms = row.values
            time = row.moment("checked_at", checked_at, now_ms)
            if time < last:
                raise row.refuse(
                    "checked_at", checked_at, "is before the row above it", "sort the rows by time"
                )
            last = time
            row.number("http_status", http_status)
            row.number("response_ms", response_ms)
            if status not in ("up", "down", "degraded"):
                raise row.refuse("status", status, "is no status", "write up, down or degraded")
            if service == self._log.service:
                if found and found[-1][0] == time:
                    raise row.refuse(
                        "checked_at", checked_at, "occurs twice for its service", "keep one of them"
                    )
                found.append((time, self._is_good(row, status)))
        return found

    def _is_good(self, row: Row, status: object) -> bool:
        if status != "degraded":
            return status == "up"
        if self._ratio.degraded_is_good is None:
            raise row.refuse(
                "status",
                status,
                "counts as nothing in the terms",
                "add 'degraded: good' or 'degraded: bad' to the SLI",
            )
        return self._ratio.degraded_is_good
