"""A ticket's clock as people declare it: what its states mean, its policies, its limits.

A clock for the time to the first response stops in every state but the new one, for good:
``clock: {stopping: [active, held, resolved, closed], reopening: stays stopped}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from record.terms.calendars import Calendars
from record.terms.measures.parts import LONGEST_SECONDS, span
from record.terms.measures.ticket_rules import read_events, read_rules
from record.terms.section import Section
from record.terms.values import texts
from sla.calendars import ALWAYS, Calendar
from sla.classification import RuleBook
from sla.clock_rules import Begins, ClockRules, OnPriority, OnReassignment, OnReopening
from sla.errors import MakegoodError, TermsError
from sla.major_events import MajorEvent
from sla.targets import Limit, Target

MOST_DAYS = LONGEST_SECONDS // 86_400

_BUSINESS_DAYS = re.compile(r"([1-9][0-9]{0,2}) business days?\Z")
_STATES = "pausing stopping cancelling"
_POLICIES = "begins priority reassignment reopening"

E = TypeVar("E", bound=Enum)


@dataclass(frozen=True, slots=True)
class TicketClock:
    """What is read of a ticket's log: ``rules``; ``book``, by which its priority is found, else it is the record's own;
    and the major events that change it."""

    rules: ClockRules
    book: RuleBook | None = None
    events: tuple[MajorEvent, ...] = ()

    @property
    def sentence(self) -> str:
        """What the clock does, in words."""
        rules = self.rules
        parts = [
            f"{verb} in {' or '.join(map(repr, sorted(states)))}"
            for verb, states in (
                ("is held", rules.pausing),
                ("stops", rules.stopping),
                ("is cancelled", rules.cancelling),
            )
            if states
        ]
        begins = (
            "when it first has a priority with a limit"
            if rules.begins is Begins.AT_PRIORITY
            else "when it is opened"
        )
        each = rules.priority is OnPriority.EACH_FOR_ITSELF
        policies = (
            f"of its priorities {'each counts for itself' if each else 'the last decides'}; reassigned, the clock "
            f"{rules.reassignment.value}; reopened, it {rules.reopening.value}"
        )
        versions = ", ".join(version.version for version in self.book.versions) if self.book else ""
        by = f"; priorities are given by rules (version {versions})" if versions else ""
        storms = ", ".join(event.name for event in self.events)
        events = f"; major events change them ({storms})" if storms else ""
        return f"a ticket's clock begins {begins}, {', '.join(parts)}; {policies}{by}{events}"


def read_clock(spec: Section) -> TicketClock:
    """The clock of a measure with limits: all its policies."""
    return _clock(spec, _POLICIES)


def read_plain_clock(spec: Section, hours: bool = True) -> TicketClock:
    """The clock of a measure without limits: the one that runs from the opening on, whoever has the ticket."""
    return _clock(spec, "reopening hours" if hours else "reopening")


def read_hours(clock: Section, calendars: Calendars) -> Calendar:
    """The calendar named by ``hours``; round the clock for ``always`` and where nothing is said."""
    if not clock.has("hours") or clock.field("hours").text == "always":
        return ALWAYS
    return calendars.read(clock.field("hours"))


def read_limits(section: Section, calendars: Calendars) -> dict[str, Limit]:
    """Limits by priority: ``within`` a duration, or so many business days, of ``hours``."""
    if not section.members:
        raise TermsError(section.path, "gives no limit", "give each priority its own", section.line)
    limits = {}
    for priority in section.members:
        limit = section.section(priority)
        limit.require("within", "hours")
        within = limit.field("within")
        match = _BUSINESS_DAYS.match(within.text)
        if match is None:
            target = Target(seconds=span(within))
        elif int(match[1]) > MOST_DAYS:
            raise within.refuse("is out of range", f"write at most {MOST_DAYS} business days")
        else:
            target = Target(business_days=int(match[1]))
        limits[priority] = Limit(target, read_hours(limit, calendars))
    return limits


def _clock(spec: Section, optional: str) -> TicketClock:
    section = spec.section("clock")
    section.require("stopping", f"{_STATES} {optional}")
    rules = _rules(section)
    book = read_rules(spec.sections("classification")) if spec.has("classification") else None
    events = read_events(spec.sections("majorEvents")) if spec.has("majorEvents") else ()
    _check_late(spec, rules, events)
    return TicketClock(rules, book, events)


def _rules(section: Section) -> ClockRules:
    states = {
        name: frozenset(texts(section, name)) if section.has(name) else frozenset()
        for name in _STATES.split()
    }
    try:
        return ClockRules(
            states["pausing"],
            states["stopping"],
            states["cancelling"],
            _policy(section, "begins", Begins.AT_OPENING),
            _policy(section, "priority", OnPriority.LAST_DECIDES),
            _policy(section, "reassignment", OnReassignment.GOES_ON),
            _policy(section, "reopening", OnReopening.RESUMES),
        )
    except MakegoodError as error:
        raise TermsError(section.path, error.problem, error.remedy, section.line) from None


def _policy(section: Section, name: str, default: E) -> E:
    if not section.has(name):
        return default
    field = section.field(name)
    for each in type(default):
        if each.value == field.text:
            return each
    known = " or ".join(str(each.value) for each in type(default))
    raise field.refuse("is no policy", f"use {known}")


def _check_late(spec: Section, rules: ClockRules, events: Sequence[MajorEvent]) -> None:
    """Time that is over cannot be given another priority, unless the last one decides about all of it."""
    last = rules.priority is OnPriority.LAST_DECIDES and rules.reassignment is OnReassignment.GOES_ON
    for event in events:
        if event.declared > event.start and not (last and rules.begins is Begins.AT_OPENING):
            raise TermsError(
                spec.child_path("majorEvents"),
                f"{event.name!r} was declared after its start, and this clock keeps what was counted before",
                "let the last priority decide, from the opening on, or start the event when it was declared",
                spec.members["majorEvents"].line,
            )
