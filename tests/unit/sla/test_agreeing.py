"""The committee's median: in the customer's favour, and out of a minority's reach."""

from hypothesis import given
from hypothesis import strategies as st

from sla.agreeing import agree
from sla.agreement import NO_DATA, Comparator

LEVELS = st.integers(0, 1_000_000)


def test_agree__odd_number__is_the_middle_value_either_way() -> None:
    for comparator in Comparator:
        assert agree([700, 100, 300], comparator, 2) == 300


def test_agree__even_number__favours_the_customer() -> None:
    assert agree([100, 200, 300, 400], Comparator.AT_LEAST, 3) == 200
    assert agree([100, 200, 300, 400], Comparator.AT_MOST, 3) == 300


def test_agree__fewer_known_than_the_quorum__is_no_data() -> None:
    assert agree([100, 200], Comparator.AT_LEAST, 3) == NO_DATA
    assert agree([], Comparator.AT_MOST, 0) == NO_DATA


def test_agree__exactly_the_quorum__is_a_value() -> None:
    assert agree([100, 200, 300], Comparator.AT_MOST, 3) == 200


@given(
    honest=st.lists(LEVELS, min_size=3, max_size=9),
    liars=st.lists(st.integers(0, NO_DATA), max_size=4),
    comparator=st.sampled_from(Comparator),
)
def test_agree__liars_fewer_than_honest_by_one_at_least__stays_within_honest_values(
    honest: list[int], liars: list[int], comparator: Comparator
) -> None:
    liars = liars[: (len(honest) - 1) // 2]

    assert min(honest) <= agree(honest + liars, comparator, 1) <= max(honest)


@given(values=st.lists(LEVELS, min_size=1), comparator=st.sampled_from(Comparator), data=st.data())
def test_agree__order_of_arrival__does_not_matter(
    values: list[int], comparator: Comparator, data: st.DataObject
) -> None:
    assert agree(data.draw(st.permutations(values)), comparator, 1) == agree(values, comparator, 1)
