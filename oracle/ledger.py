"""What the events add up to, as far as a node needs it: agreements, rounds, claims (P12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from oracle.ports import PostedRound, Subject
from record.events import (
    AgreementOpened,
    Claimed,
    Disputed,
    Event,
    ReportsPublished,
    RoundPosted,
    Ruled,
    Settled,
)
from sla.agreement import Agreement
from sla.report import Report


@dataclass(slots=True)
class Ledger:
    """Agreements measured by ``committee``, its rounds, and since when each claim can be settled (None: it was)."""

    committee: str
    agreements: dict[bytes, Agreement] = field(default_factory=dict)
    rounds: list[PostedRound] = field(default_factory=list)
    claims: dict[Subject, int | None] = field(default_factory=dict)

    def copy(self) -> Ledger:
        """One that can go on by itself."""
        return Ledger(self.committee, dict(self.agreements), list(self.rounds), dict(self.claims))

    def take(self, event: Event, time_of_block: Callable[[], int]) -> None:
        """Take in the next event; its block's time is asked for only where it counts."""
        match event:
            case AgreementOpened():
                agreement = event.arguments()[0]
                if agreement.service.committee == self.committee:
                    self.agreements[event.id] = agreement
            case RoundPosted():
                posted = PostedRound(event.round, event.root, event.bundle, time_of_block(), None)
                self.rounds.append(posted)
            case ReportsPublished():
                # With the round or later, by anyone, and again in another order; the contract checked the set.
                reports = tuple(Report(*report) for report in event.reports)
                self.rounds = [
                    replace(posted, reports=reports)
                    if posted.root == event.root and posted.reports is None
                    else posted
                    for posted in self.rounds
                ]
            case Claimed():
                self.claims[_subject(event)] = event.window_end
            case Disputed():
                self.claims[_subject(event)] = event.ruling_deadline
            case Ruled():
                self.claims[_subject(event)] = 0
            case Settled():
                self.claims[_subject(event)] = None
            case _:
                pass


def _subject(event: Claimed | Disputed | Ruled | Settled) -> Subject:
    return Subject(event.id, event.period, event.obligation)
