"""Clocks from events, against one that is looked at every second, and the published cases."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.calendars import ALWAYS, Calendar
from sla.civil import DAY
from sla.clocks import Contradiction, Event, Move, State, follow, reached, read_clock, running_spans
from sla.targets import Target
from tests.reference.ticket_clock import seconds_counted, seconds_run
from tests.reference.wall_time import utc

HOUR, MINUTE = 3_600, 60
OFFICE = Calendar("Europe/London", (((9 * HOUR, 17 * HOUR),),) * 5 + ((), ()))
FOUR_HOURS = Target(seconds=4 * HOUR)
FRIDAY = utc("2027-03-05T16:30")
MONDAY = utc("2027-03-08T09:00")

SHORT_TIMES = st.integers(0, 60)
MOVES = st.sampled_from(Move)


def ordered_events() -> st.SearchStrategy[list[Event]]:
    """Any moves, each with a sequence of its own; most begin with a start, so that something happens."""
    some = st.lists(st.tuples(SHORT_TIMES, MOVES), max_size=10)
    started = st.tuples(st.integers(0, 10), some).map(lambda pair: [(pair[0], Move.START), *pair[1]])
    return st.one_of(some, started, started).map(
        lambda moves: [Event(time, move, sequence) for sequence, (time, move) in enumerate(moves)]
    )


@st.composite
def calendars_of_seconds(draw: st.DrawFn) -> Calendar:
    """Hours that open and close within the first two minutes of each day, and open for good after those."""
    bounds = sorted(draw(st.sets(st.integers(0, 120), max_size=7)))
    spans = tuple((opens, closes) for opens, closes in zip(bounds[::2], bounds[1::2], strict=False))
    return Calendar("UTC", ((*spans, (130, DAY)),) * 7)


@settings(max_examples=150)
@given(
    events=ordered_events(),
    calendar=calendars_of_seconds(),
    now=st.integers(0, 80),
    allowed=st.integers(1, 90),
)
def test_read_clock__any_events__is_what_second_by_second_gives(
    events: list[Event], calendar: Calendar, now: int, allowed: int
) -> None:
    known = [event for event in events if event.time <= now]
    run, state, impossible = seconds_run(known, now)
    counted = seconds_counted(known, calendar, now)
    forever = seconds_counted(known, calendar, now + 250)
    reading = read_clock(events, calendar, Target(seconds=allowed), now)

    assert [second for start, end in running_spans(events, now) for second in range(start, end)] == run
    assert reading.state is state
    assert sorted(found.event.sequence for found in reading.contradictions) == sorted(
        event.sequence for event in impossible
    )
    assert reading.elapsed == len(counted)
    assert reading.due == (forever[allowed - 1] + 1 if len(forever) >= allowed else None)
    assert reading.breached_at == (counted[allowed] if len(counted) > allowed else None)
    assert (reading.stopped_at is None) is (state not in (State.STOPPED, State.CANCELLED))


@settings(max_examples=100)
@given(
    events=ordered_events(),
    calendar=calendars_of_seconds(),
    now=st.integers(0, 80),
    seconds=st.integers(1, 90),
)
def test_reached__any_events__is_the_end_of_that_second_by_second_counted(
    events: list[Event], calendar: Calendar, now: int, seconds: int
) -> None:
    known = [event for event in events if event.time <= now]
    forever = seconds_counted(known, calendar, now + 250)

    assert reached(events, calendar, seconds, now) == (
        forever[seconds - 1] + 1 if len(forever) >= seconds else None
    )


@given(
    events=st.lists(st.builds(Event, SHORT_TIMES, MOVES, st.integers(0, 1)), max_size=14),
    now=st.integers(0, 80),
    data=st.data(),
)
def test_follow__the_same_events_in_another_order_and_twice__goes_the_same_way(
    events: list[Event], now: int, data: st.DataObject
) -> None:
    again = data.draw(st.permutations(events))
    some = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []

    assert follow([*some, *again], now) == follow(events, now)


@given(
    events=st.lists(st.builds(Event, SHORT_TIMES, MOVES, st.integers(0, 1)), max_size=14),
    now=st.integers(0, 80),
)
def test_follow__any_events__uses_or_reports_each_and_keeps_its_spans_apart(
    events: list[Event], now: int
) -> None:
    course = follow(events, now)

    for spans in (course.spans, course.spans_until(now), course.spans_until(now // 2)):
        assert all(start < end for start, end in spans)
        assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert {found.event for found in course.contradictions} <= {
        event for event in events if event.time <= now
    }
    assert follow([event for event in events if event.time <= now], now) == course


@given(
    events=ordered_events(), calendar=calendars_of_seconds(), now=st.integers(0, 80), first=st.integers(0, 80)
)
def test_read_clock__looked_at_earlier_and_now__finds_the_same_past(
    events: list[Event], calendar: Calendar, now: int, first: int
) -> None:
    """A breach once found stays, at the same instant, and the elapsed time never falls."""
    before, after = sorted((first, now))
    early = read_clock(events, calendar, Target(seconds=5), before)
    late = read_clock(events, calendar, Target(seconds=5), after)

    assert early.elapsed <= late.elapsed <= early.elapsed + after - before
    if early.breached_at is not None:
        assert late.breached_at == early.breached_at


def test_read_clock__response_in_four_hours_from_friday_half_past_four__is_due_on_monday_at_half_past_twelve() -> (
    None
):
    reading = read_clock([Event(FRIDAY, Move.START)], OFFICE, FOUR_HOURS, utc("2027-03-07T12:00"))

    assert reading.due == utc("2027-03-08T12:30")
    assert reading.elapsed == 30 * MINUTE
    assert reading.breached_at is None


def test_read_clock__a_hold_of_two_hours__moves_the_due_time_and_not_the_start() -> None:
    """Held from 10:00 to 12:00 on Monday: half an hour of Friday, one of Monday morning, two and a half after noon."""
    events = [
        Event(FRIDAY, Move.START),
        Event(MONDAY + HOUR, Move.PAUSE),
        Event(MONDAY + 3 * HOUR, Move.RESUME),
    ]

    assert read_clock(events, OFFICE, FOUR_HOURS, utc("2027-03-09")).due == utc("2027-03-08T14:30")


def test_read_clock__a_hold_over_a_night__does_not_count_the_closed_hours_twice() -> None:
    """Without a hold it would be due on Tuesday 10:00. From Monday 16:00 to Tuesday 10:00 it is held for two open
    hours, one a day, and not for eighteen."""
    events = [
        Event(utc("2027-03-08T14:00"), Move.START),
        Event(utc("2027-03-08T16:00"), Move.PAUSE),
        Event(utc("2027-03-09T10:00"), Move.RESUME),
    ]
    reading = read_clock(events, OFFICE, FOUR_HOURS, utc("2027-03-09T11:00"))

    assert reading.elapsed == 3 * HOUR
    assert reading.due == utc("2027-03-09T12:00")


def test_read_clock__a_hold_of_six_months__is_six_months() -> None:
    events = [
        Event(utc("2027-01-04T09:00"), Move.START),
        Event(utc("2027-01-04T10:00"), Move.PAUSE),
        Event(utc("2027-07-05T10:00"), Move.RESUME),
    ]
    held = read_clock(events, OFFICE, FOUR_HOURS, utc("2027-07-01"))
    after = read_clock(events, OFFICE, FOUR_HOURS, utc("2027-07-06"))

    assert (held.state, held.elapsed, held.due, held.breached_at) == (State.PAUSED, HOUR, None, None)
    # Ten in UTC is eleven in London then, and three hours are left.
    assert after.due == utc("2027-07-05T13:00")


def test_read_clock__reopened__resumes_where_it_stopped() -> None:
    events = [
        Event(MONDAY, Move.START),
        Event(MONDAY + 3 * HOUR, Move.STOP),
        Event(MONDAY + DAY, Move.REOPEN),
    ]
    stopped = read_clock(events, OFFICE, FOUR_HOURS, MONDAY + 5 * HOUR)
    again = read_clock(events, OFFICE, FOUR_HOURS, MONDAY + DAY + 2 * HOUR)

    assert (stopped.state, stopped.elapsed, stopped.due) == (State.STOPPED, 3 * HOUR, None)
    assert stopped.stopped_at == MONDAY + 3 * HOUR
    assert (again.state, again.stopped_at, again.elapsed) == (State.RUNNING, None, 5 * HOUR)
    assert again.due == again.breached_at == MONDAY + DAY + HOUR


def test_read_clock__stopped_at_the_very_end__is_in_time_and_a_second_later_is_not() -> None:
    for late in (0, 1):
        events = [Event(MONDAY, Move.START), Event(MONDAY + 4 * HOUR + late, Move.STOP)]
        reading = read_clock(events, OFFICE, FOUR_HOURS, MONDAY + DAY)
        assert reading.due == MONDAY + 4 * HOUR
        assert reading.breached_at == (MONDAY + 4 * HOUR if late else None)


def test_read_clock__used_up_when_the_day_closes__is_breached_with_the_next_open_second() -> None:
    """From Friday 13:00 four hours end with the day. All weekend it may still be stopped in time."""
    start = Event(utc("2027-03-05T13:00"), Move.START)
    sunday = read_clock([start], OFFICE, FOUR_HOURS, utc("2027-03-07"))
    at_opening = read_clock([start], OFFICE, FOUR_HOURS, MONDAY)
    after = read_clock([start], OFFICE, FOUR_HOURS, MONDAY + 1)
    stopped = read_clock([start, Event(utc("2027-03-07"), Move.STOP)], OFFICE, FOUR_HOURS, MONDAY + DAY)

    assert sunday.due == utc("2027-03-05T17:00")
    assert (sunday.breached_at, at_opening.breached_at, stopped.breached_at) == (None, None, None)
    assert after.breached_at == MONDAY


def test_read_clock__business_days_and_a_hold__end_later_by_the_open_time_held() -> None:
    """Due on Thursday 17:00; a hold from Tuesday 12:00 to Wednesday 12:00 is eight open hours: Friday 17:00."""
    events = [
        Event(MONDAY + 5 * HOUR, Move.START),
        Event(MONDAY + DAY + 3 * HOUR, Move.PAUSE),
        Event(MONDAY + 2 * DAY + 3 * HOUR, Move.RESUME),
    ]
    target = Target(business_days=3)

    assert read_clock(events, OFFICE, target, MONDAY + 6 * HOUR).due == utc("2027-03-11T17:00")
    assert read_clock(events, OFFICE, target, MONDAY + 3 * DAY).due == utc("2027-03-12T17:00")


def test_read_clock__before_it_starts_or_without_target__only_waits_or_counts() -> None:
    nothing = read_clock([], OFFICE, FOUR_HOURS, MONDAY)
    later = read_clock([Event(MONDAY, Move.START)], OFFICE, FOUR_HOURS, MONDAY - 1)
    counting = read_clock([Event(MONDAY, Move.START)], OFFICE, None, MONDAY + DAY)

    for reading in (nothing, later):
        assert (reading.state, reading.elapsed, reading.allowed, reading.due) == (
            State.WAITING,
            0,
            None,
            None,
        )
    assert (counting.elapsed, counting.allowed, counting.due, counting.breached_at) == (
        8 * HOUR,
        None,
        None,
        None,
    )


def test_reached__nothing__is_when_it_first_ran() -> None:
    events = [Event(100, Move.START), Event(100, Move.PAUSE)]

    assert reached(events, ALWAYS, 0, 500) == 100
    assert reached(events, ALWAYS, 1, 500) is None
    assert reached([Event(100, Move.PAUSE)], ALWAYS, 0, 500) is None


def test_read_clock__cancelled__says_so_and_runs_on_when_it_is_reopened() -> None:
    cancelled = [Event(0, Move.START), Event(100, Move.CANCEL)]
    reopened = [*cancelled, Event(1_000, Move.REOPEN)]
    reading = read_clock(cancelled, ALWAYS, Target(seconds=500), 9_000)

    assert (reading.state, reading.elapsed, reading.due, reading.stopped_at) == (
        State.CANCELLED,
        100,
        None,
        100,
    )
    assert read_clock(reopened, ALWAYS, Target(seconds=500), 1_100).due == 1_400


def test_read_clock__breached_and_then_cancelled__keeps_the_breach_beside_the_state() -> None:
    reading = read_clock([Event(0, Move.START), Event(100, Move.CANCEL)], ALWAYS, Target(seconds=50), 200)

    assert (reading.state, reading.breached_at) == (State.CANCELLED, 50)


START, RESUME, REOPEN, PAUSE, STOP, CANCEL = Move


@pytest.mark.parametrize(
    ("before", "at_once", "state"),
    [
        ([START], {PAUSE, RESUME}, State.RUNNING),
        ([START, PAUSE], {PAUSE, RESUME}, State.PAUSED),
        ([START], {STOP, REOPEN}, State.RUNNING),
        ([START, STOP], {STOP, REOPEN}, State.STOPPED),
        ([], {START, PAUSE}, State.PAUSED),
        ([], {START, STOP}, State.STOPPED),
        ([], {START, CANCEL}, State.CANCELLED),
        ([START, PAUSE], {RESUME, STOP}, State.STOPPED),
        ([START], {PAUSE, STOP, REOPEN}, State.RUNNING),
        ([START], {CANCEL, REOPEN}, State.RUNNING),
        ([], {START, RESUME, PAUSE}, State.RUNNING),
    ],
)
def test_follow__events_of_one_instant__are_taken_as_they_make_sense(
    before: list[Move], at_once: set[Move], state: State
) -> None:
    events = [Event(number, move) for number, move in enumerate(before)]
    course = follow([*events, *(Event(50, move) for move in at_once)], 60)

    assert course.contradictions == ()
    assert course.state is state


def test_follow__events_of_one_instant_with_a_sequence__are_taken_by_it() -> None:
    """A resumption, said to come before the pause, is impossible; the pause holds."""
    course = follow([Event(0, START), Event(50, PAUSE, 2), Event(50, RESUME, 1)], 60)

    assert course.state is State.PAUSED
    assert course.contradictions == (Contradiction(Event(50, RESUME, 1), State.RUNNING),)


POSSIBLE = {
    (State.WAITING, START), (State.WAITING, CANCEL), (State.RUNNING, PAUSE), (State.RUNNING, STOP),
    (State.RUNNING, CANCEL), (State.PAUSED, RESUME), (State.PAUSED, STOP), (State.PAUSED, CANCEL),
    (State.STOPPED, REOPEN), (State.STOPPED, CANCEL), (State.CANCELLED, REOPEN),
}  # fmt: skip
WAYS_TO = {
    State.WAITING: [], State.RUNNING: [START], State.PAUSED: [START, PAUSE], State.STOPPED: [START, STOP],
    State.CANCELLED: [CANCEL],
}  # fmt: skip


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", State)
def test_follow__what_cannot_be__moves_nothing_and_is_reported_with_the_state(
    state: State, move: Move
) -> None:
    way = [Event(number, step) for number, step in enumerate(WAYS_TO[state])]
    before, after = follow(way, 100), follow([*way, Event(50, move)], 100)

    assert before.state is state
    if (state, move) in POSSIBLE:
        assert after.contradictions == ()
        assert after.state is not state
    else:
        assert after.contradictions == (Contradiction(Event(50, move), state),)
        assert str(after.contradictions[0]) == f"{move.value} at 50 while {state.value}"
        assert (after.state, after.spans_until(100)) == (state, before.spans_until(100))


def test_read_clock__a_second_start_and_a_resumption_without_pause__change_no_number() -> None:
    clean = [Event(0, START), Event(100, PAUSE), Event(200, RESUME)]
    odd = [*clean, Event(50, START), Event(60, RESUME), Event(150, PAUSE), Event(10**9, STOP)]
    plain, reading = (read_clock(events, ALWAYS, Target(seconds=500), 900) for events in (clean, odd))

    assert [str(found) for found in reading.contradictions] == [
        "start at 50 while running",
        "resume at 60 while running",
        "pause at 150 while paused",
    ]
    assert (reading.elapsed, reading.due, reading.breached_at) == (
        plain.elapsed,
        plain.due,
        plain.breached_at,
    )


def test_running_spans__a_hold_of_no_length__is_not_seen() -> None:
    events = [Event(0, START), Event(10, PAUSE), Event(10, RESUME), Event(20, PAUSE), Event(20, STOP)]

    assert running_spans(events, 30) == ((0, 20),)
    assert running_spans(events[:3], 30) == ((0, 30),)
    assert running_spans(events, 10) == ((0, 10),)
    assert running_spans(events, 0) == ()
    assert follow([*events, Event(25, REOPEN)], 30).spans_until(22) == ((0, 20),)
