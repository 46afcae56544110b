"""A ticket's time cut into laps, each with a limit of its own: one in all, or one a priority, one an assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sla.clock_rules import ClockRules, OnPriority, OnReassignment
from sla.clocks import Course, State
from sla.span_sets import without
from sla.ticket_log import Entry

Window = tuple[int, int | None]


@dataclass(slots=True)
class Cut:
    """Where a lap's time lies: windows in order, none touching the next; the one without an end is now's."""

    group: str
    windows: list[Window]

    def add(self, group: str, start: int, end: int | None) -> None:
        """A window after all others."""
        if self.windows and self.windows[-1][1] == start:
            start = self.windows.pop()[0]
        self.windows.append((start, end))
        self.group = group


def cuts_of(log: list[Entry], start: int, rules: ClockRules) -> dict[tuple[int, str], Cut]:
    """The laps by (how many reassignments came before, priority)."""
    stint, first = 0, log[0] if log else Entry(start, 0, "", "", "")
    turns = [(start, stint, first)]
    for before, entry in pairwise(log):
        if entry.group != before.group and rules.reassignment is OnReassignment.RESTARTS:
            stint += 1
        turns.append((max(entry.time, start), stint, entry))
    last = {stint: entry.priority for _, stint, entry in turns}
    ends = [begins for begins, _, _ in turns[1:]]
    cuts: dict[tuple[int, str], Cut] = {}
    for (begins, stint, entry), end in zip(turns, [*ends, None], strict=True):
        priority = entry.priority if rules.priority is OnPriority.EACH_FOR_ITSELF else last[stint]
        if end is None or begins < end:
            cuts.setdefault((stint, priority), Cut("", [])).add(entry.group, begins, end)
    return cuts


def part_of(course: Course, windows: list[Window]) -> Course:
    """The course as far as it lies in the windows."""
    current = windows[-1][1] is None
    spans: list[tuple[int, int]] = []
    running_since: int | None = None
    for begins, ends in windows:
        for since, until in course.spans:
            since, until = max(since, begins), until if ends is None else min(until, ends)
            if since < until:
                spans.append((since, until))
        if course.running_since is not None:
            since = max(course.running_since, begins)
            if ends is None:
                running_since = since
            elif since < ends:
                spans.append((since, ends))
    state = State.PAUSED if course.state is State.RUNNING and not current else course.state
    started_at = None if course.started_at is None else max(course.started_at, windows[0][0])
    return Course(state, tuple(spans), running_since, started_at, course.stopped_at, course.contradictions)


def outside(course: Course, excluded: Sequence[tuple[int, int]]) -> Course:
    """The course without the time in which no clock runs: as if it had been held then, and will be."""
    running = list(course.spans)
    running_since = course.running_since
    if running_since is not None:
        last = max((end for _, end in excluded), default=running_since)
        if running_since < last:
            running.append((running_since, last))
            running_since = last
    return replace(course, spans=without(running, excluded), running_since=running_since)
