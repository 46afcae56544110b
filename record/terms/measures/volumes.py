"""Measures of counts: how much went through, and how much of it was lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from record.readable import duration
from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.parts import Form, span
from record.terms.measures.readings import read_unit
from record.terms.measures.statistic import Statistic, read_statistic
from record.terms.section import Section
from record.terms.sources import choice


@dataclass(frozen=True, slots=True)
class Throughput:
    """The total of each interval of ``every_seconds`` per second of it that counts, rounded down; of these rates the
    smallest, or of all intervals' totals the mean per second. Intervals begin with the cell; the last may be shorter.

    What is counted from several places at a time is added up. A record belongs to the interval in which it begins; one
    of more seconds than an interval says nothing of any and is not known. An interval without records carried nothing
    if ``empty_is_zero``, else nothing is known of it; with less than half of the intervals known, of nothing.
    """

    statistic: Statistic
    unit: str
    every_seconds: int
    empty_is_zero: bool

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        empty = "carried nothing" if self.empty_is_zero else "is unknown"
        return (
            f"{self.statistic.sentence} of the {self.unit} a second, rounded down, over intervals of "
            f"{duration(self.every_seconds)}; an interval without records {empty}"
        )


@dataclass(frozen=True, slots=True)
class Loss:
    """What was not good, per total, rounded up: "at most 0.1%" means what it says."""

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return "what was lost, the total less the good, as a part of the total, rounded up to 0.0001%"


def _throughput(spec: Section, _: Calendars) -> tuple[Throughput, Unit]:
    spec.require("measure unit statistic every empty")
    unit = read_unit(spec.field("unit"))
    measure = Throughput(
        statistic=read_statistic(spec, "mean", "min"),
        unit=unit.name,
        every_seconds=span(spec.field("every")),
        empty_is_zero=choice(spec.field("empty"), "zero", "unknown") == "zero",
    )
    return measure, unit


def _loss(spec: Section, _: Calendars) -> tuple[Loss, Unit]:
    spec.require("measure")
    return Loss(), RATIO


Volume: TypeAlias = Throughput | Loss

FORMS: dict[str, Form[Volume]] = {
    "throughput": Form(("counts",), _throughput),
    "loss": Form(("counts",), _loss),
}
