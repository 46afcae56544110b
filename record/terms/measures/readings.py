"""Measures of readings: a gauge that was looked at, now and then."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from record.readable import duration
from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.decimals import decimal, decimal_text
from record.terms.measures.parts import Form, span
from record.terms.measures.statistic import Statistic, read_statistic
from record.terms.section import Field, Section
from record.terms.sources import choice
from record.terms.values import whole_number
from sla.errors import TermsError

MICRO = 1_000_000
MOST_PER = 10**15

_UNIT = re.compile(r"[a-z]+(?:[ -][a-z]+)*\Z")


@dataclass(frozen=True, slots=True)
class GaugeLevel:
    """A statistic of the readings, in units of ``per`` millionths of the gauge's own: throughput, delay, or the age of
    the last backup as the recovery point.

    Rounded up or down once, at the end: down for an objective "at least" and up for one "at most", whether it is met
    is what the exact number says, to nobody's disadvantage. Each reading counts the same, however long it held. With
    ``every_seconds`` it is known how many were due of each series (records of equal dimensions) seen in the cell; with
    less than half of them nothing is known.
    """

    statistic: Statistic
    unit: str
    per: int
    round_up: bool
    every_seconds: int | None = None

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        rounded = "up" if self.round_up else "down"
        due = _due_text(self.every_seconds)
        return f"{self.statistic.sentence} of the readings in {self.unit}, rounded {rounded}{due}"


@dataclass(frozen=True, slots=True)
class ReadingsWithin:
    """Readings of at least ``least_micro`` and at most ``most_micro`` millionths (None: no bound), per reading. With
    ``every_seconds`` it is known how many were due of each series seen in the cell; those that are short of it are
    missing."""

    least_micro: int | None
    most_micro: int | None
    every_seconds: int | None = None

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        bounds = " and ".join(
            f"{word} {decimal_text(bound, 6)}"
            for word, bound in (("at least", self.least_micro), ("at most", self.most_micro))
            if bound is not None
        )
        return f"readings of {bounds}, as a part of all that are known{_due_text(self.every_seconds)}"


def _due_text(every: int | None) -> str:
    return f"; one was due every {duration(every)}" if every else ""


def read_unit(field: Field) -> Unit:
    """The name of what is measured, in small letters; " per " would not be told from that of "8.00 per day"."""
    if not _UNIT.match(field.text) or " per " in field.text:
        raise field.refuse("is not a unit", "write it in small letters, as in megabits")
    return Unit(field.text)


def _reading(spec: Section, _: Calendars) -> tuple[GaugeLevel, Unit]:
    spec.require("measure unit statistic rounded", "share per every")
    unit = read_unit(spec.field("unit"))
    per = spec.optional("per", lambda field: whole_number(field, MOST_PER), MICRO)
    if per == 0:
        raise spec.field("per").refuse(
            "makes no unit", "write how many millionths of the gauge's unit one is"
        )
    measure = GaugeLevel(
        statistic=read_statistic(spec, "mean", "max", "min", "percentile"),
        unit=unit.name,
        per=per,
        round_up=choice(spec.field("rounded"), "up", "down") == "up",
        every_seconds=spec.optional("every", span, None),
    )
    return measure, unit


def _readings_within(spec: Section, _: Calendars) -> tuple[ReadingsWithin, Unit]:
    spec.require("measure", "atLeast atMost every")
    least, most = (decimal(spec.field(name), 6) if spec.has(name) else None for name in ("atLeast", "atMost"))
    if least is None and most is None:
        raise TermsError(spec.path, "has no bound", "write atLeast, atMost or both", spec.line)
    if least is not None and most is not None and least > most:
        raise spec.field("atMost").refuse("lies below atLeast", "exchange them")
    return ReadingsWithin(least, most, spec.optional("every", span, None)), RATIO


Gauge: TypeAlias = GaugeLevel | ReadingsWithin

FORMS: dict[str, Form[Gauge]] = {
    "reading": Form(("readings",), _reading),
    "readings-within": Form(("readings",), _readings_within),
}
