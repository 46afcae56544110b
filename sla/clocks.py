"""Clocks of tickets, recomputed from their events and never accumulated.

*Order.* Events are taken by time, then by ``sequence``, the number their source gives them; equal events are one.
Events of the same time and sequence are taken in the order in which they make sense: each time the first that the
clock's state allows, START before RESUME before REOPEN before PAUSE before STOP before CANCEL. A pause and a resumption
at the same instant are thus a hold of no length, whichever came first. Neither the order of arrival nor duplicates
matter.

*Meaning.* ``_NEXT`` says what each move does in each state. What is not in it is impossible (a second start, a
resumption without a pause): it moves nothing and stands among the contradictions. A reopened clock runs on from where
it stopped, and so does one that was cancelled: cancelling is no way to lose time. Events later than ``now`` have not
happened.

*Breach.* A clock is breached when more open seconds have run than its target allows: stopped at the very end, it is in
time, and so it is while the calendar is closed after that, for closed hours never count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby

from sla.calendars import Calendar, instant_after, open_seconds
from sla.targets import Target, allowance


class Move(Enum):
    """What an event does to a clock."""

    START = "start"
    RESUME = "resume"
    REOPEN = "reopen"
    PAUSE = "pause"
    STOP = "stop"
    CANCEL = "cancel"


class State(Enum):
    """What a clock is doing. Of a cancelled one nothing counts, unless it is reopened."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


_RANK = {move: rank for rank, move in enumerate(Move)}

_NEXT: dict[State, dict[Move, State]] = {
    State.WAITING: {Move.START: State.RUNNING, Move.CANCEL: State.CANCELLED},
    State.RUNNING: {Move.PAUSE: State.PAUSED, Move.STOP: State.STOPPED, Move.CANCEL: State.CANCELLED},
    State.PAUSED: {Move.RESUME: State.RUNNING, Move.STOP: State.STOPPED, Move.CANCEL: State.CANCELLED},
    State.STOPPED: {Move.REOPEN: State.RUNNING, Move.CANCEL: State.CANCELLED},
    State.CANCELLED: {Move.REOPEN: State.RUNNING},
}


@dataclass(frozen=True, slots=True)
class Event:
    """One move at a time in seconds UTC. ``sequence`` orders events of one instant where their source numbers them."""

    time: int
    move: Move
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An event that could not be, and the state the clock was in."""

    event: Event
    state: State

    def __str__(self) -> str:
        return f"{self.event.move.value} at {self.event.time} while {self.state.value}"


@dataclass(frozen=True, slots=True)
class Course:
    """How a clock went: the spans it ran (half-open, in order, none empty, none touching the next), and since when it
    runs now, if it does. ``started_at``: when it first ran. ``stopped_at``: since when it is stopped or cancelled, if
    it is."""

    state: State
    spans: tuple[tuple[int, int], ...]
    running_since: int | None
    started_at: int | None
    stopped_at: int | None
    contradictions: tuple[Contradiction, ...]

    def spans_until(self, now: int) -> tuple[tuple[int, int], ...]:
        """The spans it ran before ``now``, the one that still runs among them."""
        if self.running_since is None:
            ran = self.spans
        else:
            ran = (*self.spans, (self.running_since, now))
        return tuple((start, min(end, now)) for start, end in ran if start < min(end, now))


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock as it stands at one instant.

    ``elapsed``: open seconds it ran. ``allowed``: those it may run; None without a target or before it starts.
    ``due``: the instant at which these were or will be used up, if nothing changes; None while it is held or stopped
    before. ``breached_at``: the start of the first open second beyond them, once that has passed; it is ``due``, unless
    the clock was held or the calendar closed just then.
    """

    state: State
    elapsed: int
    allowed: int | None
    due: int | None
    stopped_at: int | None
    breached_at: int | None
    contradictions: tuple[Contradiction, ...]


def follow(events: Iterable[Event], now: int) -> Course:
    """How the clock went until ``now``."""
    walk = _Walk()
    happened = sorted({event for event in events if event.time <= now}, key=_order)
    for _, instant in groupby(happened, key=lambda event: (event.time, event.sequence)):
        walk.take(list(instant))
    return walk.course()


