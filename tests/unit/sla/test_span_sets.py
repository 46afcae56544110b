"""Spans of seconds against sets of seconds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sla.span_sets import Taken, Window, merged, seconds_of, shared, without

SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)


def seconds(spans: Iterable[Window]) -> set[int]:
    return {second for start, end in spans for second in range(start, end)}


def assert_tidy(spans: tuple[Window, ...]) -> None:
    assert all(start < end for start, end in spans)
    assert all(one[1] < following[0] for one, following in pairwise(spans))


@given(one=SPANS, other=SPANS)
def test_spans__any_two__are_as_sets_of_seconds(one: list[Window], other: list[Window]) -> None:
    for found, wanted in [
        (merged(one), seconds(one)),
        (merged(one + other), seconds(one) | seconds(other)),
        (shared(one, other), seconds(one) & seconds(other)),
        (without(one, other), seconds(one) - seconds(other)),
    ]:
        assert_tidy(found)
        assert seconds(found) == wanted
        assert seconds_of(found) == len(wanted)


@given(spans=SPANS, asked=st.tuples(st.integers(0, 30), st.integers(0, 30)))
def test_taken__what_was_taken_before__is_found_again(spans: list[Window], asked: Window) -> None:
    taken = Taken()
    all_of_them: set[int] = set()
    for start, end in spans:
        for free in without([(start, end)], taken.among(start, end)):
            taken.take(*free)
        all_of_them |= set(range(start, end))

    assert seconds(taken.among(*asked)) == all_of_them & set(range(*asked))
    assert len(seconds(taken.among(0, 31))) == sum(end - start for start, end in taken.among(0, 31))
