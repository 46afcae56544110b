"""Days as agreements count them: dates on a zone's clocks, or of those the business days of a calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass

from record.readable import duration
from record.terms.calendars import Calendars
from record.terms.levels import Unit
from record.terms.section import Field, Section
from record.terms.values import duration_seconds, label_seconds
from sla.calendars import Calendar
from sla.civil import DAY, date_from_days
from sla.errors import MakegoodError, TermsError
from sla.zones import require_zone

LONGEST_DAYS = 399
"""How many days after its beginning something is followed at most: measuring reads the records of 400 days."""

UNITS = {False: Unit("days"), True: Unit("business days")}

_DAYS = re.compile(r"(?P<number>0|[1-9][0-9]{0,3}) (?P<business>business )?days?\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of ``zone``. Business days are those on which ``calendar`` opens at all; None: nobody asks for them."""

    zone: str
    calendar: Calendar | None = None

    def is_business(self, day: int) -> bool:
        """Whether a date, as days since 1970-01-01, is a business day."""
        if self.calendar is None:
            return False
        return bool(self.calendar.hours[(day + 3) % 7]) and day not in self.calendar.holidays


@dataclass(frozen=True, slots=True)
class DayCount:
    """So many days, all of them or business days."""

    number: int
    business: bool = False

    @property
    def text(self) -> str:
        """As it is written: "2 business days"."""
        name = UNITS[self.business].name
        return f"{self.number} {name.removesuffix('s') if self.number == 1 else name}"


NO_DAYS = DayCount(0)


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when. With ``dates`` it is the end of the date that lies ``days`` after the first one, else the moment
    ``seconds`` after, that very second included."""

    dates: Dates | None = None
    days: DayCount = NO_DAYS
    seconds: int = 0

    @property
    def after(self) -> str:
        """How long after, in words: "the end of 2 business days", "4 hours", or "" for none."""
        if self.dates is None:
            return duration(self.seconds) if self.seconds else ""
        return f"the end of {self.days.text}" if self.days.number else ""

    @property
    def clocks(self) -> str:
        """By whose clocks, in words."""
        return "" if self.dates is None else f", by the dates of {self.dates.zone}"


def read_dates(spec: Section, calendars: Calendars) -> Dates:
    """The members ``zone`` and ``calendar``: a calendar has a zone of its own."""
    calendar = spec.optional("calendar", calendars.read, None)
    if calendar is not None and spec.has("zone"):
        raise spec.field("zone").refuse("is said by the calendar", "leave it out")
    if calendar is not None:
        return Dates(calendar.zone, calendar)
    return Dates(read_day_zone(spec.field("zone")))


def read_day_zone(field: Field) -> str:
    """A zone whose clocks say which day it is."""
    try:
        require_zone(field.text)
    except MakegoodError:
        raise field.refuse("is no time zone", "use an IANA name, as in Europe/Rome") from None
    return field.text


def read_business(spec: Section, dates: Dates) -> bool:
    """The member ``unit``: ``days`` or ``business days``."""
    unit = spec.field("unit")
    if unit.text not in ("days", "business days"):
        raise unit.refuse("is no kind of day", "use days or business days")
    return _known(unit, unit.text == "business days", dates)


def read_days(field: Field, dates: Dates) -> DayCount:
    """ "2 days" or "2 business days"."""
    match = _DAYS.match(field.text)
    if match is None or int(match["number"]) > LONGEST_DAYS:
        raise field.refuse(
            "is no number of days", f"write it as in 2 days or 2 business days, up to {LONGEST_DAYS}"
        )
    return DayCount(int(match["number"]), _known(field, match["business"] is not None, dates))


def read_deadline(spec: Section, calendars: Calendars) -> Deadline:
    """The members ``within``, ``zone`` and ``calendar``. Days need to know whose; without either it is a moment."""
    within = spec.field("within") if spec.has("within") else None
    if spec.has("zone") or spec.has("calendar"):
        dates = read_dates(spec, calendars)
        return Deadline(dates, read_days(within, dates) if within else NO_DAYS)
    if within is None:
        return Deadline()
    if "day" in within.text:
        raise within.refuse("does not say whose days", "add a zone, or a calendar")
    seconds = duration_seconds(within)
    if seconds > LONGEST_DAYS * DAY:
        raise within.refuse("is too long", f"write at most {LONGEST_DAYS} days")
    return Deadline(seconds=seconds)


def read_bounds(spec: Section) -> tuple[int | None, int | None]:
    """The dates ``from`` and ``before``, as days since 1970-01-01; None where they are not given."""
    since, before = (_date(spec, name) for name in ("from", "before"))
    if since is not None and before is not None and since >= before:
        raise spec.field("before").refuse("leaves no day", "write a later date than from")
    return since, before


def bounds_text(since: int | None, before: int | None) -> str:
    """The two in words: ", from 2027-04-01 only", or "" for neither."""
    texts = (
        f"{word} {'{:04d}-{:02d}-{:02d}'.format(*date_from_days(day))}"
        for word, day in (("from", since), ("before", before))
        if day is not None
    )
    found = " and ".join(texts)
    return f", {found} only" if found else ""


def _date(spec: Section, name: str) -> int | None:
    if not spec.has(name):
        return None
    field = spec.field(name)
    if not _DATE.match(field.text):
        raise field.refuse("is not a date", "write it as in 2027-04-01")
    return label_seconds(field, f"{field.text}T00:00:00") // DAY


def _known(field: Field, business: bool, dates: Dates) -> bool:
    if business and dates.calendar is None:
        raise TermsError(
            field.path,
            f"{field.text!r} speaks of no calendar",
            "name one, as in calendar: office",
            field.line,
        )
    return business