def running_spans(events: Iterable[Event], now: int) -> tuple[tuple[int, int], ...]:
    """The spans the clock ran before ``now``: half-open, in order, none empty, none touching the next."""
    return follow(events, now).spans_until(now)


def read_clock(events: Iterable[Event], calendar: Calendar, target: Target | None, now: int) -> Reading:
    """The clock as it stands at ``now``; without a target it only counts."""
    return read_course(follow(events, now), calendar, target, now)


def reached(events: Iterable[Event], calendar: Calendar, seconds: int, now: int) -> int | None:
    """The instant at which so many open seconds had or will have run, if nothing changes after ``now``."""
    return reaches(follow(events, now), calendar, seconds)


def read_course(course: Course, calendar: Calendar, target: Target | None, now: int) -> Reading:
    """The same, of a course that was followed until ``now``."""
    allowed = due = breached_at = None
    if target is not None and course.started_at is not None:
        allowed = allowance(target, calendar, course.started_at)
        due = reaches(course, calendar, allowed)
        breached_at = exceeds(course, calendar, allowed)
        if breached_at is not None and breached_at >= now:
            breached_at = None
    return Reading(
        course.state,
        elapsed(course, calendar, now),
        allowed,
        due,
        course.stopped_at,
        breached_at,
        course.contradictions,
    )


def elapsed(course: Course, calendar: Calendar, now: int) -> int:
    """Open seconds the clock ran before ``now``; for a later instant, those it will have run if nothing changes."""
    return sum(open_seconds(calendar, start, end) for start, end in course.spans_until(now))


def reaches(course: Course, calendar: Calendar, seconds: int) -> int | None:
    """The instant at which so many open seconds have run, the start for 0; None while it is held or stopped before."""
    if seconds <= 0:
        return course.started_at
    left = seconds
    for start, end in course.spans:
        here = open_seconds(calendar, start, end)
        if left <= here:
            return instant_after(calendar, start, left)
        left -= here
    return None if course.running_since is None else instant_after(calendar, course.running_since, left)


def exceeds(course: Course, calendar: Calendar, seconds: int) -> int | None:
    """The start of the first open second the clock runs beyond so many; None while it is held or stopped before.

    Four hours used up on Friday at 17:00, when the day closes, are exceeded from Monday 9:00 on.
    """
    end_of_second = reaches(course, calendar, seconds + 1)
    return None if end_of_second is None else end_of_second - 1


def _order(event: Event) -> tuple[int, int, int]:
    return event.time, event.sequence, _RANK[event.move]


@dataclass(slots=True)
class _Walk:
    """A course in the making."""

    state: State = State.WAITING
    since: int = 0
    started_at: int | None = None
    stopped_at: int | None = None
    spans: list[tuple[int, int]] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)

    def take(self, instant: list[Event]) -> None:
        """The events of one time and sequence, by rank."""
        left = instant
        while left:
            event = next((event for event in left if event.move in _NEXT[self.state]), None)
            if event is None:
                self.contradictions += [Contradiction(event, self.state) for event in left]
                return
            left.remove(event)
            self._move(event)

    def _move(self, event: Event) -> None:
        if self.state is State.RUNNING:
            self._close(event.time)
        self.state = _NEXT[self.state][event.move]
        self.stopped_at = event.time if self.state in (State.STOPPED, State.CANCELLED) else None
        if self.state is State.RUNNING:
            self.since = event.time
            if self.started_at is None:
                self.started_at = event.time

    def _close(self, time: int) -> None:
        if self.spans and self.spans[-1][1] == self.since:
            self.since = self.spans.pop()[0]
        if self.since < time:
            self.spans.append((self.since, time))

    def course(self) -> Course:
        running_since: int | None = None
        if self.state is State.RUNNING:
            running_since = self.since
            if self.spans and self.spans[-1][1] == self.since:
                running_since = self.spans.pop()[0]
        return Course(
            self.state,
            tuple(self.spans),
            running_since,
            self.started_at,
            self.stopped_at,
            tuple(self.contradictions),
        )
