"""Random composites and the states of their parts, as plain values that a slow reference can read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from sla.composite_spans import Span
from sla.composites import Component, Composite, Part, Rule, Source

LEVELS = st.sampled_from([0, 0, 1_000_000, 1_000_000, 500_000, 999_999, 333_333, 1])
SECONDS = 24
"""How long the drawn histories are."""

States = dict[Component, list[int | None]]
"""A level a second, in ppm; None is unknown."""


@st.composite
def trees(draw: st.DrawFn, rules: Sequence[Rule] = tuple(Rule), distinct: bool = False) -> Part:
    """A composite of up to three levels; where ``distinct``, no component stands in it twice."""
    fresh = iter(range(1_000))

    def part(depth: int) -> Part:
        if depth == 0 or draw(st.integers(0, 2)) == 0:
            number = next(fresh) if distinct else draw(st.integers(0, 4))
            return Component(f"c{number:03}", draw(st.sampled_from(Source)))
        return composite(depth)

    def composite(depth: int) -> Composite:
        rule = draw(st.sampled_from(rules))
        parts = tuple(part(depth - 1) for _ in range(draw(st.integers(1, 3))))
        weights = tuple(draw(st.integers(1, 5)) for _ in parts) if rule is Rule.WEIGHTED else ()
        return Composite(rule, parts, weights)

    return composite(2)


@st.composite
def histories(draw: st.DrawFn, names: Sequence[Component]) -> States:
    """What each component was, second by second; each state holds for a while."""
    found: States = {}
    for name in names:
        seconds: list[int | None] = []
        while len(seconds) < SECONDS:
            seconds += [draw(st.none() | LEVELS)] * draw(st.integers(1, SECONDS))
        found[name] = seconds[:SECONDS]
    return found


def spans_of(seconds: Sequence[int | None]) -> list[Span]:
    """One span a second: how states are cut into spans must not matter."""
    return [Span(at, at + 1, level) for at, level in enumerate(seconds) if level is not None]


def value(part: Part, known: dict[Component, Fraction]) -> Fraction:
    """What the four rules say where everything is known, written as in the agreement's text."""
    if isinstance(part, Component):
        return known[part]
    values = [value(each, known) for each in part.parts]
    if part.rule is Rule.WEIGHTED:
        repeated = [each for each, weight in zip(values, part.weights, strict=True) for _ in range(weight)]
        return sum(repeated, Fraction(0)) / len(repeated)
    if part.rule is Rule.WORST_OF:
        return sorted(values)[0]
    chance = Fraction(1)
    for each in values:
        chance *= each if part.rule is Rule.SERIAL else 1 - each
    return chance if part.rule is Rule.SERIAL else 1 - chance
