"""What the rounds on the chain attested: whose reports are done, and which can be claimed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from oracle.ports import PostedRound, Subject, View, subject_of
from record.bundle import reports_under
from record.merkle import MerkleTree
from sla.agreement import Agreement
from sla.compensation import compensation, is_sane
from sla.report import Report
from sla.schedule import claim_deadline, deadline_end


@dataclass(frozen=True, slots=True)
class Breach:
    """An attested report that pays, with its proof."""

    agreement: Agreement
    report: Report
    proof: tuple[bytes, ...]
    amount: int


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

    def breaches(self, view: View) -> Iterator[Breach]:
        """The attested reports that pay and that nobody has claimed, each subject's highest revision."""
        for subject, (report, posted) in list(self._highest.items()):
            agreement = view.agreements.get(subject.agreement)
            if agreement is None or subject in view.claims:
                continue
            amount = _payable(agreement, report, posted.time)
            if amount == 0 or view.time >= claim_deadline(agreement.service, agreement.stake, report.period):
                # Neither changes any more; a later revision stands here anew.
                del self._highest[subject]
            else:
                yield Breach(agreement, report, self._trees[posted.root].proof(report), amount)

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
        return True

    def _reports_of(self, posted: PostedRound) -> tuple[Report, ...] | None:
        data = self._find_bundle(posted.bundle)
        return None if data is None else reports_under(posted.root, data)

    def _forget(self) -> None:
        """Begin anew: the chain took a round back."""
        self._seen, self._missing = (), set()
        self._trees.clear()
        self._highest.clear()
        self.attested.clear()


def _payable(agreement: Agreement, report: Report, attested_at: int) -> int:
    """What the escrow would pay for a report; 0 too when it would refuse it (R9, R21, R22)."""
    if report.obligation >= len(agreement.obligations) or report.period >= agreement.service.count:
        return 0
    obligation = agreement.obligations[report.obligation]
    sane = is_sane(obligation, report.attained) and report.charge == agreement.service.charge
    if not sane or attested_at < deadline_end(agreement.service, report.period):
        return 0
    return compensation(obligation, report.attained, report.charge)
