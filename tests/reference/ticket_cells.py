"""Tickets read once at a cell's start and once at its end, each time from their whole log: slow, and plain to see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from record.terms.measures.tickets import Adherence, BacklogAge, ClockTime, UpdateTime
from sla.calendars import Calendar, open_seconds
from sla.clock_rules import OnReopening
from sla.clocks import State
from sla.targets import Limit, Target
from sla.ticket_log import Entry
from sla.tickets import TicketReading, read_ticket

Cells = Sequence[tuple[int, int]]
"""(start, end), the end cut off where the records end; a cell not begun ends before its start."""
Timed = ClockTime | UpdateTime | BacklogAge


@dataclass(frozen=True)
class Ticket:
    """A ticket and its log."""

    name: str
    opened: int
    entries: tuple[Entry, ...]

    def until(self, now: int) -> list[Entry]:
        """What the log says before an instant."""
        return sorted(entry for entry in self.entries if entry.time < now)


def decisions(tickets: Sequence[Ticket], measure: Adherence, cells: Cells) -> set[tuple[str, int, str]]:
    """(ticket, cell, verdict) of those that stand otherwise at a cell's end than at its start."""
    found = set()
    for ticket in tickets:
        for place, (start, end) in enumerate(cells):
            if start < end:
                before, after = verdict(ticket, measure, start), verdict(ticket, measure, end)
                if after and after != before:
                    found.add((ticket.name, place, after))
    return found


def reading(ticket: Ticket, measure: Adherence, now: int) -> TicketReading:
    return read_ticket(ticket.until(now), ticket.opened, measure.clock.rules, dict(measure.limits), now)


def verdict(ticket: Ticket, measure: Adherence, now: int) -> str:
    """How a ticket stands; '' while it is undecided, is not asked about or is not there yet."""
    log = ticket.until(now)
    if not log:
        return ""
    read = reading(ticket, measure, now)
    priority = read.current.priority
    if measure.priorities and priority not in measure.priorities:
        return ""
    state = _states(log, measure)[-1]
    if state is State.CANCELLED:
        return "excluded"
    if read.breached_at is not None:
        return "bad"
    if state is not State.STOPPED:
        return ""
    return "good" if priority in dict(measure.limits) else "missing"


def seconds(tickets: Sequence[Ticket], measure: Timed, cells: Cells) -> dict[tuple[str, int], int]:
    """By ticket and cell, the seconds that a measure takes its statistic of."""
    found = {}
    for ticket in tickets:
        for place, (start, end) in enumerate(cells):
            log = ticket.until(end)
            if start < end and log:
                values = list(_seconds(ticket, measure, start, end))
                if values:
                    found[ticket.name, place] = max(values)
    return found


def _seconds(ticket: Ticket, measure: Timed, start: int, end: int) -> Iterator[int]:
    log = ticket.until(end)
    priorities, states = _priorities(log), _states(log, measure)
    if isinstance(measure, UpdateTime):
        if log[0].time >= start and _is_asked(priorities[0], measure):
            yield open_seconds(measure.hours, ticket.opened, log[0].time)
        for number, entry in enumerate(log):
            following = log[number + 1].time if number + 1 < len(log) else end
            is_last = number + 1 == len(log)
            is_waiting = states[number] is State.RUNNING and (is_last or following >= start)
            if is_waiting and _is_asked(priorities[number], measure):
                yield open_seconds(measure.hours, entry.time, following)
    elif not _is_asked(priorities[-1], measure):
        return
    elif isinstance(measure, BacklogAge):
        if states[-1] in (State.RUNNING, State.PAUSED):
            yield end - ticket.opened
    elif states[-1] is State.STOPPED:
        had = ticket.until(start)
        was_stopped = bool(had) and _states(had, measure)[-1] is State.STOPPED
        ran = _elapsed(ticket, measure, measure.hours, end)
        if not was_stopped or ran != _elapsed(ticket, measure, measure.hours, start):
            yield ran


def _elapsed(ticket: Ticket, measure: ClockTime, hours: Calendar, now: int) -> int:
    limits: Mapping[str, Limit] = {
        name: Limit(Target(seconds=10**9), hours) for name in ("", *{e.priority for e in ticket.entries})
    }
    read = read_ticket(ticket.until(now), ticket.opened, measure.clock.rules, limits, now)
    return read.current.reading.elapsed


def _is_asked(priority: str, measure: Timed) -> bool:
    return not measure.priorities or priority in measure.priorities


def _priorities(log: Sequence[Entry]) -> list[str]:
    """The priority said last, entry by entry."""
    found = [""]
    for entry in log:
        found.append(entry.priority or found[-1])
    return found[1:]


def _states(log: Sequence[Entry], measure: Adherence | Timed) -> list[State]:
    """What the clock does, entry by entry."""
    rules = measure.clock.rules
    found: list[State] = []
    for entry in log:
        state = rules.meaning(entry.state)
        if rules.reopening is OnReopening.STAYS_STOPPED and State.STOPPED in (state, *found):
            state = State.CANCELLED if state is State.CANCELLED else State.STOPPED
        found.append(state)
    return found
