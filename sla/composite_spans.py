"""A composite over time: what its parts were, moment by moment, and what the whole attained.

Times are whole seconds UTC, spans half-open. What counts at all (service hours, less exclusions) are the windows;
within them, time that no span of a component covers is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm

from sla.agreement import PPM
from sla.apportioning import apportion
from sla.composites import (
    UNKNOWN,
    Component,
    CompositeError,
    Level,
    Part,
    Verdict,
    components,
    compose,
    known_level,
)
from sla.span_sets import Window


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` to before ``end`` a component was at ``level_ppm``: 1 000 000 is up, 0 down, between degraded."""

    start: int
    end: int
    level_ppm: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``start`` to before ``end`` the whole was at ``level``."""

    start: int
    end: int
    level: Level


@dataclass(frozen=True, slots=True)
class Moment:
    """From ``start`` to before ``end`` nothing changed: the components were at ``levels_ppm``, in the order of their
    names, None where unknown, and the whole was as ``verdict`` says."""

    start: int
    end: int
    levels_ppm: tuple[int | None, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class TimeAttained:
    """Seconds that were good, bad and unknown, together those of the windows; degraded ones count in part.

    ``faults`` are the bad seconds by the component that bears them, ordered by name; they add up to ``bad``.
    """

    good: Fraction
    bad: Fraction
    unknown: Fraction
    faults: tuple[tuple[Component, Fraction], ...]

    @property
    def attained_ppm(self) -> int | None:
        """Good time per known time, floored; None where nothing is known."""
        known = self.good + self.bad
        return int(self.good * PPM / known) if known else None

    @property
    def shortfall_ppm_seconds(self) -> int:
        """The bad time, a second wholly bad being 1 000 000; a part of one counts as one."""
        return ceil(self.bad * PPM)

    def apportioned(self) -> dict[Component, int]:
        """The shortfall among the components at fault, ppm-seconds that add up to it; by name among equals."""
        return apportion(self.shortfall_ppm_seconds, dict(self.faults))

    def __add__(self, other: TimeAttained) -> TimeAttained:
        """What was attained in both of two times that do not overlap."""
        faults = dict(self.faults)
        for component, fault in other.faults:
            faults[component] = faults.get(component, Fraction(0)) + fault
        return TimeAttained(
            self.good + other.good,
            self.bad + other.bad,
            self.unknown + other.unknown,
            tuple(sorted(faults.items())),
        )

    def counts(self) -> tuple[int, int, int, int]:
        """(numerator, denominator, missing, parts): good, known and unknown time exactly, in ``parts`` of a second.

        ``parts`` is 1 unless some state was degraded, or weighted.
        """
        known = self.good + self.bad
        parts = lcm(self.good.denominator, known.denominator, self.unknown.denominator)
        return int(self.good * parts), int(known * parts), int(self.unknown * parts), parts


def attained_over(
    part: Part, spans: Mapping[Component, Sequence[Span]], windows: Sequence[Window]
) -> TimeAttained:
    """What a part attained within the windows, and who is at fault.

    Each combination of states is judged once, whatever time it held. Two parts in series of which one is down from
    second 0 to 10 and the other from 5 to 20, of 100: 80 good, 20 bad; the first bears 7.5, the second 12.5.
    """
    names = components(part)
    held: Counter[tuple[int | None, ...]] = Counter()
    for start, end, state in _states(names, spans, windows):
        held[state] += end - start
    good = bad = unknown = Fraction(0)
    faults: dict[Component, Fraction] = {}
    for state, seconds in held.items():
        verdict = compose(part, _levels(names, state))
        good += seconds * verdict.level.good
        bad += seconds * verdict.level.bad
        unknown += seconds * verdict.level.unknown
        for component, fault in verdict.faults.items():
            faults[component] = faults.get(component, Fraction(0)) + seconds * fault
    return TimeAttained(good, bad, unknown, tuple(sorted(faults.items())))


def moments(
    part: Part, spans: Mapping[Component, Sequence[Span]], windows: Sequence[Window]
) -> Iterator[Moment]:
    """The windows cut wherever something changes, in order, each moment judged."""
    names = components(part)
    judged: dict[tuple[int | None, ...], Verdict] = {}
    for start, end, state in _states(names, spans, windows):
        if state not in judged:
            judged[state] = compose(part, _levels(names, state))
        yield Moment(start, end, state, judged[state])


def worst_of(spans: Sequence[Span]) -> list[Span]:
    """One history where several tell of one component: at each moment the worst of what is known, in order and
    disjoint. ``[(0, 9, up), (5, 20, down)]`` is up until 5 and down from then on."""
    changes = sorted(
        [(span.start, 1, span.level_ppm) for span in spans]
        + [(span.end, -1, span.level_ppm) for span in spans]
    )
    held: Counter[int] = Counter()
    found: list[Span] = []
    since = 0
    for moment, change, level in changes:
        if held and moment > since:
            worst = min(held)
            if found and (found[-1].end, found[-1].level_ppm) == (since, worst):
                found[-1] = Span(found[-1].start, moment, worst)
            else:
                found.append(Span(since, moment, worst))
        since = moment
        held[level] += change
        if not held[level]:
            del held[level]
    return found


def stretches(
    part: Part, spans: Mapping[Component, Sequence[Span]], windows: Sequence[Window]
) -> Iterator[Stretch]:
    """The whole's level over the windows, in order; neighbours of one level are one stretch."""
    names = components(part)
    judged: dict[tuple[int | None, ...], Level] = {}
    open_stretch: Stretch | None = None
    for start, end, state in _states(names, spans, windows):
        if state not in judged:
            judged[state] = compose(part, _levels(names, state)).level
        level = judged[state]
        if open_stretch is not None and (open_stretch.end, open_stretch.level) == (start, level):
            open_stretch = Stretch(open_stretch.start, end, level)
            continue
        if open_stretch is not None:
            yield open_stretch
        open_stretch = Stretch(start, end, level)
    if open_stretch is not None:
        yield open_stretch


