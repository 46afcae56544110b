"""Whom to tell when a ticket's time runs out, as people write it, by priority.

escalation:
  P1:
    - {to: on-call engineer, at: 50%}                        # of the time allowed
    - {to: account director, after: 30 minutes}              # after the breach, open hours or not
    - {to: senior engineer, after: 2 hours, counting: open}  # after the breach, while the clock runs
  P3:
    - {to: team lead, after: 1 business day}                 # when the next one opens
"""

from __future__ import annotations

import re
from typing import TypeAlias

from record.terms.measures.parts import span
from record.terms.section import Field, Section
from record.terms.sources import choice
from record.terms.values import percent_ppm
from sla.errors import TermsError
from sla.escalation import (
    BusinessDaysAfterBreach,
    OpenSecondsAfterBreach,
    SecondsAfterBreach,
    Share,
    Step,
    When,
)

Steps: TypeAlias = tuple[tuple[str, tuple[Step, ...]], ...]
"""(priority, its steps)."""

_BUSINESS_DAYS = re.compile(r"([1-9][0-9]?) business days?\Z")


def read_steps(section: Section, priorities: tuple[str, ...]) -> Steps:
    """The steps of each priority that has some; only a priority with a limit can run out of time."""
    section.require("", " ".join(priorities))
    return tuple(
        (priority, tuple(_step(each) for each in section.sections(priority)))
        for priority in priorities
        if section.has(priority)
    )


def _step(section: Section) -> Step:
    section.require("to", "at after counting")
    if section.has("at") == section.has("after"):
        raise TermsError(
            section.path, "does not say when", "write at: a share, or after: a time", section.line
        )
    if section.has("after"):
        when = _after(section.field("after"), section)
    else:
        when = _share(section.field("at"))
        if section.has("counting"):
            raise section.field("counting").refuse(
                "is for times after the breach", "leave it out: shares are open time"
            )
    return Step(section.text("to"), when)


def _share(field: Field) -> When:
    ppm = percent_ppm(field)
    if ppm < 1:
        raise field.refuse("comes before any time has run", "write more than 0%")
    return Share(ppm)


def _after(field: Field, section: Section) -> When:
    days = _BUSINESS_DAYS.match(field.text)
    if days is not None:
        if section.has("counting"):
            raise section.field("counting").refuse("is for hours, not for business days", "leave it out")
        return BusinessDaysAfterBreach(int(days[1]))
    is_open = section.has("counting") and choice(section.field("counting"), "open", "all") == "open"
    return OpenSecondsAfterBreach(span(field)) if is_open else SecondsAfterBreach(span(field))
