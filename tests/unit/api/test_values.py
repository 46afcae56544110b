"""How amounts, times and lists are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.answers.lists import Paging, page
from api.answers.values import Money, money, time_text
from index.facts import Token

USDC = Token("0x" + "1" * 40, "USDC", 6)


@pytest.mark.parametrize(
    ("amount", "decimals", "text"),
    [
        (300_000_000, 6, "300.00 USDC"),
        (1, 6, "0.000001 USDC"),
        (-1_500_000, 6, "-1.50 USDC"),
        (0, 6, "0.00 USDC"),
        (1_234_567, 6, "1.234567 USDC"),
        (7, 0, "7 USDC"),
        (75, 1, "7.5 USDC"),
        (10**18 + 10**15, 18, "1.001 USDC"),
        (2**96 - 1, 18, "79,228,162,514.264337593543950335 USDC"),
    ],
)
def test_money__an_amount__is_exact_in_base_units_and_for_people(
    amount: int, decimals: int, text: str
) -> None:
    assert money(amount, Token(USDC.address, "USDC", decimals)) == Money(amount=str(amount), text=text)


@pytest.mark.parametrize("token", [None, Token(USDC.address, None, 6), Token(USDC.address, "USDC", None)])
def test_money__a_token_that_does_not_say_its_name__has_base_units_only(token: Token | None) -> None:
    assert money(5, token) == Money(amount="5", text=None)


@given(st.integers(0, 253_402_300_799))
def test_time_text__any_second_of_the_calendar__is_what_datetime_says(seconds: int) -> None:
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert time_text(seconds) == expected.isoformat().replace("+00:00", "Z")


def test_time_text__the_last_second_of_a_uint40__is_what_gnu_date_says() -> None:
    assert time_text(2**40 - 1) == "+36812-02-20T00:36:15Z"


def test_page__a_part_beyond_the_end__is_empty_with_the_total() -> None:
    found = page(range(16_777_215), Paging(50, 2**53 - 1), lambda _: Money(amount="0", text=None))

    assert (found.items, found.total) == ([], 16_777_215)
