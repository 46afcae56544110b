"""What a service made of parts attains: shops stand on databases, and our promise on those of our suppliers.

The parts are services of our own and underpinning agreements; a part may be a composite itself. Of a time, or of the
requests within it, a part is good by a share, bad by a share, and unknown for the rest: up is (1, 0), down (0, 1), a
degraded state of 900 000 ppm (9/10, 1/10), a state that nobody knows (0, 0). The four rules combine shares, exactly:

==========  ==========================  ==========================  ================================================
rule        good                        bad                         for parts that
==========  ==========================  ==========================  ================================================
serial      the product of the goods    1 − Π (1 − bad)             are all needed, one after the other
parallel    1 − Π (1 − good)            the product of the bads     stand in for each other
weighted    the weighted mean           the weighted mean           serve so much of the whole each
worst-of    the smallest good           the largest bad             are all needed, and are bad at the same moments
==========  ==========================  ==========================  ================================================

*Unknown is not down, and certain stays certain.* ``good`` is what holds if every unknown part is bad, ``bad`` what
holds if every unknown part is good. So a serial composite with a part down is down whatever the others are, and a
provider gains nothing by losing the records of the part beside it; with no part down and one unknown it is unknown; a
parallel one with a part up is up. Each rule grows with each part, so a worse part (less good, more bad) never makes a
better whole, neither at a moment nor over a time: ``good / (good + bad)`` falls with either. Leaving out all time in
which some part is unknown would be monotone too, but would forgive outages that are certain; leaving out the time that
is known in part would not be monotone.

What is known in spite of an unknown part is never an average of the whole: where much is ``unknown``, the caller's rule
about missing data decides, not this number.

Fractions throughout; parts per million are floored last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import prod
from typing import TypeAlias

from sla.agreement import PPM
from sla.errors import Kind, MakegoodError

MAX_DEPTH = 32
"""Composites within each other."""


class CompositeError(MakegoodError):
    """A composite that has no meaning, or records of its parts that cannot be true."""

    kind = Kind.INPUT


class Source(StrEnum):
    """Where a component's attainment is from: what we measure ourselves, or what a supplier's agreement attained."""

    SERVICE = "service"
    AGREEMENT = "agreement"


class Rule(StrEnum):
    """How the parts make the whole."""

    SERIAL = "serial"
    PARALLEL = "parallel"
    WEIGHTED = "weighted"
    WORST_OF = "worst-of"


@dataclass(frozen=True, slots=True, order=True)
class Component:
    """A part that is measured by itself."""

    name: str
    source: Source = Source.SERVICE


@dataclass(frozen=True, slots=True)
class Composite:
    """Parts and the rule that combines them; ``weights`` only for weighted ones, one whole number from 1 a part."""

    rule: Rule
    parts: tuple[Part, ...]
    weights: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.parts:
            raise CompositeError(f"a {self.rule} composite has no parts", "name at least one")
        wanted = len(self.parts) if self.rule is Rule.WEIGHTED else 0
        if len(self.weights) != wanted:
            raise CompositeError(
                f"a {self.rule} composite of {len(self.parts)} parts has {len(self.weights)} weights",
                f"give {wanted}",
            )
        for weight in self.weights:
            if weight < 1:
                raise CompositeError(f"the weight {weight} is below 1", "leave out parts that do not count")


Part: TypeAlias = Component | Composite


@dataclass(frozen=True, slots=True)
class Level:
    """The shares, 0 to 1, that are certainly good and certainly bad; the rest is unknown."""

    good: Fraction
    bad: Fraction

    @property
    def unknown(self) -> Fraction:
        """What may be either."""
        return 1 - self.good - self.bad


UNKNOWN = Level(Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True)
class Verdict:
    """A composite's level, and who is at fault: ``faults`` add up to ``level.bad``, and name components only."""

    level: Level
    faults: Mapping[Component, Fraction]

    @property
    def attained_ppm(self) -> int | None:
        """The level in parts per million, floored; None unless it is wholly known."""
        return None if self.level.unknown else int(self.level.good * PPM)


def known_level(good: int, total: int) -> Level:
    """The level of a plain attainment, ``good`` of ``total``; nothing of nothing is unknown.

    ``known_level(999, 1000) == Level(Fraction(999, 1000), Fraction(1, 1000))``.
    """
    if not 0 <= good <= total:
        raise CompositeError(f"{good} of {total} is no attainment", "give 0 <= numerator <= denominator")
    return Level(Fraction(good, total), Fraction(total - good, total)) if total else UNKNOWN


