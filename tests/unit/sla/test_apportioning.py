"""Largest remainder: parts that add up, near their quotas, the same whatever the order."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.apportioning import ApportionError, apportion

SHARES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=2),
    st.integers(0, 10**6) | st.fractions(0, 5, max_denominator=97),
    min_size=1,
    max_size=8,
).filter(lambda shares: any(shares.values()))


def test_apportion__seats_of_a_parliament__are_those_of_the_textbook() -> None:
    """Ten seats, 100 000 votes: the example by which Hamilton's method is taught."""
    votes = {"yellow": 47_000, "white": 16_000, "red": 15_900, "green": 12_000, "blue": 6_000, "pink": 3_100}

    assert apportion(10, votes) == {"yellow": 5, "white": 2, "red": 1, "green": 1, "blue": 1, "pink": 0}


def test_apportion__equal_remainders__go_by_name() -> None:
    assert apportion(2, {"c": 1, "b": 1, "a": 1}) == {"a": 1, "b": 1, "c": 0}
    assert list(apportion(2, {"c": 1, "b": 1, "a": 1})) == ["a", "b", "c"]


@given(total=st.integers(0, 10**12), shares=SHARES)
def test_apportion__anything__adds_up_and_stays_within_one_of_the_quota(
    total: int, shares: dict[str, int | Fraction]
) -> None:
    parts = apportion(total, shares)
    whole = Fraction(sum(shares.values()))

    assert sum(parts.values()) == total
    assert parts.keys() == shares.keys()
    for name, part in parts.items():
        assert abs(part - total * shares[name] / whole) < 1
        assert shares[name] or not part


@given(total=st.integers(0, 1000), shares=SHARES, data=st.data())
def test_apportion__order_and_scale_of_the_shares__do_not_matter(
    total: int, shares: dict[str, int | Fraction], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(list(shares.items())))

    assert apportion(total, {name: 7 * share for name, share in shuffled}) == apportion(total, shares)


@pytest.mark.parametrize("shares", [{}, {"a": 0}])
def test_apportion__nobody_to_bear_it__is_refused_unless_there_is_nothing_to_bear(
    shares: dict[str, int],
) -> None:
    with pytest.raises(ApportionError, match="7 has nobody to bear it"):
        apportion(7, shares)
    assert apportion(0, shares) == shares


def test_apportion__negative__is_refused() -> None:
    with pytest.raises(ApportionError, match="-1 cannot be divided"):
        apportion(-1, {"a": 1})
    with pytest.raises(ApportionError, match="the share of a is -2"):
        apportion(1, {"a": -2, "b": 3})
