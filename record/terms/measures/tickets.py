"""Measures of tickets: whether their clocks met their limits, how long they ran, how old what is open has grown.

measure: adherence
clock: {pausing: held, stopping: [resolved, closed], cancelling: cancelled, begins: at opening,
        priority: last decides, reassignment: goes on, reopening: resumes}
limits:
  P1: {within: 4 hours, hours: always}
  P3: {within: 3 business days, hours: office}
priorities: P1
escalation:
  P1: [{to: account director, after: 30 minutes}]
"""

from __future__ import annotations

from dataclasses import dataclass

from record.readable import duration
from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.parts import SECONDS, Form
from record.terms.measures.statistic import Statistic, read_statistic
from record.terms.measures.ticket_clocks import (
    TicketClock,
    read_clock,
    read_hours,
    read_limits,
    read_plain_clock,
)
from record.terms.measures.ticket_steps import Steps, read_steps
from record.terms.section import Field, Section
from record.terms.values import texts
from sla.calendars import ALWAYS, Calendar
from sla.targets import Limit

STATISTICS = ("mean", "max", "percentile")


@dataclass(frozen=True, slots=True)
class Adherence:
    """Tickets whose clock met its limit, per tickets of which it is known.

    A verdict counts in the cell in which it becomes so: a ticket is read as of the cell's start and as of its end, by
    what its log said until then, and counts if it is decided now and was not so before. It met its limit when it is
    stopped and no lap of its clock was breached; it did not when one was, stopped or not. A met ticket that is reopened
    and breached later counts in both cells, each time as it stood. Cancelled tickets are excluded. Those still
    undecided are in no number.

    A ticket is missing when it is stopped and its priority has no limit, or when its records name different times of
    opening: nobody can say then what it owed. Records that contradict each other in anything else never land.

    ``limits`` are (priority, limit), by name; ``priorities``: only tickets that have one of them then, all if empty.
    """

    clock: TicketClock
    limits: tuple[tuple[str, Limit], ...]
    priorities: tuple[str, ...] = ()
    steps: Steps = ()

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        limits = ", ".join(f"{priority}: {_limit_text(limit)}" for priority, limit in self.limits)
        return (
            f"tickets{_of(self.priorities)} whose clock was stopped within its limit ({limits}), as a part of all "
            f"whose clock was stopped or ran beyond it; {self.clock.sentence}"
        )


@dataclass(frozen=True, slots=True)
class ClockTime:
    """Open seconds of ``hours`` that the clocks ran of tickets that came to a stop in the cell: stopped at its end, and
    at its start not, or after less time. Those stopped and reopened within the cell count if they stop again."""

    clock: TicketClock
    hours: Calendar
    statistic: Statistic
    priorities: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return (
            f"{self.statistic.sentence} of the seconds, {_hours_text(self.hours)}, that the clocks of "
            f"tickets{_of(self.priorities)} ran until they stopped; {self.clock.sentence}"
        )


@dataclass(frozen=True, slots=True)
class UpdateTime:
    """By ticket, the longest time, in open seconds of ``hours``, from its opening or an entry to its next entry while
    its clock ran: of those that end in the cell or, as long as they are so far, last at its end."""

    clock: TicketClock
    hours: Calendar
    statistic: Statistic
    priorities: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return (
            f"{self.statistic.sentence} of the longest times, in seconds {_hours_text(self.hours)}, that "
            f"tickets{_of(self.priorities)} waited for their next entry while their clock ran; {self.clock.sentence}"
        )


@dataclass(frozen=True, slots=True)
class BacklogAge:
    """Seconds since the opening, open hours or not, of the tickets that run or are held at the cell's end. Without any
    it is 0, once there was a ticket at all."""

    clock: TicketClock
    statistic: Statistic
    priorities: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return (
            f"{self.statistic.sentence} of the ages in seconds, at the end of the period, of the "
            f"tickets{_of(self.priorities)} whose clock is not stopped; {self.clock.sentence}"
        )


def _of(priorities: tuple[str, ...]) -> str:
    return f" of {' or '.join(priorities)}" if priorities else ""


def _limit_text(limit: Limit) -> str:
    days = limit.target.business_days
    if limit.target.seconds is not None:
        return f"{duration(limit.target.seconds)} {_hours_text(limit.calendar)}"
    return f"{days} business day{'' if days == 1 else 's'} {_hours_text(limit.calendar)}"


def _hours_text(calendar: Calendar) -> str:
    return "round the clock" if calendar == ALWAYS else f"in the opening hours of {calendar.zone}"


def _adherence(spec: Section, calendars: Calendars) -> tuple[Adherence, Unit]:
    spec.require("measure clock limits", "priorities classification majorEvents escalation")
    limits = read_limits(spec.section("limits"), calendars)
    clock = read_clock(spec)
    steps = read_steps(spec.section("escalation"), tuple(limits)) if spec.has("escalation") else ()
    measure = Adherence(clock, tuple(sorted(limits.items())), _priorities(spec), steps)
    for priority in measure.priorities:
        if priority not in limits:
            raise Field(priority, spec.child_path("priorities"), spec.members["priorities"].line).refuse(
                "has no limit", f"give it one, or use {', '.join(sorted(limits))}"
            )
    return measure, RATIO


def _clock_time(spec: Section, calendars: Calendars) -> tuple[ClockTime, Unit]:
    spec.require("measure clock statistic", "share priorities classification majorEvents")
    clock, hours = read_plain_clock(spec), read_hours(spec.section("clock"), calendars)
    return ClockTime(clock, hours, read_statistic(spec, *STATISTICS), _priorities(spec)), SECONDS


def _update_time(spec: Section, calendars: Calendars) -> tuple[UpdateTime, Unit]:
    # A major event puts entries into the log, and nobody wrote those.
    spec.require("measure clock statistic", "share priorities classification")
    clock, hours = read_plain_clock(spec), read_hours(spec.section("clock"), calendars)
    return UpdateTime(clock, hours, read_statistic(spec, *STATISTICS), _priorities(spec)), SECONDS


def _backlog_age(spec: Section, _: Calendars) -> tuple[BacklogAge, Unit]:
    spec.require("measure clock statistic", "share priorities classification majorEvents")
    clock = read_plain_clock(spec, hours=False)
    return BacklogAge(clock, read_statistic(spec, *STATISTICS), _priorities(spec)), SECONDS


def _priorities(spec: Section) -> tuple[str, ...]:
    return texts(spec, "priorities") if spec.has("priorities") else ()


FORMS: dict[str, Form[Adherence | ClockTime | UpdateTime | BacklogAge]] = {
    "adherence": Form(("tickets",), _adherence),
    "clock-time": Form(("tickets",), _clock_time),
    "update-time": Form(("tickets",), _update_time),
    "backlog-age": Form(("tickets",), _backlog_age),
}
