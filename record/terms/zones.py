"""The agreement's own clock. Schedules are written in wall time of an IANA zone; the chain knows only UTC.

On-chain the schedule's start is the local wall time read as if it were UTC: a *label*. The label of every
boundary is right for the zone, its instant is not, so deadlines wait ``zone_lag_seconds``: the most by which
any boundary's instant lies after its label (nothing east of Greenwich). Exact bounds come from here.

A wall time that occurs twice means its first occurrence. One that does not exist (clocks put forward) is
moved forward by as much as the clocks were: 02:30 becomes 03:30.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from record.terms.section import Field, Section
from record.terms.values import label_seconds
from sla.agreement import ScheduleUnit
from sla.errors import TermsError

DAY = 86_400
MAX_YEARS_IN_ZONE = 100
LAST_INSTANT_IN_ZONE = 221_845_392_000
"""1 January 9000: zones are computed by ``datetime``, which ends with the year 9999."""

_EPOCH = datetime(1970, 1, 1)
_START = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?\Z", re.ASCII)
_EVERY = re.compile(r"(?P<number>[1-9][0-9]{0,8}) (?P<unit>[a-z]+?)s?\Z")
_NOT_EVERYWHERE = re.compile(r"(?:localtime|posixrules|Factory)\Z|(?:posix|right)/")
"""Files beside the zones of many machines: this machine's own zone, or clocks that count leap seconds."""

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": DAY, "week": 7 * DAY}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}

Boundary = Callable[[int], int]


def read_start(field: Field) -> int:
    """A local wall time, "2026-01-01" or "2026-01-01T08:00:00", as a label in seconds."""
    if not _START.match(field.text):
        raise field.refuse(
            "is not a local date and time", "write it as in 2026-01-01T00:00:00, without an offset"
        )
    return label_seconds(field, field.text)


def read_every(field: Field) -> tuple[ScheduleUnit, int]:
    """ "1 month" counts calendar months, "30 days" or "20 seconds" seconds."""
    match = _EVERY.match(field.text)
    if match is not None and match["unit"] in _MONTHS:
        return ScheduleUnit.MONTHS, int(match["number"]) * _MONTHS[match["unit"]]
    if match is not None and match["unit"] in _SECONDS:
        return ScheduleUnit.SECONDS, int(match["number"]) * _SECONDS[match["unit"]]
    raise field.refuse("is not a period", "write it as in 1 month, 30 days or 20 seconds")


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def read_zone(field: Field) -> str:
    """The name of a zone of the IANA database; UTC needs none."""
    if field.text == "UTC":
        return field.text
    try:
        if _NOT_EVERYWHERE.match(field.text):
            raise KeyError(field.text)
        _zone(field.text)
    except (KeyError, ValueError, OSError):
        raise field.refuse("is not a time zone", "write UTC, or a name as in Europe/London") from None
    return field.text


def instant_of(label: int, zone: str) -> int:
    """The instant, in seconds UTC, at which clocks in the zone show the label."""
    if zone == "UTC":
        return label
    wall = (_EPOCH + timedelta(seconds=label)).replace(tzinfo=_zone(zone))
    since = wall.astimezone(UTC) - _EPOCH.replace(tzinfo=UTC)
    return since.days * DAY + since.seconds


def zone_lag_seconds(section: Section, zone: str, boundary: Boundary, periods: int) -> int:
    """The most by which any of the ``periods + 1`` boundaries comes after its label; at least 0.

    Zones other than UTC need whole days: when clocks repeat or skip an hour, shorter periods would overlap.
    """
    if zone == "UTC":
        return 0
    if (boundary(1) - boundary(0)) % DAY:
        raise TermsError(
            section.child_path("every"),
            f"cuts days apart in {zone}",
            "use whole days, or the zone UTC",
            section.line,
        )
    end = boundary(periods)
    if end > LAST_INSTANT_IN_ZONE or end - boundary(0) > MAX_YEARS_IN_ZONE * 366 * DAY:
        raise TermsError(
            section.child_path("periods"),
            f"runs for more than {MAX_YEARS_IN_ZONE} years or beyond the year 9000",
            "use fewer periods, or the zone UTC",
            section.line,
        )
    return max(0, *(instant_of(boundary(k), zone) - boundary(k) for k in range(periods + 1)))
