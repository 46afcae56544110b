"""What the rounds on the chain attested: whose reports are done, and which are to be brought to the escrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from oracle.bringing import brought_until
from oracle.ports import ClaimState, PostedRound, Subject, View, subject_of
from record.bundle import reports_under
from record.merkle import MerkleTree
from sla.agreement import Agreement
from sla.compensation import standing
from sla.report import Report


@dataclass(frozen=True, slots=True)
class Claimable:
    """An attested report that is to be brought before ``deadline``, in seconds UTC, with its proof. ``amount`` is what
    it pays while nobody rules."""

    agreement: Agreement
    report: Report
    proof: tuple[bytes, ...]
    amount: int
    deadline: int


Attestation = tuple[int, bytes, bytes, int]


def _attestation(posted: PostedRound) -> Attestation:
    """What the committee attested, and when; publishing its reports changes none of it."""
    return posted.round, posted.root, posted.bundle, posted.time


class RoundBook:
    """The reports of all rounds posted so far. ``find_bundle`` gets the bytes of a bundle, from wherever they are.

    ``attested`` says when each subject's last root was attested, in seconds UTC.
    """

    def __init__(self, find_bundle: Callable[[bytes], bytes | None]) -> None:
        self.attested: dict[Subject, int] = {}
        self._find_bundle = find_bundle
        self._seen: tuple[Attestation, ...] = ()
        self._missing: set[int] = set()
        self._trees: dict[bytes, MerkleTree] = {}
        self._highest: dict[Subject, tuple[Report, PostedRound]] = {}
        self._unclaimed: set[Subject] = set()

    def read(self, rounds: Sequence[PostedRound]) -> list[PostedRound]:
        """Take in what is new; returns the new ones whose reports nobody has. They are tried again every time."""
        known = tuple(map(_attestation, rounds))
        if known[: len(self._seen)] != self._seen:
            self._forget()
        # By now somebody may have published the reports of those that were missing.
        missing = self._missing
        new = [posted for posted in rounds[: len(self._seen)] if posted.round in missing]
        new += rounds[len(self._seen) :]
        self._seen = known
        without = [posted for posted in new if not self._take(posted)]
        self._missing = {posted.round for posted in without}
        return [posted for posted in without if posted.round not in missing]

    def unpublished(self, rounds: Sequence[PostedRound], most: int) -> Iterator[MerkleTree]:
        """The trees of rounds that were posted without their reports, up to ``most`` of them, and that are known."""
        for posted in rounds:
            tree = self._trees.get(posted.root) if posted.reports is None else None
            if tree is not None and len(tree.ordered) <= most:
                yield tree

    def revision(self, subject: Subject) -> int | None:
        """The highest revision attested about a subject; None before the first."""
        best = self._highest.get(subject)
        return None if best is None else best[0].revision

    def claimable(self, view: View) -> Iterator[Claimable]:
        """The reports that are to be brought now, each subject's highest revision."""
        for subject in list(self._unclaimed):
            if subject in view.claims or subject.agreement not in view.agreements:
                continue
            found = self._claimable(subject, view, None)
            if found is None:
                # It never changes any more, unless somebody claims something or a later revision is attested.
                self._unclaimed.discard(subject)
            else:
                yield found
        for subject, claim in view.claims.items():
            if subject in self._highest and subject.agreement in view.agreements:
                found = self._claimable(subject, view, claim)
                if found is not None:
                    yield found

    def _take(self, posted: PostedRound) -> bool:
        reports = posted.reports if posted.reports is not None else self._reports_of(posted)
        if reports is None:
            return False
        self._trees[posted.root] = MerkleTree(reports)
        for report in reports:
            subject = subject_of(report)
            self.attested[subject] = max(posted.time, self.attested.get(subject, 0))
            best = self._highest.get(subject)
            if best is None or report.revision >= best[0].revision:
                self._highest[subject] = (report, posted)
                self._unclaimed.add(subject)
        return True

    def _claimable(self, subject: Subject, view: View, claim: ClaimState | None) -> Claimable | None:
        report, posted = self._highest[subject]
        agreement = view.agreements[subject.agreement]
        until = brought_until(agreement, view.count_of(subject.agreement), report, posted.time, claim)
        if until is None or view.time >= until:
            return None
        amount = standing(agreement.obligations[report.obligation], report.attained, report.charge)
        return Claimable(agreement, report, self._trees[posted.root].proof(report), amount, until)

    def _reports_of(self, posted: PostedRound) -> tuple[Report, ...] | None:
        data = self._find_bundle(posted.bundle)
        return None if data is None else reports_under(posted.root, data)

    def _forget(self) -> None:
        """Begin anew: the chain took a round back."""
        self._seen, self._missing = (), set()
        self._trees.clear()
        self._highest.clear()
        self._unclaimed.clear()
        self.attested.clear()
