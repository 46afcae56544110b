"""Composites at a moment and over plain attainments: against every possible world, and by published figures."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.composites import (
    MAX_DEPTH,
    UNKNOWN,
    Component,
    Composite,
    CompositeError,
    Level,
    Part,
    Rule,
    Source,
    attained_of,
    components,
    compose,
    known_level,
)
from tests.unit.sla.composite_drawing import LEVELS, trees, value

MILLION = 1_000_000
WEB, DATABASE, QUEUE = Component("web"), Component("database"), Component("queue", Source.AGREEMENT)
UP, DOWN = known_level(1, 1), known_level(0, 1)


def levels_of(
    draw: Callable[[st.SearchStrategy[int | None]], int | None], part: Part
) -> dict[Component, Level]:
    found = {}
    for name in components(part):
        ppm = draw(st.none() | LEVELS)
        found[name] = UNKNOWN if ppm is None else known_level(ppm, MILLION)
    return found


def test_serial__web_and_database__is_the_published_figure() -> None:
    """A cloud's own example: a web app of 99.95 % and a database of 99.99 % make 99.94 %."""
    both = Composite(Rule.SERIAL, (WEB, DATABASE))
    attained = attained_of(both, {WEB: (9_995, 10_000), DATABASE: (9_999, 10_000)})

    assert attained.level.good == Fraction(99_940_005, 100_000_000)
    assert attained.attained_ppm == 999_400


def test_parallel__queue_behind_the_database__is_the_published_figure() -> None:
    """The same example goes on: a queue of 99.9 % as a fallback for the database makes 99.99999 %, in all 99.95 %."""
    fallback = Composite(Rule.PARALLEL, (DATABASE, QUEUE))
    attainments = {WEB: (9_995, 10_000), DATABASE: (9_999, 10_000), QUEUE: (999, 1_000)}

    assert attained_of(fallback, attainments).level.good == Fraction(9_999_999, 10_000_000)
    whole = attained_of(Composite(Rule.SERIAL, (WEB, fallback)), attainments)
    assert whole.attained_ppm == 999_499  # 0.99949990005: floored, never rounded up to the promise


def test_weighted_and_worst_of__by_hand() -> None:
    attainments = {WEB: (99, 100), DATABASE: (1, 2)}
    weighted = Composite(Rule.WEIGHTED, (WEB, DATABASE), (3, 1))

    assert attained_of(weighted, attainments).attained_ppm == 867_500
    assert attained_of(Composite(Rule.WORST_OF, (WEB, DATABASE)), attainments).attained_ppm == 500_000


def test_compose__faults_by_hand__follow_each_rule() -> None:
    """Web loses 1 of 10, the database 3 of 10."""
    levels = {WEB: known_level(9, 10), DATABASE: known_level(7, 10), QUEUE: UP}

    def faults(rule: Rule, *parts: Part, weights: tuple[int, ...] = ()) -> dict[Component, Fraction]:
        return dict(compose(Composite(rule, parts, weights), levels).faults)

    assert faults(Rule.SERIAL, WEB, DATABASE) == {WEB: Fraction(37, 400), DATABASE: Fraction(111, 400)}
    assert faults(Rule.PARALLEL, WEB, DATABASE) == {WEB: Fraction(3, 400), DATABASE: Fraction(9, 400)}
    assert faults(Rule.WEIGHTED, WEB, DATABASE, weights=(3, 1)) == {
        WEB: Fraction(3, 40),
        DATABASE: Fraction(3, 40),
    }
    assert faults(Rule.WORST_OF, WEB, DATABASE) == {DATABASE: Fraction(3, 10)}
    assert faults(Rule.PARALLEL, WEB, QUEUE) == {}


def test_compose__a_failure_that_another_covers__is_nobodys_fault() -> None:
    fallback = Composite(Rule.PARALLEL, (DATABASE, QUEUE))
    whole = Composite(Rule.WEIGHTED, (fallback, WEB), (1, 1))

    assert compose(whole, {DATABASE: DOWN, QUEUE: UP, WEB: DOWN}).faults == {WEB: Fraction(1, 2)}


