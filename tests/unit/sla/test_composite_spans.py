"""Composites over time: against the same, second by second."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.composite_spans import Span, Stretch, TimeAttained, attained_over, stretches
from sla.composites import Component, Composite, CompositeError, Level, Part, Rule, components
from tests.unit.sla.composite_drawing import SECONDS, States, histories, spans_of, trees, value

MILLION = 1_000_000
A, B = Component("a"), Component("b")
BOTH = Composite(Rule.SERIAL, (A, B))
WHOLE = [(0, SECONDS)]


def bounds(part: Part, states: States, second: int) -> tuple[Fraction, Fraction]:
    """(least, most): the whole with everything unknown down, and with everything unknown up."""
    least, most = (
        value(
            part,
            {
                name: Fraction(unknown if levels[second] is None else levels[second] or 0, MILLION)
                for name, levels in states.items()
            },
        )
        for unknown in (0, MILLION)
    )
    return least, most


def blame(part: Part, amount: Fraction, states: States, second: int, told: dict[Component, Fraction]) -> None:
    """Hands an amount down from the whole to its parts, as the clause says it."""
    if isinstance(part, Component):
        told[part] = told.get(part, Fraction(0)) + amount
        return
    lost = [1 - bounds(each, states, second)[1] for each in part.parts]
    if part.rule is Rule.WEIGHTED:
        lost = [own * weight for own, weight in zip(lost, part.weights, strict=True)]
    if part.rule is Rule.WORST_OF:
        lost = [Fraction(own == max(lost)) for own in lost]
    for each, own in zip(part.parts, lost, strict=True):
        if own:
            blame(each, amount * own / sum(lost), states, second, told)


@settings(max_examples=50)
@given(part=trees(), data=st.data())
def test_attained_over__any_history__is_the_sum_of_its_seconds(part: Part, data: st.DataObject) -> None:
    states = data.draw(histories(components(part)))
    counted = sorted(data.draw(st.sets(st.integers(0, SECONDS - 1))))
    good = bad = Fraction(0)
    told: dict[Component, Fraction] = {}
    for second in counted:
        least, most = bounds(part, states, second)
        good, bad = good + least, bad + 1 - most
        if most < 1:
            blame(part, 1 - most, states, second, told)

    found = attained_over(
        part,
        {name: spans_of(seconds) for name, seconds in states.items()},
        [(second, second + 1) for second in counted],
    )

    assert found == TimeAttained(good, bad, len(counted) - good - bad, tuple(sorted(told.items())))
    assert found.attained_ppm == (good * MILLION // (good + bad) if good + bad else None)
    apportioned = found.apportioned()
    assert sum(apportioned.values()) == found.shortfall_ppm_seconds == -(-bad * MILLION // 1)
    assert all(abs(apportioned[name] - told[name] * MILLION) < 2 for name in told)


@settings(max_examples=40)
@given(part=trees(), data=st.data())
def test_stretches__any_history__are_each_second_in_order_and_never_two_alike_in_touch(
    part: Part, data: st.DataObject
) -> None:
    states = data.draw(histories(components(part)))
    spans = {name: spans_of(seconds) for name, seconds in states.items()}
    windows = [(2, 9), (9, 15), (17, SECONDS)]
    found = list(stretches(part, spans, windows))

    levels = {
        second: each.level
        for each in found
        for second in range(each.start, each.end)
    }  # fmt: skip
    assert list(levels) == [second for start, end in windows for second in range(start, end)]
    for second, level in levels.items():
        least, most = bounds(part, states, second)
        assert level == Level(least, 1 - most)
    for one, next_one in pairwise(found):
        assert one.end <= next_one.start
        assert one.end < next_one.start or one.level != next_one.level


@settings(max_examples=40)
@given(part=trees(), data=st.data())
def test_attained_over__a_worse_part__never_makes_a_better_period(part: Part, data: st.DataObject) -> None:
    states = data.draw(histories(components(part)))
    name = data.draw(st.sampled_from(components(part)))
    before = attained_over(part, {each: spans_of(found) for each, found in states.items()}, WHOLE)
    states[name] = [
        level if level is None else data.draw(st.integers(0, level))
        for level in states[name]
    ]  # fmt: skip
    after = attained_over(part, {each: spans_of(found) for each, found in states.items()}, WHOLE)

    if before.attained_ppm is not None:
        assert after.attained_ppm is not None
        assert after.attained_ppm <= before.attained_ppm


def test_attained_over__two_outages_that_overlap__are_shared_where_they_do() -> None:
    spans = {A: [Span(0, 10, 0), Span(10, 100, MILLION)], B: [Span(0, 5, MILLION), Span(5, 20, 0)]}
    spans[B].append(Span(20, 100, MILLION))
    found = attained_over(BOTH, spans, [(0, 100)])

    assert found.counts() == (80, 100, 0, 1)
    assert found.attained_ppm == 800_000
    assert found.apportioned() == {A: 7_500_000, B: 12_500_000}


def test_attained_over__an_odd_ppm_second__goes_to_the_first_by_name() -> None:
    """Three share one second of a third each: 1 000 000 is not divisible by 3."""
    three = Composite(Rule.SERIAL, (Component("c"), B, A))
    spans = {name: [Span(0, 1, 0)] for name in components(three)}

    assert list(attained_over(three, spans, [(0, 1)]).apportioned().values()) == [333_334, 333_333, 333_333]


def test_attained_over__a_period_of_years__costs_no_more_than_its_changes() -> None:
    """40 years of seconds, one change: this would not end second by second."""
    century = 40 * 366 * 86_400
    spans = {
        A: [Span(0, century, MILLION)],
        B: [Span(0, century - 1, MILLION), Span(century - 1, century, 0)],
    }

    assert attained_over(BOTH, spans, [(0, century)]).counts() == (century - 1, century, 0, 1)


def test_counts__degraded_states__are_exact_in_a_part_of_a_second() -> None:
    found = attained_over(BOTH, {A: [Span(0, 3, 900_000)], B: [Span(0, 2, 500_000)]}, [(0, 3)])

    # Two seconds at 9/10 · 1/2; in the third a tenth is lost whatever the other was.
    assert found.counts() == (9, 21, 9, 10)


def test_attained_over__nothing_known_or_nothing_counted__is_no_attainment() -> None:
    nothing: dict[Component, list[Span]] = {A: [], B: []}
    assert attained_over(BOTH, nothing, [(0, 9)]).attained_ppm is None
    assert attained_over(BOTH, nothing, [(0, 9)]).counts() == (0, 0, 9, 1)
    assert attained_over(BOTH, nothing, []).counts() == (0, 0, 0, 1)
    assert attained_over(BOTH, nothing, []).apportioned() == {}
    assert list(stretches(BOTH, nothing, [])) == []
    assert list(stretches(BOTH, nothing, [(3, 5), (5, 7)])) == [
        Stretch(3, 7, Level(Fraction(0), Fraction(0)))
    ]


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        ({A: []}, "nothing is said about the service 'b'"),
        ({A: [Span(0, 5, 0), Span(4, 6, 0)], B: []}, "the spans of 'a' overlap or are out of order at 4"),
        ({A: [Span(4, 6, 0), Span(0, 4, 0)], B: []}, "the spans of 'a' overlap or are out of order at 0"),
        ({A: [Span(5, 5, 0)], B: []}, "the spans of 'a' hold one from 5 to 5"),
        ({A: [Span(0, 5, MILLION + 1)], B: []}, "'a' is at 1000001 ppm from second 0"),
        ({A: [Span(0, 5, -1)], B: []}, "'a' is at -1 ppm"),
    ],
)
def test_attained_over__records_that_cannot_be_true__are_refused(
    spans: dict[Component, list[Span]], problem: str
) -> None:
    with pytest.raises(CompositeError, match=problem):
        attained_over(BOTH, spans, [(0, 9)])


def test_attained_over__windows_that_overlap__are_refused() -> None:
    with pytest.raises(CompositeError, match="the windows overlap or are out of order at 3"):
        attained_over(A, {A: []}, [(0, 4), (3, 5)])
