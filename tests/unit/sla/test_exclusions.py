"""Exclusions: every excluded second has one cause, and every second asked for in vain its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.exclusions import (
    Condition,
    Excluded,
    Exclusion,
    ExclusionError,
    ExclusionKind,
    Reason,
    Scope,
    Trace,
    Uncounted,
    Way,
    can_count,
    covers,
    trace,
    usual_ways,
)
from sla.qualifying import load_above

HOUR, DAY = 3_600, 86_400
MAINTENANCE, STORM = ExclusionKind.MAINTENANCE, ExclusionKind.FORCE_MAJEURE
MONTH = [(0, 30 * DAY)]
USUAL = usual_ways(notice_seconds=5 * DAY, allowance_seconds=4 * HOUR)
NOTHING: dict[str, str] = {}


def exclusion(
    name: str, start: int, end: int, announced_at: int = 0, *roles: str, kind: ExclusionKind = MAINTENANCE
) -> Exclusion:
    return Exclusion(name, kind, (), start, end, announced_at, frozenset(roles))


def test_trace__maintenance_announced_in_time__counts_by_the_providers_word_up_to_the_allowance() -> None:
    night = exclusion("night", 10 * DAY, 10 * DAY + 3 * HOUR, 5 * DAY, "provider")
    second = exclusion("second", 20 * DAY, 20 * DAY + 3 * HOUR, 6 * DAY, "provider")
    found = trace([second, night], USUAL, MONTH, NOTHING)

    assert found.excluded == (
        Excluded(10 * DAY, 10 * DAY + 3 * HOUR, "night"),
        Excluded(20 * DAY, 20 * DAY + HOUR, "second"),
    )
    assert found.uncounted == (
        Uncounted(20 * DAY + HOUR, 20 * DAY + 3 * HOUR, "second", Reason.OVER_ALLOWANCE),
    )


@pytest.mark.parametrize(("announced_at", "counts"), [(5 * DAY, True), (5 * DAY + 1, False)])
def test_trace__the_last_moment_of_the_notice__still_is_in_time(announced_at: int, counts: bool) -> None:
    found = trace([exclusion("a", 10 * DAY, 10 * DAY + 1, announced_at, "provider")], USUAL, MONTH, NOTHING)

    assert bool(found.excluded) is counts
    assert [each.reason for each in found.uncounted] == ([] if counts else [Reason.TOO_LATE])


def test_trace__what_the_customer_signed__needs_no_notice_and_costs_no_allowance() -> None:
    agreed = exclusion("agreed", DAY, DAY + 9 * HOUR, 2 * DAY, "customer")
    alone = exclusion("alone", 9 * DAY, 9 * DAY + 4 * HOUR, 3 * DAY, "provider")
    found = trace([agreed, alone], USUAL, MONTH, NOTHING)

    assert [(each.id, each.end - each.start) for each in found.excluded] == [
        ("agreed", 9 * HOUR),
        ("alone", 4 * HOUR),
    ]
    assert found.uncounted == ()


@pytest.mark.parametrize("kind", [kind for kind in ExclusionKind if kind is not MAINTENANCE])
def test_trace__any_other_excuse__needs_the_customers_signature(kind: ExclusionKind) -> None:
    storm = exclusion("storm", DAY, 2 * DAY, 0, "provider", kind=kind)

    assert trace([storm], USUAL, MONTH, NOTHING) == Trace(
        (), (Uncounted(DAY, 2 * DAY, "storm", Reason.NOT_APPROVED),)
    )
    signed = replace(storm, approvers=frozenset({"customer"}))
    assert trace([signed], USUAL, MONTH, NOTHING).excluded == (Excluded(DAY, 2 * DAY, "storm"),)


def test_trace__each_reason__is_told() -> None:
    region: Scope = (("region", ("eu", "us")),)
    elsewhere = replace(exclusion("scope", 0, 9, 0, "customer"), scope=region)
    unsigned = exclusion("unsigned", 0, 9)
    unknown = exclusion("unknown", 0, 9, 0, "customer", kind=STORM)
    late = exclusion("late", 0, 9, 0, "provider")
    good = exclusion("good", 2, 5, 0, "customer")
    again = exclusion("later", 0, 9, 1, "customer")
    ways = {MAINTENANCE: USUAL[MAINTENANCE]}
    found = trace([elsewhere, unsigned, unknown, late, good, again], ways, MONTH, {"region": "asia"})

    assert [(each.start, each.end, each.id, each.reason) for each in found.uncounted] == [
        (0, 9, "late", Reason.TOO_LATE),
        (0, 9, "scope", Reason.OUT_OF_SCOPE),
        (0, 9, "unknown", Reason.NOT_AGREED),
        (0, 9, "unsigned", Reason.NOT_APPROVED),
        (2, 5, "later", Reason.ALREADY_EXCLUDED),
    ]
    assert [(each.start, each.end, each.id) for each in found.excluded] == [
        (0, 2, "later"),
        (2, 5, "good"),
        (5, 9, "later"),
    ]


def test_trace__two_that_overlap__leave_each_second_to_the_one_announced_first() -> None:
    early, late, same = (
        exclusion(name, start, start + 6, announced_at, "customer")
        for name, start, announced_at in [("z", 0, 1), ("a", 4, 2), ("b", 8, 2)]
    )

    assert trace([same, late, early], USUAL, MONTH, NOTHING).excluded == (
        Excluded(0, 6, "z"),
        Excluded(6, 10, "a"),
        Excluded(10, 14, "b"),
    )


def test_trace__notice_below_zero__is_a_time_after_the_start() -> None:
    """Force majeure: told within a day."""
    ways = {STORM: (Way(frozenset({"customer"}), notice_seconds=-DAY),)}

    def counts(announced_at: int) -> bool:
        storm = exclusion("storm", 5 * DAY, 9 * DAY, announced_at, "customer", kind=STORM)
        return bool(trace([storm], ways, [], NOTHING).excluded)

    assert [counts(0), counts(6 * DAY), counts(6 * DAY + 1)] == [True, True, False]


def test_trace__both_parties_must_approve__where_the_agreement_says_so() -> None:
    ways = {STORM: (Way(frozenset({"customer", "provider"})),)}
    one = exclusion("one", 0, 5, 0, "customer", kind=STORM)
    both = exclusion("two", 5, 9, 0, "customer", "provider", kind=STORM)

    assert trace([one, both], ways, [], NOTHING).spans() == ((5, 9),)


def test_trace__months_that_follow_each_other__have_an_allowance_each() -> None:
    """Two hours either side of midnight, allowance one hour a month; outside of the months there is none."""
    ways = {MAINTENANCE: (Way(frozenset({"provider"}), None, HOUR),)}
    months = [(0, 31 * DAY), (31 * DAY, 59 * DAY)]
    night = exclusion("night", 31 * DAY - 2 * HOUR, 31 * DAY + 2 * HOUR, 0, "provider")
    beyond = exclusion("beyond", 59 * DAY, 59 * DAY + 9, 0, "provider")
    found = trace([night, beyond], ways, months, NOTHING)

    assert found.excluded == (
        Excluded(31 * DAY - 2 * HOUR, 31 * DAY - HOUR, "night"),
        Excluded(31 * DAY, 31 * DAY + HOUR, "night"),
    )
    assert [(each.start, each.end) for each in found.uncounted if each.id == "beyond"] == [
        (59 * DAY, 59 * DAY + 9)
    ]


@pytest.mark.parametrize(
    ("scope", "dimensions", "held"),
    [
        ((), {}, True),
        ((("region", ("eu",)),), {"region": "eu", "tier": "gold"}, True),
        ((("region", ("eu", "us")),), {"region": "us"}, True),
        ((("region", ("eu",)),), {"region": ""}, False),
        ((("region", ("eu",)),), {}, False),
        ((("region", ("eu",)), ("tier", ("gold",))), {"region": "eu", "tier": "iron"}, False),
    ],
)
def test_covers__what_is_narrower_than_the_scope__and_only_that(
    scope: Scope, dimensions: dict[str, str], held: bool
) -> None:
    assert covers(scope, dimensions) is held


IDS = st.sampled_from("abcdefgh")
BOTH = frozenset({"customer", "provider"})
ROLES = st.sampled_from([BOTH, BOTH, frozenset({"customer"}), frozenset({"provider"}), frozenset()])
WAYS = st.builds(
    Way,
    st.sets(st.sampled_from(["customer", "provider"]), min_size=1).map(frozenset),
    st.none() | st.integers(-10, 10),
    st.none() | st.integers(0, 12),
)
SCOPES = st.sampled_from([(), (), (), (("region", ("eu",)),), (("region", ("us",)),)])


@st.composite
def spans(draw: st.DrawFn) -> tuple[int, int]:
    start = draw(st.integers(0, 48))
    return start, draw(st.integers(start + 1, 50))


@st.composite
def asked(draw: st.DrawFn) -> Exclusion:
    start, end = draw(spans())
    kind = draw(st.sampled_from([MAINTENANCE] * 4 + [STORM, ExclusionKind.DEPENDENCY]))
    scope, announced_at, roles = draw(SCOPES), draw(st.integers(0, 40)), draw(ROLES)
    name = f"{draw(IDS)} {kind} {scope} {start} {end} {announced_at} {sorted(roles)}"
    return Exclusion(name, kind, scope, start, end, announced_at, roles)


MONTHS = [(0, 13), (13, 20), (24, 40)]
POLICIES = st.fixed_dictionaries(
    {
        MAINTENANCE: st.lists(WAYS, min_size=1, max_size=3).map(tuple),
        STORM: st.lists(WAYS, max_size=2).map(tuple),
    }
)


def second_by_second(
    exclusions: list[Exclusion], ways: dict[ExclusionKind, tuple[Way, ...]], conditions: list[Condition]
) -> tuple[dict[int, str], set[tuple[int, str, Reason]]]:
    """The same, one second at a time."""
    cause: dict[int, str] = {}
    refused: set[tuple[int, str, Reason]] = set()
    spent: Counter[tuple[ExclusionKind, int, tuple[int, int]]] = Counter()
    for condition in conditions:
        for second in [second for start, end in condition.spans for second in range(start, end)]:
            if second in cause:
                refused.add((second, condition.id, Reason.ALREADY_EXCLUDED))
            cause.setdefault(second, condition.id)
    for each in sorted(set(exclusions), key=lambda each: (each.announced_at, each.id)):
        signed = [way for way in ways.get(each.kind, ()) if not way.approvers - each.approvers]
        open_ways = [
            (place, way)
            for place, way in enumerate(ways.get(each.kind, ()))
            if way in signed
            and (way.notice_seconds is None or each.start - each.announced_at >= way.notice_seconds)
        ]
        for second in range(each.start, each.end):
            if each.kind not in ways:
                refused.add((second, each.id, Reason.NOT_AGREED))
            elif each.scope not in ((), (("region", ("eu",)),)):
                refused.add((second, each.id, Reason.OUT_OF_SCOPE))
            elif not open_ways:
                refused.add((second, each.id, Reason.TOO_LATE if signed else Reason.NOT_APPROVED))
            elif second in cause:
                refused.add((second, each.id, Reason.ALREADY_EXCLUDED))
            else:
                month = next((month for month in MONTHS if month[0] <= second < month[1]), None)
                for place, way in open_ways:
                    if way.allowance_seconds is None:
                        cause[second] = each.id
                        break
                    if month is not None and spent[each.kind, place, month] < way.allowance_seconds:
                        spent[each.kind, place, month] += 1
                        cause[second] = each.id
                        break
                else:
                    refused.add((second, each.id, Reason.OVER_ALLOWANCE))
    return cause, refused


@settings(max_examples=150)
@given(
    exclusions=st.lists(asked(), max_size=8),
    ways=POLICIES,
    conditions=st.lists(spans(), max_size=2),
    window=spans(),
    data=st.data(),
)
def test_trace__any_exclusions__is_what_second_by_second_gives(
    exclusions: list[Exclusion],
    ways: dict[ExclusionKind, tuple[Way, ...]],
    conditions: list[tuple[int, int]],
    window: tuple[int, int],
    data: st.DataObject,
) -> None:
    unmet = [Condition(f"load {place}", (each,)) for place, each in enumerate(conditions)]
    cause, refused = second_by_second(exclusions, ways, unmet)
    given_twice = data.draw(st.permutations(exclusions + exclusions[:2]))
    found = trace(given_twice, ways, MONTHS, {"region": "eu"}, unmet[::-1])

    assert {
        second: each.id for each in found.excluded for second in range(each.start, each.end)
    } == cause  # fmt: skip
    assert {
        (second, each.id, each.reason) for each in found.uncounted for second in range(each.start, each.end)
    } == refused
    assert all(one.end <= following.start for one, following in pairwise(found.excluded))
    assert [found.cause_at(second) for second in range(51)] == [cause.get(second) for second in range(51)]
    assert [second for start, end in found.left_of([window]) for second in range(start, end)] == [
        second for second in range(*window) if second not in cause
    ]
    part = found.within(*window)
    assert {second: each.id for each in part.excluded for second in range(each.start, each.end)} == {
        second: name for second, name in cause.items() if window[0] <= second < window[1]
    }
    assert {
        (second, each.id, each.reason) for each in part.uncounted for second in range(each.start, each.end)
    } == {each for each in refused if window[0] <= each[0] < window[1]}


@settings(max_examples=60)
@given(exclusions=st.lists(asked(), min_size=1, max_size=6), ways=POLICIES, seconds=st.integers(0, 9))
def test_trace__a_larger_allowance__never_excludes_less(
    exclusions: list[Exclusion], ways: dict[ExclusionKind, tuple[Way, ...]], seconds: int
) -> None:
    larger = {
        kind: tuple(
            way
            if way.allowance_seconds is None
            else replace(way, allowance_seconds=way.allowance_seconds + seconds)
            for way in found
        )
        for kind, found in ways.items()
    }
    before = trace(exclusions, ways, MONTHS, NOTHING)
    after = trace(exclusions, larger, MONTHS, NOTHING)

    assert after.left_of(before.spans()) == ()


def test_trace__thousands_of_nights__are_quick() -> None:
    """Not by the square of their number: ten years of nightly work, each announced after the last."""
    ways = {MAINTENANCE: (Way(frozenset({"provider"})),)}
    nights = [
        exclusion(f"{n:05}", n * DAY, n * DAY + 2 * DAY - 1, n, "provider") for n in range(3_650)
    ]  # fmt: skip
    found = trace(nights[::-1], ways, [], NOTHING)

    assert found.spans() == ((0, 3_651 * DAY - 1),)
    assert len(found.excluded) == 3_650


def test_trace__contradictions__are_refused() -> None:
    one = exclusion("a", 0, 5)
    with pytest.raises(ExclusionError, match="two exclusions are called a"):
        trace([one, replace(one, end=6)], USUAL, [], NOTHING)
    with pytest.raises(ExclusionError, match="two windows of the allowance overlap at 4"):
        trace([one], USUAL, [(4, 9), (0, 5)], NOTHING)
    with pytest.raises(ExclusionError, match="the exclusion a lasts from 5 to 5"):
        replace(one, start=5)
    with pytest.raises(ExclusionError, match="nobody's signature"):
        Way(frozenset())
    with pytest.raises(ExclusionError, match="the allowance is -1 seconds"):
        Way(frozenset({"customer"}), None, -1)


def test_load_above__by_hand() -> None:
    readings = [(0, 90), (60, 101), (90, 100), (120, 500), (500, 501)]

    assert load_above(100, readings, 60) == Condition("load", ((60, 90), (120, 180), (500, 560)))
    assert load_above(101, readings, 1_000).spans == ((120, 1_500),)


def test_load_above__traced__keeps_maintenance_from_spending_its_allowance() -> None:
    night = exclusion("night", 10 * DAY, 10 * DAY + 5 * HOUR, 0, "provider")
    busy = load_above(100, [(10 * DAY, 200)], HOUR, cause="more than 100 requests a second")
    found = trace([night], USUAL, MONTH, NOTHING, [busy])

    assert found.cause_at(10 * DAY) == "more than 100 requests a second"
    assert found.spans() == ((10 * DAY, 10 * DAY + 5 * HOUR),)


@settings(max_examples=60)
@given(
    readings=st.dictionaries(st.integers(0, 40), st.integers(0, 3), max_size=12),
    holds=st.integers(1, 15),
    data=st.data(),
)
def test_load_above__any_readings__is_each_second_by_its_last_reading(
    readings: dict[int, int], holds: int, data: st.DataObject
) -> None:
    unordered = data.draw(st.permutations([*readings.items(), *list(readings.items())[:3]]))
    busy = set()
    for second in range(60):
        last = max((time for time in readings if time <= second), default=None)
        if last is not None and second - last < holds and readings[last] > 1:
            busy.add(second)

    found = load_above(1, unordered, holds).spans
    assert {second for start, end in found for second in range(start, end)} == busy


def test_load_above__what_cannot_be__is_refused() -> None:
    with pytest.raises(ExclusionError, match="the load at 5 is both 1 and 2"):
        load_above(1, [(5, 2), (5, 1)], 60)
    with pytest.raises(ExclusionError, match="holds for 0 seconds"):
        load_above(1, [], 0)


@pytest.mark.parametrize(
    ("kind", "announced_at", "roles", "expected"),
    [
        (MAINTENANCE, 5 * DAY, ("provider",), True),
        (MAINTENANCE, 5 * DAY + 1, ("provider",), False),
        (MAINTENANCE, 5 * DAY + 1, ("customer", "provider"), True),
        (STORM, 0, ("provider",), False),
        (STORM, 0, ("customer",), True),
        (STORM, 0, (), False),
    ],
)
def test_can_count__some_way_is_open_or_none_is(
    kind: ExclusionKind, announced_at: int, roles: tuple[str, ...], expected: bool
) -> None:
    one = exclusion("a", 10 * DAY, 11 * DAY, announced_at, *roles, kind=kind)

    assert can_count(one, USUAL) is expected
    assert can_count(one, {}) is False
