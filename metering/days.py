"""UTC days as the names of folders."""

from __future__ import annotations

import re

from sla.civil import date_from_days, days_from_date

_DAY = re.compile(r"day=(\d{4,5})-(\d\d)-(\d\d)\Z", re.ASCII)


def day_name(day: int) -> str:
    """The folder of a day, given as days since 1970: ``day_name(0) == "day=1970-01-01"``."""
    return "day={:04d}-{:02d}-{:02d}".format(*date_from_days(day))


def day_of_name(name: str) -> int | None:
    """The day a folder of that name is of; None if it is none."""
    found = _DAY.match(name)
    if not found:
        return None
    day = days_from_date(*(int(part) for part in found.groups()))
    return day if day_name(day) == name else None


def date_of(day: int) -> str:
    """The day for people: ``date_of(0) == "1970-01-01"``."""
    return day_name(day).removeprefix("day=")
