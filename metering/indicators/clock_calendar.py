"""How many open seconds have run by an instant: by an equality of buckets.

Time falls into pieces in which each calendar is open or not, cut at the multiples of a bucket's seconds. In a piece the
open seconds so far are a number and, if it is open, the seconds since its start; so the difference of two instants is
exact, whatever lies between them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import pyarrow as pa

from metering.engine import Column, Engine, Table, ifelse, literal, whole_div
from metering.excluding import GROUP
from sla.calendars import Calendar, business_day_closing, open_seconds, open_spans
from sla.civil import DAY
from sla.span_sets import Window, without
from sla.zones import stretches

BUCKET_SECONDS = 900
"""Of a bucket; where one ticket says it was opened long ago, a day: the pieces are to fit into memory."""
_LONG_SECONDS = 10 * 366 * DAY


@dataclass(frozen=True, slots=True)
class Days:
    """A number of business days of one of the calendars, by its index."""

    calendar: int
    number: int


class ClockCalendar:
    """Calendars ready for an engine, for instants in ``[first, last]``, seconds UTC.

    ``excluded``: by the group of a record, when no clock runs for it, whatever the calendar. It shortens what has run
    and not what business days allow: that is the provider's time still.
    """

    def __init__(
        self,
        engine: Engine,
        calendars: Sequence[Calendar],
        days: Sequence[Days],
        span: Window,
        excluded: Mapping[int, Sequence[Window]],
    ) -> None:
        self._engine = engine
        self._first, self._last = span
        self._bucket = BUCKET_SECONDS if span[1] - span[0] <= _LONG_SECONDS else DAY
        self._days = tuple(days)
        # Records are told apart by group only where that makes a difference.
        self._groups = sorted(excluded) if any(excluded.values()) else [0]
        windows = {group: list(excluded.get(group, ())) for group in self._groups}
        self._base = [_Worked(_spans(calendar, span, ())) for calendar in calendars]
        self._worked = {
            group: [_Worked(_spans(calendar, span, windows[group])) for calendar in calendars]
            for group in self._groups
        }
        self._plain = [_is_always(calendar) and not any(windows.values()) for calendar in calendars]
        self._rooms = [_rooms(calendars[each.calendar], each.number, span) for each in self._days]
        self._pieces: Table | None = None

    def at(self, table: Table, time: str, name: str) -> Table:
        """With the columns ``added`` under a name, by the column ``time``."""
        if not self.added(name):
            return table
        if self._pieces is None:
            self._pieces = self._table()
        pieces = self._pieces
        keyed = table.mutate(clock_bucket=whole_div(table[time], self._bucket))
        joined = keyed.join(pieces, self._keys("clock_bucket"))
        into = joined[time] - joined.clock_since
        columns: dict[str, Column] = {}
        for k, is_plain in enumerate(self._plain):
            if not is_plain:
                columns[f"{name}_worked_{k}"] = joined[f"clock_worked_{k}"] + into * joined[f"clock_open_{k}"]
        for j in range(len(self._days)):
            columns[f"{name}_room_{j}"] = joined[f"clock_room_{j}"] - into * joined[f"clock_opens_{j}"]
        here = (into >= 0) & (joined[time] < joined.clock_until)
        found = joined.filter(here).mutate(**columns)
        return found.drop("clock_bucket", *(c for c in pieces.columns if c not in (GROUP, "clock_bucket")))

    def added(self, name: str) -> list[str]:
        """``NAME_worked_K``, the open seconds of each calendar K before the time, left out where every second is open;
        ``NAME_room_J``, those that the J-th of the days allows a clock that starts then."""
        worked = [f"{name}_worked_{k}" for k, is_plain in enumerate(self._plain) if not is_plain]
        return worked + [f"{name}_room_{j}" for j in range(len(self._days))]

    def worked_by(self, table: Table, time: str, name: str, calendar: int) -> Column:
        """The open seconds of one of them, of a table that has the added columns."""
        return table[time] if self._plain[calendar] else table[f"{name}_worked_{calendar}"]

    def worked(self, calendar: int, instant: int) -> Mapping[int, int]:
        """The open seconds before an instant, by group."""
        if self._plain[calendar]:
            return dict.fromkeys(self._groups, instant)
        return {group: self._worked[group][calendar].before(instant) for group in self._groups}

    def by_group(self, table: Table, column_of: Callable[[int], Column]) -> Column:
        """What is told of each group, by the rows' groups."""
        first, *others = self._groups
        column = column_of(first)
        for group in others:
            column = ifelse(table[GROUP] == group, column_of(group), column)
        return column

    def worked_at(self, table: Table, calendar: int, instant: int) -> Column:
        """The open seconds before an instant as a column, by the rows' groups."""
        by_group = self.worked(calendar, instant)
        return self.by_group(table, lambda group: literal(by_group[group], "int64"))

    def _keys(self, bucket: str) -> list[str]:
        return [bucket, GROUP] if len(self._groups) > 1 else [bucket]

    def _table(self) -> Table:
        rows: dict[str, list[int]] = {}
        cuts = {self._first, self._last + 1, *self._multiples(self._first, self._last + 1)}
        cuts.update(edge for group in self._groups for worked in self._worked[group] for edge in worked.edges)
        cuts.update(edge for worked in self._base for edge in worked.edges)
        cuts.update(since for rooms in self._rooms for since in rooms.starts)
        edges = sorted(cut for cut in cuts if self._first <= cut <= self._last + 1)
        for group in self._groups:
            for since, until in pairwise(edges):
                for name, value in self._piece(group, since, until):
                    rows.setdefault(name, []).append(value)
        return self._engine.from_arrow(_arrow(rows, len(self._groups) > 1))

    def _piece(self, group: int, since: int, until: int) -> Iterator[tuple[str, int]]:
        yield GROUP, group
        yield "clock_bucket", since // self._bucket
        yield "clock_since", since
        yield "clock_until", until
        for k, worked in enumerate(self._worked[group]):
            if not self._plain[k]:
                yield f"clock_worked_{k}", worked.before(since)
                yield f"clock_open_{k}", int(worked.is_open(since))
        for j, (days, rooms) in enumerate(zip(self._days, self._rooms, strict=True)):
            base = self._base[days.calendar]
            yield f"clock_room_{j}", rooms.until_closing(since) - base.before(since)
            yield f"clock_opens_{j}", int(base.is_open(since))

    def _multiples(self, first: int, last: int) -> range:
        """Of the bucket's length, strictly between."""
        return range((first // self._bucket + 1) * self._bucket, last, self._bucket)


class _Worked:
    """The open seconds so far, of spans in order."""

    def __init__(self, spans: Sequence[Window]) -> None:
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]
        self._before = list(accumulate((end - start for start, end in spans), initial=0))

    @property
    def edges(self) -> list[int]:
        return self._starts + self._ends

    def before(self, instant: int) -> int:
        place = bisect_right(self._starts, instant) - 1
        if place < 0:
            return 0
        return self._before[place] + min(instant, self._ends[place]) - self._starts[place]

    def is_open(self, instant: int) -> bool:
        place = bisect_right(self._starts, instant) - 1
        return place >= 0 and instant < self._ends[place]


@dataclass(frozen=True, slots=True)
class _Rooms:
    """By local date, from when it is shown: the open seconds from the first instant of all until the days are over."""

    starts: Sequence[int]
    closings: Sequence[int]

    def until_closing(self, instant: int) -> int:
        return self.closings[bisect_right(self.starts, instant) - 1]


def _rooms(calendar: Calendar, days: int, span: Window) -> _Rooms:
    starts, closings = [], []
    for since, until, offset in stretches(calendar.zone, span[0], span[1] + 1):
        midnights = range((since + offset) // DAY * DAY + DAY, until + offset, DAY)
        for start in (since, *(midnight - offset for midnight in midnights)):
            starts.append(start)
            closing = business_day_closing(calendar, start, days)
            closings.append(open_seconds(calendar, span[0], closing))
    return _Rooms(starts, closings)


def _spans(calendar: Calendar, span: Window, excluded: Iterable[Window]) -> Sequence[Window]:
    if _is_always(calendar):
        opened = [(span[0], span[1] + 1)]
    else:
        opened = list(open_spans(calendar, span[0], span[1] + 1))
    return list(without(opened, excluded))


def _is_always(calendar: Calendar) -> bool:
    return not calendar.holidays and all(hours == ((0, DAY),) for hours in calendar.hours)


def _arrow(rows: Mapping[str, Sequence[int]], is_grouped: bool) -> pa.Table:
    return pa.table(
        {name: pa.array(column, pa.int64()) for name, column in rows.items() if is_grouped or name != GROUP}
    )
