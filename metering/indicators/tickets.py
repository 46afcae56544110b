"""Indicators of tickets: how many met their limits, how long their clocks ran, how old what is open has grown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import Engine, Table, ifelse, literal, window
from metering.excluding import GROUP
from metering.indicators.statistic import summed, taken
from metering.indicators.tickets_explained import Decision, Log, explained_table
from metering.indicators.tickets_log import BY_TIME, NOTHING, Seen, look_over
from metering.indicators.tickets_priorities import with_priorities
from metering.indicators.tickets_slots import Slots
from metering.indicators.tickets_times import backlog_ages, clock_times, update_times
from metering.indicators.tickets_verdicts import BAD, EXCLUDED, GOOD, MISSING, decided
from record.landing.kinds import DIMENSIONS
from record.terms.measures.ticket_clocks import TicketClock
from record.terms.measures.tickets import Adherence, BacklogAge, ClockTime, UpdateTime

Timed: TypeAlias = ClockTime | UpdateTime | BacklogAge
"""The measures that take a statistic of seconds."""


def adherence(engine: Engine, records: Table, measure: Adherence, question: Question) -> list[Attained]:
    """Tickets that met their limit, per tickets decided. Cancelled ones are excluded."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        return ratio(
            question.cells[index],
            dimension,
            row["numerator"],
            row["denominator"],
            excluded=row["excluded"],
            missing=row["missing"],
            counts="tickets",
            minimum_known_ppm=question.minimum_known_ppm,
        )

    return answers(engine, verdicts(engine, records, measure, question), question, finish)


def verdicts(engine: Engine, records: Table, measure: Adherence, question: Question) -> Table:
    """By cell: ``numerator`` of ``denominator`` tickets met their limit; ``excluded``, ``missing`` tickets."""
    found = tickets_decided(engine, records, measure, question, question.dimensions)
    return found.group_by(["cell", *question.dimensions]).agg(
        numerator=ifelse(found.verdict == GOOD, 1, 0).sum(),
        denominator=ifelse(found.verdict.isin([GOOD, BAD]), 1, 0).sum(),
        excluded=ifelse(found.verdict == EXCLUDED, 1, 0).sum(),
        missing=ifelse(found.verdict == MISSING, 1, 0).sum(),
    )


def clock_time(engine: Engine, records: Table, measure: ClockTime, question: Question) -> list[Attained]:
    """The statistic of the open seconds of tickets that stopped, a mean rounded up; unknown without any."""
    return _statistic(engine, records, measure, question)


def update_time(engine: Engine, records: Table, measure: UpdateTime, question: Question) -> list[Attained]:
    """The statistic of the longest waits of tickets, a mean rounded up; unknown without any."""
    return _statistic(engine, records, measure, question)


def backlog_age(engine: Engine, records: Table, measure: BacklogAge, question: Question) -> list[Attained]:
    """The statistic of the ages of open tickets, a mean rounded up; 0 without any, once there was a ticket."""
    seen = look_over(engine, records)
    first = seen.first_time if seen is not None else question.until

    def empty(index: int) -> int | None:
        cell = question.cells[index]
        return 0 if first < min(cell.end, question.until) and cell.start < question.until else None

    return _statistic(engine, records, measure, question, empty)


def _statistic(
    engine: Engine,
    records: Table,
    measure: Timed,
    question: Question,
    empty: Callable[[int], int | None] = lambda _: None,
) -> list[Attained]:
    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        value = taken(row, measure.statistic, 1, round_up=True) if row["number"] else empty(index)
        return Attained(question.cells[index], dimension, value, row["value"], row["number"], 0, 0, "tickets")

    values = timed(engine, records, measure, question, question.dimensions)
    return answers(engine, summed(values, measure.statistic, question.dimensions), question, finish)


def timed(engine: Engine, records: Table, measure: Timed, question: Question, keep: Sequence[str]) -> Table:
    """(ticket, ``keep``, cell, value): the seconds that a measure without limits takes its statistic of."""
    records, seen = _known(engine, records, measure.clock, question)
    slots = Slots(engine, question)
    if isinstance(measure, ClockTime):
        return clock_times(engine, records, measure, question, slots, seen, keep)
    if isinstance(measure, UpdateTime):
        return update_times(engine, records, measure, question, slots, seen, keep)
    return backlog_ages(records, measure, slots, seen, keep)


def tickets_decided(
    engine: Engine, records: Table, measure: Adherence, question: Question, keep: Sequence[str]
) -> Table:
    """(ticket, ``keep``, cell, slot_end, verdict), one a ticket and cell in which it became decided."""
    records, seen = _known(engine, records, measure.clock, question)
    return decided(engine, records, measure, question, Slots(engine, question), seen, keep)


def _known(engine: Engine, records: Table, clock: TicketClock, question: Question) -> tuple[Table, Seen]:
    """The records with the priorities that count and their groups of exclusions, one a ticket."""
    records = with_priorities(engine, records, clock)
    if any(question.excluded.values()):
        grouped = question.grouped(records)
        # A ticket whose dimensions change is in the group of its first entry.
        first = grouped[GROUP].first().over(window(group_by="ticket", order_by=BY_TIME))
        records = grouped.mutate(**{GROUP: first})
    return records, look_over(engine, records) or NOTHING


def explained(engine: Engine, records: Table, measure: Adherence | Timed, question: Question) -> Table:
    """A row a ticket and cell that counts it: how it stood at the cell's end, and why; of a measure of seconds, its
    ``seconds``."""
    if not isinstance(measure, Adherence):
        values = timed(engine, records, measure, question, DIMENSIONS)
        own = {"verdict": literal("good"), "seconds": values.value}
        return values.mutate(**own).select("cell", "verdict", "ticket", "seconds", *DIMENSIONS)
    counting, seen = _known(engine, records, measure.clock, question)
    found = decided(engine, counting, measure, question, Slots(engine, question), seen, DIMENSIONS)
    rows = engine.collect(found).to_pylist()
    decisions = [
        Decision(
            row["ticket"],
            row["cell"],
            row["slot_end"],
            row["verdict"],
            {name: row[name] for name in DIMENSIONS},
        )
        for row in rows
    ]
    shown = engine.from_arrow(
        pa.table({"ticket": pa.array(sorted({each.ticket for each in decisions}), pa.string())})
    )
    believed = _by_ticket(engine, counting, shown)
    # What the rules looked at differs from what counts only where there are rules.
    landed = believed if measure.clock.book is None else _by_ticket(engine, records, shown)
    logs = {ticket: Log(believed[ticket], landed[ticket]) for ticket in believed}
    return explained_table(engine, decisions, logs, measure, question)


def _by_ticket(engine: Engine, records: Table, tickets: Table) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    rows = engine.collect(records.join(tickets, "ticket")).to_pylist()
    for row in sorted(rows, key=lambda row: (row["ticket"], row["time"], row["sequence"])):
        found.setdefault(row["ticket"], []).append(row)
    return found
