"""Measures as they are written, for tests of their readers."""

from __future__ import annotations

import pytest

from record.terms.calendars import Calendars, NamedCalendar, read_calendar
from record.terms.levels import Unit
from record.terms.measures import Counted, read_counted
from record.terms.yaml_reading import read_documents
from sla.errors import TermsError

OFFICE = """\
apiVersion: makegood/v1
kind: Calendar
metadata: {name: office}
spec: {zone: Europe/Rome, hours: {monday-friday: "09:00-17:00"}, holidays: ["2027-03-29"]}
"""


def office() -> NamedCalendar:
    return read_calendar(read_documents(OFFICE)[0])


def written(kind: str, text: str) -> tuple[Counted, Unit]:
    """What a measure source's ``spec`` means, written between braces."""
    (spec,) = read_documents(f"{{{text}}}")
    return read_counted(spec, kind, Calendars({"office": office()}))


def refused(kind: str, text: str) -> str:
    """Why it is refused: the field and the problem."""
    with pytest.raises(TermsError) as refusal:
        written(kind, text)
    return f"{refusal.value.path}: {refusal.value.problem}; {refusal.value.remedy}"
