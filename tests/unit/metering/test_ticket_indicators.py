"""Indicators of tickets against a reference that reads every ticket's whole log at every cell's start and end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.engine import Engine, Table, open_engine
from record.terms.measures.statistic import Statistic
from record.terms.measures.ticket_clocks import TicketClock
from record.terms.measures.tickets import Adherence, BacklogAge, ClockTime, UpdateTime
from sla.calendars import ALWAYS, Calendar
from sla.clock_rules import Begins, ClockRules, OnPriority, OnReassignment, OnReopening
from sla.targets import Limit, Target
from sla.ticket_log import Entry
from tests.reference.ticket_cells import Ticket, decisions, reading, seconds
from tests.reference.wall_time import day, instant
from tests.unit.metering.asking import question, table, told

HOUR = 3_600
LONDON, NEW_YORK = "Europe/London", "America/New_York"
OFFICE = Calendar(LONDON, (((9 * HOUR, 17 * HOUR),),) * 5 + ((), ()), frozenset({day("2027-03-26")}))
NIGHT = Calendar(NEW_YORK, (((0, 6 * HOUR), (20 * HOUR, 24 * HOUR)),) * 6 + ((),))
"""Of both, clocks go forward within SPRING and back within AUTUMN; the night shift loses and gains an hour of work."""
SPRING, AUTUMN = instant(LONDON, "2027-03-12T15:00"), instant(LONDON, "2027-10-29T15:00")
RULES = ClockRules(frozenset({"held"}), frozenset({"resolved", "closed"}), frozenset({"cancelled"}))
MANAGED = (
    ("P1", Limit(Target(seconds=4 * HOUR), ALWAYS)),
    ("P2", Limit(Target(seconds=8 * HOUR), OFFICE)),
    ("P3", Limit(Target(business_days=3), OFFICE)),
)

any_rules = st.builds(
    replace,
    st.just(RULES),
    begins=st.sampled_from(Begins),
    priority=st.sampled_from(OnPriority),
    reassignment=st.sampled_from(OnReassignment),
    reopening=st.sampled_from(OnReopening),
)
targets = st.one_of(
    st.integers(1, 9 * HOUR).map(lambda seconds: Target(seconds=seconds)),
    st.sampled_from([1, 2, 3]).map(lambda days: Target(business_days=days)),
)
limits = st.lists(
    st.builds(Limit, targets, st.sampled_from([ALWAYS, OFFICE, NIGHT])), min_size=1, max_size=3
).map(lambda found: tuple((f"P{number}", limit) for number, limit in enumerate(found, 1)))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Ticket], list[int], int]:
    """Tickets, the bounds of cells, and when the records end: over seconds, hours, or weeks with a change of clocks."""
    base = draw(st.sampled_from([SPRING, AUTUMN]))
    length = draw(st.sampled_from([40, 6 * HOUR, 5 * 24 * HOUR, 20 * 24 * HOUR]))
    states = st.sampled_from(
        ["new", "active", "active", "held", "resolved", "resolved", "closed", "cancelled"]
    )
    tickets = []
    for number in range(draw(st.integers(6, 14))):
        opened = base + draw(st.integers(0, length))
        lines = draw(
            st.lists(
                st.tuples(
                    st.integers(0, length) | st.integers(0, 3),
                    states,
                    st.sampled_from(["", "P1", "P2", "P3", "P5"]),
                    st.sampled_from(["", "A", "B"]),
                ),
                min_size=1,
                max_size=6,
            )
        )
        entries = (Entry(opened + after, place, *rest) for place, (after, *rest) in enumerate(lines))
        tickets.append(Ticket(f"t{number}", opened, tuple(entries)))
    moments = [entry.time for ticket in tickets for entry in ticket.entries]
    edges = st.integers(base - 10, base + 2 * length) | st.sampled_from(moments)
    bounds = sorted(draw(st.sets(edges, min_size=2, max_size=9)))
    until = draw(st.just(bounds[-1] + 100) | st.integers(bounds[0], bounds[-1]))
    return tickets, bounds, until


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def records(engine: Engine, tickets: Sequence[Ticket], **more: str) -> Table:
    return table(
        engine,
        "tickets",
        [
            {
                "ticket": ticket.name,
                "time": entry.time,
                "sequence": entry.sequence,
                "state": entry.state,
                "priority": entry.priority,
                "group": entry.group,
                "opened": ticket.opened,
                **more,
            }
            for ticket in tickets
            for entry in ticket.entries
        ],
    )


def cells(bounds: Sequence[int], until: int) -> list[tuple[int, int]]:
    return [(start, min(end, until)) for start, end in pairwise(bounds)]


@given(world=worlds(), rules=any_rules, limits=limits, data=st.data())
@settings(max_examples=10, deadline=None)
def test_adherence__any_log_policy_calendar_and_cells__is_what_reading_ticket_by_ticket_gives(
    engine: Engine,
    world: tuple[list[Ticket], list[int], int],
    rules: ClockRules,
    limits: tuple[tuple[str, Limit], ...],
    data: st.DataObject,
) -> None:
    """The verdicts, the cell each falls in, and of each ticket the numbers that explain it."""
    tickets, bounds, until = world
    priorities = data.draw(st.sets(st.sampled_from([name for name, _ in limits])).map(tuple))
    measure = Adherence(TicketClock(rules), limits, priorities)
    rows = told(engine, records(engine, tickets), measure, question(engine, bounds, until=until))

    known = cells(bounds, until)
    assert {(row["ticket"], row["cell"], row["verdict"]) for row in rows} == decisions(
        tickets, measure, known
    )
    for row in rows:
        ticket = next(each for each in tickets if each.name == row["ticket"])
        read = reading(ticket, measure, known[row["cell"]][1])
        laps = [lap for lap in read.laps if lap.reading.breached_at == read.breached_at is not None]
        found = (laps[0] if laps else read.current).reading
        names = ("elapsed", "allowed", "breached_at", "due", "stopped_at")
        assert [row[name] for name in names] == [getattr(found, name) for name in names]


@pytest.mark.parametrize("form", [ClockTime, UpdateTime, BacklogAge])
@given(world=worlds(), data=st.data())
@settings(max_examples=5, deadline=None)
def test_times__any_log_calendar_and_cells__are_what_reading_ticket_by_ticket_gives(
    engine: Engine,
    form: type[ClockTime | UpdateTime | BacklogAge],
    world: tuple[list[Ticket], list[int], int],
    data: st.DataObject,
) -> None:
    tickets, bounds, until = world
    clock = TicketClock(replace(RULES, reopening=data.draw(st.sampled_from(OnReopening))))
    own = {} if form is BacklogAge else {"hours": data.draw(st.sampled_from([ALWAYS, OFFICE, NIGHT]))}
    priorities = data.draw(st.sampled_from([(), ("P1",), ("P2", "P1")]))
    measure: Any = form(clock=clock, statistic=Statistic("mean"), priorities=priorities, **own)
    rows = told(engine, records(engine, tickets), measure, question(engine, bounds, until=until))

    assert {(row["ticket"], row["cell"]): row["seconds"] for row in rows} == seconds(
        tickets, measure, cells(bounds, until)
    )
