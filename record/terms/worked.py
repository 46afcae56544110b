"""An obligation by examples: what each attainment pays, one inside every tier and one on every bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from record.terms.bands import Band, bands
from record.terms.document import TermsDocument
from record.terms.levels import Unit
from sla.agreement import Comparator, Obligation
from sla.compensation import compensation, tier_reached
from sla.validation import largest_charge


@dataclass(frozen=True, slots=True)
class Example:
    """``attained`` is in the indicator's unit, ``amount`` in base units; ``tier`` is None within the objective."""

    attained: int
    tier: int | None
    amount: int


def worked_examples(document: TermsDocument, place: int) -> tuple[Example, ...]:
    """Examples of one obligation from the best attainment to the worst, at the fixed charge or the largest metered one;
    each attainment once."""
    text = document.obligations[place]
    terms, charge = text.terms, largest_charge(document.service)
    return tuple(
        Example(attained, tier_reached(terms, attained), compensation(terms, attained, charge))
        for attained in attainments(terms, text.indicator.unit)
    )


def attainments(obligation: Obligation, unit: Unit) -> list[int]:
    """The best sane attainment, each bound, a round one inside each tier, and the worst; from best to worst."""
    at_least = obligation.comparator == Comparator.AT_LEAST
    found = {obligation.sane_max if at_least else obligation.sane_min}
    found |= {tier.bound for tier in obligation.tiers}
    for band in bands(obligation):
        found |= {inside(band, unit), band.far}
    return sorted(found, reverse=at_least)


def inside(band: Band, unit: Unit) -> int:
    """A round attainment near the middle of a band, its ends avoided where that is possible: of 99 to 99.9899 % it is
    99.5 %, of 13 to 15 days 14."""
    low, high = (band.low + 1, band.high - 1) if band.high - band.low >= 2 else (band.low, band.high)
    middle = (low + high) // 2
    for grain in _grains(unit):
        nearest = (middle + grain // 2) // grain * grain
        if low <= nearest <= high:
            return nearest
    return middle


def _grains(unit: Unit) -> Iterator[int]:
    """From coarse to fine: of a ratio 10 %, 5 %, 1 %, 0.5 %, …"""
    size = 100_000 if unit.is_ratio else 1_000
    while size > 1:
        yield size
        yield size // 2
        size //= 10
