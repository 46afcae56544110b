"""A ticket's log, and the moves of a clock that it tells.

Entries are taken by time, then ``sequence``, then their text, equal ones once. A value that is missing ('') is the one
before it; a priority or group missing from the first on, the first that comes. An entry from before the clock's start
holds from the start on. So every log has a meaning; what it says twice, or too early, stands among the contradictions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from sla.clock_rules import ClockRules, OnReopening
from sla.clocks import Event, Move, State


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A line of a ticket's log: what holds from ``time`` on, '' for what the line does not say."""

    time: int
    sequence: int
    state: str
    priority: str
    group: str


class Conflict(Enum):
    """Why an entry cannot be as it stands."""

    BEFORE_OPENING = "it is from before the ticket was opened"
    SAME_INSTANT = "another entry of its time and sequence differs"


def filled_in(log: list[Entry]) -> list[Entry]:
    """The log with each missing value replaced by the one before it, or by the first that comes."""
    state = ""
    priority = next((entry.priority for entry in log if entry.priority), "")
    group = next((entry.group for entry in log if entry.group), "")
    filled = []
    for entry in log:
        state, priority, group = entry.state or state, entry.priority or priority, entry.group or group
        filled.append(replace(entry, state=state, priority=priority, group=group))
    return filled


def contradictions(log: list[Entry], opened: int) -> Iterator[tuple[Entry, Conflict]]:
    """The entries that cannot be as they stand, each with why; none is left out of the reading for it."""
    at_instant = Counter((entry.time, entry.sequence) for entry in log)
    for entry in log:
        if entry.time < opened:
            yield entry, Conflict.BEFORE_OPENING
        if at_instant[entry.time, entry.sequence] > 1:
            yield entry, Conflict.SAME_INSTANT


def moves_of(log: Iterable[Entry], start: int, rules: ClockRules) -> tuple[Event, ...]:
    """The clock's events by a log in order and filled in: a start, and moves wherever the state's meaning changes.

    None can contradict another: a log says what is, so the moves are those that lead there.
    """
    events = [Event(start, Move.START)]
    state, stopped = State.RUNNING, False
    for entry in log:
        meaning = rules.meaning(entry.state)
        stopped |= meaning is State.STOPPED
        if stopped and meaning is not State.CANCELLED and rules.reopening is OnReopening.STAYS_STOPPED:
            meaning = State.STOPPED
        for move in _moves_between(state, meaning):
            events.append(Event(max(entry.time, start), move, len(events)))
        state = meaning
    return tuple(events)


def _moves_between(state: State, meaning: State) -> tuple[Move, ...]:
    if state is meaning:
        return ()
    if meaning is State.CANCELLED:
        return (Move.CANCEL,)
    first = () if state in (State.RUNNING, State.PAUSED) else (Move.REOPEN,)
    if meaning is State.STOPPED:
        return (*first, Move.STOP)
    if meaning is State.PAUSED:
        return (*first, Move.PAUSE)
    return first or (Move.RESUME,)
