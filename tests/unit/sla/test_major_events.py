"""Declared major events: whose priority they change, and from when to when."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.calendars import ALWAYS
from sla.classification import Condition
from sla.clock_rules import ClockRules, OnPriority
from sla.major_events import MajorEvent, MajorEventError, event_of, under_major_events
from sla.targets import Limit, Target
from sla.ticket_log import Entry, filled_in
from sla.tickets import read_ticket

STORM = MajorEvent(
    "storm", 100, 50, 200, (Condition("region", values=("north",)),), (("P2", "P1"), ("P3", "storm"))
)
NORTH = {"region": "north"}
RULES = ClockRules(frozenset(), frozenset({"Closed"}), priority=OnPriority.EACH_FOR_ITSELF)
LIMITS = {"P2": Limit(Target(seconds=100), ALWAYS), "P1": Limit(Target(seconds=60), ALWAYS)}


def entry(time: int, state: str = "", priority: str = "", group: str = "") -> Entry:
    return Entry(time, 0, state, priority, group)


def test_under_major_events__a_ticket_that_lasts_longer__has_another_priority_meanwhile() -> None:
    log = [entry(0, "New", "P2", "A"), entry(120, "Active", "P3"), entry(300, "Closed")]

    assert under_major_events(log, NORTH, [STORM], 400) == (
        entry(0, "New", "P2", "A"),
        entry(50, priority="P1"),
        entry(120, "Active", "storm"),
        entry(200, priority="P3"),
        entry(300, "Closed", "P3"),
    )


def test_read_ticket__under_a_major_event__counts_its_time_against_the_other_limit() -> None:
    """50 seconds as P2, 60 allowed as P1 from 50 to 110, breached there."""
    log = under_major_events([entry(0, "New", "P2")], NORTH, [STORM], 250)
    ticket = read_ticket(log, 0, RULES, LIMITS, 250)

    assert ticket.breached_at == 110
    assert [(lap.priority, lap.reading.elapsed) for lap in ticket.laps] == [("P2", 100), ("P1", 150)]


def test_under_major_events__not_declared_yet__changes_nothing() -> None:
    log = [entry(0, "New", "P2")]

    assert filled_in(list(under_major_events(log, NORTH, [STORM], 99)))[-1].priority == "P2"
    assert filled_in(list(under_major_events(log, NORTH, [STORM], 100)))[-1].priority == "P1"


def test_under_major_events__elsewhere_or_another_priority__changes_nothing() -> None:
    for fields, priority in (({"region": "south"}, "P2"), (NORTH, "P1"), ({}, "P3")):
        changed = filled_in(list(under_major_events([entry(0, "New", priority)], fields, [STORM], 400)))
        assert {one.priority for one in changed} == {priority}


def test_under_major_events__before_the_first_priority__leaves_the_log_alone() -> None:
    log = (entry(0, "New"), entry(150, "Active", "P2"), entry(160, "Active", ""))

    assert under_major_events(log, NORTH, [STORM], 170) == (
        log[0],
        entry(150, "Active", "P1"),
        entry(160, "Active", "P1"),
    )
    assert under_major_events(log[:1], NORTH, [STORM], 170) == log[:1]


def test_event_of__two_at_once__is_the_first_given_and_they_are_not_chained() -> None:
    flood = replace(STORM, name="flood", priorities=(("P2", "P3"), ("P1", "P3")))
    lasting = replace(STORM, name="lasting", end=None)

    first = event_of([STORM, flood], NORTH, "P2", 60, 500)
    other = event_of([flood, STORM], NORTH, "P2", 60, 500)
    only = event_of([STORM, flood], NORTH, "P1", 60, 500)
    assert (first, other, only) == (STORM, flood, flood)
    assert event_of([STORM], NORTH, "P2", 200, 500) is None
    assert event_of([STORM], NORTH, "P2", 49, 500) is None
    assert event_of([STORM, lasting], NORTH, "P2", 10**9, 500) == lasting


@given(
    log=st.lists(
        st.builds(Entry, st.integers(0, 60), st.integers(0, 1), st.sampled_from(["", "New"]),
                  st.sampled_from(["", "P1", "P2", "P3"]), st.sampled_from(["", "A"])),
        max_size=6, unique_by=lambda one: (one.time, one.sequence),
    ),
    bounds=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=3),
    now=st.integers(0, 80),
)  # fmt: skip
def test_under_major_events__any_log_second_by_second__has_the_priority_of_the_first_event_that_holds(
    log: list[Entry], bounds: list[tuple[int, int]], now: int
) -> None:
    ways = [(("P1", "X"),), (("P2", "P1"), ("P1", "P3")), (("P3", "P2"),)]
    events = [
        MajorEvent(str(number), 0, start, start + length, (), ways[number])
        for number, (start, length) in enumerate(bounds)
    ]
    changed = under_major_events(log, {}, events, now)

    for second in range(now + 1):
        own = [one.priority for one in sorted(log) if one.time <= second and one.priority]
        found = [one.priority for one in changed if one.time <= second and one.priority]
        expected = own[-1] if own else None
        for number, (start, length) in enumerate(bounds):
            if own and start <= second < start + length and own[-1] in dict(ways[number]):
                expected = dict(ways[number])[own[-1]]
                break
        assert (found[-1] if found else None) == expected
    assert [(one.time, one.state, one.group) for one in changed if one.state or one.group] == [
        (one.time, one.state, one.group)
        for one in sorted(log)
        if (one.state or one.group) and one.time <= now
    ]


def test_major_event__that_never_is_or_is_ambiguous__is_refused() -> None:
    with pytest.raises(MajorEventError, match="'storm' ends at 50 and starts at 50"):
        replace(STORM, end=50)
    with pytest.raises(MajorEventError, match="twice"):
        replace(STORM, priorities=(("P2", "P1"), ("P2", "P3")))


def test_under_major_events__a_ticket_that_is_over__keeps_the_priority_it_had_then() -> None:
    """Resolved before the event and closed within it; resolved within it and closed after it; reopened within it."""
    over = frozenset({"Resolved", "Closed"})
    before = [entry(0, "New", "P2"), entry(40, "Resolved"), entry(120, "Closed")]
    within = [entry(0, "New", "P2"), entry(60, "Resolved"), entry(300, "Closed")]
    again = [entry(0, "New", "P2"), entry(40, "Resolved"), entry(120, "New"), entry(130, "Closed", "P3")]

    assert [one.priority for one in under_major_events(before, NORTH, [STORM], 400, over)] == [
        "P2",
        "P2",
        "P2",
    ]
    assert under_major_events(within, NORTH, [STORM], 400, over) == (
        entry(0, "New", "P2"),
        entry(50, priority="P1"),
        entry(60, "Resolved", "P1"),
        entry(300, "Closed", "P1"),
    )
    assert [one.priority for one in under_major_events(again, NORTH, [STORM], 400, over)] == [
        "P2",
        "P2",
        "P1",
        "storm",
    ]
