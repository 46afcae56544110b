"""What a ticket's states mean for its clock, and what else may happen to it, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sla.clocks import State
from sla.errors import Kind, MakegoodError


class ClockRulesError(MakegoodError):
    """Rules by which one state of a ticket would mean two things."""

    kind = Kind.INPUT


class Begins(Enum):
    """When a clock starts."""

    AT_OPENING = "at opening"
    """When the ticket was opened, also if it got its priority later: retroactively then."""
    AT_PRIORITY = "at priority"
    """With the first entry whose priority has a limit, not before the opening."""


class OnPriority(Enum):
    """What a change of priority does."""

    LAST_DECIDES = "last decides"
    """The whole time counts against the limit of the last priority: all is computed anew. A breach of a priority that
    was lowered later is gone, so let those who are measured not set it."""
    EACH_FOR_ITSELF = "each for itself"
    """The time in each priority counts against that one's limit; a priority that returns goes on."""


class OnReassignment(Enum):
    """What a change of group does. The first assignment is none, nor is a missing group."""

    GOES_ON = "goes on"
    RESTARTS = "restarts"
    """Each assignment has the whole limit for itself; a breach under an earlier one stays."""


class OnReopening(Enum):
    """What a state that runs does to a stopped clock."""

    RESUMES = "resumes"
    STAYS_STOPPED = "stays stopped"
    """As for the time to the first response: it is given once."""


@dataclass(frozen=True, slots=True)
class ClockRules:
    """In which states a clock is held, stopped or cancelled (in all others it runs), and four policies."""

    pausing: frozenset[str]
    stopping: frozenset[str]
    cancelling: frozenset[str] = frozenset()
    begins: Begins = Begins.AT_OPENING
    priority: OnPriority = OnPriority.LAST_DECIDES
    reassignment: OnReassignment = OnReassignment.GOES_ON
    reopening: OnReopening = OnReopening.RESUMES

    def __post_init__(self) -> None:
        twice = (
            self.pausing & self.stopping | self.pausing & self.cancelling | self.stopping & self.cancelling
        )
        if twice:
            raise ClockRulesError(
                f"the state {min(twice)!r} does two things to a clock", "let it pause, stop or cancel"
            )

    def meaning(self, state: str) -> State:
        """What a clock does in a ticket's state."""
        if state in self.cancelling:
            return State.CANCELLED
        if state in self.stopping:
            return State.STOPPED
        return State.PAUSED if state in self.pausing else State.RUNNING
