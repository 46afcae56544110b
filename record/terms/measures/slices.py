"""Time in slices of n minutes, each up or down as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from record.readable import duration
from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.parts import Form, span
from record.terms.measures.states import held_text, read_levels
from record.terms.section import Section
from record.terms.values import percent_ppm
from sla.agreement import PPM


@dataclass(frozen=True, slots=True)
class Slices:
    """A cell in slices of ``seconds`` from its start on, the last may be shorter; a subject's slice is up if its states
    were worth at least ``up_from_ppm`` of its known, counted time. Up slices per slice of which anything is known.
    ``levels`` and ``holds_for_seconds`` as of ``Uptime``."""

    levels: tuple[tuple[str, int], ...]
    holds_for_seconds: int
    seconds: int
    up_from_ppm: int

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        up_from = RATIO.text(self.up_from_ppm)
        return (
            f"slices of {duration(self.seconds)} that were up for at least {up_from} of their known time, as a part of "
            f"all of which anything is known: {held_text(self.levels, self.holds_for_seconds)}"
        )


def _slices(spec: Section, _: Calendars) -> tuple[Slices, Unit]:
    spec.require("measure levels holdsFor every upFrom")
    up_from = spec.field("upFrom")
    ppm = percent_ppm(up_from)
    if not 0 < ppm <= PPM:
        raise up_from.refuse("is no part of a slice", "write more than 0% and at most 100%")
    levels = read_levels(spec.section("levels"))
    return Slices(levels, span(spec.field("holdsFor")), span(spec.field("every")), ppm), RATIO


FORMS: dict[str, Form[Slices]] = {"slices": Form(("states",), _slices)}
