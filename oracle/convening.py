"""Rounds from a member's side: proposing one in its turn, signing one of another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from oracle.asking import answers
from oracle.errors import DoubleSignature, RoundRefused
from oracle.observing import Observer
from oracle.pen import Pen
from oracle.ports import CommitteeTerms, Peer, Proposal, Subject, Tell, View, subject_of
from oracle.proposal import (
    agreed,
    carried,
    check_number,
    check_reports,
    most_reports,
    read_bundle,
    round_now,
)
from oracle.settings import Settings
from oracle.store import Store
from oracle.watching import Wanted
from record.bundle import Bundle, SignedObservation
from record.eip712 import round_digest
from record.keccak import keccak256
from record.merkle import MerkleTree
from record.signing import recover
from sla.errors import SignatureError
from sla.report import Report


@dataclass(frozen=True, slots=True)
class AgreedRound:
    """A round that a quorum has signed."""

    round: int
    tree: MerkleTree
    bundle: bytes
    signatures: tuple[bytes, ...]


class Convener:
    """Proposes and signs rounds for one member."""

    def __init__(
        self,
        store: Store,
        pen: Pen,
        observer: Observer,
        settings: Settings,
        tell: Tell,
    ) -> None:
        self._store = store
        self._pen = pen
        self._observer = observer
        self._settings = settings
        self._tell = tell

    def propose(self, view: View, missing: Sequence[Wanted], peers: Sequence[Peer]) -> AgreedRound | None:
        """In this member's turn: bundle what was observed, sign it, ask the peers. None without a quorum of them."""
        ready = self._ready(view, missing)
        if not ready:
            return None
        number = round_now(view, self._settings.turn_seconds)
        committee = view.committee
        if committee.proposer(number) != self._pen.address:
            return None
        data = self._signed_before(number) or self._bundle(number, view, ready).to_bytes()
        reports = read_bundle(data, committee).reports
        tree = MerkleTree(reports)
        own = self._pen.round(number, tree.root, data, reports)
        self._tell("proposed", {"round": number, "reports": len(reports)})
        signatures = self._collect(Proposal(data, own), number, tree.root, peers, committee)
        if len(signatures) < committee.quorum:
            return None
        return AgreedRound(number, tree, keccak256(data), tuple(signatures))

    def countersign(self, view: View, proposal: Proposal) -> bytes:
        """Sign a round whose medians this member recomputed and whose bundle contains its own observations.

        RoundRefused otherwise. A round with another value for a leaf that this member signed is refused too, and the
        leaf's revision raised, so that the committee can agree anew (R11).
        """
        committee = view.committee
        if self._pen.address not in committee.members:
            raise RoundRefused(f"{self._pen.address} is no member", "ask the members")
        bundle = read_bundle(proposal.data, committee)
        check_number(bundle.round, view, self._settings.turn_seconds)
        tree = MerkleTree(bundle.reports)
        _check_proposer(bundle.round, tree.root, proposal, committee)

        def held(report: Report) -> list[SignedObservation]:
            return self._observer.group(subject_of(report), report.revision, view)

        check_reports(bundle, committee, view, self._pen.address, held)
        for report in bundle.reports:
            if not self._keeps_leaf(report):
                self._observer.raise_revision(subject_of(report), view)
        try:
            signature = self._pen.round(bundle.round, tree.root, proposal.data, bundle.reports)
        except DoubleSignature as error:
            self._tell("refused", {"round": bundle.round, "problem": error.problem})
            raise RoundRefused(error.problem, error.remedy) from None
        self._tell("signed", {"round": bundle.round})
        return signature

    def _ready(self, view: View, missing: Sequence[Wanted]) -> list[Subject]:
        """The subjects that a round can carry now."""
        observers: dict[Subject, frozenset[str]] = {}
        for one in missing:
            own = self._store.own(one.subject)
            if own is None or not own.is_signed or own.observation.revision < one.revision:
                continue
            begun = one.end if own.observation.revision == 0 else own.written_at
            if view.time < begun + self._settings.collect_after_seconds:
                continue
            group = self._observer.group(one.subject, own.observation.revision, view)
            if self._keeps_leaf(agreed(one.watched.agreement, group, view.committee.quorum)):
                observers[one.subject] = frozenset(signed.member for signed in group)
            else:
                # Observations came in after this member signed: another median needs another revision (R11).
                self._observer.raise_revision(one.subject, view)
        # What does not fit into a bundle that the peers would take has its turn in the next round.
        committee = view.committee
        return carried(observers, committee.quorum)[: most_reports(len(committee.members))]

    def _keeps_leaf(self, report: Report) -> bool:
        """Whether signing the report would keep every leaf that this member signed before."""
        return self._store.leaf(report) in (None, report)

    def _signed_before(self, number: int) -> bytes | None:
        """The bundle this member signed for the round before it was killed, or in an earlier cycle of its turn."""
        signed = self._store.round(number)
        return self._store.bundle(signed.bundle) if signed else None

    def _bundle(self, number: int, view: View, subjects: Sequence[Subject]) -> Bundle:
        committee = view.committee
        reports: list[Report] = []
        observations: list[SignedObservation] = []
        for subject in subjects:
            own = self._store.own(subject)
            group = self._observer.group(subject, own.observation.revision, view) if own else []
            reports.append(agreed(view.agreements[subject.agreement], group, committee.quorum))
            observations += group
        head = (committee.chain_id, committee.address, number, committee.quorum)
        return Bundle(*head, tuple(reports), tuple(observations))

    def _collect(
        self,
        proposal: Proposal,
        number: int,
        root: bytes,
        peers: Sequence[Peer],
        committee: CommitteeTerms,
    ) -> list[bytes]:
        """Checked signatures of the round, the proposer's own first; no more than a quorum, for each costs gas."""
        signatures = {self._pen.address: proposal.signature}
        digest = round_digest(number, root, keccak256(proposal.data), committee.domain)
        for signature in answers(peers, partial(self._asked, proposal, number)):
            signer = _signer(digest, signature, committee) if signature is not None else None
            if signer is not None:
                signatures.setdefault(signer, signature or b"")
            elif signature is not None:
                self._tell("not signed", {"round": number, "problem": "a peer's signature is no member's"})
            if len(signatures) == committee.quorum:
                break
        return list(signatures.values())

    def _asked(self, proposal: Proposal, number: int, peer: Peer) -> bytes | None:
        """A peer's signature; None when it refused, which is told."""
        try:
            return peer.countersign(proposal)
        except RoundRefused as refused:
            self._tell("not signed", {"round": number, "problem": refused.problem})
            return None


def _signer(digest: bytes, signature: bytes, committee: CommitteeTerms) -> str | None:
    """The member who signed; a wrong signature would make the whole posting fail."""
    try:
        signer = recover(digest, signature)
    except SignatureError:
        return None
    return signer if signer in committee.members else None


def _check_proposer(number: int, root: bytes, proposal: Proposal, committee: CommitteeTerms) -> None:
    digest = round_digest(number, root, keccak256(proposal.data), committee.domain)
    try:
        proposer = recover(digest, proposal.signature)
    except SignatureError as error:
        raise RoundRefused(error.problem, error.remedy) from None
    if proposer != committee.proposer(number):
        raise RoundRefused(f"round {number} is not {proposer}'s to propose", "wait for your turn")
