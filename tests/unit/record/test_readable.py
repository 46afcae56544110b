"""Amounts, times and words as they are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.readable import amount_text, duration, harmless, number, utc


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"),
    [
        (1_000_500_000, 6, "1,000.50 USDC"),
        (1, 6, "0.000001 USDC"),
        (0, 6, "0.00 USDC"),
        (-2_500_000, 6, "-2.50 USDC"),
        (7, 0, "7 USDC"),
        (15, 1, "1.5 USDC"),
        (10**18, 18, "1.00 USDC"),
    ],
)
def test_amount_text__published_decimals__keeps_every_base_unit(
    amount: int, decimals: int, shown: str
) -> None:
    assert amount_text(amount, decimals, "USDC") == shown


@given(st.integers(-(2**96), 2**96), st.integers(0, 36))
def test_amount_text__any_amount__says_exactly_it(amount: int, decimals: int) -> None:
    assert Fraction(amount_text(amount, decimals).replace(",", "")) * 10**decimals == amount


@given(st.integers(0, 253_402_300_799))
def test_utc__any_second_datetime_knows__is_the_same(seconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert utc(seconds) == f"{moment.year:04}-{moment:%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (3_600, "1 hour"), (86_400, "1 day"),
        (259_200, "3 days"), (1_209_600, "2 weeks"), (86_401, "86 401 seconds"),
    ],
)  # fmt: skip
def test_duration__seconds__in_the_largest_whole_unit(seconds: int, shown: str) -> None:
    assert duration(seconds) == shown


def test_number__thousands__apart() -> None:
    assert number(1_234_567) == "1 234 567"


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\u202eb", "a\nb", "a\u200bb", "\x07"])
def test_harmless__what_steers_a_terminal__is_gone(hostile: str) -> None:
    assert "�" in harmless(hostile)
    assert harmless(hostile).isprintable()


@given(st.text(max_size=1_000), st.integers(1, 100))
def test_harmless__any_text__is_printable_and_short(text: str, most: int) -> None:
    shown = harmless(text, most)
    assert shown.isprintable()
    assert len(shown) <= most
