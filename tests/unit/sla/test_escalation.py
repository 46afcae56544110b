"""When escalation steps fall due: the managed-IT table, and what holds and stops do to them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.calendars import ALWAYS, Calendar
from sla.civil import DAY
from sla.clocks import Event, Move, follow
from sla.escalation import (
    BusinessDaysAfterBreach,
    EscalationError,
    OpenSecondsAfterBreach,
    SecondsAfterBreach,
    Share,
    Step,
    When,
    escalations,
)
from sla.targets import Target, allowance
from tests.reference.ticket_clock import seconds_counted, seconds_run
from tests.reference.wall_time import instant, utc

HOUR, MINUTE = 3_600, 60
OFFICE = Calendar("Europe/London", (((9 * HOUR, 17 * HOUR),),) * 5 + ((), ()))
MONDAY = utc("2027-03-08T09:00")


def due(when: When, events: list[Event], calendar: Calendar, target: Target, now: int) -> int | None:
    course = follow(events, now)
    allowed = None if course.started_at is None else allowance(target, calendar, course.started_at)
    (found,) = escalations([Step("somebody", when)], course, calendar, allowed, now)
    assert found.reached is (found.at is not None and found.at <= now)
    return found.at


@pytest.mark.parametrize(
    ("priority", "calendar", "target", "step", "start", "expected"),
    [
        ("P1 response", ALWAYS, Target(seconds=15 * MINUTE),
         Step("account director", OpenSecondsAfterBreach(30 * MINUTE)), "2027-03-06T03:00", "2027-03-06T03:45"),
        ("P1 resolution", ALWAYS, Target(seconds=4 * HOUR),
         Step("account director", OpenSecondsAfterBreach(30 * MINUTE)), "2027-03-06T22:00", "2027-03-07T02:30"),
        ("P2 response", OFFICE, Target(seconds=HOUR), Step("senior engineer", OpenSecondsAfterBreach(2 * HOUR)),
         "2027-03-05T15:30", "2027-03-08T10:30"),
        ("P2 resolution", OFFICE, Target(seconds=8 * HOUR), Step("senior engineer", SecondsAfterBreach(2 * HOUR)),
         "2027-03-05T15:00", "2027-03-08T17:00"),
        ("P3 response", OFFICE, Target(seconds=4 * HOUR), Step("team lead", BusinessDaysAfterBreach()),
         "2027-03-05T16:30", "2027-03-09T09:00"),
        ("P3 resolution", OFFICE, Target(business_days=3), Step("team lead", BusinessDaysAfterBreach()),
         "2027-03-08T14:00", "2027-03-15T09:00"),
    ],
)  # fmt: skip
def test_escalations__the_managed_it_table__falls_due_as_published(
    priority: str, calendar: Calendar, target: Target, step: Step, start: str, expected: str
) -> None:
    """P3's resolution is used up on Thursday as the day closes, exceeded on Friday at 9:00: Monday is the next day."""
    events = [Event(utc(start), Move.START)]

    assert due(step.when, events, calendar, target, utc(start)) == utc(expected), priority


def test_escalations__shares_of_the_target__fall_due_along_the_open_hours() -> None:
    """Four hours from Friday 16:30: two are used up at 10:30 on Monday, three at 11:30, all at 12:30."""
    events = [Event(utc("2027-03-05T16:30"), Move.START)]
    steps = [Step(f"{share} %", Share(share * 10_000)) for share in (100, 50, 75)]
    found = escalations(steps, follow(events, MONDAY + 2 * HOUR), OFFICE, 4 * HOUR, MONDAY + 2 * HOUR)

    assert [(step.step.to, step.at, step.reached) for step in found] == [
        ("100 %", utc("2027-03-08T12:30"), False),
        ("50 %", utc("2027-03-08T10:30"), True),
        ("75 %", utc("2027-03-08T11:30"), False),
    ]


def test_share__of_an_odd_target__is_rounded_up_to_a_whole_second() -> None:
    events = [Event(0, Move.START)]

    assert due(Share(500_000), events, ALWAYS, Target(seconds=901), 0) == 451
    assert due(Share(1), events, ALWAYS, Target(seconds=901), 0) == 1
    assert due(Share(333_333), events, ALWAYS, Target(seconds=3_000_000), 0) == 999_999


