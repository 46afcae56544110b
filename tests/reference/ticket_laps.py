"""A ticket that is looked at every second: what its log says then, and against which limit the second counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sla.clock_rules import Begins, ClockRules, OnPriority, OnReassignment, OnReopening
from sla.clocks import State
from sla.ticket_log import Entry


@dataclass
class Count:
    """Seconds that counted against one limit, and the first too many."""

    priority: str
    seconds: int = 0
    breached_at: int | None = None


def filled(log: list[Entry]) -> list[Entry]:
    """Each line with what it does not say taken from the lines before, or else from those after."""
    lines = []
    for number, entry in enumerate(log):
        before = log[: number + 1]
        states = ["", *(one.state for one in before if one.state)]
        priorities = [one.priority for one in before if one.priority] or [
            one.priority for one in log if one.priority
        ][:1]
        groups = [one.group for one in before if one.group] or [one.group for one in log if one.group][:1]
        lines.append(Entry(entry.time, entry.sequence, states[-1], ["", *priorities][-1], ["", *groups][-1]))
    return lines


def count(
    entries: Sequence[Entry],
    opened: int,
    rules: ClockRules,
    limits: Mapping[str, int],
    now: int,
    excluded: Sequence[tuple[int, int]] = (),
) -> tuple[dict[tuple[int, str], Count], tuple[int, str], State]:
    """Round the clock: the counts by (assignment, priority), which of them is now's, and the state.

    No two of the entries may have the same time and sequence. Limits are in seconds.
    """
    log = sorted((one for one in entries if one.time <= now), key=lambda one: (one.time, one.sequence))
    lines = filled(log) or [Entry(0, 0, "", "", "")]
    assignments = [0]
    for number in range(1, len(lines)):
        again = (
            rules.reassignment is OnReassignment.RESTARTS and lines[number].group != lines[number - 1].group
        )
        assignments.append(assignments[-1] + again)

    def number_at(second: int) -> int:
        return max((number for number, line in enumerate(lines) if line.time <= second), default=-1)

    def place(second: int) -> tuple[int, str]:
        number = max(number_at(second), 0)
        if rules.priority is OnPriority.LAST_DECIDES:
            number = max(other for other in range(len(lines)) if assignments[other] == assignments[number])
        return assignments[number], lines[number].priority

    def state(second: int) -> State:
        meanings = [rules.meaning(line.state) for line in lines[: number_at(second) + 1]] or [State.RUNNING]
        if rules.reopening is OnReopening.STAYS_STOPPED and State.STOPPED in meanings:
            return State.CANCELLED if meanings[-1] is State.CANCELLED else State.STOPPED
        return meanings[-1]

    starts = [opened]
    if rules.begins is Begins.AT_PRIORITY:
        starts = [max(one.time, opened) for one in log if one.priority in limits] or [now + 1]
    counts: dict[tuple[int, str], Count] = {}
    for second in range(starts[0], now):
        if any(since <= second < until for since, until in excluded):
            continue
        if state(second) is State.RUNNING:
            here = counts.setdefault(place(second), Count(place(second)[1]))
            here.seconds += 1
            if here.breached_at is None and here.seconds > limits.get(here.priority, 10**9):
                here.breached_at = second
    return counts, place(max(now, starts[0])), State.WAITING if starts[0] > now else state(now)
