"""One committee's events, taken in one by one: its rounds, and what they say of which agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.facts import Attested, CommitteeTerms, Occurrence, Round
from record.events import ReportsPublished, RoundPosted
from sla.report import Report


@dataclass(frozen=True, slots=True)
class CommitteeRecord:
    """A committee, its rounds by number in the order of posting, and the published reports by agreement.

    ``by_root`` names the round that attested a root.
    """

    terms: CommitteeTerms
    rounds: Mapping[int, Round] = field(default_factory=dict)
    by_root: Mapping[bytes, int] = field(default_factory=dict)
    reports: Mapping[bytes, tuple[Attested, ...]] = field(default_factory=dict)

    def after(self, occurrences: Sequence[Occurrence]) -> CommitteeRecord:
        """The record after these events of its contract."""
        if not occurrences:
            return self
        rounds, by_root, reports = dict(self.rounds), dict(self.by_root), dict(self.reports)
        for occurrence in occurrences:
            event = occurrence.event
            if isinstance(event, RoundPosted):
                # A contract that only poses as a Committee may repeat itself: the first word stands.
                if event.round not in rounds and event.root not in by_root:
                    rounds[event.round] = _round(self.terms.address, event, occurrence)
                    by_root[event.root] = event.round
            elif isinstance(event, ReportsPublished) and event.root in by_root:
                posted = rounds[by_root[event.root]]
                # By anyone, as often as they like: the contract checked the set, whatever its order.
                if posted.reports is None:
                    published = replace(posted, reports=tuple(Report(*said) for said in event.reports))
                    rounds[published.number] = published
                    _file(reports, published)
        return replace(self, rounds=rounds, by_root=by_root, reports=reports)

    def unmasked(self) -> CommitteeRecord:
        """What was read of a contract that has just said something no Committee says."""
        return replace(self, terms=replace(self.terms, is_genuine=False))

    def signers_of(self, posted: Round) -> tuple[str, ...]:
        """The members whose bits stand in the round's signers, in the order of their index."""
        return tuple(member for index, member in enumerate(self.terms.members) if posted.signers >> index & 1)


def _round(address: str, event: RoundPosted, occurrence: Occurrence) -> Round:
    return Round(address, event.round, event.root, event.bundle, event.signers, occurrence.place)


def _file(reports: dict[bytes, tuple[Attested, ...]], published: Round) -> None:
    for report in published.reports or ():
        reports[report.agreement] = (
            *reports.get(report.agreement, ()),
            Attested(report, published),
        )
