"""The tickets behind an adherence, each as the plain rules read it: what an engine counted, told again one by one.

The verdicts come from the engine, the rest from ``sla.tickets``. Where the two do not agree, nothing is explained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from metering.attained import Question
from metering.engine import Engine, Table
from metering.excluding import GROUP
from metering.indicators.tickets_verdicts import BAD, EXCLUDED, GOOD, MISSING, UNDECIDED, VERDICTS
from record.landing.kinds import DIMENSIONS
from record.readable import utc
from record.terms.measures.tickets import Adherence
from sla.calendars import ALWAYS
from sla.classification import Classification, classify
from sla.clock_rules import ClockRules, OnReopening
from sla.clocks import State
from sla.errors import MeasurementError
from sla.escalation import escalations
from sla.ticket_log import Entry
from sla.tickets import Lap, TicketReading, read_ticket

_NUMBERS = (
    "cell",
    "opened",
    "elapsed",
    "allowed",
    "due",
    "breached_at",
    "stopped_at",
    "excluded_seconds",
)
_TEXTS = (
    "verdict",
    "excluded_by",
    "ticket",
    "priority",
    "group",
    "rule",
    "rules_version",
    "escalation",
    *DIMENSIONS,
)
COLUMNS = (
    "cell",
    "verdict",
    "excluded_by",
    "ticket",
    "priority",
    "group",
    "rule",
    "rules_version",
    *_NUMBERS[1:],
    "escalation",
    *DIMENSIONS,
)
"""Seconds, and times in seconds UTC. ``elapsed`` of ``allowed`` open seconds; of a breached ticket they, and all else,
are of the lap that was breached first. ``rule``: that gave it its priority; "" without one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A ticket that became decided in a cell, as an engine has it."""

    ticket: str
    cell: int
    end: int
    verdict: int
    dimensions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Log:
    """All records of a ticket: with the priorities that count, and as they landed."""

    counting: Sequence[Mapping[str, Any]]
    landed: Sequence[Mapping[str, Any]]


def explained_table(
    engine: Engine,
    decisions: Sequence[Decision],
    logs: Mapping[str, Log],
    measure: Adherence,
    question: Question,
) -> Table:
    """A row a decision. MeasurementError where the plain rules do not come to the engine's verdict."""
    excluded = question.excluded
    rows = [dict(_row(each, logs[each.ticket], measure, excluded)) for each in decisions]
    return engine.from_arrow(
        pa.table(
            {
                name: pa.array([row[name] for row in rows], pa.string() if name in _TEXTS else pa.int64())
                for name in COLUMNS
            }
        )
    )


def _row(
    decision: Decision, log: Log, measure: Adherence, excluded: Mapping[int, Sequence[tuple[int, int]]]
) -> Iterator[tuple[str, str | int | None]]:
    rules, limits, now = measure.clock.rules, dict(measure.limits), decision.end
    known = [row for row in log.counting if row["time"] < now]
    windows = [
        (start, min(end, now)) for start, end in excluded.get(known[0].get(GROUP, 0), ()) if start < now
    ]
    entries = [_entry(row) for row in known]
    opened = min(row["opened"] for row in known)
    reading = read_ticket(entries, opened, rules, limits, now, windows)
    verdict = _verdict(reading, entries, measure, len({row["opened"] for row in known}) > 1)
    if verdict != decision.verdict:
        raise MeasurementError(
            f"ticket {decision.ticket[:40]!r} was counted as {VERDICTS[decision.verdict] or 'undecided'} and reads as "
            f"{VERDICTS[verdict] or 'undecided'}",
            "report this: the numbers are not to be relied on",
        )
    lap = _shown(reading)
    limit = limits.get(lap.priority)
    yield "cell", decision.cell
    yield "verdict", VERDICTS[verdict]
    yield "excluded_by", "cancelled" if verdict == EXCLUDED else ""
    yield "ticket", decision.ticket
    yield "priority", lap.priority
    yield "group", lap.group
    fired = _fired([row for row in log.landed if row["time"] < now][-1], measure)
    yield "rule", fired.rule or "" if fired else ""
    yield "rules_version", fired.version if fired else ""
    yield "opened", opened
    yield "elapsed", lap.reading.elapsed
    yield "allowed", lap.reading.allowed
    yield "due", lap.reading.due
    yield "breached_at", lap.reading.breached_at
    yield "stopped_at", lap.reading.stopped_at
    yield "excluded_seconds", sum(max(0, min(end, now) - max(start, opened)) for start, end in windows)
    steps = dict(measure.steps).get(lap.priority, ())
    calendar = limit.calendar if limit is not None else ALWAYS
    found = escalations(steps, lap.course, calendar, lap.reading.allowed, now)
    yield (
        "escalation",
        "; ".join(
            f"{each.step.to}: {'not due' if each.at is None else utc(each.at)}{', reached' if each.reached else ''}"
            for each in found
        ),
    )
    yield from decision.dimensions.items()


def _verdict(reading: TicketReading, entries: Sequence[Entry], measure: Adherence, is_disputed: bool) -> int:
    """How a ticket stands by its plain reading."""
    current = reading.current
    if measure.priorities and current.priority not in measure.priorities:
        return UNDECIDED
    last = _state(entries, measure.clock.rules)
    if is_disputed:
        return MISSING
    if last is State.CANCELLED:
        return EXCLUDED
    if reading.breached_at is not None:
        return BAD
    if last is not State.STOPPED:
        return UNDECIDED
    return GOOD if current.priority in dict(measure.limits) else MISSING


def _state(entries: Sequence[Entry], rules: ClockRules) -> State:
    """What the last entry means; of a clock that never began as well, which a reading calls waiting."""
    meanings = [rules.meaning(entry.state) for entry in sorted(entries)]
    for_good = rules.reopening is OnReopening.STAYS_STOPPED and State.STOPPED in meanings
    return State.STOPPED if for_good and meanings[-1] is not State.CANCELLED else meanings[-1]


def _shown(reading: TicketReading) -> Lap:
    """The lap that decides: the first that was breached, else the one of now."""
    return next(
        (
            lap
            for lap in reading.laps
            if reading.breached_at is not None and lap.reading.breached_at == reading.breached_at
        ),
        reading.current,
    )


def _fired(row: Mapping[str, Any], measure: Adherence) -> Classification | None:
    if measure.clock.book is None:
        return None
    version = measure.clock.book.in_force(row["opened"])
    return classify(version, row) if version is not None else None


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(row["time"], row["sequence"], row["state"], row["priority"], row["group"])
