"""Open or not, asked one instant after the other: slow, and plain to see that it is right."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from sla.calendars import Calendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def zone_info(zone: str) -> ZoneInfo:
    """From the same release as the code under test: the machine's own may be older."""
    with files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=zone)


def wall(zone: str, instant: int) -> datetime:
    """What clocks in the zone show."""
    return (EPOCH + timedelta(seconds=instant)).astimezone(zone_info(zone))


def instant(zone: str, text: str, fold: int = 0) -> int:
    """When clocks in the zone show "2027-03-05T16:30"; ``fold=1`` for the second time."""
    shown = datetime.fromisoformat(text).replace(tzinfo=zone_info(zone), fold=fold)
    return (shown.astimezone(UTC) - EPOCH) // timedelta(seconds=1)


def utc(text: str) -> int:
    return instant("UTC", text)


def day(text: str) -> int:
    """Days since 1970-01-01."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def is_open(calendar: Calendar, at: int) -> bool:
    shown = wall(calendar.zone, at)
    if (shown.date() - date(1970, 1, 1)).days in calendar.holidays:
        return False
    second = shown.hour * 3_600 + shown.minute * 60 + shown.second
    return any(opens <= second < closes for opens, closes in calendar.hours[shown.weekday()])


def open_steps(calendar: Calendar, start: int, end: int, step: int) -> list[int]:
    """The open instants of ``[start, end)``, every ``step`` seconds."""
    return [at for at in range(start, end, step) if is_open(calendar, at)]
