"""Measures of surveys, for experience-level agreements: what people say of a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from record.terms.calendars import Calendars
from record.terms.levels import RATIO, Unit
from record.terms.measures.decimals import decimal, decimal_text
from record.terms.measures.parts import Form
from record.terms.section import Section
from record.terms.values import whole_number

THOUSANDTHS = Unit("thousandths")
MOST_FEWEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Score:
    """The mean score of the responses, in thousandths, rounded down: 4.5 is 4 500. With fewer than ``fewest`` of them
    nothing is known."""

    fewest: int

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        return f"the mean score of the responses, in thousandths, rounded down{_fewest_text(self.fewest)}"


@dataclass(frozen=True, slots=True)
class ScoreShare:
    """Responses with a score of at least ``least_milli`` thousandths, per response. With fewer than ``fewest`` of them
    nothing is known."""

    least_milli: int
    fewest: int

    @property
    def sentence(self) -> str:
        """What counts, in words."""
        least = decimal_text(self.least_milli, 3)
        return f"responses with a score of at least {least}, as a part of all{_fewest_text(self.fewest)}"


def _fewest_text(fewest: int) -> str:
    return f"; with fewer than {fewest} nothing is known" if fewest > 1 else ""


def _fewest(spec: Section) -> int:
    return spec.optional("fewest", lambda field: whole_number(field, MOST_FEWEST), 1)


def _score(spec: Section, _: Calendars) -> tuple[Score, Unit]:
    spec.require("measure", "fewest")
    return Score(_fewest(spec)), THOUSANDTHS


def _score_share(spec: Section, _: Calendars) -> tuple[ScoreShare, Unit]:
    spec.require("measure atLeast", "fewest")
    return ScoreShare(decimal(spec.field("atLeast"), 3), _fewest(spec)), RATIO


Survey: TypeAlias = Score | ScoreShare

FORMS: dict[str, Form[Survey]] = {
    "score": Form(("surveys",), _score),
    "score-share": Form(("surveys",), _score_share),
}
