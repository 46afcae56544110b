"""The moments of a composite, several tellers of one part, and times put together: against single seconds."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sla.composite_spans import Moment, Span, attained_over, moments, worst_of
from sla.composites import Component, Composite, Level, Part, Rule, components
from tests.unit.sla.composite_drawing import LEVELS, SECONDS, histories, spans_of, trees

MILLION = 1_000_000
A, B = Component("a"), Component("b")

several = st.lists(
    st.builds(
        lambda start, length, level: Span(start, start + length, level),
        st.integers(0, 20),
        st.integers(1, 12),
        LEVELS,
    ),
    max_size=8,
)


@given(told=several)
@settings(max_examples=60)
def test_worst_of__any_tellers__is_the_worst_of_each_second(told: list[Span]) -> None:
    found = worst_of(told)

    for second in range(-1, 34):
        levels = [span.level_ppm for span in told if span.start <= second < span.end]
        now = [span.level_ppm for span in found if span.start <= second < span.end]
        assert now == ([min(levels)] if levels else [])
    assert all(
        one.end < other.start or (one.end == other.start and one.level_ppm != other.level_ppm)
        for one, other in pairwise(found)
    )


def test_worst_of__its_example__holds() -> None:
    assert worst_of([Span(0, 9, MILLION), Span(5, 20, 0)]) == [Span(0, 5, MILLION), Span(5, 20, 0)]


@given(part=trees(), data=st.data())
@settings(max_examples=25)
def test_moments__any_history__hold_every_second_once_and_add_up(part: Part, data: st.DataObject) -> None:
    states = data.draw(histories(components(part)))
    spans = {name: spans_of(seconds) for name, seconds in states.items()}
    cut = data.draw(st.integers(1, SECONDS - 1))
    windows = [(0, cut), (cut, SECONDS)]

    found = list(moments(part, spans, windows))
    seconds = [second for each in found for second in range(each.start, each.end)]
    assert seconds == list(range(SECONDS))
    for each in found:
        assert each.levels_ppm == tuple(states[name][each.start] for name in components(part))
    whole = attained_over(part, spans, [(0, SECONDS)])
    good, bad = (
        sum(((each.end - each.start) * getattr(each.verdict.level, side) for each in found), Fraction(0))
        for side in ("good", "bad")
    )
    assert (good, bad) == (whole.good, whole.bad)


@given(part=trees(), data=st.data())
@settings(max_examples=25)
def test_sum__of_two_times__is_what_both_together_attained(part: Part, data: st.DataObject) -> None:
    states = data.draw(histories(components(part)))
    spans = {name: spans_of(seconds) for name, seconds in states.items()}
    cut = data.draw(st.integers(1, SECONDS - 1))

    one, other = (attained_over(part, spans, [window]) for window in ((0, cut), (cut, SECONDS)))
    assert one + other == attained_over(part, spans, [(0, SECONDS)])


def test_moments__two_parts__are_cut_where_something_changes_and_at_the_windows() -> None:
    spans = {A: [Span(0, 10, MILLION)], B: [Span(0, 4, MILLION), Span(4, 10, 0)]}
    found = list(moments(Composite(Rule.SERIAL, (A, B)), spans, [(0, 6), (6, 10)]))

    assert [(each.start, each.end, each.levels_ppm) for each in found] == [
        (0, 4, (MILLION, MILLION)),
        (4, 6, (MILLION, 0)),
        (6, 10, (MILLION, 0)),
    ]
    assert isinstance(found[0], Moment)
    assert found[1].verdict.level == Level(Fraction(0), Fraction(1))
    assert found[1].verdict.faults == {B: Fraction(1)}
