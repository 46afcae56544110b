"""Tickets from their logs: every policy against a count second by second, and each by one case done by hand."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla.calendars import ALWAYS, Calendar
from sla.civil import DAY
from sla.clock_rules import Begins, ClockRules, ClockRulesError, OnPriority, OnReassignment, OnReopening
from sla.clocks import State
from sla.targets import Limit, Target
from sla.ticket_log import Conflict, Entry
from sla.tickets import read_ticket
from tests.reference.ticket_laps import count
from tests.reference.wall_time import utc

HOUR, MINUTE = 3_600, 60
RULES = ClockRules(frozenset({"Awaiting"}), frozenset({"Resolved", "Closed"}), frozenset({"Cancelled"}))
SECONDS = {"P1": 10, "P2": 20}
BRIEF = {"P1": 3, "P2": 7}
LIMITS = {priority: Limit(Target(seconds=seconds), ALWAYS) for priority, seconds in SECONDS.items()}
OFFICE = Calendar("Europe/London", (((9 * HOUR, 17 * HOUR),),) * 5 + ((), ()))
MANAGED_IT = {
    "P1": Limit(Target(seconds=4 * HOUR), ALWAYS),
    "P2": Limit(Target(seconds=8 * HOUR), OFFICE),
    "P3": Limit(Target(business_days=3), OFFICE),
}
"""The resolution times of a managed-IT schedule: 4 h, 8 h, 3 business days."""


def entry(time: int, state: str = "", priority: str = "", group: str = "", sequence: int = 0) -> Entry:
    return Entry(time, sequence, state, priority, group)


STATES = st.sampled_from(["", "New", "Active", "Awaiting", "Resolved", "Closed", "Cancelled"])
PRIORITIES = st.sampled_from(["", "P1", "P2", "P5"])
GROUPS = st.sampled_from(["", "A", "B"])
ENTRIES = st.lists(st.tuples(st.integers(0, 50), STATES, PRIORITIES, GROUPS), max_size=8).map(
    lambda lines: [
        Entry(time, sequence, state, priority, group)
        for sequence, (time, state, priority, group) in enumerate(lines)
    ]
)
ANY_RULES = st.builds(
    replace,
    st.just(RULES),
    begins=st.sampled_from(Begins),
    priority=st.sampled_from(OnPriority),
    reassignment=st.sampled_from(OnReassignment),
    reopening=st.sampled_from(OnReopening),
)


@settings(max_examples=150)
@given(entries=ENTRIES, opened=st.integers(0, 20), rules=ANY_RULES, now=st.integers(0, 60))
def test_read_ticket__any_log_and_policy__is_what_second_by_second_gives(
    entries: list[Entry], opened: int, rules: ClockRules, now: int
) -> None:
    limits = {priority: Limit(Target(seconds=seconds), ALWAYS) for priority, seconds in BRIEF.items()}
    counts, place, state = count(entries, opened, rules, BRIEF, now)
    ticket = read_ticket(entries, opened, rules, limits, now)
    here = counts.get(place)
    elapsed = here.seconds if here else 0
    limit = BRIEF.get(place[1])

    assert sorted(
        (lap.priority, lap.reading.elapsed) for lap in ticket.laps if lap.reading.elapsed
    ) == sorted((found.priority, found.seconds) for found in counts.values())
    assert (ticket.current.priority, ticket.current.reading.elapsed) == (place[1], elapsed)
    assert ticket.current.reading.state is state
    assert ticket.breached_at == min(
        (found.breached_at for found in counts.values() if found.breached_at is not None), default=None
    )
    assert all(lap.reading.contradictions == () for lap in ticket.laps)
    assert all(start < end for lap in ticket.laps for start, end in lap.course.spans)
    if state is State.RUNNING and limit is not None and elapsed < limit:
        assert ticket.current.reading.due == now + limit - elapsed


@settings(max_examples=60)
@given(
    entries=ENTRIES,
    rules=ANY_RULES,
    now=st.integers(0, 60),
    excluded=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=3),
)
def test_read_ticket__time_that_is_excluded__runs_no_clock(
    entries: list[Entry], rules: ClockRules, now: int, excluded: list[tuple[int, int]]
) -> None:
    """Also time that is yet to come moves what is due."""
    windows = [(start, start + length) for start, length in excluded]
    limits = {priority: Limit(Target(seconds=seconds), ALWAYS) for priority, seconds in BRIEF.items()}
    counts, place, state = count(entries, 5, rules, BRIEF, now, windows)
    ticket = read_ticket(entries, 5, rules, limits, now, windows)
    here, limit = counts.get(place), BRIEF.get(place[1])
    elapsed = here.seconds if here else 0

    assert (ticket.current.reading.elapsed, ticket.current.reading.state) == (elapsed, state)
    assert ticket.breached_at == min(
        (found.breached_at for found in counts.values() if found.breached_at is not None), default=None
    )
    if state is State.RUNNING and limit is not None and elapsed < limit:
        free = [at for at in range(now, 200) if not any(since <= at < until for since, until in windows)]
        assert ticket.current.reading.due == free[limit - elapsed - 1] + 1


@given(
    entries=st.lists(
        st.builds(Entry, st.integers(0, 50), st.integers(0, 2), STATES, PRIORITIES, GROUPS), max_size=8
    ),
    rules=ANY_RULES,
    now=st.integers(0, 60),
    data=st.data(),
)
def test_read_ticket__the_same_log_in_another_order_and_twice__reads_the_same(
    entries: list[Entry], rules: ClockRules, now: int, data: st.DataObject
) -> None:
    again = data.draw(st.permutations(entries))
    future = [entry(now + 1, "Closed", "P1", "C")]

    assert read_ticket([*entries, *again, *future], 5, rules, LIMITS, now) == read_ticket(
        entries, 5, rules, LIMITS, now
    )


def test_read_ticket__priority_raised_from_p3_to_p1__is_due_by_p1_from_the_opening() -> None:
    """Opened on Monday 10:00 as P3, due on Thursday 17:00. Raised at 12:00: four hours from 10:00 are 14:00."""
    opened = utc("2027-03-08T10:00")
    log = [entry(opened, "New", "P3"), entry(opened + 2 * HOUR, "Active", "P1")]

    assert read_ticket(log, opened, RULES, MANAGED_IT, opened + HOUR).current.reading.due == utc(
        "2027-03-11T17:00"
    )
    raised = read_ticket(log, opened, RULES, MANAGED_IT, opened + 3 * HOUR)
    assert (raised.current.priority, raised.current.reading.due) == ("P1", opened + 4 * HOUR)
    assert raised.breached_at is None


def test_read_ticket__priority_lowered_after_a_breach__depends_on_who_decides() -> None:
    """P1 for five hours, then P3: the last priority forgives the fifth hour, each for itself does not."""
    opened = utc("2027-03-08T10:00")
    log = [entry(opened, "New", "P1"), entry(opened + 5 * HOUR, "Active", "P3")]
    each = replace(RULES, priority=OnPriority.EACH_FOR_ITSELF)
    last, own = (read_ticket(log, opened, rules, MANAGED_IT, opened + 6 * HOUR) for rules in (RULES, each))

    assert (last.breached_at, len(last.laps)) == (None, 1)
    assert own.breached_at == opened + 4 * HOUR
    assert [(lap.priority, lap.reading.state, lap.reading.elapsed) for lap in own.laps] == [
        ("P1", State.PAUSED, 5 * HOUR),
        ("P3", State.RUNNING, HOUR),
    ]
    assert own.current.reading.due == utc("2027-03-11T17:00")


def test_read_ticket__priority_that_returns__goes_on_with_its_own_time() -> None:
    each = replace(RULES, priority=OnPriority.EACH_FOR_ITSELF)
    log = [entry(0, "New", "P1"), entry(6, priority="P2"), entry(20, priority="P1")]
    ticket = read_ticket(log, 0, each, LIMITS, 22)

    assert [(lap.priority, lap.reading.elapsed) for lap in ticket.laps] == [("P1", 8), ("P2", 14)]
    assert (ticket.current.priority, ticket.current.reading.due) == ("P1", 24)


def test_read_ticket__priority_that_came_late__counts_from_the_opening_or_from_then() -> None:
    """Opened at 0, classified at 40 minutes: in retrospect 20 minutes are left of an hour, else all of it."""
    hour = {"P2": Limit(Target(seconds=HOUR), ALWAYS)}
    log = [entry(0, "New"), entry(40 * MINUTE, "Active", "P2")]
    from_priority = replace(RULES, begins=Begins.AT_PRIORITY)

    assert read_ticket(log, 0, RULES, hour, 50 * MINUTE).current.reading.due == HOUR
    assert read_ticket(log, 0, from_priority, hour, 50 * MINUTE).current.reading.due == HOUR + 40 * MINUTE
    waiting = read_ticket(log, 0, from_priority, hour, 30 * MINUTE)
    assert (waiting.current.reading.state, waiting.current.reading.due) == (State.WAITING, None)
    assert read_ticket(log, 0, RULES, hour, 30 * MINUTE).current.reading.elapsed == 30 * MINUTE


def test_read_ticket__retroactive_start_over_a_hold__leaves_the_hold_out() -> None:
    log = [entry(10, "Awaiting"), entry(30, "Active"), entry(40, "Active", "P2")]
    ticket = read_ticket(log, 0, RULES, LIMITS, 45)

    assert ticket.current.reading.elapsed == 10 + 15
    assert ticket.breached_at == 40


def test_read_ticket__reassigned__goes_on_or_gives_each_group_the_whole_limit() -> None:
    log = [entry(0, "New", "P1", "A"), entry(12, group="B"), entry(15, group=""), entry(16, group="B")]
    restarts = replace(RULES, reassignment=OnReassignment.RESTARTS)
    on, again = (read_ticket(log, 0, rules, LIMITS, 18) for rules in (RULES, restarts))

    assert (on.current.reading.elapsed, on.current.group, on.breached_at) == (18, "B", 10)
    assert [(lap.group, lap.reading.elapsed, lap.reading.breached_at) for lap in again.laps] == [
        ("A", 12, 10),
        ("B", 6, None),
    ]
    assert (again.current.reading.due, again.breached_at) == (22, 10)


def test_read_ticket__breached_under_two_groups__names_the_first_breach() -> None:
    restarts = replace(RULES, reassignment=OnReassignment.RESTARTS)
    log = [entry(0, "New", "P1", "A"), entry(30, group="B"), entry(60, group="A")]
    ticket = read_ticket(log, 0, restarts, LIMITS, 65)

    assert [lap.reading.breached_at for lap in ticket.laps] == [10, 40, None]
    assert ticket.breached_at == 10


def test_read_ticket__changes_of_one_instant__leave_no_lap_without_time() -> None:
    each = replace(RULES, priority=OnPriority.EACH_FOR_ITSELF)
    log = [
        entry(0, "New", "P1"),
        replace(entry(9, priority="P2"), sequence=1),
        replace(entry(9, priority="P1"), sequence=2),
    ]
    laps = read_ticket(log, 0, each, LIMITS, 9).laps

    assert [(lap.priority, lap.reading.elapsed, lap.current) for lap in laps] == [("P1", 9, True)]


def test_read_ticket__first_assignment__is_no_reassignment() -> None:
    restarts = replace(RULES, reassignment=OnReassignment.RESTARTS)
    log = [entry(0, "New", "P1"), entry(5, group="A")]

    assert [lap.reading.elapsed for lap in read_ticket(log, 0, restarts, LIMITS, 9).laps] == [9]


def test_read_ticket__resolved_closed_and_reopened__stops_once_and_runs_on() -> None:
    log = [entry(0, "New", "P2"), entry(5, "Resolved"), entry(30, "Closed"), entry(40, "Active")]
    closed, reopened = (read_ticket(log, 0, RULES, LIMITS, now) for now in (39, 45))

    assert (closed.current.reading.state, closed.current.reading.stopped_at) == (State.STOPPED, 5)
    assert (reopened.current.reading.elapsed, reopened.current.reading.due) == (10, 55)


def test_read_ticket__first_response_given__stays_given() -> None:
    """The time to respond stops when a ticket leaves "New", and "New" again does not start it anew."""
    respond = ClockRules(frozenset(), frozenset({"Active"}), reopening=OnReopening.STAYS_STOPPED)
    log = [entry(0, "New", "P1"), entry(5, "Active"), entry(9, "New")]
    reading = read_ticket(log, 0, respond, LIMITS, 50).current.reading

    assert (reading.state, reading.elapsed, reading.stopped_at, reading.breached_at) == (
        State.STOPPED,
        5,
        5,
        None,
    )


def test_read_ticket__reopened_into_a_hold__is_held() -> None:
    for stopped in ("Resolved", "Cancelled"):
        log = [entry(0, "New", "P1"), entry(5, stopped), entry(8, "Awaiting")]
        reading = read_ticket(log, 0, RULES, LIMITS, 50).current.reading
        assert (reading.state, reading.elapsed, reading.stopped_at) == (State.PAUSED, 5, None)


def test_read_ticket__lines_from_before_the_opening__hold_from_it_and_are_reported() -> None:
    log = [entry(3, "New", "P1"), entry(6, "Awaiting"), entry(15, "Active")]
    ticket = read_ticket(log, 10, RULES, LIMITS, 20)

    assert ticket.current.reading.elapsed == 5
    assert ticket.contradictions == ((log[0], Conflict.BEFORE_OPENING), (log[1], Conflict.BEFORE_OPENING))


def test_read_ticket__two_lines_of_one_instant_that_differ__are_both_reported() -> None:
    log = [entry(0, "New", "P1"), entry(5, "Awaiting"), entry(5, "Active"), entry(5, "Closed", sequence=1)]
    ticket = read_ticket(log, 0, RULES, LIMITS, 20)

    assert ticket.contradictions == ((log[2], Conflict.SAME_INSTANT), (log[1], Conflict.SAME_INSTANT))
    assert ticket.current.reading.state is State.STOPPED


def test_read_ticket__priority_without_a_limit_or_no_log_at_all__counts_round_the_clock_and_is_never_due() -> (
    None
):
    for log in ([entry(0, "New", "P5")], []):
        reading = read_ticket(log, 0, RULES, MANAGED_IT, DAY).current.reading
        assert (reading.elapsed, reading.allowed, reading.due, reading.breached_at) == (DAY, None, None, None)


def test_clock_rules__a_state_that_does_two_things__is_refused_by_name() -> None:
    with pytest.raises(ClockRulesError, match="'Closed' does two things"):
        ClockRules(frozenset(), frozenset({"Resolved", "Closed"}), frozenset({"Closed"}))
