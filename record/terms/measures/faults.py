"""Measures of faults: from when until when a subject (a line, a host) was out of order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from record.readable import duration
from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.days import LONGEST_DAYS, Deadline, read_deadline
from record.terms.measures.parts import Form
from record.terms.measures.statistic import Statistic, read_statistic
from record.terms.section import Section
from record.terms.sources import choice
from record.terms.values import duration_seconds
from sla.calendars import Calendar
from sla.civil import DAY

FAULTS = Unit("faults")

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600}


@dataclass(frozen=True, slots=True)
class RepairTime:
    """The time from ``start`` to ``end`` of each fault that ended in the cell: their mean is the mean time to repair.
    Only opening hours of ``calendar`` count, if there is one. In units of so many ``seconds``, rounded up, so that
    "at most 4 hours" means what it says."""

    statistic: Statistic
    seconds: int
    calendar: Calendar | None = None

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        hours = f", in the opening hours of {self.calendar.zone}" if self.calendar else ""
        return (
            f"{self.statistic.sentence} of the {_name(self.seconds)} that faults lasted{hours}, of those that ended, "
            "rounded up"
        )


@dataclass(frozen=True, slots=True)
class RepairedWithin:
    """Faults that ended by their deadline, per fault whose deadline lies in the cell: there it is decided for good. The
    deadline is what is granted after ``start``; where dates are counted, the whole last date."""

    deadline: Deadline

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        after = self.deadline.after or "the end of the date"
        return (
            f"faults that ended within {after} from their beginning{self.deadline.clocks}, as a part of those whose "
            "time was over"
        )


@dataclass(frozen=True, slots=True)
class RepeatFaults:
    """The faults that began in the cell no later than ``seconds`` after an earlier one of the same subject and the same
    client began."""

    seconds: int

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return f"the number of faults that began within {duration(self.seconds)} of an earlier one of the same subject"


@dataclass(frozen=True, slots=True)
class FaultTime:
    """All the time that faults lasted within the cell, each fault by itself, also those that last still. In units of so
    many ``seconds``: of the sum whole ones, or also the one begun where ``round_up``."""

    seconds: int
    round_up: bool

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        rounded = "a begun one counted whole" if self.round_up else "whole ones only"
        return f"the {_name(self.seconds)} that faults lasted, all together, {rounded}"


def _name(seconds: int) -> str:
    return next(name for name, each in _SECONDS.items() if each == seconds)


def _unit(spec: Section) -> tuple[int, Unit]:
    name = choice(spec.field("unit"), *_SECONDS)
    return _SECONDS[name], Unit(name)


def _repair_time(spec: Section, calendars: Calendars) -> tuple[RepairTime, Unit]:
    spec.require("measure unit statistic", "share calendar")
    seconds, unit = _unit(spec)
    statistic = read_statistic(spec, "mean", "max", "percentile")
    return RepairTime(statistic, seconds, spec.optional("calendar", calendars.read, None)), unit


def _repaired_within(spec: Section, calendars: Calendars) -> tuple[RepairedWithin, Unit]:
    spec.require("measure within", "zone calendar")
    return RepairedWithin(read_deadline(spec, calendars)), RATIO


def _repeat_faults(spec: Section, _: Calendars) -> tuple[RepeatFaults, Unit]:
    spec.require("measure within")
    within = spec.field("within")
    seconds = duration_seconds(within)
    if not 0 < seconds <= LONGEST_DAYS * DAY:
        raise within.refuse("is out of range", f"write at least a second and at most {LONGEST_DAYS} days")
    return RepeatFaults(seconds), FAULTS


def _fault_time(spec: Section, _: Calendars) -> tuple[FaultTime, Unit]:
    spec.require("measure unit rounded")
    seconds, unit = _unit(spec)
    return FaultTime(seconds, choice(spec.field("rounded"), "up", "down") == "up"), unit


Fault: TypeAlias = RepairTime | RepairedWithin | RepeatFaults | FaultTime

FORMS: dict[str, Form[Fault]] = {
    "repair-time": Form(("faults",), _repair_time),
    "repaired-within": Form(("faults",), _repaired_within),
    "repeat-faults": Form(("faults",), _repeat_faults),
    "fault-time": Form(("faults",), _fault_time),
}
