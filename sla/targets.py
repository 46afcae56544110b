"""How much time a promise allows, and what "three business days" means.

It has two meanings, and the terms must say which. Three days' worth of hours, with hours 9 to 17, are
``Target(seconds=3 * 8 * 3600)``: from Monday 14:00 they end on Thursday 14:00. The end of the third business day after
the day itself is ``Target(business_days=3)``: from Monday 14:00 it is Thursday 17:00, whatever the hour it began.
"""

from __future__ import annotations

from dataclasses import dataclass

from sla.calendars import Calendar, business_day_closing, open_seconds
from sla.errors import Kind, MakegoodError


class TargetError(MakegoodError):
    """A target that allows no time, or says twice or not at all how much."""

    kind = Kind.INPUT


@dataclass(frozen=True, slots=True)
class Target:
    """Exactly one of: ``seconds``, open seconds of the calendar; ``business_days``, until the last closing of so many
    business days after the local date of the start."""

    seconds: int | None = None
    business_days: int | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.seconds, self.business_days) if value is not None]
        if len(given) != 1:
            raise TargetError(
                f"a target is given as seconds {self.seconds} and business days {self.business_days}",
                "give exactly one of the two",
            )
        if given[0] < 1:
            raise TargetError(f"a target of {given[0]} allows no time", "give 1 or more")


def allowance(target: Target, calendar: Calendar, start: int) -> int:
    """The open seconds a clock that starts at ``start`` may run.

    Business days too become open seconds, once and from the start, so that a hold moves their end by exactly the open
    time it lasted.
    """
    if target.seconds is not None:
        return target.seconds
    assert target.business_days is not None
    return open_seconds(calendar, start, business_day_closing(calendar, start, target.business_days))


@dataclass(frozen=True, slots=True)
class Limit:
    """What a priority promises: so much time, on this calendar. P1 often counts round the clock, P3 in office hours."""

    target: Target
    calendar: Calendar
