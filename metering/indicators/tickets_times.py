"""How long tickets' clocks ran, how long they waited for an entry, how old those are that are open: a value a ticket
and cell."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from metering.attained import Question
from metering.engine import Column, Engine, Table, coalesce, ifelse, least, literal, range_of, union, window
from metering.excluding import GROUP
from metering.indicators.clock_calendar import ClockCalendar
from metering.indicators.tickets_laps import Limits, at_slot_ends, calendar_of, clocked, row_by_row
from metering.indicators.tickets_log import PAUSED, RUNNING, STOPPED, Seen, rows_of
from metering.indicators.tickets_slots import Slots
from record.terms.measures.tickets import BacklogAge, ClockTime, UpdateTime
from sla.calendars import Calendar
from sla.targets import Limit, Target

_ANY = Target(seconds=1)
"""These measures have no limits; a priority is numbered by having one."""


def clock_times(
    engine: Engine,
    records: Table,
    measure: ClockTime,
    question: Question,
    slots: Slots,
    seen: Seen,
    keep: Sequence[str],
) -> Table:
    """(ticket, ``keep``, cell, value): the open seconds of tickets that came to a stop in a cell."""
    limits = _limits(measure.priorities, measure.hours)
    calendar = calendar_of(engine, limits, seen, slots.end, question.excluded)
    rows = clocked(records, measure.clock.rules, limits, calendar, seen, slots.end, keep)
    ends = at_slot_ends(rows, limits, calendar, slots, keep)
    in_order = window(group_by="ticket", order_by="slot")
    ends = ends.mutate(
        stood=coalesce(ends.doing.lag().over(in_order), RUNNING),
        had=coalesce(ends.before_0.lag().over(in_order), -1),
    )
    stopped = (ends.doing == STOPPED) & ((ends.stood != STOPPED) | (ends.had != ends.before_0))
    found = ends.filter(stopped & _asked(ends, measure.priorities)).mutate(value=ends.before_0)
    return _of_cells(found, slots, keep)


def update_times(
    engine: Engine,
    records: Table,
    measure: UpdateTime,
    question: Question,
    slots: Slots,
    seen: Seen,
    keep: Sequence[str],
) -> Table:
    """(ticket, ``keep``, cell, value): the longest wait of each running ticket, in open seconds. A wait that ends after
    a cell counts in it as long as it is by its end."""
    limits = _limits(measure.priorities, measure.hours)
    calendar = calendar_of(engine, limits, seen, slots.end, question.excluded)
    rows = clocked(records, measure.clock.rules, limits, calendar, seen, slots.end, keep)
    rows = row_by_row(rows, measure.clock.rules, limits, calendar)
    asked = rows.filter(_asked(rows, measure.priorities))
    first = asked.filter(asked.row == 0)
    first = first.mutate(slot=slots.of(first.time), value=first.prelude_0)
    waits = asked.filter(asked.doing == RUNNING)
    waits = waits.mutate(slot=_through(waits, slots, include_last=True).unnest())
    waits = waits.join(_ends(engine, calendar, slots), ["slot", *([GROUP] if GROUP in rows.columns else [])])
    waits = waits.mutate(value=least(waits.run_0, waits.worked_by_end - waits.worked_0))
    columns = [*_named(keep), "slot", "value"]
    both = union(first.select(*columns), waits.select(*columns))
    # A ticket whose dimensions change within a cell counts by each of them.
    longest = both.group_by([name for name in columns if name != "value"]).agg(value=both.value.max())
    return _of_cells(longest, slots, keep)


def backlog_ages(records: Table, measure: BacklogAge, slots: Slots, seen: Seen, keep: Sequence[str]) -> Table:
    """(ticket, ``keep``, cell, value): the seconds since the opening of those open at a cell's end."""
    known = records.filter(records.time < slots.end)
    rows = rows_of(known, measure.clock.rules, measure.priorities, seen, keep)
    rows = rows.filter(slots.ends(rows.time, rows.until) & _asked(rows, measure.priorities))
    rows = rows.filter(rows.doing.isin([RUNNING, PAUSED]))
    rows = rows.mutate(slot=_through(rows, slots, include_last=False).unnest())
    found = rows.join(slots.cells(), "slot")
    return found.mutate(value=found.slot_end - found.opened).select(*_named(keep), "cell", "value")


def _through(rows: Table, slots: Slots, *, include_last: bool) -> Column:
    """The slots from a row's own to that of the next one, with that or without; to the last where there is none."""
    following = slots.of(rows.until) + (1 if include_last else 0)
    return range_of(slots.of(rows.time), ifelse(rows.until.isnull(), len(slots.bounds), following), 1)


def _ends(engine: Engine, calendar: ClockCalendar, slots: Slots) -> Table:
    """(slot, exclusion_group, worked_by_end): the open seconds before the end of each slot."""
    found = [
        (slot, group, worked)
        for slot, bound in enumerate(slots.bounds)
        for group, worked in calendar.worked(0, bound).items()
    ]
    names = ("slot", GROUP, "worked_by_end")
    columns = {name: pa.array([row[at] for row in found], pa.int64()) for at, name in enumerate(names)}
    return engine.from_arrow(pa.table(columns))


def _of_cells(found: Table, slots: Slots, keep: Sequence[str]) -> Table:
    return found.join(slots.cells(), "slot").select(*_named(keep), "cell", "value")


def _named(keep: Sequence[str]) -> list[str]:
    return ["ticket", *(name for name in keep if name != "ticket")]


def _limits(priorities: Sequence[str], hours: Calendar) -> Limits:
    return Limits(tuple((priority, Limit(_ANY, hours)) for priority in priorities or ("",)))


def _asked(rows: Table, priorities: Sequence[str]) -> Column:
    """Whether the measure is about tickets of the row's priority."""
    if not priorities:
        return literal(True)
    return (rows.said > 0) & (rows.said <= len(priorities))
