"""Opening hours, against ``zoneinfo`` asked minute by minute, and by hand where clocks do odd things."""

from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.calendars import (
    ALWAYS,
    Calendar,
    Hours,
    business_day_closing,
    business_day_opening,
    instant_after,
    next_open,
    open_seconds,
    open_spans,
)
from sla.civil import DAY
from sla.zones import CalendarError, local_day
from tests.reference.wall_time import day, instant, is_open, open_steps, utc

HOUR, MINUTE = 3_600, 60
CYCLE = 146_097 * DAY
CLOSED: tuple[tuple[int, int], ...] = ()


def weekdays(*spans: tuple[int, int]) -> Hours:
    return (spans,) * 5 + (CLOSED, CLOSED)


def every_day(*spans: tuple[int, int]) -> Hours:
    return (spans,) * 7


def office(zone: str, *holidays: str) -> Calendar:
    return Calendar(zone, weekdays((9 * HOUR, 17 * HOUR)), frozenset(day(text) for text in holidays))


ODD_TIMES = [
    ("UTC", "2027-01-01T00:00"),
    ("Europe/London", "2027-03-28T01:00"),
    ("Europe/Berlin", "2027-10-31T01:00"),
    ("America/New_York", "2027-11-07T06:00"),
    ("America/St_Johns", "2010-11-07T02:31"),
    ("America/Sao_Paulo", "2018-02-18T02:00"),
    ("Australia/Lord_Howe", "2027-04-03T15:00"),
    ("Australia/Lord_Howe", "2027-10-02T15:30"),
    ("Asia/Kathmandu", "1985-12-31T18:30"),
    ("Asia/Pyongyang", "2015-08-14T15:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("Pacific/Kwajalein", "1993-08-21T12:00"),
    ("Africa/Casablanca", "2027-02-07T02:00"),
    ("Antarctica/Troll", "2027-03-28T01:00"),
    ("Europe/Dublin", "2400-03-26T01:00"),
]  # fmt: skip
"""Instants near which something happens to the clocks of the zone: forward, back, by half an hour, by a day."""


@st.composite
def day_hours(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    bounds = sorted(draw(st.sets(st.sampled_from(range(0, DAY + 1, 30 * MINUTE)), max_size=6)))
    if draw(st.booleans()):
        return ((0, DAY),)
    return tuple((opens, closes) for opens, closes in zip(bounds[::2], bounds[1::2], strict=False))


@st.composite
def odd_calendars(draw: st.DrawFn) -> tuple[Calendar, int]:
    """A calendar, and an instant within three days of what happens to its clocks."""
    zone, text = draw(st.sampled_from(ODD_TIMES))
    hours = draw(st.tuples(*[day_hours()] * 7).filter(any))
    near = day(text[:10])
    holidays = draw(st.frozensets(st.integers(near - 4, near + 4), max_size=3))
    return Calendar(zone, hours, holidays), utc(text) + MINUTE * draw(st.integers(-3 * 1_440, 3 * 1_440))


@settings(max_examples=50)
@given(odd=odd_calendars(), minutes=st.integers(0, 4 * 1_440))
def test_open_spans__near_a_change_of_clocks__are_what_minute_by_minute_gives(
    odd: tuple[Calendar, int], minutes: int
) -> None:
    calendar, start = odd
    end = start + minutes * MINUTE
    steps = open_steps(calendar, start, end, MINUTE)
    spans = list(open_spans(calendar, start, end))

    assert [at for opens, closes in spans for at in range(opens, closes, MINUTE)] == steps
    assert all(closes < opens for (_, closes), (opens, _) in pairwise(spans))
    assert open_seconds(calendar, start, end) == len(steps) * MINUTE


@settings(max_examples=40)
@given(odd=odd_calendars(), minutes=st.integers(1, 3 * 1_440))
def test_instant_after__near_a_change_of_clocks__is_what_minute_by_minute_gives(
    odd: tuple[Calendar, int], minutes: int
) -> None:
    calendar, start = odd
    steps = open_steps(calendar, start, start + 4 * DAY, MINUTE)
    found = instant_after(calendar, start, minutes * MINUTE)

    if minutes <= len(steps):
        assert found == steps[minutes - 1] + MINUTE
    else:
        assert found > start + 4 * DAY


@settings(max_examples=25)
@given(
    place=st.sampled_from([("Africa/Monrovia", "1972-01-07T00:44:30"), ("Europe/Amsterdam", "1937-06-30T22:40:28"),
                           ("Australia/Lord_Howe", "2027-04-03T15:00:00")]),
    before=st.integers(0, 4_000),
    length=st.integers(0, 6_000),
    opens=st.integers(0, DAY - 2),
    data=st.data(),
)  # fmt: skip
def test_open_seconds__offsets_and_hours_of_odd_seconds__are_what_second_by_second_gives(
    place: tuple[str, str], before: int, length: int, opens: int, data: st.DataObject
) -> None:
    zone, text = place
    start = utc(text) - before
    closes = data.draw(st.integers(opens + 1, DAY))
    calendar = Calendar(zone, every_day((opens, closes)))
    steps = open_steps(calendar, start, start + length, 1)

    assert open_seconds(calendar, start, start + length) == len(steps)
    assert [
        at for since, until in open_spans(calendar, start, start + length) for at in range(since, until)
    ] == steps
    if steps:
        nth = data.draw(st.integers(1, len(steps)))
        assert instant_after(calendar, start, nth) == steps[nth - 1] + 1
        assert next_open(calendar, start) == steps[0]


@settings(max_examples=40)
@given(odd=odd_calendars(), lengths=st.lists(st.integers(0, 3 * 366 * DAY), min_size=2, max_size=5))
def test_open_seconds__of_a_span_in_pieces__sum_up(odd: tuple[Calendar, int], lengths: list[int]) -> None:
    calendar, start = odd
    bounds = [start + sum(lengths[:n]) for n in range(len(lengths) + 1)]
    parts = [open_seconds(calendar, since, until) for since, until in pairwise(bounds)]

    assert sum(parts) == open_seconds(calendar, bounds[0], bounds[-1])
    assert sum(parts) == sum(closes - opens for opens, closes in open_spans(calendar, bounds[0], bounds[-1]))


@settings(max_examples=50)
@given(odd=odd_calendars(), seconds=st.integers(1, 500 * DAY))
def test_instant_after__any_open_seconds__is_the_first_at_which_they_have_passed(
    odd: tuple[Calendar, int], seconds: int
) -> None:
    calendar, start = odd
    found = instant_after(calendar, start, seconds)

    assert open_seconds(calendar, start, found) == seconds
    assert open_seconds(calendar, start, found - 1) == seconds - 1
    assert is_open(calendar, found - 1)


@settings(max_examples=30)
@given(odd=odd_calendars(), at=st.integers(utc("2400-01-01"), utc("2700-01-01")), cycles=st.integers(1, 80))
def test_calendar__many_years_ahead__repeats_every_400(
    odd: tuple[Calendar, int], at: int, cycles: int
) -> None:
    calendar, later = Calendar(odd[0].zone, odd[0].hours), cycles * CYCLE
    spans = [(opens + later, closes + later) for opens, closes in open_spans(calendar, at, at + 9 * DAY)]

    assert list(open_spans(calendar, at + later, at + later + 9 * DAY)) == spans
    assert instant_after(calendar, at + later, DAY) == instant_after(calendar, at, DAY) + later


def test_instant_after__four_hours_from_friday_half_past_four__end_on_monday_at_half_past_twelve() -> None:
    """A published calculator prints 11:30: half an hour of Friday is left, three and a half are for Monday."""
    calendar = office("Europe/London")

    friday = instant("Europe/London", "2027-03-05T16:30")
    assert instant_after(calendar, friday, 4 * HOUR) == instant("Europe/London", "2027-03-08T12:30")


def test_instant_after__the_same_over_the_start_of_summer_time__ends_at_the_same_wall_time() -> None:
    friday = utc("2027-03-26T16:30")

    assert instant_after(office("Europe/London"), friday, 4 * HOUR) == utc("2027-03-29T11:30")


def test_instant_after__a_holiday_on_monday__waits_for_tuesday() -> None:
    calendar = office("Europe/London", "2027-03-08")

    assert instant_after(calendar, utc("2027-03-05T16:30"), 4 * HOUR) == utc("2027-03-09T12:30")


def test_instant_after__used_up_when_the_day_closes__is_that_closing_and_not_the_next_opening() -> None:
    calendar = office("UTC")

    assert instant_after(calendar, utc("2027-03-05T16:30"), 30 * MINUTE) == utc("2027-03-05T17:00")
    assert instant_after(calendar, utc("2027-03-05T16:30"), 30 * MINUTE + 1) == utc("2027-03-08T09:00:01")


def test_instant_after__used_up_with_the_last_hours_of_a_year_or_of_summer_time__ends_with_them() -> None:
    """Friday 31 December 2027, and the Friday before clocks go back in London on 31 October."""
    calendar = office("Europe/London")

    assert instant_after(calendar, utc("2027-12-31T09:00"), 8 * HOUR) == utc("2027-12-31T17:00")
    assert instant_after(calendar, utc("2027-10-29T08:00"), 8 * HOUR) == utc("2027-10-29T16:00")


def test_instant_after__nothing__is_the_start_open_or_not() -> None:
    sunday = utc("2027-03-07T03:00")

    assert instant_after(office("UTC"), sunday, 0) == sunday
    assert next_open(office("UTC"), sunday) == utc("2027-03-08T09:00")
    assert next_open(office("UTC"), utc("2027-03-08T09:30")) == utc("2027-03-08T09:30")


def test_open_seconds__round_the_clock_in_berlin__are_23_and_25_hours_on_the_days_of_change() -> None:
    calendar = Calendar("Europe/Berlin", every_day((0, DAY)))
    midnights = [
        instant("Europe/Berlin", text) for text in ("2027-03-28", "2027-03-29", "2027-10-31", "2027-11-01")
    ]

    assert open_seconds(calendar, midnights[0], midnights[1]) == 23 * HOUR
    assert open_seconds(calendar, midnights[2], midnights[3]) == 25 * HOUR
    assert list(open_spans(calendar, midnights[0], midnights[3])) == [(midnights[0], midnights[3])]


def test_open_seconds__the_hour_that_is_skipped_or_repeated__counts_not_at_all_or_twice() -> None:
    calendar = Calendar("Europe/Berlin", every_day((2 * HOUR, 3 * HOUR)))

    assert open_seconds(calendar, utc("2027-03-27T12:00"), utc("2027-03-28T12:00")) == 0
    assert list(open_spans(calendar, utc("2027-10-30T12:00"), utc("2027-10-31T12:00"))) == [
        (utc("2027-10-31T00:00"), utc("2027-10-31T02:00"))
    ]


def test_open_spans__hours_that_end_within_the_repeated_hour__open_twice() -> None:
    calendar = Calendar("Europe/Berlin", every_day((1 * HOUR, 2 * HOUR + 30 * MINUTE)))

    assert list(open_spans(calendar, utc("2027-10-30T20:00"), utc("2027-10-31T20:00"))) == [
        (utc("2027-10-30T23:00"), utc("2027-10-31T00:30")),
        (utc("2027-10-31T01:00"), utc("2027-10-31T01:30")),
    ]


def test_open_seconds__lord_howe__has_days_of_half_an_hour_more_and_less() -> None:
    zone = "Australia/Lord_Howe"
    calendar = Calendar(zone, every_day((0, DAY)))
    half_hour = Calendar(zone, every_day((90 * MINUTE, 120 * MINUTE)))
    autumn = instant(zone, "2027-04-04"), instant(zone, "2027-04-05")
    spring = instant(zone, "2027-10-03"), instant(zone, "2027-10-04")

    assert open_seconds(calendar, *autumn) == 24 * HOUR + 30 * MINUTE
    assert open_seconds(calendar, *spring) == 23 * HOUR + 30 * MINUTE
    assert open_seconds(half_hour, *autumn) == 60 * MINUTE
    assert open_seconds(half_hour, *spring) == 30 * MINUTE


def test_open_spans__kathmandu__open_a_quarter_past_the_hour_of_utc() -> None:
    assert list(open_spans(office("Asia/Kathmandu"), utc("2027-03-05T00:00"), utc("2027-03-06T00:00"))) == [
        (utc("2027-03-05T03:15"), utc("2027-03-05T11:15"))
    ]


def test_calendar__apia_without_30_december_2011__goes_from_thursday_to_saturday() -> None:
    zone = "Pacific/Apia"
    calendar = Calendar(zone, every_day((9 * HOUR, 17 * HOUR)), frozenset({day("2011-12-30")}))
    thursday, saturday = instant(zone, "2011-12-29T17:00"), instant(zone, "2011-12-31T09:00")

    assert saturday - thursday == 16 * HOUR
    assert next_open(calendar, thursday) == saturday
    assert business_day_opening(calendar, thursday - HOUR, 1) == saturday
    assert business_day_opening(office(zone), thursday, 1) == instant(zone, "2012-01-02T09:00")
    assert open_seconds(calendar, instant(zone, "2011-12-28"), instant(zone, "2012-01-01")) == 3 * 8 * HOUR


def test_business_day__midnight_that_is_put_back__is_one_date_in_two_parts() -> None:
    """St John's, 7 November 2010: a minute after midnight (02:31 UTC) clocks went back to 23:01 of the sixth."""
    calendar = Calendar("America/St_Johns", every_day((0, DAY)))
    friday = utc("2010-11-05T15:00")

    assert business_day_opening(calendar, friday, 1) == utc("2010-11-06T02:30")
    assert business_day_closing(calendar, friday, 1) == utc("2010-11-07T03:30")
    assert business_day_opening(calendar, friday, 2) == utc("2010-11-07T02:30")
    assert business_day_closing(calendar, friday, 2) == utc("2010-11-08T03:30")


def test_business_day__from_any_hour_of_a_day__counts_from_the_next() -> None:
    calendar = office("Europe/London", "2027-03-29")
    for text in ("2027-03-25T00:00", "2027-03-25T16:59", "2027-03-25T23:59"):
        start = instant("Europe/London", text)
        assert business_day_opening(calendar, start, 1) == utc("2027-03-26T09:00")
        assert business_day_closing(calendar, start, 2) == utc("2027-03-30T16:00")


def test_business_day__hours_in_two_parts__closes_with_the_last() -> None:
    calendar = Calendar("UTC", weekdays((9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)))

    assert business_day_opening(calendar, utc("2027-03-05T10:00"), 1) == utc("2027-03-08T09:00")
    assert business_day_closing(calendar, utc("2027-03-05T10:00"), 1) == utc("2027-03-08T17:00")


@settings(max_examples=20)
@given(odd=odd_calendars(), days=st.integers(1, 2))
def test_business_day__near_a_change_of_clocks__is_what_minute_by_minute_gives(
    odd: tuple[Calendar, int], days: int
) -> None:
    calendar, start = odd
    steps = open_steps(calendar, start, start + 7 * DAY, MINUTE)
    dates: dict[int, list[int]] = {}
    for at in steps:
        dates.setdefault(local_day(calendar.zone, at), []).append(at)
    later = [found for date, found in sorted(dates.items()) if date > local_day(calendar.zone, start)]

    if len(later) > days:
        assert business_day_opening(calendar, start, days) == later[days - 1][0]
        assert business_day_closing(calendar, start, days) == later[days - 1][-1] + MINUTE


def test_open_seconds__weekends_and_nights__never_count_however_often_they_come() -> None:
    """Two weeks in March and a whole year of 260 working days, 1 January 2027 a Friday."""
    assert open_seconds(office("UTC"), utc("2027-03-01"), utc("2027-03-15")) == 10 * 8 * HOUR
    assert open_seconds(office("Europe/London"), utc("2027-01-01"), utc("2028-01-01")) == 261 * 8 * HOUR
    assert (
        open_seconds(office("UTC", "2027-03-03", "2027-03-06"), utc("2027-03-01"), utc("2027-03-08"))
        == 32 * HOUR
    )


def test_open_seconds__a_shift_past_midnight_with_a_holiday__loses_only_what_lies_on_that_date() -> None:
    hours = every_day((0, 6 * HOUR), (22 * HOUR, DAY))
    calendar = Calendar("UTC", hours, frozenset({day("2027-03-03")}))

    assert list(open_spans(calendar, utc("2027-03-02T12:00"), utc("2027-03-04T12:00"))) == [
        (utc("2027-03-02T22:00"), utc("2027-03-03T00:00")),
        (utc("2027-03-04T00:00"), utc("2027-03-04T06:00")),
    ]


def test_calendar__nothing_between_start_and_end__has_nothing_open() -> None:
    for end in (1_000, 999, -5):
        assert open_seconds(ALWAYS, 1_000, end) == 0
        assert list(open_spans(ALWAYS, 1_000, end)) == []


def test_always__all_on_chain_time__is_open() -> None:
    assert open_seconds(ALWAYS, 2**40 - 2**35, 2**40) == 2**35
    assert instant_after(ALWAYS, 2**40, 86_399) == 2**40 + 86_399
    assert list(open_spans(ALWAYS, -DAY, 400 * DAY)) == [(-DAY, 400 * DAY)]


def test_open_spans__of_ten_years__come_one_by_one() -> None:
    spans = open_spans(office("Europe/London"), utc("2027-03-05"), utc("2037-03-05"))

    assert list(islice(spans, 2)) == [
        (utc("2027-03-05T09:00"), utc("2027-03-05T17:00")),
        (utc("2027-03-08T09:00"), utc("2027-03-08T17:00")),
    ]


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        (((),) * 7, "never open"),
        (every_day((0, DAY))[:6], "for 6 days"),
        (weekdays((9 * HOUR, 9 * HOUR)), "Monday opens at second 32400 and closes at second 32400"),
        (weekdays((0, DAY + 1)), "close by 86400"),
        (weekdays((-1, DAY)), "Monday opens at second -1"),
        (weekdays((0, 10), (10, 20)), "Monday closes at second 10 and opens again at second 10"),
        (weekdays((50, 60), (10, 20)), "order the spans"),
    ],
)
def test_calendar__hours_that_cannot_be_meant__are_refused(hours: Hours, problem: str) -> None:
    with pytest.raises(CalendarError, match=problem):
        Calendar("UTC", hours)


def test_calendar__what_cannot_be_asked__is_refused() -> None:
    with pytest.raises(CalendarError, match="-1 open seconds"):
        instant_after(ALWAYS, 0, -1)
    with pytest.raises(CalendarError, match="0 business days"):
        business_day_closing(ALWAYS, 0, 0)
    with pytest.raises(CalendarError, match="Europe/Atlantis"):
        Calendar("Europe/Atlantis", ALWAYS.hours)
