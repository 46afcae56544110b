"""How records become one number: the measures an SLI may name, with their parameters, a module a family.

An SLI names one in ``thresholdMetric.metricSource.spec.measure``. Each states, as ISO/IEC 19086-2 asks, its definition
(the class's docstring), its unit, its parameters (the fields) and its rules (what they say). Beside a measure's own
parameters every SLI of records may give ``where`` (only records of these dimensions) and ``hours`` (a Calendar: only
time in which it is open counts).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from record.landing.kinds import DIMENSIONS
from record.terms.calendars import Calendars
from record.terms.levels import Unit
from record.terms.measures import requests, states
from record.terms.measures.parts import Form
from record.terms.measures.requests import Intervals, Percentile, Requests
from record.terms.measures.states import Uptime
from record.terms.section import Section
from record.terms.values import texts
from sla.calendars import Calendar

__all__ = ["Counted", "Intervals", "Measure", "Percentile", "Requests", "Uptime", "read_counted"]

Measure: TypeAlias = Intervals | Percentile | Requests | Uptime

FORMS: Mapping[str, Form[Measure]] = {**requests.FORMS, **states.FORMS}

_COMMON = ("where", "hours")


@dataclass(frozen=True, slots=True)
class Counted:
    """What an SLI makes of records: those whose dimensions have one of the values of each of ``where``, within
    ``hours`` (None: round the clock), by ``measure``."""

    measure: Measure
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hours: Calendar | None = None

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        where = "; ".join(f"{name} {' or '.join(values)}" for name, values in self.where)
        within = f", in the opening hours of {self.hours.zone}" if self.hours else ""
        return f"{self.measure.sentence}{f', where {where}' if where else ''}{within}"


def read_counted(spec: Section, kind: str, calendars: Calendars) -> tuple[Counted, Unit]:
    """The ``spec`` of a metric source over records of a kind, and the unit of what it comes to."""
    name = spec.field("measure")
    if name.text not in FORMS:
        raise name.refuse("is not a known measure", f"use {', '.join(FORMS)}")
    form = FORMS[name.text]
    if kind not in form.kinds:
        fitting = ", ".join(each for each, other in FORMS.items() if kind in other.kinds)
        raise name.refuse(f"does not measure {kind}", f"use {fitting or 'another kind of records'}")
    own = {key: member for key, member in spec.members.items() if key not in _COMMON}
    measure, unit = form.read(Section(own, spec.path, spec.line), calendars)
    if isinstance(measure, Intervals | Requests) and (measure.good is None) == (kind == "probes"):
        count = spec.field("count")
        raise count.refuse("is said by the source of counts", "leave it out")
    counted = Counted(measure, _where(spec), spec.optional("hours", calendars.read, None))
    return counted, unit


def _where(spec: Section) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not spec.has("where"):
        return ()
    section = spec.section("where")
    section.require("", " ".join(DIMENSIONS))
    return tuple((name, texts(section, name)) for name in DIMENSIONS if section.has(name))
