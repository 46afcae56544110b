"""What one attainment is of: a period of the agreement, or a day of one, on the agreement's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from record.terms import TermsDocument
from record.terms.document import local_bounds
from record.terms.zones import DAY, instant_of
from sla.civil import date_from_days
from sla.schedule import period_end, period_start


@dataclass(frozen=True, slots=True)
class Cell:
    """``[start, end)`` in seconds UTC. ``day`` is the local date, as in 2026-08-11, or "" for a whole period."""

    period: int
    day: str
    start: int
    end: int


def cells(document: TermsDocument, first: int, last: int, *, by_day: bool) -> list[Cell]:
    """All that hold a second of ``[first, last]``, in their order. A day that a period's boundary cuts is two cells."""
    periods = range(document.service.count)
    found = []
    for period in periods:
        start, end = local_bounds(document, period)
        if start > last:
            break
        if end > first:
            found += list(_days(document, period)) if by_day else [Cell(period, "", start, end)]
    return [cell for cell in found if cell.end > first and cell.start <= last]


def _days(document: TermsDocument, period: int) -> Iterator[Cell]:
    label, last = period_start(document.service, period), period_end(document.service, period)
    while label < last:
        midnight = label - label % DAY + DAY
        start, end = (instant_of(each, document.zone) for each in (label, min(midnight, last)))
        # Where clocks skip a whole day nothing of it is left.
        if start < end:
            yield Cell(period, "{:04d}-{:02d}-{:02d}".format(*date_from_days(label // DAY)), start, end)
        label = midnight
