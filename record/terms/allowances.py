"""The spans of time for each of which an allowance is given anew: calendar months, or the agreement's periods."""

from __future__ import annotations

from bisect import bisect_right

from record.terms.document import TermsDocument, local_bounds
from record.terms.exclusions import ExclusionTerms, Per
from record.terms.zones import instant_of
from sla.civil import DAY, add_months, date_from_days, days_from_date
from sla.span_sets import Window


def allowance_windows(
    document: TermsDocument, terms: ExclusionTerms, start: int, end: int
) -> tuple[Window, ...]:
    """Those that hold a second of ``[start, end)``, in order, in seconds UTC. There are no periods outside of the
    agreement's time, but there are months."""
    if terms.per is Per.PERIOD:
        return _periods(document, start, end)
    return _months(document.zone, start, end)


def _periods(document: TermsDocument, start: int, end: int) -> tuple[Window, ...]:
    periods = range(document.service.count)
    first = bisect_right(periods, start, key=lambda period: local_bounds(document, period)[1])
    found = []
    for period in periods[first:]:
        window = local_bounds(document, period)
        if window[0] >= end:
            break
        found.append(window)
    return tuple(found)


def _months(zone: str, start: int, end: int) -> tuple[Window, ...]:
    # No zone is a whole day away from UTC, so the month of the day before has begun wherever the start lies.
    year, month, _ = date_from_days(start // DAY - 1)
    label = days_from_date(year, month, 1) * DAY
    found = []
    opens = instant_of(label, zone)
    while opens < end:
        label = add_months(label, 1)
        closes = instant_of(label, zone)
        if closes > start:
            found.append((opens, closes))
        opens = closes
    return tuple(found)
