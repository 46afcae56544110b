"""Why the oracle's minutes and the published ones differ, by the records alone.

The published number of a day is compared with the outages that the log's rows open and close on that day. It is
explained as far as it is the sum of some of them, each taken whole, rounded to the nearest minute: then the difference
is the outages that the monitor left out, named by their rows, and the rounding. What the nearest choice does not give
is unexplained and counted, and so is all of it when two choices come equally near. Each day is chosen for by itself, so
on one day alone the nearest choice may be a coincidence; what speaks for the choices is ``Finding``, which says whether
they come to one rule for all days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from scripts.upptime.records import DAY, Outage, Records, day_start

MOST = 16
"""Outages of a day: more are not tried, for their choices are too many to mean anything."""


@dataclass(frozen=True, slots=True)
class Line:
    """One service on one day, in seconds and published minutes. ``measured`` is None where the oracle knows nothing.

    ``counted`` and ``left_out`` are the outages that the published number holds and does not hold;
    ``unexplained_minutes`` is what no record accounts for; not ``is_of_the_rows`` when the oracle itself differs from
    them.
    """

    service: str
    day: date
    measured: int | None
    published: int
    counted: tuple[Outage, ...]
    left_out: tuple[Outage, ...]
    unexplained_minutes: int
    why: str
    is_of_the_rows: bool = True

    @property
    def difference(self) -> int | None:
        """Seconds that the oracle counts and the monitor does not."""
        return None if self.measured is None else self.measured - self.published * 60


@dataclass(frozen=True, slots=True)
class Finding:
    """What holds for all days together: the longest outage that was left out, the shortest that was counted."""

    longest_left_out: int
    shortest_counted: int

    @property
    def is_one_rule(self) -> bool:
        """Whether every outage that was left out is shorter than every one that was counted."""
        return self.longest_left_out < self.shortest_counted


def explain(records: Records, service: str, day: date, measured: int | None) -> Line:
    """One line of the comparison; ``measured`` are the seconds down by the oracle's reports."""
    start = day_start(day)
    outages = [each for each in records.outages(service) if each.seconds_in(start, start + DAY)]
    published = records.published.get((service, day), 0)
    lengths = [each.seconds_in(start, start + DAY) for each in outages]
    recorded = sum(lengths)
    if measured is None:
        unexplained = published + minutes(recorded)
        return Line(service, day, None, published, (), tuple(outages), unexplained, "not known to the oracle")
    if measured != recorded:
        unexplained = max(1, minutes(abs(measured - recorded)))
        why = f"the rows say {shown(recorded)}, the oracle {shown(measured)}"
        return Line(service, day, measured, published, (), (), unexplained, why, is_of_the_rows=False)
    off, choices = _nearest(lengths, published)
    if len(choices) != 1:
        unexplained = max(1, off, abs(minutes(measured) - published))
        why = f"{len(choices)} choices of the day's outages come equally near to the published number"
        return Line(service, day, measured, published, (), (), unexplained, why)
    counted = tuple(outages[place] for place in choices[0])
    left_out = tuple(each for each in outages if each not in counted)
    return Line(
        service, day, measured, published, counted, left_out, off, _why(counted, left_out, start, published)
    )


def finding(lines: Sequence[Line]) -> Finding:
    """What the explained lines have in common, in seconds."""
    left_out, counted = (
        [
            each.seconds_in(day_start(line.day), day_start(line.day) + DAY)
            for line in lines
            for each in getattr(line, part)
        ]
        for part in ("left_out", "counted")
    )
    return Finding(max(left_out, default=0), min(counted, default=DAY))


def minutes(seconds: int) -> int:
    """Rounded to the nearest minute, half a minute up."""
    return (seconds + 30) // 60


def shown(seconds: int) -> str:
    """3967 -> "66:07"."""
    return f"{'-' if seconds < 0 else ''}{abs(seconds) // 60}:{abs(seconds) % 60:02}"


def _nearest(lengths: Sequence[int], published: int) -> tuple[int, list[tuple[int, ...]]]:
    """The choices of outages whose rounded sums come nearest to the published number, and by how many minutes."""
    if len(lengths) > MOST:
        return 0, []
    places = range(len(lengths))
    by_distance: dict[int, list[tuple[int, ...]]] = {}
    for size in range(len(lengths) + 1):
        for choice in combinations(places, size):
            off = abs(minutes(sum(lengths[place] for place in choice)) - published)
            by_distance.setdefault(off, []).append(choice)
    off = min(by_distance)
    return off, by_distance[off]


def _why(counted: Sequence[Outage], left_out: Sequence[Outage], start: int, published: int) -> str:
    parts = []
    for word, outages in (("counts", counted), ("leaves out", left_out)):
        if outages:
            named = ", ".join(
                f"{shown(each.seconds_in(start, start + DAY))} of {each.shown()}" for each in outages
            )
            parts.append(f"{word} {named}")
    took = sum(each.seconds_in(start, start + DAY) for each in counted)
    if minutes(took) != published:
        parts.append(f"{shown(took)} rounds to {minutes(took)}, not {published}")
    elif took != published * 60:
        parts.append(f"rounded by {published * 60 - took:+d} s")
    return "; ".join(parts)
