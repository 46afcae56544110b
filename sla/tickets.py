"""A ticket's clock, from its log, its rules and the limits of its priorities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sla.calendars import ALWAYS
from sla.clock_rules import Begins, ClockRules
from sla.clocks import Course, Reading, follow, read_course
from sla.laps import Cut, cuts_of, outside, part_of
from sla.targets import Limit
from sla.ticket_log import Conflict, Entry, contradictions, filled_in, moves_of


@dataclass(frozen=True, slots=True)
class Lap:
    """The time that counts against one limit, and whether it counts now. ``group`` is the last that had it. While the
    ticket's clock runs for another lap, this one is paused. Without a limit the reading counts round the clock."""

    priority: str
    group: str
    current: bool
    course: Course
    reading: Reading


@dataclass(frozen=True, slots=True)
class TicketReading:
    """``laps`` in the order they began, ``current`` the one of now. ``breached_at``: the first breach of any lap."""

    laps: tuple[Lap, ...]
    current: Lap
    breached_at: int | None
    contradictions: tuple[tuple[Entry, Conflict], ...]


def read_ticket(
    entries: Iterable[Entry],
    opened: int,
    rules: ClockRules,
    limits: Mapping[str, Limit],
    now: int,
    excluded: Sequence[tuple[int, int]] = (),
) -> TicketReading:
    """The ticket's clock as it stands at ``now``, by the log until then and the limits of its priorities.

    A priority without a limit has no due time. Without a start there is one lap, and its clock waits. In ``excluded``
    spans no clock runs; what business days allow is not shortened by them.
    """
    log = sorted({entry for entry in entries if entry.time <= now})
    start = _start(log, opened, rules, limits)
    complete = filled_in(log)
    course = follow(() if start is None else moves_of(complete, start, rules), now)
    laps = [
        _lap(priority, cut, course, limits.get(priority), now, excluded)
        for (_, priority), cut in cuts_of(complete, opened if start is None else start, rules).items()
    ]
    breaches = [lap.reading.breached_at for lap in laps if lap.reading.breached_at is not None]
    return TicketReading(
        tuple(laps),
        next(lap for lap in laps if lap.current),
        min(breaches, default=None),
        tuple(contradictions(log, opened)),
    )


def _start(log: list[Entry], opened: int, rules: ClockRules, limits: Mapping[str, Limit]) -> int | None:
    if rules.begins is Begins.AT_OPENING:
        return opened
    return next((max(entry.time, opened) for entry in log if entry.priority in limits), None)


def _lap(
    priority: str,
    cut: Cut,
    course: Course,
    limit: Limit | None,
    now: int,
    excluded: Sequence[tuple[int, int]],
) -> Lap:
    part = outside(part_of(course, cut.windows), excluded)
    if limit is None:
        reading = read_course(part, ALWAYS, None, now)
    else:
        reading = read_course(part, limit.calendar, limit.target, now)
    return Lap(priority, cut.group, cut.windows[-1][1] is None, part, reading)
