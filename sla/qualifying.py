"""Qualifying conditions: a promise that holds up to an agreed load does not count the time above it.

A reading is (time, value): whole seconds UTC, and a whole number in the unit of the bound. It holds until the next one,
but is believed no longer than agreed. Time without a reading counts: what nobody measured excuses nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from sla.exclusions import Condition, ExclusionError
from sla.span_sets import Window, merged


def load_above(
    bound: int, readings: Iterable[tuple[int, int]], holds_for_seconds: int, cause: str = "load"
) -> Condition:
    """The time in which the last reading exceeded the bound; exactly the bound is still within the agreed load.

    Order and exact repetitions do not matter. ``load_above(100, [(0, 90), (60, 101), (90, 100)], 60)`` excludes
    ``(60, 90)``.
    """
    if holds_for_seconds < 1:
        raise ExclusionError(f"a reading holds for {holds_for_seconds} seconds", "give at least 1")
    ordered = sorted(set(readings))
    for (time, value), (following, other) in pairwise(ordered):
        if time == following:
            raise ExclusionError(
                f"the load at {time} is both {value} and {other}", "keep one of the readings"
            )
    ends = [time for time, _ in ordered[1:]]
    spans: list[Window] = []
    for place, (time, value) in enumerate(ordered):
        if value > bound:
            end = time + holds_for_seconds
            spans.append((time, min(end, ends[place]) if place < len(ends) else end))
    return Condition(cause, merged(spans))
