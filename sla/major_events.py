"""A declared major event: which tickets it touches, which priority each has meanwhile, and from when to when.

It changes a ticket's log and nothing else: within the event the mapped priority holds, after it the ticket's own again.
What such a change does to the clock is for ``ClockRules.priority`` to say, and a limit may be given to a priority that
only major events give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sla.classification import Condition, fitting
from sla.errors import Kind, MakegoodError
from sla.ticket_log import Entry, filled_in


class MajorEventError(MakegoodError):
    """A major event that never is, or gives one priority two."""

    kind = Kind.INPUT


@dataclass(frozen=True, slots=True)
class MajorEvent:
    """``[start, end)`` in seconds UTC, open at the end while it lasts; ``declared`` is when it became known and may be
    later than its start. It touches the tickets whose fields fit the ``scope``, all without one. ``priorities``: (a
    ticket's own, what it is meanwhile); those not named stay."""

    name: str
    declared: int
    start: int
    end: int | None
    scope: tuple[Condition, ...]
    priorities: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise MajorEventError(
                f"the major event {self.name!r} ends at {self.end} and starts at {self.start}",
                "let it end after its start",
            )
        own = [before for before, _ in self.priorities]
        if len(set(own)) < len(own):
            raise MajorEventError(
                f"the major event {self.name!r} changes one of the priorities {', '.join(own)} twice",
                "name each priority once",
            )

    def holds(self, time: int) -> bool:
        """Whether the time lies within it."""
        return self.start <= time and (self.end is None or time < self.end)


def event_of(
    events: Iterable[MajorEvent], fields: Mapping[str, str], priority: str, time: int, now: int
) -> MajorEvent | None:
    """The first event, in the order given, that changes the priority of a ticket with such fields at that time, as far
    as is known at ``now``. ``priority`` is the ticket's own: changes are not chained."""
    for event in events:
        if (
            event.declared <= now
            and event.holds(time)
            and priority in dict(event.priorities)
            and fitting(event.scope, fields) is not None
        ):
            return event
    return None


def under_major_events(
    entries: Iterable[Entry],
    fields: Mapping[str, str],
    events: Sequence[MajorEvent],
    now: int,
    over: frozenset[str] = frozenset(),
) -> tuple[Entry, ...]:
    """The ticket's log until ``now`` with the priorities that the events give it, in order.

    Where an event begins or ends between two entries, one is put in that says only the priority. A ticket is touched
    from its first entry with a priority on: before, there is none to change. In the states that are ``over`` nothing is
    left to hasten: a ticket keeps the priority it came into them with, unless an entry gives it another of its own.
    """
    log = sorted({entry for entry in entries if entry.time <= now})
    first = next((entry.time for entry in log if entry.priority), None)
    if first is None:
        return tuple(log)
    own = filled_in(log)

    def priority(before: Entry, time: int) -> str:
        event = event_of(events, fields, before.priority, time, now)
        return before.priority if event is None else dict(event.priorities)[before.priority]

    changed, turn, earlier = [], 0, None
    for entry, full in zip(log, own, strict=True):
        is_still_over = earlier is not None and {full.state, earlier.state} <= over
        if earlier is None or not is_still_over or full.priority != earlier.priority:
            turn = entry.time
        changed.append(entry if entry.time < first else replace(entry, priority=priority(full, turn)))
        earlier = full
    bounds = {bound for event in events for bound in (event.start, event.end) if bound is not None}
    for bound in bounds - {entry.time for entry in log}:
        if first < bound <= now:
            before = [full for full in own if full.time < bound][-1]
            if before.state in over:
                continue
            changed.append(Entry(bound, 0, "", priority(before, bound), ""))
    return tuple(sorted(changed))
