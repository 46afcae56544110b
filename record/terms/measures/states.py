"""Measures of time: a subject is in a state until the next."""

from __future__ import annotations

from dataclasses import dataclass

from record.readable import duration
from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.parts import Form, span
from record.terms.section import Section
from record.terms.values import percent_ppm
from sla.agreement import PPM


@dataclass(frozen=True, slots=True)
class Uptime:
    """Time weighted by the level of the state that held, per time in a known state. A state holds until the next one of
    its subject, but no record is believed for longer than ``holds_for_seconds``; ``levels`` are (state, ppm)."""

    levels: tuple[tuple[str, int], ...]
    holds_for_seconds: int

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        held = held_text(self.levels, self.holds_for_seconds)
        return f"time, weighted by its state, as a part of the time whose state is known: {held}"


def held_text(levels: tuple[tuple[str, int], ...], holds_for_seconds: int) -> str:
    """What each state is worth, and for how long it is believed, in words."""
    worth = ", ".join(f"{state} counts {RATIO.text(level)}" for state, level in levels)
    holds_for = duration(holds_for_seconds)
    return f"{worth}; a state holds until the next one of its subject, but {holds_for} at most"


def read_levels(section: Section) -> tuple[tuple[str, int], ...]:
    """What each state is worth: (state, ppm), by name."""
    found = [(state, percent_ppm(section.field(state))) for state in sorted(section.members)]
    for state, level in found:
        if level > PPM:
            raise section.field(state).refuse("is more than 100%", "write a part of the whole")
    return tuple(found)


def _uptime(spec: Section, _: Calendars) -> tuple[Uptime, Unit]:
    spec.require("measure levels holdsFor")
    return Uptime(read_levels(spec.section("levels")), span(spec.field("holdsFor"))), RATIO


FORMS: dict[str, Form[Uptime]] = {"uptime": Form(("states",), _uptime)}
