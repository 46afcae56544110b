"""Which priority a ticket's records give it: their own, or that of the rules; and what major events make of it.

Rules look at texts, and texts repeat: each combination of those they ask about is judged once, in Python, and joined
back. The version is the one in force when the ticket was opened, so new rules leave old tickets alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from metering.engine import (
    Column,
    Engine,
    Table,
    cases,
    coalesce,
    cumulative_window,
    ifelse,
    literal,
    null,
    row_number,
    union,
    window,
)
from metering.indicators.tickets_log import BY_TIME
from record.terms.measures.ticket_clocks import TicketClock
from sla.classification import RuleBook, classify, fitting
from sla.major_events import MajorEvent


def with_priorities(engine: Engine, records: Table, clock: TicketClock) -> Table:
    """The records with the priorities that count; where a major event begins or ends, each ticket that is open then has
    a record more that says so."""
    if clock.book is not None:
        records = _classified(engine, records, clock.book)
    return _under_events(engine, records, clock) if clock.events else records


def _classified(engine: Engine, records: Table, book: RuleBook) -> Table:
    asked = {
        condition.field
        for version in book.versions
        for rule in version.rules
        for condition in rule.conditions
    }
    begun = [ifelse(records.opened >= version.effective_from, 1, 0) for version in book.versions]
    numbered = records.mutate(version=sum(begun[1:], begun[0]).cast("int64"))

    def judge(row: Mapping[str, Any]) -> Mapping[str, str | bool]:
        number = row["version"]
        fields = {name: row[name] for name in asked}
        return {"found": classify(book.versions[number - 1], fields).priority if number else ""}

    judged = _judged(engine, numbered, ["version", *sorted(asked)], ("found",), judge)
    priority = ifelse(judged.found == "", judged.priority, judged.found)
    return judged.mutate(priority=priority).select(records.columns)


def _under_events(engine: Engine, records: Table, clock: TicketClock) -> Table:
    """A ticket that is over keeps the priority it had then, unless an entry gives it another of its own."""
    columns = records.columns
    scopes = {condition.field for event in clock.events for condition in event.scope}
    touches = [f"touches_{number}" for number in range(len(clock.events))]

    def judge(row: Mapping[str, Any]) -> Mapping[str, str | bool]:
        fields = {name: row[name] for name in scopes}
        fits = [fitting(event.scope, fields) is not None for event in clock.events]
        return dict(zip(touches, fits, strict=True))

    if scopes:
        log = _judged(engine, records, sorted(scopes), touches, judge)
    else:
        log = records.mutate(**{name: literal(True) for name in touches})
    over = log.state.isin(sorted(clock.rules.stopping | clock.rules.cancelling) or [""])
    log = log.mutate(over=over, number=row_number().over(_ordered()), until=log.time.lead().over(_ordered()))
    log = _with_own(log)
    same = (
        log.over
        & coalesce(log.over.lag().over(_ordered()), False)
        & (log.own == coalesce(log.own.lag().over(_ordered()), ""))
    )
    log = log.mutate(turn=ifelse(same, null("int64"), log.time))
    log = log.mutate(moment=log.turn.max().over(_so_far()))
    parts = [log.mutate(priority=_changed(log, log.moment, clock.events)).select(columns)]
    for bound in sorted(_bounds(clock.events)):
        last = log.filter((log.time < bound) & (log.until.isnull() | (log.until > bound)))
        last = last.filter(~last.over & (last.own != ""))
        at = literal(bound, "int64")
        entry = last.mutate(time=at, sequence=literal(0, "int64"), priority=_changed(last, at, clock.events))
        parts.append(entry.select(columns))
    return union(*parts)


def _changed(log: Table, time: Column, events: tuple[MajorEvent, ...]) -> Column:
    branches = []
    for number, event in enumerate(events):
        holds = log[f"touches_{number}"] & (time >= _begin(event))
        if event.end is not None:
            holds = holds & (time < event.end)
        branches += [(holds & (log.own == own), literal(meanwhile)) for own, meanwhile in event.priorities]
    return cases(*branches, else_=log.own) if branches else log.own


def _begin(event: MajorEvent) -> int:
    """Nobody can act on what is not declared yet; clocks that are computed anew take it for the whole time then."""
    return max(event.start, event.declared)


def _bounds(events: tuple[MajorEvent, ...]) -> Iterator[int]:
    for event in events:
        if event.end is None or _begin(event) < event.end:
            yield _begin(event)
        if event.end is not None:
            yield event.end


def _with_own(log: Table) -> Table:
    """With ``own``, the priority of the entry, or of the last one that says it; '' if none did."""
    log = log.mutate(named=ifelse(log.priority != "", log.number, null("int64")).max().over(_so_far()))
    return log.mutate(own=log.priority.first().over(window(group_by=["ticket", "named"], order_by=BY_TIME)))


def _judged(
    engine: Engine,
    records: Table,
    fields: list[str],
    names: Sequence[str],
    judge: Callable[[Mapping[str, Any]], Mapping[str, str | bool]],
) -> Table:
    """The records with what is judged of each by its fields."""
    combinations = engine.collect(records.select(*fields).distinct()).to_pylist()
    found = [judge(row) for row in combinations]
    columns = {
        **{name: [row[name] for row in combinations] for name in fields},
        **{name: [row[name] for row in found] for name in names},
    }
    types = {"version": pa.int64(), "found": pa.string()}
    arrays = {
        name: pa.array(values, types.get(name, pa.bool_() if name in names else pa.string()))
        for name, values in columns.items()
    }
    return records.join(engine.from_arrow(pa.table(arrays)), fields)


def _ordered() -> object:
    return window(group_by="ticket", order_by=BY_TIME)


def _so_far() -> object:
    return cumulative_window(group_by="ticket", order_by=BY_TIME)
