"""How records become one number: the measures an SLI may name, with their parameters, a module a family.

An SLI names one in ``thresholdMetric.metricSource.spec.measure``. Each states, as ISO/IEC 19086-2 asks, its definition
(the class's docstring), its unit, its parameters (the fields) and its rules (what they say). Beside a measure's own
parameters every SLI of records may give ``where`` (only records of these dimensions), ``hours`` (a Calendar: only time
in which it is open counts), ``onlyWhile`` (a qualifying condition) and ``minimumKnown`` (with less than that share of
what was due known nothing is said).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, get_args

from record.terms.calendars import Calendars
from record.terms.chosen import Where, read_where
from record.terms.levels import RATIO, Unit
from record.terms.measures import (
    composites,
    deliveries,
    faults,
    late_days,
    readings,
    requests,
    slices,
    states,
    surveys,
    tickets,
    volumes,
)
from record.terms.measures.composites import CompositeUptime
from record.terms.measures.deliveries import Delivery
from record.terms.measures.faults import Fault, RepairedWithin, RepairTime
from record.terms.measures.late_days import LateDays
from record.terms.measures.parts import Form
from record.terms.measures.readings import Gauge
from record.terms.measures.requests import Intervals, Percentile, Requests
from record.terms.measures.slices import Slices
from record.terms.measures.states import Uptime
from record.terms.measures.surveys import Survey
from record.terms.measures.tickets import Adherence, BacklogAge, ClockTime, UpdateTime
from record.terms.measures.volumes import Volume
from record.terms.qualifying import OnlyWhile, read_only_while
from record.terms.section import Field, Section
from record.terms.sources import DataSource
from record.terms.values import percent_ppm
from sla.agreement import PPM
from sla.calendars import Calendar

__all__ = [
    "Adherence",
    "BacklogAge",
    "ClockTime",
    "CompositeUptime",
    "Counted",
    "Delivery",
    "Fault",
    "Gauge",
    "Intervals",
    "LateDays",
    "Measure",
    "Percentile",
    "Requests",
    "Slices",
    "Survey",
    "UpdateTime",
    "Uptime",
    "Volume",
    "read_counted",
]

Measure: TypeAlias = (
    Adherence
    | BacklogAge
    | ClockTime
    | CompositeUptime
    | Delivery
    | Fault
    | Gauge
    | Intervals
    | LateDays
    | Percentile
    | Requests
    | Slices
    | Survey
    | UpdateTime
    | Uptime
    | Volume
)

FORMS: Mapping[str, Form[Measure]] = {
    **composites.FORMS,
    **deliveries.FORMS,
    **faults.FORMS,
    **late_days.FORMS,
    **readings.FORMS,
    **requests.FORMS,
    **slices.FORMS,
    **states.FORMS,
    **surveys.FORMS,
    **tickets.FORMS,
    **volumes.FORMS,
}

MINIMUM_KNOWN_PPM = 500_000
"""Half of what was due: a node that slept through most of a period must not judge it by the rest."""

_OWN_HOURS = (
    *get_args(Delivery),
    LateDays,
    RepairTime,
    RepairedWithin,
    Adherence,
    BacklogAge,
    ClockTime,
    UpdateTime,
)
"""What counts days, repairs or clocks that began before the period: by its own calendar, if any."""

_COMMON = ("where", "hours", "onlyWhile", "minimumKnown")


@dataclass(frozen=True, slots=True)
class Counted:
    """What an SLI makes of records: those whose dimensions have one of the values of each of ``where``, within
    ``hours`` (None: round the clock) and ``only_while`` a condition holds, by ``measure``. With less than
    ``minimum_known_ppm`` of what was due known, the attainment is unknown."""

    measure: Measure
    where: Where = ()
    hours: Calendar | None = None
    only_while: OnlyWhile | None = None
    minimum_known_ppm: int = MINIMUM_KNOWN_PPM

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        where = " and ".join(f"{name} is {' or '.join(values)}" for name, values in self.where)
        of = [f"of the records whose {where}"] if where else []
        within = ["in opening hours only"] if self.hours else []
        within += [self.only_while.sentence] if self.only_while else []
        if self.minimum_known_ppm != MINIMUM_KNOWN_PPM:
            minimum = RATIO.text(self.minimum_known_ppm)
            within.append(f"no number if less than {minimum} of what was due is known")
        before = ", ".join([*of, *within])
        return f"{before}: {self.measure.sentence}" if before else self.measure.sentence


def read_counted(
    spec: Section, kind: str, calendars: Calendars, sources: Mapping[str, DataSource] | None = None
) -> tuple[Counted, Unit]:
    """The ``spec`` of a metric source over records of a kind, and the unit of what it comes to. ``sources``: those that
    a condition may name."""
    name = spec.field("measure")
    if name.text not in FORMS:
        raise name.refuse("is not a known measure", f"use {', '.join(FORMS)}")
    form = FORMS[name.text]
    if kind not in form.kinds:
        fitting = ", ".join(each for each, other in FORMS.items() if kind in other.kinds)
        raise name.refuse(f"does not measure {kind}", f"use {fitting or 'another kind of records'}")
    own = {key: member for key, member in spec.members.items() if key not in _COMMON}
    measure, unit = form.read(Section(own, spec.path, spec.line), calendars)
    if isinstance(measure, Intervals | Requests) and measure.good is None and kind == "probes":
        spec.field("count")
    if kind == "counts":
        for said in filter(spec.has, ("count", "statusBelow", "maxLatencyMilliseconds", "dueEvery")):
            raise spec.field(said).refuse("is decided by the source of counts", "leave it out")
    if isinstance(measure, _OWN_HOURS) and spec.has("hours"):
        raise spec.field("hours").refuse(
            "cannot cut what this counts by whole days, repairs or tickets",
            "name a calendar as the measure's own",
        )
    counted = Counted(
        measure,
        read_where(spec),
        spec.optional("hours", calendars.read, None),
        read_only_while(spec.section("onlyWhile"), sources or {}) if spec.has("onlyWhile") else None,
        spec.optional("minimumKnown", _minimum_known, MINIMUM_KNOWN_PPM),
    )
    return counted, unit


def _minimum_known(field: Field) -> int:
    ppm = percent_ppm(field)
    if ppm > PPM:
        raise field.refuse("is more than 100%", "write a part of what is due")
    return ppm