@pytest.mark.parametrize(
    ("rule", "levels", "good", "bad"),
    [
        (Rule.SERIAL, (DOWN, UNKNOWN), 0, 1),
        (Rule.SERIAL, (UP, UNKNOWN), 0, 0),
        (Rule.PARALLEL, (UP, UNKNOWN), 1, 0),
        (Rule.PARALLEL, (DOWN, UNKNOWN), 0, 0),
        (Rule.WORST_OF, (DOWN, UNKNOWN), 0, 1),
        (Rule.WORST_OF, (UP, UNKNOWN), 0, 0),
        (Rule.WEIGHTED, (DOWN, UNKNOWN), 0, Fraction(1, 2)),
        (Rule.WEIGHTED, (UP, UNKNOWN), Fraction(1, 2), 0),
    ],
)
def test_compose__one_part_unknown__only_what_is_certain_counts(
    rule: Rule, levels: tuple[Level, Level], good: int | Fraction, bad: int | Fraction
) -> None:
    weights = (1, 1) if rule is Rule.WEIGHTED else ()
    whole = compose(
        Composite(rule, (WEB, DATABASE), weights), dict(zip((WEB, DATABASE), levels, strict=True))
    )

    assert (whole.level.good, whole.level.bad) == (good, bad)
    assert DATABASE not in whole.faults
    assert (whole.attained_ppm is None) == (good + bad < 1)


@settings(max_examples=60)
@given(part=trees(), data=st.data())
def test_compose__unknown_parts__are_bounded_by_every_value_they_can_have(
    part: Part, data: st.DataObject
) -> None:
    levels = levels_of(data.draw, part)
    unknown = [name for name, level in levels.items() if level == UNKNOWN]
    known = {name: level.good for name, level in levels.items()}
    worlds = [
        value(part, known | dict(zip(unknown, map(Fraction, world), strict=True)))
        for world in product((0, 1), repeat=len(unknown))
    ]
    level = compose(part, levels).level

    assert (level.good, 1 - level.bad) == (min(worlds), max(worlds))


@settings(max_examples=60)
@given(part=trees([Rule.SERIAL, Rule.PARALLEL, Rule.WEIGHTED], distinct=True), data=st.data())
def test_compose__independent_parts__is_the_mean_over_all_that_can_happen(
    part: Part, data: st.DataObject
) -> None:
    """Each part up with its own chance, the whole read off each outcome: no product of levels anywhere."""
    names = components(part)[:6]
    chances = {name: Fraction(data.draw(LEVELS), MILLION) for name in names}
    rest = {name: Fraction(1) for name in components(part)[6:]}
    mean = Fraction(0)
    for outcome in product((0, 1), repeat=len(names)):
        chance = Fraction(1)
        for name, is_up in zip(names, outcome, strict=True):
            chance *= chances[name] if is_up else 1 - chances[name]
        mean += chance * value(part, dict(zip(names, map(Fraction, outcome), strict=True)) | rest)

    levels = {name: Level(good, 1 - good) for name, good in (chances | rest).items()}
    assert compose(part, levels).level.good == mean


@settings(max_examples=60)
@given(part=trees(), data=st.data())
def test_compose__a_worse_part__never_makes_a_better_whole(part: Part, data: st.DataObject) -> None:
    levels = levels_of(data.draw, part)
    name = data.draw(st.sampled_from(components(part)))
    before = levels[name]
    good = before.good * data.draw(st.integers(0, 4)) / 4
    bad = before.bad + (1 - good - before.bad) * data.draw(st.integers(0, 4)) / 4
    whole, worse = compose(part, levels).level, compose(part, levels | {name: Level(good, bad)}).level

    assert worse.good <= whole.good
    assert worse.bad >= whole.bad


