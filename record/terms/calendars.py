"""Opening hours as people write them: documents of kind Calendar, that indicators name.

apiVersion: makegood/v1
kind: Calendar
metadata: {name: office}
spec:
  zone: Europe/Rome
  hours:
    monday-thursday: "09:00-13:00, 14:00-18:00"
    friday: "09:00-17:00"
  holidays: ["2026-12-25"]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from record.canonical import Json
from record.readable import utc
from record.terms.section import Field, Listing, Section, node_json
from record.terms.values import label_seconds
from sla.calendars import Calendar
from sla.civil import DAY
from sla.errors import MakegoodError, TermsError
from sla.zones import require_zone

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MOST_SHOWN = 30
"""Holidays that a sentence lists: some two years of them."""

_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class NamedCalendar:
    """A calendar, and the document that says so."""

    name: str
    calendar: Calendar
    definition: Json


class Calendars:
    """The calendars of a file, and which of them were asked for: those are part of an indicator's definition."""

    def __init__(self, known: Mapping[str, NamedCalendar]) -> None:
        self._known = known
        self._asked: dict[str, NamedCalendar] = {}

    def read(self, field: Field) -> Calendar:
        """The calendar a field names."""
        if field.text not in self._known:
            raise field.refuse("names no Calendar of this file", "add a document of kind Calendar")
        found = self._known[field.text]
        self._asked[found.name] = found
        return found.calendar

    def asked(self) -> tuple[NamedCalendar, ...]:
        """What was asked for, by name."""
        return tuple(self._asked[name] for name in sorted(self._asked))


def read_calendar(document: Section) -> NamedCalendar:
    """A document of kind Calendar."""
    spec = document.section("spec")
    spec.require("zone hours", "description holidays")
    spec.text("description", "")
    zone = spec.field("zone")
    try:
        require_zone(zone.text)
    except MakegoodError:
        raise zone.refuse("is no time zone", "use an IANA name, as in Europe/Rome") from None
    hours: dict[str, tuple[tuple[int, int], ...]] = {}
    section = spec.section("hours")
    for name in section.members:
        for day in _days(section, name):
            if day in hours:
                raise section.field(name).refuse(f"gives {day} hours again", "write each day once")
            hours[day] = _hours(section.field(name))
    holidays = _holidays(spec)
    try:
        calendar = Calendar(zone.text, tuple(hours.get(day, ()) for day in DAYS), holidays)
    except MakegoodError as error:
        raise TermsError(section.path, error.problem, error.remedy, section.line) from None
    return NamedCalendar(document.section("metadata").text("name"), calendar, node_json(document))


def _days(section: Section, name: str) -> tuple[str, ...]:
    first, dash, last = name.partition("-")
    last = last if dash else first
    if first not in DAYS or last not in DAYS or DAYS.index(first) > DAYS.index(last):
        node = section.members[name]
        problem, remedy = (
            f"{name[:40]!r} names no days",
            "write one, as in monday, or several, as in monday-friday",
        )
        raise TermsError(node.path, problem, remedy, node.line)
    return DAYS[DAYS.index(first) : DAYS.index(last) + 1]


def _hours(field: Field) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for part in field.text.split(","):
        match = _SPAN.match(part.strip())
        if match is None:
            raise field.refuse("are no opening hours", "write them as in 09:00-13:00, 14:00-18:00")
        open_hour, open_minute, close_hour, close_minute = (int(number) for number in match.groups())
        opens, closes = open_hour * 3_600 + open_minute * 60, close_hour * 3_600 + close_minute * 60
        if open_minute > 59 or close_minute > 59 or not opens < closes <= DAY:
            raise field.refuse("are no opening hours", "open before you close, by 24:00 at the latest")
        if found and found[-1][1] >= opens:
            raise field.refuse("overlap or touch", "order the spans and join those that touch")
        found.append((opens, closes))
    return tuple(found)


def _holidays(spec: Section) -> frozenset[int]:
    if not spec.has("holidays"):
        return frozenset()
    listing = spec.members["holidays"]
    if not isinstance(listing, Listing):
        raise TermsError(listing.path, "is not a list", "list dates, as in 2026-12-25", listing.line)
    found: set[int] = set()
    for item in listing.items:
        if not isinstance(item, Field):
            raise TermsError(item.path, "is not a date", "write it as in 2026-12-25", item.line)
        if not _DATE.match(item.text):
            raise item.refuse("is not a date", "write it as in 2026-12-25")
        day = label_seconds(item, item.text + "T00:00:00") // DAY
        if day in found:
            raise item.refuse("stands twice", "write it once")
        found.add(day)
    return frozenset(found)


def hours_text(calendar: Calendar) -> str:
    """The opening hours in words: "Monday to Friday 09:00-13:00 and 14:00-18:00, Saturday 09:00-12:00, on the clocks
    of Europe/Rome, but not on 2027-12-25"."""
    parts: list[str] = []
    for spans, days in groupby(zip(calendar.hours, DAYS, strict=True), key=itemgetter(0)):
        names = [day.capitalize() for _, day in days]
        last = "" if len(names) == 1 else f" {'and' if len(names) == 2 else 'to'} {names[-1]}"
        if spans:
            parts.append(f"{names[0]}{last} {' and '.join(map(_span_text, spans))}")
    closed = f", but not on {_dates_text(sorted(calendar.holidays))}" if calendar.holidays else ""
    return f"{', '.join(parts)}, on the clocks of {calendar.zone}{closed}"


def _span_text(span: tuple[int, int]) -> str:
    return "-".join(f"{time // 3_600:02}:{time // 60 % 60:02}" for time in span)


def _dates_text(days: list[int]) -> str:
    shown = [utc(day * DAY)[:10] for day in days[:MOST_SHOWN]]
    more = len(days) - len(shown)
    return ", ".join(shown) + (f" and {more} more holiday{'' if more == 1 else 's'}" if more else "")
