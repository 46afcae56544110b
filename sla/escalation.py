"""Who is told when: due times of escalation steps, a pure function of the clock.

Nothing falls due while the clock is held, and nothing any more once it is stopped: a hold moves all that was not
reached before it. What was reached stays reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sla.calendars import Calendar, business_day_opening
from sla.clocks import Course, elapsed, exceeds, reaches
from sla.errors import Kind, MakegoodError

PPM = 1_000_000


class EscalationError(MakegoodError):
    """A step that comes at no time."""

    kind = Kind.INPUT


@dataclass(frozen=True, slots=True)
class Share:
    """When so much of the allowed time has run: 500 000 ppm is half of it, rounded up to a whole second; 1 000 000 ppm
    is the end of it, at which a clock may still be stopped in time."""

    ppm: int

    def __post_init__(self) -> None:
        if self.ppm < 1:
            raise EscalationError(f"a share of {self.ppm} ppm is none", "give 1 or more, 1 000 000 for all")


@dataclass(frozen=True, slots=True)
class OpenSecondsAfterBreach:
    """When the clock has run so many open seconds beyond what is allowed."""

    seconds: int

    def __post_init__(self) -> None:
        _require_later(self.seconds)


@dataclass(frozen=True, slots=True)
class SecondsAfterBreach:
    """When so many seconds have passed since the breach, open or not."""

    seconds: int

    def __post_init__(self) -> None:
        _require_later(self.seconds)


@dataclass(frozen=True, slots=True)
class BusinessDaysAfterBreach:
    """When the so-many-th business day after the breach opens, 1 being the next."""

    days: int = 1

    def __post_init__(self) -> None:
        if self.days < 1:
            raise EscalationError(
                f"{self.days} business days after a breach is not after it", "give 1 or more"
            )


When = Share | OpenSecondsAfterBreach | SecondsAfterBreach | BusinessDaysAfterBreach


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to tell, and when."""

    to: str
    when: When


@dataclass(frozen=True, slots=True)
class Escalation:
    """``at``: the instant the step was or will be reached, if nothing changes; None while the clock is held or stopped
    before. ``reached``: whether it was, by then."""

    step: Step
    at: int | None
    reached: bool


def escalations(
    steps: Iterable[Step], course: Course, calendar: Calendar, allowed: int | None, now: int
) -> tuple[Escalation, ...]:
    """The steps in the order given, as they stand at ``now``. ``course`` is the clock followed until then, ``allowed``
    the open seconds its target allows, as a ``Reading`` has them; without, no step comes."""
    found = []
    for step in steps:
        at = None if allowed is None else _due(step.when, course, calendar, allowed)
        found.append(Escalation(step, at, at is not None and at <= now))
    return tuple(found)


def _due(when: When, course: Course, calendar: Calendar, allowed: int) -> int | None:
    if isinstance(when, Share):
        return reaches(course, calendar, -(-allowed * when.ppm // PPM))
    breach = exceeds(course, calendar, allowed)
    if breach is None:
        return None
    if isinstance(when, OpenSecondsAfterBreach):
        return reaches(course, calendar, allowed + when.seconds)
    if isinstance(when, SecondsAfterBreach):
        return _running_from(course, breach + when.seconds)
    return _ticking_from(course, calendar, business_day_opening(calendar, breach, when.days))


def _running_from(course: Course, instant: int) -> int | None:
    """The first instant from then on at which the clock runs, its calendar open or not."""
    for start, end in course.spans:
        if instant < end:
            return max(instant, start)
    return None if course.running_since is None else max(instant, course.running_since)


def _ticking_from(course: Course, calendar: Calendar, instant: int) -> int | None:
    """The first open instant from then on at which the clock runs."""
    return exceeds(course, calendar, elapsed(course, calendar, instant))


def _require_later(seconds: int) -> None:
    if seconds < 1:
        raise EscalationError(
            f"{seconds} seconds after a breach is not after it",
            "give 1 or more; a share of 1 000 000 ppm is before it",
        )
