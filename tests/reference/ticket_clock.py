"""A clock that is looked at every second, in plain steps."""

from __future__ import annotations

from collections.abc import Sequence

from sla.calendars import Calendar
from sla.clocks import Event, Move, State
from tests.reference.wall_time import is_open


def seconds_run(events: Sequence[Event], end: int) -> tuple[list[int], State, list[Event]]:
    """The seconds of ``[0, end)`` during which the clock runs, the state at ``end``, and what could not be.

    No two of the events may have the same time and sequence: then their order is plain.
    """
    state, run, impossible = State.WAITING, [], []
    for second in range(end + 1):
        for event in sorted(events, key=lambda event: event.sequence):
            if event.time != second:
                continue
            move = event.move
            if move is Move.START and state is State.WAITING:
                state = State.RUNNING
            elif move is Move.PAUSE and state is State.RUNNING:
                state = State.PAUSED
            elif move is Move.RESUME and state is State.PAUSED:
                state = State.RUNNING
            elif move is Move.STOP and state in (State.RUNNING, State.PAUSED):
                state = State.STOPPED
            elif move is Move.REOPEN and state in (State.STOPPED, State.CANCELLED):
                state = State.RUNNING
            elif move is Move.CANCEL and state is not State.CANCELLED:
                state = State.CANCELLED
            else:
                impossible.append(event)
        if state is State.RUNNING and second < end:
            run.append(second)
    return run, state, impossible


def seconds_counted(events: Sequence[Event], calendar: Calendar, end: int) -> list[int]:
    """Those of them that are open too."""
    return [second for second in seconds_run(events, end)[0] if is_open(calendar, second)]