def test_escalations__a_hold__moves_what_was_not_reached_and_leaves_what_was() -> None:
    """Half of an hour is reached at 9:30; held from 9:40 to 10:40, the rest comes an hour later."""
    events = [
        Event(MONDAY, Move.START),
        Event(MONDAY + 40 * MINUTE, Move.PAUSE),
        Event(MONDAY + 100 * MINUTE, Move.RESUME),
    ]
    hour = Target(seconds=HOUR)
    whens: list[When] = [
        Share(500_000),
        Share(750_000),
        OpenSecondsAfterBreach(30 * MINUTE),
        SecondsAfterBreach(30 * MINUTE),
    ]
    before, during, after = (
        [due(when, events, OFFICE, hour, MONDAY + minutes * MINUTE) for when in whens]
        for minutes in (35, 60, 110)
    )

    assert [(at - MONDAY) // MINUTE for at in before if at is not None] == [30, 45, 90, 90]
    assert during == [MONDAY + 30 * MINUTE, None, None, None]
    assert [(at - MONDAY) // MINUTE for at in after if at is not None] == [30, 105, 150, 150]


def test_escalations__stopped__leave_what_was_not_reached_undone() -> None:
    events = [Event(MONDAY, Move.START), Event(MONDAY + HOUR + 20 * MINUTE, Move.STOP)]
    hour = Target(seconds=HOUR)

    assert due(Share(1_000_000), events, OFFICE, hour, MONDAY + DAY) == MONDAY + HOUR
    for when in (
        OpenSecondsAfterBreach(30 * MINUTE),
        SecondsAfterBreach(30 * MINUTE),
        BusinessDaysAfterBreach(),
    ):
        assert due(when, events, OFFICE, hour, MONDAY + 9 * DAY) is None
        assert due(when, events, OFFICE, hour, MONDAY + HOUR) is not None


def test_escalations__stopped_at_the_very_end__have_no_breach_to_follow() -> None:
    events = [Event(MONDAY, Move.START), Event(MONDAY + HOUR, Move.STOP)]

    assert due(Share(1_000_000), events, OFFICE, Target(seconds=HOUR), MONDAY + DAY) == MONDAY + HOUR
    assert due(OpenSecondsAfterBreach(1), events, OFFICE, Target(seconds=HOUR), MONDAY + DAY) is None


def test_escalations__seconds_open_or_not__differ_over_a_night() -> None:
    """Breached at 16:30: two hours later it is 18:30, two open hours later it is 10:30 of the next day."""
    events = [Event(MONDAY, Move.START)]
    target = Target(seconds=7 * HOUR + 30 * MINUTE)

    assert (
        due(SecondsAfterBreach(2 * HOUR), events, OFFICE, target, MONDAY) == MONDAY + 9 * HOUR + 30 * MINUTE
    )
    assert (
        due(OpenSecondsAfterBreach(2 * HOUR), events, OFFICE, target, MONDAY)
        == MONDAY + DAY + HOUR + 30 * MINUTE
    )


def test_escalations__held_over_the_next_morning__come_with_the_first_open_second_it_runs() -> None:
    """Breached on Monday at 10:00 and held from 11:00: resumed on Tuesday at 20:00 it is told on Wednesday at 9:00."""
    events = [Event(MONDAY, Move.START), Event(MONDAY + 2 * HOUR, Move.PAUSE)]
    resumed = [*events, Event(MONDAY + DAY + 11 * HOUR, Move.RESUME)]
    early = [*events, Event(MONDAY + 6 * HOUR, Move.RESUME)]
    when, hour = BusinessDaysAfterBreach(), Target(seconds=HOUR)

    assert due(when, events, OFFICE, hour, MONDAY + 3 * HOUR) is None
    assert due(when, resumed, OFFICE, hour, MONDAY + 2 * DAY) == MONDAY + 2 * DAY
    assert due(when, early, OFFICE, hour, MONDAY + 7 * HOUR) == MONDAY + DAY


def test_escalations__next_business_day__skips_weekend_holiday_and_follows_summer_time() -> None:
    """Breached on Thursday 25 March 2027: Good Friday and Easter Monday are holidays, summer time began on Sunday."""
    holidays = frozenset({20_903, 20_906})
    calendar = Calendar("Europe/London", OFFICE.hours, holidays)
    events = [Event(utc("2027-03-25T10:00"), Move.START)]

    assert due(
        BusinessDaysAfterBreach(), events, calendar, Target(seconds=HOUR), utc("2027-03-25T10:00")
    ) == instant("Europe/London", "2027-03-30T09:00")
    assert due(
        BusinessDaysAfterBreach(2), events, calendar, Target(seconds=HOUR), utc("2027-03-25T10:00")
    ) == instant("Europe/London", "2027-03-31T09:00")


def test_escalations__not_started_or_without_a_target__never_come() -> None:
    waiting, running = follow([], 100), follow([Event(0, Move.START)], 100)
    steps = [
        Step("a", Share(1_000_000)),
        Step("b", SecondsAfterBreach(1)),
        Step("c", BusinessDaysAfterBreach()),
    ]

    assert [found.at for found in escalations(steps, waiting, ALWAYS, 50, 100)] == [None] * 3
    assert [found.at for found in escalations(steps, running, ALWAYS, None, 100)] == [None] * 3
    assert [found.reached for found in escalations(steps, running, ALWAYS, 50, 100)] == [True, True, False]


EVENTS = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(Move)), max_size=10).map(
    lambda moves: [
        Event(0, Move.START),
        *(Event(time, move, number) for number, (time, move) in enumerate(moves, 1)),
    ]
)
HOURS = Calendar("UTC", (((0, 20), (30, 45), (60, DAY)),) * 7)


