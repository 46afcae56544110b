"""Periods and deadlines, against an independent reference made of ``datetime`` and ``calendar``."""

import calendar
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.agreement import ZERO_BYTES32, Agreement, Formation, Parties, ScheduleUnit, Service, Stake
from sla.civil import add_months, date_from_days, days_from_date
from sla.errors import ScheduleError
from sla.schedule import (
    boundary,
    claim_deadline,
    deadline_end,
    last_claim_deadline,
    period_at,
    period_end,
    period_start,
    report_deadline,
)

ACCOUNT = "0x8B07FCdeB8ec1F9C4047111F0998816094a9Eab4"
DAY = 86_400


def seconds(text: str) -> int:
    return calendar.timegm(datetime.fromisoformat(text).timetuple())


def service(start: int, unit: ScheduleUnit, length: int, count: int, lag: int = 0) -> Service:
    return Service(ACCOUNT, start, unit, length, count, lag, 0, 0, 0)


def stake() -> Stake:
    return Stake(ACCOUNT, 1, 0, 0, 2 * DAY, 30 * DAY, DAY, ZERO_BYTES32)


FORMATION = Formation(ZERO_BYTES32, 0, ZERO_BYTES32, 2**40 - 1, 0, 0)


def months_later(start: int, months: int) -> int:
    """The reference: the calendar of the standard library, a month at a time on year and month only."""
    moment = datetime.fromtimestamp(start, UTC)
    year, month = moment.year, moment.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return calendar.timegm(moment.replace(year=year, month=month, day=day).timetuple())


def test_boundary__monthly_from_31_january__is_clamped_and_never_chained() -> None:
    monthly = service(seconds("2027-01-31T08:30:00"), ScheduleUnit.MONTHS, 1, 12)

    expected = ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"]
    assert [boundary(monthly, k) for k in range(6)] == [seconds(f"{day}T08:30:00") for day in expected]


def test_boundary__monthly_from_31_january_of_a_leap_year__meets_29_february() -> None:
    monthly = service(seconds("2028-01-31T00:00:00"), ScheduleUnit.MONTHS, 1, 13)

    assert boundary(monthly, 1) == seconds("2028-02-29T00:00:00")
    assert boundary(monthly, 13) == seconds("2029-02-28T00:00:00")


def test_boundary__quarterly__counts_three_months() -> None:
    quarterly = service(seconds("2027-11-30T00:00:00"), ScheduleUnit.MONTHS, 3, 4)

    assert boundary(quarterly, 1) == seconds("2028-02-29T00:00:00")
    assert boundary(quarterly, 2) == seconds("2028-05-30T00:00:00")


def test_boundary__in_seconds__is_a_multiple_of_the_length() -> None:
    short = service(1_800_000_000, ScheduleUnit.SECONDS, 20, 3)

    assert [boundary(short, k) for k in range(4)] == [1_800_000_000 + 20 * k for k in range(4)]


@given(start=st.integers(0, 2**34), months=st.integers(0, 600))
def test_add_months__any_start__equals_the_standard_library(start: int, months: int) -> None:
    assert add_months(start, months) == months_later(start, months)


@given(start=st.integers(0, 2**40), months=st.integers(0, 5_000))
def test_add_months__beyond_year_9999__repeats_every_400_years(start: int, months: int) -> None:
    cycle = 146_097 * DAY

    assert add_months(start + cycle, months) == add_months(start, months) + cycle
    assert add_months(start, months + 4_800) == add_months(start, months) + cycle


@given(days=st.integers(-700_000, 2_900_000))
def test_civil_dates__any_day_of_datetime__agree_both_ways(days: int) -> None:
    moment = datetime(1970, 1, 1) + timedelta(days=days)

    assert date_from_days(days) == (moment.year, moment.month, moment.day)
    assert days_from_date(moment.year, moment.month, moment.day) == days


@given(
    start=st.integers(0, 2**34),
    unit=st.sampled_from(ScheduleUnit),
    length=st.integers(1, 13),
    count=st.integers(1, 200),
    data=st.data(),
)
def test_period_at__any_second__is_the_one_period_that_holds_it(
    start: int, unit: ScheduleUnit, length: int, count: int, data: st.DataObject
) -> None:
    schedule = service(start, unit, length, count)
    period = data.draw(st.integers(0, count - 1))
    second = data.draw(st.integers(period_start(schedule, period), period_end(schedule, period) - 1))

    assert period_at(schedule, second) == period


def test_period_at__outside_the_schedule__is_none() -> None:
    schedule = service(1_000, ScheduleUnit.SECONDS, 10, 3)

    assert period_at(schedule, 999) is None
    assert period_at(schedule, 1_000) == 0
    assert period_at(schedule, 1_009) == 0
    assert period_at(schedule, 1_010) == 1
    assert period_at(schedule, 1_029) == 2
    assert period_at(schedule, 1_030) is None


def test_deadlines__zone_behind_utc__all_wait_for_it() -> None:
    lag = 8 * 3_600
    schedule = service(seconds("2027-01-01T00:00:00"), ScheduleUnit.MONTHS, 1, 12, lag)
    end = seconds("2027-02-01T00:00:00") + lag

    assert period_end(schedule, 0) == end - lag
    assert deadline_end(schedule, 0) == end
    assert report_deadline(schedule, stake(), 0) == end + 2 * DAY
    assert claim_deadline(schedule, stake(), 0) == end + 30 * DAY


def test_last_claim_deadline__of_an_agreement__is_that_of_its_last_period() -> None:
    schedule = service(seconds("2027-01-01T00:00:00"), ScheduleUnit.MONTHS, 1, 12)
    agreement = Agreement(Parties(ACCOUNT, ACCOUNT, ACCOUNT), schedule, stake(), FORMATION, ())

    assert last_claim_deadline(agreement) == seconds("2028-01-31T00:00:00")


def test_last_claim_deadline__of_terms_that_were_cut__is_that_of_the_last_period_kept() -> None:
    """Thirty days after 1 April, and, where nothing is kept, after the start."""
    schedule = service(seconds("2027-01-01T00:00:00"), ScheduleUnit.MONTHS, 1, 12)
    agreement = Agreement(Parties(ACCOUNT, ACCOUNT, ACCOUNT), schedule, stake(), FORMATION, ())

    assert last_claim_deadline(agreement, 3) == seconds("2027-05-01T00:00:00")
    assert last_claim_deadline(agreement, 0) == seconds("2027-01-31T00:00:00")
    assert last_claim_deadline(agreement, 12) == last_claim_deadline(agreement)


@pytest.mark.parametrize("period", [-1, 3])
def test_period_bounds__period_outside_the_schedule__are_refused(period: int) -> None:
    schedule = service(1_000, ScheduleUnit.SECONDS, 10, 3)

    for bound in (period_start, period_end, deadline_end):
        with pytest.raises(ScheduleError, match="from 0 to 2"):
            bound(schedule, period)