def _levels(names: Sequence[Component], state: Sequence[int | None]) -> dict[Component, Level]:
    return {
        name: UNKNOWN if ppm is None else known_level(ppm, PPM)
        for name, ppm in zip(names, state, strict=True)
    }


def _states(
    names: Sequence[Component], spans: Mapping[Component, Sequence[Span]], windows: Sequence[Window]
) -> Iterator[tuple[int, int, tuple[int | None, ...]]]:
    """(start, end, the level of each name or None) over the windows, in order, each as long as nothing changes."""
    changes: list[tuple[int, bool, int, int]] = []
    for place, name in enumerate(names):
        if name not in spans:
            raise CompositeError(
                f"nothing is said about the {name.source} {name.name!r}",
                "give its spans, an empty list where nothing is known",
            )
        _require_levels(name, spans[name])
        found = _disjoint([(span.start, span.end) for span in spans[name]], f"the spans of {name.name!r}")
        for (start, end), span in zip(found, spans[name], strict=True):
            changes += [(start, True, place, span.level_ppm), (end, False, place, 0)]
    inside = len(names)
    for start, end in _disjoint(windows, "the windows"):
        changes += [(start, True, inside, 1), (end, False, inside, 0)]
    # At one moment what ends goes before what begins: False sorts before True.
    changes.sort()
    state: list[int | None] = [None] * (inside + 1)
    since = 0
    for moment, begins, place, level in changes:
        if state[inside] is not None and moment > since:
            yield since, moment, tuple(state[:inside])
        since = moment
        state[place] = level if begins else None


def _require_levels(name: Component, spans: Sequence[Span]) -> None:
    for span in spans:
        if not 0 <= span.level_ppm <= PPM:
            raise CompositeError(
                f"{name.name!r} is at {span.level_ppm} ppm from second {span.start}",
                f"give levels from 0 to {PPM}",
            )


def _disjoint(spans: Sequence[Window], what: str) -> Sequence[Window]:
    last = None
    for start, end in spans:
        if start >= end:
            raise CompositeError(f"{what} hold one from {start} to {end}", "end each after its start")
        if last is not None and start < last:
            raise CompositeError(f"{what} overlap or are out of order at {start}", "sort and merge them")
        last = end
    return spans
