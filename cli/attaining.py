"""What ``makegood attain`` asks, obligation by obligation, and what it is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metering.attained import Attained
from metering.cells import Cell, cells
from metering.excluding import allowed
from metering.landing import Landed
from metering.measuring import Measuring
from record.terms import TermsDocument
from record.terms.obligations import ObligationText
from record.terms.replaying import as_records
from sla.agreement import NO_DATA
from sla.civil import DAY
from sla.compensation import standing
from sla.exclusions import Uncounted


@dataclass(frozen=True, slots=True)
class Asked:
    """The obligations, by their places, and by what answers are told apart."""

    document: TermsDocument
    places: Sequence[int]
    by_day: bool
    dimensions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An obligation's answers, with what came of landing its source. ``pays``: base units, for each answer that is of a
    whole period and of all dimensions, else None. ``records``: those behind the answers, their ``cell`` a place in
    ``cells``, if asked for. ``in_vain``: what was put forward as excluded and is not."""

    obligation: ObligationText
    landed: Landed
    cells: Sequence[Cell]
    found: Sequence[Attained]
    pays: Sequence[int | None]
    records: Sequence[Mapping[str, Any]] | None
    in_vain: Sequence[Uncounted] = ()


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """An obligation whose source is no file."""

    obligation: ObligationText


def answers(
    measuring: Measuring, asked: Asked, until: int, *, explain: bool
) -> Iterator[Answer | Unmeasured]:
    """In the order of the obligations. ``until``: seconds UTC, when the records end."""
    for place in asked.places:
        obligation = asked.document.obligations[place]
        indicator = as_records(obligation.indicator)
        if indicator is None:
            yield Unmeasured(obligation)
            continue
        landed = measuring.landed(indicator.source)
        spans = _cells(asked, measuring.days(indicator.source), until)
        if not spans:
            yield Answer(obligation, landed, (), (), (), [] if explain else None)
            continue
        lets = allowed(asked.document, obligation)
        found = measuring.attained(indicator, spans, asked.dimensions, lets)
        whole = not asked.by_day and not asked.dimensions
        pays = [_pays(asked.document, obligation, one) if whole else None for one in found]
        records = list(measuring.explained(indicator, spans, lets)) if explain else None
        in_vain = measuring.in_vain(indicator, spans, lets)
        yield Answer(obligation, landed, spans, found, pays, records, in_vain)


def _cells(asked: Asked, days: Sequence[int], until: int) -> list[Cell]:
    """From the first day that has records to the last, and no further than ``until``."""
    if not days:
        return []
    last = min((days[-1] + 1) * DAY - 1, until)
    return cells(asked.document, days[0] * DAY, last, by_day=asked.by_day)


def _pays(document: TermsDocument, obligation: ObligationText, found: Attained) -> int:
    attained = NO_DATA if found.attained is None else found.attained
    return standing(obligation.terms, attained, document.service.charge)
