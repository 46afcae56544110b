"""What clocks show in an IANA zone, as integers: an instant plus the zone's offset is the wall time, both in seconds.

The zone data is that of the ``tzdata`` package, which the locks pin, never the machine's own: nodes on different
machines must compute the same attainment, and an auditor years later again. ``zone_data_version`` names it.

``datetime`` ends with the year 9999 and on-chain times do not: the rules that hold today repeat with the Gregorian
calendar every 400 years, so a year from 2800 on is read as its like between 2400 and 2799. Before the year 2 the first
offset holds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo

from sla.civil import DAY, date_from_days, days_from_date
from sla.errors import Kind, MakegoodError

_FIRST_YEAR = 2
_CYCLE_YEARS = 400
_END_YEAR = 2_800
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CalendarError(MakegoodError):
    """A zone, opening hours or a holiday that cannot be meant."""

    kind = Kind.INPUT


def zone_data_version() -> str:
    """The release of the IANA database that all zones are read from, as "2026a"."""
    with _zone_files().joinpath("zoneinfo", "tzdata.zi").open(encoding="ascii") as file:
        return file.readline().removeprefix("# version ").strip()


def require_zone(zone: str) -> None:
    """Refuses what is no zone of the database. Case counts: zones are compared as text."""
    _zone(zone)


def offset_at(zone: str, instant: int) -> int:
    """Seconds by which clocks in the zone are ahead of UTC. ``offset_at("Asia/Kathmandu", 0) == 19_800``."""
    return next(stretches(zone, instant, instant + 1))[2]


def local_day(zone: str, instant: int) -> int:
    """The date that clocks in the zone show, as days since 1970-01-01."""
    return (instant + offset_at(zone, instant)) // DAY


def stretches(zone: str, start: int, end: int | None) -> Iterator[tuple[int, int, int]]:
    """``[start, end)`` cut wherever the offset may change: (from, to, offset), in order and without a gap.

    Neighbours may have the same offset. Without an end it goes on for ever.
    """
    year = date_from_days(start // DAY)[0]
    while end is None or start < end:
        new_year, next_year = _start_of(year), _start_of(year + 1)
        changes = _changes(zone, year)
        for number, (after, offset) in enumerate(changes):
            until = new_year + changes[number + 1][0] if number + 1 < len(changes) else next_year
            if end is not None:
                until = min(until, end)
            since = max(new_year + after, start)
            if since < until:
                yield since, until, offset
        start = next_year
        year += 1


@lru_cache(maxsize=16_384)
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """(seconds since the start of the year UTC, offset from then on), the first at 0.

    Found by asking once a day: no zone has ever changed twice within six days.
    """
    if year < _FIRST_YEAR:
        return _changes(zone, _FIRST_YEAR)[:1]
    if year >= _END_YEAR:
        return _changes(zone, year - (year - _END_YEAR + _CYCLE_YEARS) // _CYCLE_YEARS * _CYCLE_YEARS)
    info, new_year, next_year = _zone(zone), _start_of(year), _start_of(year + 1)
    changes = [(0, _offset(info, new_year))]
    for morning in range(new_year, next_year, DAY):
        offset = _offset(info, morning + DAY)
        if offset != changes[-1][1]:
            turn = _first_with(info, offset, morning)
            if turn < next_year:
                changes.append((turn - new_year, offset))
    return tuple(changes)


def _first_with(info: ZoneInfo, offset: int, morning: int) -> int:
    """The first second of the day from ``morning`` on at which the offset holds; at the latest the day's end."""
    seconds = range(morning, morning + DAY)
    return morning + bisect_left(seconds, True, key=lambda second: _offset(info, second) == offset)


def _offset(info: ZoneInfo, instant: int) -> int:
    ahead = (_EPOCH + timedelta(seconds=instant)).astimezone(info).utcoffset() or timedelta()
    return ahead.days * DAY + ahead.seconds


@lru_cache(maxsize=4_096)
def _start_of(year: int) -> int:
    return days_from_date(year, 1, 1) * DAY


@cache
def _zone(name: str) -> ZoneInfo:
    if name not in _names():
        raise CalendarError(
            f"{name!r} is not a time zone of the IANA database {zone_data_version()}",
            "write UTC, or a name as in Europe/London",
        )
    with _zone_files().joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def _names() -> frozenset[str]:
    """All zones; "Factory" is the placeholder of a machine whose zone nobody has set."""
    return frozenset(_zone_files().joinpath("zones").read_text(encoding="ascii").split()) - {"Factory"}


def _zone_files() -> Traversable:
    try:
        return files("tzdata")
    except ModuleNotFoundError:
        raise CalendarError(
            "the time zone data is not installed: there is no package tzdata", "install the project's lock"
        ) from None
