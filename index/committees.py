"""One committee's events, taken in one by one: its rounds, what they say of which agreement, and who its members
were when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.facts import Attested, CommitteeTerms, Occurrence, Place, Round
from record.events import CommitteeFormed, MemberRotated, ReportsPublished, RotationProposed, RoundPosted
from sla.report import Report


@dataclass(frozen=True, slots=True)
class RotationRecord:
    """One member replaced by another (R12). ``effective_at``, in seconds UTC, is from when it can be carried out;
    ``rotated`` is None while it was not. Of what happened before the first block that is read, nothing is known:
    ``proposed`` and ``effective_at`` are None then."""

    outgoing: str
    incoming: str
    proposed: Place | None
    effective_at: int | None
    rotated: Place | None = None


@dataclass(frozen=True, slots=True)
class CommitteeRecord:
    """A committee, its rounds by number in the order of posting, and the published reports by agreement.

    ``by_root`` names the round that attested a root, ``signers`` who signed one; ``rotations`` stand in the order of
    their proposals. ``seated`` are the members as the events say it, None before the first event.
    """

    terms: CommitteeTerms
    rounds: Mapping[int, Round] = field(default_factory=dict)
    by_root: Mapping[bytes, int] = field(default_factory=dict)
    reports: Mapping[bytes, tuple[Attested, ...]] = field(default_factory=dict)
    signers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    rotations: tuple[RotationRecord, ...] = ()
    seated: tuple[str, ...] | None = None

    @property
    def members(self) -> tuple[str, ...]:
        """All members, in the order of their index, as of the last event."""
        return self.terms.members if self.seated is None else self.seated

    def after(self, occurrences: Sequence[Occurrence]) -> CommitteeRecord:
        """The record after these events of its contract."""
        if not occurrences:
            return self
        rounds, by_root, reports = dict(self.rounds), dict(self.by_root), dict(self.reports)
        signers, rotations = dict(self.signers), list(self.rotations)
        seated = self.seated
        if seated is None:
            seated = _members_before(self.terms.members, occurrences)
        for occurrence in occurrences:
            event = occurrence.event
            if isinstance(event, RoundPosted):
                # A contract that only poses as a Committee may repeat itself: the first word stands.
                if event.round not in rounds and event.root not in by_root:
                    rounds[event.round] = _round(self.terms.address, event, occurrence)
                    by_root[event.root] = event.round
                    signers[event.round] = tuple(
                        member for index, member in enumerate(seated) if event.signers >> index & 1
                    )
            elif isinstance(event, ReportsPublished) and event.root in by_root:
                posted = rounds[by_root[event.root]]
                # By anyone, as often as they like: the contract checked the set, whatever its order.
                if posted.reports is None:
                    published = replace(posted, reports=tuple(Report(*said) for said in event.reports))
                    rounds[published.number] = published
                    _file(reports, published)
            elif isinstance(event, CommitteeFormed):
                seated = event.members
            elif isinstance(event, RotationProposed):
                rotations.append(
                    RotationRecord(event.outgoing, event.incoming, occurrence.place, event.effective_at)
                )
            elif isinstance(event, MemberRotated):
                seated = _with(seated, event.index, event.incoming)
                _carry_out(rotations, event, occurrence.place)
        return replace(
            self,
            rounds=rounds,
            by_root=by_root,
            reports=reports,
            signers=signers,
            rotations=tuple(rotations),
            seated=seated,
        )

    def unmasked(self) -> CommitteeRecord:
        """What was read of a contract that has just said something no Committee says."""
        return replace(self, terms=replace(self.terms, is_genuine=False))

    def signers_of(self, posted: Round) -> tuple[str, ...]:
        """Those who signed a round, by who was a member then, in the order of their index."""
        return self.signers.get(posted.number, ())


def _members_before(read: Sequence[str], occurrences: Sequence[Occurrence]) -> tuple[str, ...]:
    """The members before these events, of a committee that is older than the first of them; ``read`` later."""
    members = tuple(read)
    for occurrence in reversed(occurrences):
        if isinstance(occurrence.event, MemberRotated):
            members = _with(members, occurrence.event.index, occurrence.event.outgoing)
    return members


def _with(members: tuple[str, ...], index: int, member: str) -> tuple[str, ...]:
    return (*members[:index], member, *members[index + 1 :]) if index < len(members) else members


def _carry_out(rotations: list[RotationRecord], event: MemberRotated, place: Place) -> None:
    waiting = rotations[-1] if rotations else None
    if waiting is not None and waiting.rotated is None:
        rotations[-1] = replace(waiting, rotated=place)
    else:
        rotations.append(RotationRecord(event.outgoing, event.incoming, None, None, place))


def _round(address: str, event: RoundPosted, occurrence: Occurrence) -> Round:
    return Round(address, event.round, event.root, event.bundle, event.signers, occurrence.place)


def _file(reports: dict[bytes, tuple[Attested, ...]], published: Round) -> None:
    for report in published.reports or ():
        reports[report.agreement] = (
            *reports.get(report.agreement, ()),
            Attested(report, published),
        )
