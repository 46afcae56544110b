"""Periods by the names people use: "May 2027", "April to June 2027", "2027-05-01 00:00:00 to 00:00:20"."""

from __future__ import annotations

from record.readable import utc
from record.terms.document import TermsDocument
from record.terms.zones import instant_of
from sla.agreement import ScheduleUnit
from sla.civil import DAY, date_from_days
from sla.schedule import period_end, period_start

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def period_name(document: TermsDocument, period: int) -> str:
    """What a period is called on the agreement's own clock."""
    start, end = period_start(document.service, period), period_end(document.service, period)
    (first_day, first_time), (last_day, last_time) = divmod(start, DAY), divmod(end, DAY)
    if first_time or last_time:
        return _between(utc(start), utc(end))
    year, month, day = date_from_days(first_day)
    last_year, last_month, _ = date_from_days(last_day - 1)
    if document.service.unit is ScheduleUnit.MONTHS and day == 1:
        return _months(year, month, last_year, last_month)
    first, last = utc(start).split()[0], utc((last_day - 1) * DAY).split()[0]
    return first if first == last else f"{first} to {last}"


def every_text(document: TermsDocument) -> str:
    """How long a period is: "1 month", "1 year", "20 seconds"."""
    service = document.service
    if service.unit is ScheduleUnit.MONTHS:
        count, unit = (
            (service.length // 12, "year") if service.length % 12 == 0 else (service.length, "month")
        )
    else:
        sizes = ((7 * DAY, "week"), (DAY, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
        size, unit = next(each for each in sizes if service.length % each[0] == 0)
        count = service.length // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def moment_text(label: int, zone: str) -> str:
    """A wall time of the agreement's zone, and beside it the same moment in UTC."""
    if zone == "UTC":
        return f"{utc(label)} UTC"
    return f"{utc(label)} {zone} ({utc(instant_of(label, zone))} UTC)"


def _between(start: str, end: str) -> str:
    day, time = end.split()
    return f"{start} to {time if start.startswith(day) else end}"


def _months(year: int, month: int, last_year: int, last_month: int) -> str:
    if (month, last_month, year) == (1, 12, last_year):
        return str(year)
    first, last = _MONTHS[month - 1], _MONTHS[last_month - 1]
    if year != last_year:
        return f"{first} {year} to {last} {last_year}"
    return f"{first} {year}" if month == last_month else f"{first} to {last} {year}"
