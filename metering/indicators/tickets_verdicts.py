"""Which tickets met their limits: a verdict counts in the cell in which it becomes so.

A ticket's verdict changes when an entry comes and when its clock runs beyond its limit, at no other time. So its last
row in each slot says how it stands at the slot's end, and in which later slot it breaches if no entry comes before; a
cell counts it if it stood otherwise before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from metering.attained import Question
from metering.engine import Column, Engine, Table, cases, coalesce, ifelse, literal, range_of, window
from metering.indicators.clock_calendar import ClockCalendar
from metering.indicators.tickets_laps import (
    Limits,
    at_slot_ends,
    calendar_of,
    clocked,
    is_one_lap,
    limited,
    row_by_row,
)
from metering.indicators.tickets_log import CANCELLED, STOPPED, Seen
from metering.indicators.tickets_slots import Slots, place
from record.terms.measures.tickets import Adherence

UNDECIDED, GOOD, BAD, EXCLUDED, MISSING = range(5)
VERDICTS = ("", "good", "bad", "excluded", "missing")
"""A verdict's name, by its number."""


def decided(
    engine: Engine,
    records: Table,
    measure: Adherence,
    question: Question,
    slots: Slots,
    seen: Seen,
    keep: Sequence[str],
) -> Table:
    """(ticket, ``keep``, cell, slot_end, verdict) of the tickets that became decided in a cell."""
    rules, limits = measure.clock.rules, Limits(measure.limits)
    calendar = calendar_of(engine, limits, seen, slots.end, question.excluded)
    rows = clocked(records, rules, limits, calendar, seen, slots.end, keep)
    if is_one_lap(rules):
        rows = at_slot_ends(rows, limits, calendar, slots, keep)
    else:
        rows = row_by_row(rows, rules, limits, calendar)
    rows = limited(rows, rules, limits)
    rows = rows.mutate(verdict=_verdict(rows, measure))

    own = ["ticket", *(name for name in keep if name != "ticket")]
    rows = rows.filter(slots.ends(rows.time, rows.until))
    breaks = rows.crosses & (rows.said > 0) & (rows.verdict == UNDECIDED) & _asked(rows, measure)
    rows = rows.mutate(
        slot=slots.of(rows.time),
        next_slot=ifelse(rows.until.isnull(), slots.beyond, slots.of(rows.until)),
        breach=ifelse(breaks, _breach_slot(rows, limits, calendar, slots), slots.beyond),
    )
    # Of two rows of a ticket, the earlier one's breach counts until the later one's slot, which tells for itself.
    rows = rows.mutate(
        at_end=ifelse(rows.breach == rows.slot, BAD, rows.verdict),
        finally_=ifelse(rows.breach < rows.next_slot, BAD, rows.verdict),
    )
    in_order = window(group_by="ticket", order_by="slot")
    rows = rows.mutate(earlier=coalesce(rows.finally_.lag().over(in_order), UNDECIDED))
    turns = (rows.at_end != UNDECIDED) & (rows.at_end != rows.earlier)
    breaks_later = (rows.breach > rows.slot) & (rows.breach < rows.next_slot)
    # A row may decide its own slot, a later one, both or neither.
    rows = rows.mutate(which=range_of(ifelse(turns, 0, 1), ifelse(breaks_later, 2, 1), 1).unnest())
    turned = rows.mutate(
        slot=ifelse(rows.which == 0, rows.slot, rows.breach),
        verdict=ifelse(rows.which == 0, rows.at_end, BAD).cast("int64"),
    )
    return turned.join(slots.cells(), "slot").select(*own, "cell", "slot_end", "verdict")


def _breach_slot(rows: Table, limits: Limits, calendar: ClockCalendar, slots: Slots) -> Column:
    """The slot in which a clock runs its first second beyond what is allowed: after as many bounds as have no more open
    seconds before them. That second is not looked for."""
    target = rows.worked + rows.allowed - rows.before
    found = [
        (rows.calendar == k, calendar.by_group(rows, partial(_between, target, calendar, k, slots)))
        for k in range(len(limits.calendars))
    ]
    return found[0][1] if len(found) == 1 else cases(*found, else_=slots.beyond)


def _between(target: Column, calendar: ClockCalendar, k: int, slots: Slots, group: int) -> Column:
    return place(target, [calendar.worked(k, bound)[group] for bound in slots.bounds])


def _verdict(rows: Table, measure: Adherence) -> Column:
    """How the ticket stands when the row's entry comes."""
    return cases(
        (~_asked(rows, measure), UNDECIDED),
        (rows.disputed, MISSING),
        (rows.doing == CANCELLED, EXCLUDED),
        ((rows.said > 0) & (rows.over | rows.past), BAD),
        (rows.doing != STOPPED, UNDECIDED),
        (rows.is_limited & (rows.said > 0), GOOD),
        else_=MISSING,
    ).cast("int64")


def _asked(rows: Table, measure: Adherence) -> Column:
    """Whether the measure is about tickets of the row's priority."""
    if not measure.priorities:
        return literal(True)
    names = [priority for priority, _ in measure.limits]
    return rows.said.isin([names.index(priority) + 1 for priority in measure.priorities])