@settings(max_examples=100)
@given(events=EVENTS, now=st.integers(0, 80), allowed=st.integers(1, 40), later=st.integers(1, 40))
def test_escalations__any_events__are_what_second_by_second_gives(
    events: list[Event], now: int, allowed: int, later: int
) -> None:
    known = [event for event in events if event.time <= now]
    counted = seconds_counted(known, HOURS, now + 200)
    run = seconds_run(known, now + 200)[0]
    steps = [
        Step("half", Share(500_000)),
        Step("open", OpenSecondsAfterBreach(later)),
        Step("any", SecondsAfterBreach(later)),
    ]
    half, after, anyhow = escalations(steps, follow(events, now), HOURS, allowed, now)
    breach = counted[allowed] if len(counted) > allowed else None

    assert half.at == (counted[(allowed + 1) // 2 - 1] + 1 if len(counted) >= (allowed + 1) // 2 else None)
    assert after.at == (counted[allowed + later - 1] + 1 if len(counted) >= allowed + later else None)
    if breach is None:
        assert anyhow.at is None
    else:
        assert anyhow.at == next((second for second in run if second >= breach + later), None)


@given(events=EVENTS, times=st.tuples(st.integers(0, 80), st.integers(0, 80)), allowed=st.integers(1, 40))
def test_escalations__once_reached__stay_reached_at_the_same_instant(
    events: list[Event], times: tuple[int, int], allowed: int
) -> None:
    steps = [Step("x", when) for when in (Share(500_000), Share(1_000_000), OpenSecondsAfterBreach(1),
                                          SecondsAfterBreach(7), BusinessDaysAfterBreach())]  # fmt: skip
    before, after = (escalations(steps, follow(events, now), HOURS, allowed, now) for now in sorted(times))

    assert [(one.at, True) for one in before if one.reached] == [
        (other.at, other.reached) for one, other in zip(before, after, strict=True) if one.reached
    ]


@pytest.mark.parametrize(
    "when", [(Share, 0), (OpenSecondsAfterBreach, 0), (SecondsAfterBreach, -1), (BusinessDaysAfterBreach, 0)]
)
def test_step__that_comes_at_no_time__is_refused(when: tuple[type, int]) -> None:
    kind, value = when
    with pytest.raises(EscalationError, match=f"{value} .*give 1 or more"):
        kind(value)
