"""Days that an order or a repair is late, with what each of them weighs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from record.terms.calendars import Calendars
from record.terms.levels import Unit
from record.terms.measures.days import (
    NO_DAYS,
    UNITS,
    Dates,
    DayCount,
    bounds_text,
    read_bounds,
    read_business,
    read_dates,
    read_days,
)
from record.terms.measures.parts import Form
from record.terms.section import Section
from record.terms.sources import choice
from record.terms.values import whole_number

MOST_EACH = 1_000
MOST_STEPS = 16


@dataclass(frozen=True, slots=True)
class Step:
    """From the day after ``beyond`` late ones on, each weighs ``each``. With ``since``, retroactively: all days after
    ``since`` weigh that much as soon as the step is reached, and what they weighed before is forgotten."""

    beyond: int
    each: int
    since: int | None = None


@dataclass(frozen=True, slots=True)
class LateDays:
    """The late days of all orders (after ``due``, until ``done``) or faults (after ``start``, until ``end``), weighed.

    Dates count, not hours: those of ``dates``, and only business days if ``business``. ``missed``: a date is late if it
    ended without, and the due date itself may be; else a date is late once it has begun without, from the next one on.
    With a ``grace`` the late ones come after so many days that follow the due date. A late day is of the cell in which
    it passes (``missed``) or begins, so a date is counted in one cell, whatever becomes of the order later; with
    ``when_done`` all days of an order are of the cell in which it is done and was due. ``since`` and ``before``, as
    days since 1970-01-01: only late days from the one and before the other count; so rates have effective dates. A late
    day of which no second counts (all of it is excluded) does not count. Nothing is followed beyond 399 days.
    """

    dates: Dates
    business: bool
    missed: bool
    grace: DayCount = NO_DAYS
    steps: tuple[Step, ...] = (Step(0, 1),)
    when_done: bool = False
    since: int | None = None
    before: int | None = None

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        unit = UNITS[self.business].name
        first = "the due date included" if self.missed else "from the day after the due date on"
        first = f"after {self.grace.text} of grace" if self.grace.number else first
        how = "that ended without" if self.missed else "that had begun without"
        weighed = "".join(f"; {_step_text(step)}" for step in self.steps if step != Step(0, 1))
        bounds = bounds_text(self.since, self.before)
        when = ", all counted when it is done" if self.when_done else ""
        return f"the {unit} ({self.dates.zone}) {how} what was due, {first}{weighed}{bounds}{when}"

    def units(self, late: int) -> int:
        """What so many late days weigh in all, as the days and their ``steps`` say."""
        return sum(weight for _, weight in zip(range(late), self.weights(), strict=False))

    def weights(self) -> Iterator[int]:
        """What the first late day adds, the second, and so on for ever."""
        total = reached = 0
        while True:
            before, at = total, reached + 1
            step = next((each for each in reversed(self.steps) if each.beyond < at), None)
            if step is not None:
                total = total + step.each if step.since is None else step.each * (at - step.since)
            reached = at
            yield total - before


def _step_text(step: Step) -> str:
    which = f"each beyond the first {step.beyond}" if step.beyond else "each"
    back = f"all beyond the first {step.since}" if step.since else "all before it"
    since = "" if step.since is None else f", and then so do {back}"
    return f"{which} counts as {step.each}{since}"


def _late_days(spec: Section, calendars: Calendars) -> tuple[LateDays, Unit]:
    spec.require("measure unit lateDay", "zone calendar grace steps counted from before")
    dates = read_dates(spec, calendars)
    business = read_business(spec, dates)
    since, before = read_bounds(spec)
    measure = LateDays(
        dates=dates,
        business=business,
        missed=choice(spec.field("lateDay"), "missed", "begun") == "missed",
        grace=spec.optional("grace", lambda field: read_days(field, dates), NO_DAYS),
        steps=_steps(spec, dates, business) if spec.has("steps") else (Step(0, 1),),
        when_done=spec.optional("counted", lambda field: choice(field, "daily", "when done"), "")
        == "when done",
        since=since,
        before=before,
    )
    for name in ("from", "before"):
        if measure.when_done and spec.has(name):
            raise spec.field(name).refuse("cuts what is counted as a whole", "count daily")
    return measure, UNITS[business]


def _steps(spec: Section, dates: Dates, business: bool) -> tuple[Step, ...]:
    found: list[Step] = []
    sections = spec.sections("steps")
    for section in sections[:MOST_STEPS]:
        section.require("beyond each", "from")
        counts = {}
        for name in ("beyond", "from"):
            if section.has(name):
                days = read_days(section.field(name), dates)
                if days.number and days.business != business:
                    raise section.field(name).refuse(
                        "is in other days", f"count {UNITS[business].name} as unit says"
                    )
                counts[name] = days.number
        step = Step(counts["beyond"], whole_number(section.field("each"), MOST_EACH), counts.get("from"))
        if found and step.beyond <= found[-1].beyond:
            raise section.field("beyond").refuse("is not beyond the step before it", "order the steps")
        if step.since is not None and step.since > step.beyond:
            raise section.field("from").refuse(
                "is beyond where the step begins", "reach back, or leave it out"
            )
        found.append(step)
        trial = LateDays(dates, business, missed=True, steps=tuple(found))
        if trial.units(step.beyond + 1) < trial.units(step.beyond):
            raise section.field("each").refuse("makes a later day cheaper than those before it", "raise it")
    if len(sections) > MOST_STEPS:
        raise sections[MOST_STEPS].field("beyond").refuse("is one step too many", f"use {MOST_STEPS} at most")
    return tuple(found)


FORMS: dict[str, Form[LateDays]] = {"late-days": Form(("deliveries", "faults"), _late_days)}
