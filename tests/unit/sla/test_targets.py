"""Targets in open seconds and in business days: two meanings of "three business days"."""

import pytest

from sla.calendars import Calendar, instant_after
from sla.targets import Target, TargetError, allowance
from tests.reference.wall_time import day, instant, utc

HOUR = 3_600
NINE_TO_FIVE = Calendar("Europe/London", (((9 * HOUR, 17 * HOUR),),) * 5 + ((), ()))
START = utc("2027-03-08T14:00")
"""A Monday."""


def test_allowance__three_days_worth_of_hours__ends_at_the_hour_it_began() -> None:
    target = Target(seconds=3 * 8 * HOUR)

    assert allowance(target, NINE_TO_FIVE, START) == 24 * HOUR
    assert instant_after(NINE_TO_FIVE, START, 24 * HOUR) == utc("2027-03-11T14:00")


def test_allowance__three_business_days__ends_when_the_third_day_after_closes() -> None:
    """Three hours are left of Monday, and three days of eight follow."""
    allowed = allowance(Target(business_days=3), NINE_TO_FIVE, START)

    assert allowed == 27 * HOUR
    assert instant_after(NINE_TO_FIVE, START, allowed) == utc("2027-03-11T17:00")


@pytest.mark.parametrize(
    "at", ["2027-03-08T00:00", "2027-03-08T09:00", "2027-03-08T16:59", "2027-03-08T23:00"]
)
def test_allowance__business_days_from_any_hour__end_at_the_same_closing(at: str) -> None:
    allowed = allowance(Target(business_days=3), NINE_TO_FIVE, utc(at))

    assert instant_after(NINE_TO_FIVE, utc(at), allowed) == utc("2027-03-11T17:00")


def test_allowance__business_days_over_a_weekend_a_holiday_and_summer_time__skip_them() -> None:
    """From Thursday before Easter 2027: Good Friday and Easter Monday are none, clocks go forward on Sunday."""
    calendar = Calendar(
        "Europe/London", NINE_TO_FIVE.hours, frozenset({day("2027-03-26"), day("2027-03-29")})
    )
    start = instant("Europe/London", "2027-03-25T15:00")

    assert instant_after(calendar, start, allowance(Target(business_days=3), calendar, start)) == instant(
        "Europe/London", "2027-04-01T17:00"
    )


@pytest.mark.parametrize("seconds", [None, 60])
def test_target__neither_or_both__is_refused(seconds: int | None) -> None:
    with pytest.raises(TargetError, match="exactly one"):
        Target(seconds=seconds, business_days=seconds)


def test_target__that_allows_no_time__is_refused() -> None:
    for target in ({"seconds": 0}, {"business_days": -1}):
        with pytest.raises(TargetError, match="allows no time"):
            Target(**target)
