"""Levels of attainment as people write them, in the unit of an indicator: "99.95%" or "2 working days"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from record.terms.section import Field
from record.terms.values import percent_ppm
from sla.agreement import NO_DATA, PPM, Comparator

_COUNT = re.compile(r"(?P<number>0|[1-9][0-9]{0,18}) (?P<unit>\S.*)\Z")
_OBJECTIVE = re.compile(r"at (?P<word>least|most) (?P<level>\S.*)\Z")


@dataclass(frozen=True, slots=True)
class Unit:
    """An indicator's unit. A ratio is kept in ppm and written in percent; others are counted."""

    name: str
    is_ratio: bool = False

    def level(self, field: Field, text: str | None = None) -> int:
        """The integer of a level: "99.95%" is 999 500, "2 days" is 2 in the unit "days"."""
        shown = field.text if text is None else text
        if self.is_ratio:
            ppm = percent_ppm(field, shown)
            if ppm > PPM:
                raise field.refuse("is more than 100%", "write a part of the whole")
            return ppm
        match = _COUNT.match(shown)
        if match is None or _singular(match["unit"]) != _singular(self.name):
            raise field.refuse(f"is not in {self.name}", f"write a whole number, as in 2 {self.name}")
        return _below_no_data(field, int(match["number"]))

    def step(self, field: Field, text: str) -> int:
        """The step of "8.00 per day" or "1% of charge per 0.1%"; without a number it is 1."""
        if not self.is_ratio and _singular(text) == _singular(self.name):
            return 1
        step = self.level(field, text)
        if step == 0:
            raise field.refuse("has a step of zero", "say per how much it is paid")
        return step

    def text(self, level: int) -> str:
        """The level as people write it: 999 500 is "99.95%", 2 is "2 days"."""
        if not self.is_ratio:
            return f"{level} {self.name}"
        whole, fraction = divmod(level, PPM // 100)
        decimals = f"{fraction:04d}".rstrip("0")
        return f"{whole}.{decimals}%" if decimals else f"{whole}%"


RATIO = Unit("ppm", is_ratio=True)


def objective(field: Field, unit: Unit) -> tuple[Comparator, int]:
    """ "at least 99.95%" or "at most 2 days"."""
    match = _OBJECTIVE.match(field.text)
    if match is None:
        raise field.refuse("is not an objective", "begin with 'at least' or 'at most'")
    comparator = Comparator.AT_LEAST if match["word"] == "least" else Comparator.AT_MOST
    return comparator, unit.level(field, match["level"])


def _singular(name: str) -> str:
    return name.removesuffix("s")


def _below_no_data(field: Field, level: int) -> int:
    if level >= NO_DATA:
        raise field.refuse("is too large", "write a smaller number")
    return level
