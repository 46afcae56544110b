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

from record.canonical import Json
from record.terms.section import Field, Listing, Section, node_json
from record.terms.values import label_seconds
from sla.calendars import Calendar
from sla.civil import DAY
from sla.errors import MakegoodError, TermsError
from sla.zones import require_zone

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

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
        self._asked: dict[str, Json] = {}

    def read(self, field: Field) -> Calendar:
        """The calendar a field names."""
        if field.text not in self._known:
            raise field.refuse("names no Calendar of this file", "add a document of kind Calendar")
        found = self._known[field.text]
        self._asked[found.name] = found.definition
        return found.calendar

    def definitions(self) -> dict[str, Json]:
        """What was asked for, by name."""
        return dict(sorted(self._asked.items()))


def read_calendar(document: Section) -> NamedCalendar:
    """A document of kind Calendar."""
    spec = document.section("spec")
    spec.require("zone hours", "description holidays")
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
    try:
        calendar = Calendar(zone.text, tuple(hours.get(day, ()) for day in DAYS), _holidays(spec))
    except MakegoodError as error:
        raise TermsError(section.path, error.problem, error.remedy, section.line) from None
    return NamedCalendar(document.section("metadata").text("name"), calendar, node_json(document))


def _days(section: Section, name: str) -> tuple[str, ...]:
    first, _, last = name.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(first) > DAYS.index(last or first):
        raise section.field(name).refuse(
            f"is given for {name[:40]!r}, which names no days", "write monday, or monday-friday"
        )
    return DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


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
    found = set()
    for item in listing.items:
        if not isinstance(item, Field):
            raise TermsError(item.path, "is not a date", "write it as in 2026-12-25", item.line)
        if not _DATE.match(item.text):
            raise item.refuse("is not a date", "write it as in 2026-12-25")
        found.add(label_seconds(item, item.text + "T00:00:00") // DAY)
    return frozenset(found)