@settings(max_examples=60)
@given(part=trees(), data=st.data())
def test_compose__faults__add_up_to_what_is_bad_and_name_only_the_bad(
    part: Part, data: st.DataObject
) -> None:
    levels = levels_of(data.draw, part)
    verdict = compose(part, levels)

    assert sum(verdict.faults.values()) == verdict.level.bad
    assert all(fault > 0 and levels[name].bad > 0 for name, fault in verdict.faults.items())


@settings(max_examples=40)
@given(part=trees(), data=st.data())
def test_compose__order_of_the_parts__does_not_matter(part: Part, data: st.DataObject) -> None:
    def shuffled(each: Part) -> Part:
        if isinstance(each, Component):
            return each
        order = data.draw(st.permutations(range(len(each.parts))))
        return Composite(
            each.rule,
            tuple(shuffled(each.parts[place]) for place in order),
            tuple(each.weights[place] for place in order) if each.weights else (),
        )

    levels = levels_of(data.draw, part)
    assert compose(shuffled(part), levels) == compose(part, levels)


def test_composite__that_has_no_meaning__is_refused() -> None:
    with pytest.raises(CompositeError, match="a serial composite has no parts; name at least one"):
        Composite(Rule.SERIAL, ())
    with pytest.raises(CompositeError, match="a weighted composite of 2 parts has 1 weights; give 2"):
        Composite(Rule.WEIGHTED, (WEB, DATABASE), (1,))
    with pytest.raises(CompositeError, match="a parallel composite of 1 parts has 1 weights; give 0"):
        Composite(Rule.PARALLEL, (WEB,), (1,))
    with pytest.raises(CompositeError, match="the weight 0 is below 1"):
        Composite(Rule.WEIGHTED, (WEB, DATABASE), (1, 0))


def test_compose__too_deep_or_nothing_said_about_a_part__is_refused() -> None:
    deep: Part = WEB
    for _ in range(MAX_DEPTH):
        deep = Composite(Rule.SERIAL, (deep,))
    assert compose(deep, {WEB: UP}).level == UP
    with pytest.raises(CompositeError, match="deeper than 32 levels"):
        compose(Composite(Rule.SERIAL, (deep,)), {WEB: UP})
    with pytest.raises(CompositeError, match="nothing is said about the agreement 'queue'"):
        compose(Composite(Rule.SERIAL, (WEB, QUEUE)), {WEB: UP})


@pytest.mark.parametrize("rule", [Rule.SERIAL, Rule.PARALLEL])
def test_attained_of__a_part_that_stands_twice__is_refused_where_it_would_be_multiplied(rule: Rule) -> None:
    other = Rule.PARALLEL if rule is Rule.SERIAL else Rule.SERIAL
    shared = Composite(rule, (Composite(other, (WEB, DATABASE)), Composite(other, (QUEUE, DATABASE))))
    attainments = {WEB: (9, 10), QUEUE: (9, 10), DATABASE: (9, 10)}

    with pytest.raises(CompositeError, match=f"'database' stands in two parts of one {rule} composite"):
        attained_of(Composite(Rule.WORST_OF, (shared,)), attainments)
    twice = Composite(Rule.WORST_OF, (WEB, Composite(Rule.SERIAL, (WEB, DATABASE))))
    assert attained_of(twice, attainments).attained_ppm == 810_000


@pytest.mark.parametrize("pair", [(-1, 5), (6, 5), (1, 0)])
def test_attained_of__what_is_no_attainment__is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(CompositeError, match="is no attainment"):
        attained_of(WEB, {WEB: pair})


def test_attained_of__no_data__is_unknown_unless_it_cannot_matter() -> None:
    both = Composite(Rule.SERIAL, (WEB, DATABASE))

    assert attained_of(both, {WEB: (99, 100), DATABASE: (0, 0)}).attained_ppm is None
    assert attained_of(both, {WEB: (0, 100), DATABASE: (0, 0)}).attained_ppm == 0
