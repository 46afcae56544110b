"""Opening hours: which instants count.

An instant is open iff its local wall time lies in the hours of its local weekday and its local date is no holiday. So
an hour that occurs twice counts twice, one that is skipped counts not at all, and a shift past midnight is two spans,
of which a holiday closes the one on its own date.

Everything is computed from stretches of constant offset: within one, wall time is the instant plus the offset, and the
open seconds of any span of wall time are known from the week's pattern and the holidays without walking it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from sla.civil import DAY
from sla.zones import CalendarError, local_day, require_zone, stretches

Hours = tuple[tuple[tuple[int, int], ...], ...]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAY_OF_EPOCH = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """When time counts: ``hours`` are seven tuples, Monday first, of half-open spans of the day's wall time in seconds,
    ``(open, close)`` with ``0 <= open < close <= 86_400``, in order and not touching; ``holidays`` are local dates as
    days since 1970-01-01. At least one second of the week is open."""

    zone: str
    hours: Hours
    holidays: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        require_zone(self.zone)
        if len(self.hours) != len(_DAYS):
            raise CalendarError(f"hours are given for {len(self.hours)} days", "give seven, Monday first")
        for day, spans in zip(_DAYS, self.hours, strict=True):
            _require_in_order(day, spans)
        if not any(self.hours):
            raise CalendarError("the calendar is never open", "give at least one day its hours")


def _require_in_order(day: str, spans: tuple[tuple[int, int], ...]) -> None:
    for opens, closes in spans:
        if not 0 <= opens < closes <= DAY:
            raise CalendarError(
                f"{day} opens at second {opens} and closes at second {closes}",
                f"let it open at 0 or later, before it closes, and close by {DAY}",
            )
    for (_, closes), (opens, _) in pairwise(spans):
        if opens <= closes:
            raise CalendarError(
                f"{day} closes at second {closes} and opens again at second {opens}",
                "order the spans and join those that touch",
            )


ALWAYS = Calendar("UTC", (((0, DAY),),) * 7)
"""Round the clock."""


def open_spans(calendar: Calendar, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The open parts of ``[start, end)`` as instants, in order, none touching the next. None where end <= start."""
    joined: tuple[int, int] | None = None
    for _, opens, closes in _local_spans(calendar, start, end):
        if joined is None:
            joined = opens, closes
        elif joined[1] == opens:
            joined = joined[0], closes
        else:
            yield joined
            joined = opens, closes
    if joined is not None:
        yield joined


def open_seconds(calendar: Calendar, start: int, end: int) -> int:
    """How many seconds of ``[start, end)`` are open; 0 where end <= start."""
    pattern = _pattern(calendar)
    return sum(
        pattern.worked(until + offset) - pattern.worked(since + offset)
        for since, until, offset in stretches(calendar.zone, start, end)
    )


def instant_after(calendar: Calendar, start: int, seconds: int) -> int:
    """The first instant at which so many open seconds have passed since ``start``; ``start`` itself for 0.

    Hours 9 to 17: 4 h from Friday 16:30 end on Monday 12:30, half an hour on Friday 17:00, when the day closes.
    """
    if seconds < 0:
        raise CalendarError(f"{seconds} open seconds cannot pass", "give 0 or more")
    pattern, left = _pattern(calendar), seconds
    for since, until, offset in stretches(calendar.zone, start, None):
        before = pattern.worked(since + offset)
        here = pattern.worked(until + offset) - before
        if left <= here:
            return since + bisect_left(
                range(since + offset, until + offset), before + left, key=pattern.worked
            )
        left -= here
    raise AssertionError("stretches without an end came to an end")


def next_open(calendar: Calendar, instant: int) -> int:
    """The first open instant from ``instant`` on; that itself when it is open."""
    return instant_after(calendar, instant, 1) - 1


def business_day_opening(calendar: Calendar, start: int, days: int) -> int:
    """When the ``days``-th business day after the local date of ``start`` opens.

    A business day is a local date on which the calendar opens. The date of ``start`` does not count, whatever the hour.
    """
    return _business_day(calendar, start, days)[0]


def business_day_closing(calendar: Calendar, start: int, days: int) -> int:
    """When the ``days``-th business day after the local date of ``start`` closes for the last time."""
    return _business_day(calendar, start, days)[1]


def _business_day(calendar: Calendar, start: int, days: int) -> tuple[int, int]:
    """(first opening, last closing). Clocks put back at midnight show a date again: it counts once, and closes at the
    end of its second part, so the search goes on for as long as the date can come back."""
    if days < 1:
        raise CalendarError(f"{days} business days lead nowhere", "give 1 or more")
    latest, left, found = local_day(calendar.zone, start), days, (start, start)
    for day, opens, closes in _local_spans(calendar, start, None):
        if left > 0:
            if day > latest:
                latest, left, found = day, left - 1, (opens, closes)
        elif day == latest:
            found = found[0], closes
        elif day > latest + 1:
            return found
    raise AssertionError("a calendar that opens every week came to an end")


def _local_spans(calendar: Calendar, start: int, end: int | None) -> Iterator[tuple[int, int, int]]:
    """(local date, opens, closes) in order, cut at midnight and wherever the zone's offset may change."""
    pattern = _pattern(calendar)
    for since, until, offset in stretches(calendar.zone, start, end):
        for day, opens, closes in pattern.spans(since + offset, until + offset):
            yield day, opens - offset, closes - offset


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A calendar made ready for counting in wall time, in seconds since 1970-01-01T00:00 of the zone's own clock.

    ``before[d]``: open seconds of the week before weekday d, the eighth the whole week's. ``closed``: the holidays that
    fall on days with hours, ascending; ``lost[i]``: the open seconds that the first i of them take away.
    """

    hours: Hours
    before: tuple[int, ...]
    holidays: frozenset[int]
    closed: tuple[int, ...]
    lost: tuple[int, ...]

    def worked(self, wall: int) -> int:
        """Open seconds before a wall time, counted from a fixed one: only differences mean anything."""
        day, second = divmod(wall, DAY)
        weeks, weekday = divmod(day + _WEEKDAY_OF_EPOCH, 7)
        seconds = weeks * self.before[7] + self.before[weekday]
        if day not in self.holidays:
            seconds += sum(
                min(closes, second) - opens for opens, closes in self.hours[weekday] if opens < second
            )
        return seconds - self.lost[bisect_left(self.closed, day)]

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """(date, opens, closes) of each open span of ``[start, end)``, all in wall time."""
        for day in range(start // DAY, (end - 1) // DAY + 1):
            if day in self.holidays:
                continue
            midnight = day * DAY
            for opens, closes in self.hours[(day + _WEEKDAY_OF_EPOCH) % 7]:
                since, until = max(midnight + opens, start), min(midnight + closes, end)
                if since < until:
                    yield day, since, until


@lru_cache(maxsize=1_024)
def _pattern(calendar: Calendar) -> _Pattern:
    by_weekday = [sum(closes - opens for opens, closes in spans) for spans in calendar.hours]
    closed = sorted(day for day in calendar.holidays if by_weekday[(day + _WEEKDAY_OF_EPOCH) % 7])
    return _Pattern(
        calendar.hours,
        tuple(accumulate(by_weekday, initial=0)),
        calendar.holidays,
        tuple(closed),
        tuple(accumulate((by_weekday[(day + _WEEKDAY_OF_EPOCH) % 7] for day in closed), initial=0)),
    )