def compose(part: Part, levels: Mapping[Component, Level]) -> Verdict:
    """The level of a part at a moment, or of plain attainments over a period, and who is at fault.

    What is bad is shared among the parts: of a weighted composite by what each cost the whole; of a serial or parallel
    one in proportion to how bad each was; of a worst-of among the worst, equally. A part that failed without harm,
    since another stood in for it, is not at fault. Over plain attainments serial and parallel assume that the parts
    fail independently; where the moments are known, compose those instead.

    Serial over 99.95 % and 99.99 % is 999 400 ppm (exactly 0.99940005).
    """
    components(part)
    return _compose(part, levels)


def attained_of(part: Part, attainments: Mapping[Component, tuple[int, int]]) -> Verdict:
    """``compose`` over plain attainments (numerator, denominator). A component that stands in two parts of one serial
    or parallel composite is refused: it would not be independent of itself."""
    _require_independent(part)
    return compose(part, {component: known_level(*pair) for component, pair in attainments.items()})


def components(part: Part) -> tuple[Component, ...]:
    """All components of a part, each once, ordered by name; CompositeError where they lie too deep."""
    return tuple(sorted(set(_components(part, 0))))


def _components(part: Part, depth: int) -> Iterator[Component]:
    if isinstance(part, Component):
        yield part
        return
    if depth == MAX_DEPTH:
        raise CompositeError(f"composites lie deeper than {MAX_DEPTH} levels", "flatten them")
    for each in part.parts:
        yield from _components(each, depth + 1)


def _require_independent(part: Part) -> None:
    if isinstance(part, Component):
        return
    found: set[Component] = set()
    for each in part.parts:
        own = set(components(each))
        if part.rule in (Rule.SERIAL, Rule.PARALLEL) and found & own:
            raise CompositeError(
                f"{min(found & own).name!r} stands in two parts of one {part.rule} composite",
                "put what they share in series with them, once, or compose spans of time",
            )
        found |= own
        _require_independent(each)


def _compose(part: Part, levels: Mapping[Component, Level]) -> Verdict:
    if isinstance(part, Component):
        if part not in levels:
            raise CompositeError(
                f"nothing is said about the {part.source} {part.name!r}",
                "give its records, empty where nothing is known",
            )
        level = levels[part]
        return Verdict(level, {part: level.bad} if level.bad else {})
    verdicts = [_compose(each, levels) for each in part.parts]
    whole = _level(part, [verdict.level for verdict in verdicts])
    faults: dict[Component, Fraction] = {}
    if whole.bad:
        bads = [verdict.level.bad for verdict in verdicts]
        for share, verdict in zip(_shares(part, whole.bad, bads), verdicts, strict=True):
            for component, fault in verdict.faults.items():
                faults[component] = faults.get(component, Fraction(0)) + share * fault / verdict.level.bad
    return Verdict(whole, {component: fault for component, fault in faults.items() if fault})


def _level(composite: Composite, levels: Sequence[Level]) -> Level:
    goods, bads = [level.good for level in levels], [level.bad for level in levels]
    match composite.rule:
        case Rule.SERIAL:
            return Level(
                prod(goods, start=Fraction(1)), 1 - prod((1 - bad for bad in bads), start=Fraction(1))
            )
        case Rule.PARALLEL:
            return Level(
                1 - prod((1 - good for good in goods), start=Fraction(1)), prod(bads, start=Fraction(1))
            )
        case Rule.WEIGHTED:
            return Level(_mean(goods, composite.weights), _mean(bads, composite.weights))
        case Rule.WORST_OF:
            return Level(min(goods), max(bads))


def _mean(values: Sequence[Fraction], weights: Sequence[int]) -> Fraction:
    return sum((value * weight for value, weight in zip(values, weights, strict=True)), Fraction(0)) / sum(
        weights
    )


def _shares(composite: Composite, bad: Fraction, bads: Sequence[Fraction]) -> list[Fraction]:
    """What each part bears of the composite's ``bad``, more than 0; together exactly that."""
    if composite.rule is Rule.WEIGHTED:
        whole = sum(composite.weights)
        return [own * weight / whole for own, weight in zip(bads, composite.weights, strict=True)]
    if composite.rule is Rule.WORST_OF:
        return [bad / bads.count(bad) if own == bad else Fraction(0) for own in bads]
    return [bad * own / sum(bads) for own in bads]
