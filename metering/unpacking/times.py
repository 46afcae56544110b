"""A time as a file writes it, as an instant: seconds or milliseconds since 1970 UTC.

A local time that clocks skip means nothing and is refused; one that occurs twice as they go back means two instants,
and the declaration says which, if any.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from metering.unpacking.errors import (
    FUTURE,
    NO_TIME,
    NO_ZONE,
    OUT_OF_RANGE,
    SKIPPED,
    TWICE,
    Refusal,
)
from record.landing.declaration import EPOCHS, Clock, Time
from record.landing.kinds import Column
from record.landing.patterns import ISO, MONTHS, pattern_of
from sla.civil import DAY, days_from_date, month_length
from sla.zones import stretches

_WHOLE = re.compile(r"(?:0|[1-9]\d{0,21})\Z", re.ASCII)
_HAS_OFFSET = re.compile(r"(?:Z|[+-]\d\d(?::?\d\d)?)\Z", re.ASCII)
_ZERO = "1970-01-01T00:00:"
_MINUTE = len(_ZERO)
_MOST_REMEMBERED = 200_000
_NANOSECONDS = 10**9
_QUARTER = 900


def time_reader(how: Time, column: Column, clock: Clock, now_seconds: int) -> Callable[[str], int | Refusal]:
    """Reads one value: an instant in the column's unit, not after ``now_seconds`` by more than the clock's bound."""
    per_second = column.type.per_second
    latest = (now_seconds + clock.within_seconds + 1) * _NANOSECONDS - 1
    ahead = clock.ahead_ms * 1_000_000
    unit = _NANOSECONDS // per_second
    instant = _epoch(how) if how.format in EPOCHS else _iso(how) if how.format == ISO else _written(how)

    def read(text: str) -> int | Refusal:
        found = instant(text)
        if isinstance(found, Refusal):
            return found
        found -= ahead
        if found > latest:
            return Refusal(FUTURE, f"{text[:40]!r} lies in the future")
        value = found // unit
        if not column.least <= value <= column.most:
            return Refusal(OUT_OF_RANGE, f"{text[:40]!r} lies before 1970 or too late")
        return value

    return read


def _epoch(how: Time) -> Callable[[str], int | Refusal]:
    nanoseconds = _NANOSECONDS // EPOCHS[how.format]

    def read(text: str) -> int | Refusal:
        if not _WHOLE.match(text):
            return Refusal(NO_TIME, f"{text[:40]!r} is not a number of {how.format} since 1970")
        return int(text) * nanoseconds

    return read


def _iso(how: Time) -> Callable[[str], int | Refusal]:
    """As ``_written``, for most times by looking up their minute and what follows it: both recur."""
    slow = _written(how)
    minutes: dict[str, int] = {}
    tails: dict[str, int] = {}

    def read(text: str) -> int | Refusal:
        minute, tail = text[:_MINUTE], text[_MINUTE:]
        try:
            return minutes[minute] + tails[tail]
        except KeyError:
            found = slow(text)
        if isinstance(found, Refusal) or text[_MINUTE - 1 : _MINUTE] != ":":
            return found
        if len(minutes) + len(tails) > _MOST_REMEMBERED:
            minutes.clear()
            tails.clear()
        # The zero minute is read with this tail, so what the two come to is what the whole does.
        zero = slow(_ZERO + tail)
        if _HAS_OFFSET.search(tail) and not isinstance(zero, Refusal):
            tails[tail] = zero
            minutes[minute] = found - zero
        return found

    return read


def _written(how: Time) -> Callable[[str], int | Refusal]:
    match, zone, twice = pattern_of(how.format).match, how.zone, how.twice
    days: dict[str, int | None] = {}
    local = _Local(zone, twice) if zone is not None else None

    def read(text: str) -> int | Refusal:
        found = match(text)
        if found is None:
            return Refusal(NO_TIME, f"{text[:40]!r} is not written as {how.format}")
        parts = found.groupdict()
        seconds = _wall_seconds(parts, days)
        if seconds is None:
            return Refusal(NO_TIME, f"{text[:40]!r} is not in the calendar or not on the clock")
        offset = parts.get("z")
        if offset is not None:
            ahead = _offset(offset)
            if ahead is None:
                return Refusal(NO_TIME, f"{text[:40]!r} has an offset of more than a day")
            instant: int | Refusal = seconds - ahead
        elif local is None:
            return Refusal(NO_ZONE, f"{text[:40]!r} does not say which zone it is in")
        else:
            instant = local.instant(seconds, text)
        if isinstance(instant, Refusal):
            return instant
        return instant * _NANOSECONDS + int((parts.get("f") or "0").ljust(9, "0"))

    return read


def _wall_seconds(parts: dict[str, str | None], days: dict[str, int | None]) -> int | None:
    """Seconds since 1970 as the clock shows them; None for a date or time of day that does not exist."""
    date = f"{parts['Y']}-{parts.get('m') or (parts.get('b') or '').lower()}-{parts['d']}"
    if date not in days:
        if len(days) > 10_000:
            days.clear()
        days[date] = _day(*date.split("-"))
    day = days[date]
    hour, minute, second = (int(parts.get(part) or 0) for part in "HMS")
    if parts.get("I"):
        twelfth = int(parts["I"] or 0)
        if not 1 <= twelfth <= 12:
            return None
        hour = twelfth % 12 + (12 if (parts["p"] or "").lower() == "pm" else 0)
    # A leap second has no number of its own in UTC seconds since 1970.
    if day is None or hour > 23 or minute > 59 or second > 59:
        return None
    return day * DAY + hour * 3_600 + minute * 60 + second


def _day(year: str, month: str, day: str) -> int | None:
    number = MONTHS.get(month, 0) if month.isalpha() else int(month)
    if not 1 <= number <= 12 or not 1 <= int(day) <= month_length(int(year), number):
        return None
    return days_from_date(int(year), number, int(day))


def _offset(text: str) -> int | None:
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 23 or minutes > 59:
        return None
    return (hours * 3_600 + minutes * 60) * (-1 if text[0] == "-" else 1)


class _Local:
    """Wall time in a zone as an instant. The offset is looked up once a quarter of an hour, unless it changes in it."""

    def __init__(self, zone: str, twice: str) -> None:
        self._zone = zone
        self._twice = twice
        self._offsets: dict[int, int | None] = {}

    def instant(self, wall: int, text: str) -> int | Refusal:
        """Seconds UTC of a wall time."""
        quarter = wall // _QUARTER
        if quarter not in self._offsets:
            if len(self._offsets) > 100_000:
                self._offsets.clear()
            self._offsets[quarter] = self._offset_of(quarter)
        offset = self._offsets[quarter]
        if offset is not None:
            return wall - offset
        instants = self._instants(wall)
        if not instants:
            return Refusal(SKIPPED, f"{text[:40]!r} does not exist in {self._zone}: clocks skip it")
        if len(instants) > 1 and self._twice == "refuse":
            return Refusal(TWICE, f"{text[:40]!r} occurs twice in {self._zone}: clocks go back")
        return instants[0] if self._twice != "later" else instants[-1]

    def _offset_of(self, quarter: int) -> int | None:
        """The one offset that holds for all of a quarter of an hour on the clock; None if there isn't just one."""
        first, last = (
            self._instants(wall) for wall in (quarter * _QUARTER, quarter * _QUARTER + _QUARTER - 1)
        )
        if len(first) == len(last) == 1 and last[0] - first[0] == _QUARTER - 1:
            offset = quarter * _QUARTER - first[0]
            inside = list(stretches(self._zone, first[0], last[0] + 1))
            if all(ahead == offset for _, _, ahead in inside):
                return offset
        return None

    def _instants(self, wall: int) -> list[int]:
        """The instants at which clocks show the wall time: none, one or two, in order. No zone is a day from UTC."""
        around = stretches(self._zone, wall - DAY, wall + DAY)
        return sorted({wall - ahead for start, end, ahead in around if start <= wall - ahead < end})
