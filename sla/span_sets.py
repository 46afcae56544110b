"""Sets of seconds, as half-open spans ``(start, end)`` that are sorted, disjoint and not touching."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Window = tuple[int, int]
"""(start, end): from the second ``start`` to before the second ``end``."""


def merged(spans: Iterable[Window]) -> tuple[Window, ...]:
    """The union of any spans; empty ones vanish. ``merged([(5, 9), (1, 5), (3, 3)]) == ((1, 9),)``."""
    found: list[Window] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def shared(one: Iterable[Window], other: Iterable[Window]) -> tuple[Window, ...]:
    """What lies in both of two unions. ``shared([(0, 9)], [(2, 3), (8, 12)]) == ((2, 3), (8, 9))``."""
    first, second = merged(one), merged(other)
    found = []
    here = there = 0
    while here < len(first) and there < len(second):
        start = max(first[here][0], second[there][0])
        end = min(first[here][1], second[there][1])
        if start < end:
            found.append((start, end))
        if first[here][1] <= second[there][1]:
            here += 1
        else:
            there += 1
    return tuple(found)


def without(one: Iterable[Window], other: Iterable[Window]) -> tuple[Window, ...]:
    """What lies in the first union and not in the second. ``without([(0, 9)], [(2, 3)]) == ((0, 2), (3, 9))``."""
    removed = merged(other)
    starts = [start for start, _ in removed]
    found = []
    for start, end in merged(one):
        place = max(0, bisect_right(starts, start) - 1)
        while place < len(removed) and removed[place][0] < end:
            if start < removed[place][0]:
                found.append((start, removed[place][0]))
            start = max(start, removed[place][1])
            place += 1
        if start < end:
            found.append((start, end))
    return tuple(found)


def seconds_of(spans: Iterable[Window]) -> int:
    """How many seconds the union has."""
    return sum(end - start for start, end in merged(spans))


class Taken:
    """Seconds that are taken one span after another, each once."""

    def __init__(self) -> None:
        self._spans: list[Window] = []

    def among(self, start: int, end: int) -> tuple[Window, ...]:
        """What is taken of ``[start, end)``."""
        return tuple((max(start, low), min(end, high)) for low, high in self._touching(start, end))

    def take(self, start: int, end: int) -> None:
        """Takes a span of which nothing is taken yet."""
        self._spans.insert(bisect_left(self._spans, (start, end)), (start, end))

    def _touching(self, start: int, end: int) -> Iterator[Window]:
        # The last that begins before the start may reach into the span; they are disjoint, so no earlier one does.
        place = max(0, bisect_left(self._spans, (start, start)) - 1)
        while place < len(self._spans) and self._spans[place][0] < end:
            if self._spans[place][1] > start:
                yield self._spans[place]
            place += 1
