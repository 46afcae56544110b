"""A member's observations: its own, written down before they are signed, and those of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from oracle.asking import answers
from oracle.errors import Equivocation, RoundRefused
from oracle.pen import Pen
from oracle.ports import CommitteeTerms, Peer, Subject, Tell, View, subject_of
from oracle.proposal import check_observation
from oracle.settings import Settings
from oracle.store import Store
from oracle.watching import Wanted
from record.bundle import SignedObservation
from record.keccak import keccak256
from sla.errors import MeasurementError
from sla.report import Observation

LAST_REVISION = 2**16 - 1


class Observer:
    """Observes for one member, and hears what the others observed."""

    def __init__(
        self, store: Store, pen: Pen, committee: CommitteeTerms, settings: Settings, tell: Tell
    ) -> None:
        self._store = store
        self._pen = pen
        self._committee = committee
        self._settings = settings
        self._tell = tell
        self._asked: set[Subject] = set()

    def gather(self, view: View, missing: Sequence[Wanted], peers: Sequence[Peer]) -> None:
        """Ask the peers for observations that are not held yet, and keep those that are truly signed."""
        wanting = {one.subject: one for one in missing if not self._holds_all(one, view.time)}
        if not wanting:
            return
        answered = 0
        for offered in answers(peers, lambda peer: peer.observations(list(wanting))):
            answered += 1
            for signed in offered:
                one = wanting.get(subject_of(signed.observation))
                if one is not None:
                    self._hear(signed, one, view.time)
        if answered >= self._committee.quorum - 1:
            self._asked = set(wanting)

    def observe(self, view: View, missing: Sequence[Wanted]) -> None:
        """Sign what was measured, once a period's last samples are in; follow the others to a higher revision."""
        for one in missing:
            own = self._store.own(one.subject)
            if own is None:
                self._measure(view, one)
            elif not own.is_signed:
                # Written down, but killed before signing: the same value, whatever would be measured now.
                self._pen.observation(own.observation, view.time)
            elif self._highest_revision(one.subject) > own.observation.revision:
                self.raise_revision(one.subject, view.time)

    def raise_revision(self, subject: Subject, at: int) -> None:
        """Observe the same at the next revision. The first time at once; then no sooner than every member had its
        turn with the one before: a member that lies cannot keep the others from agreeing."""
        own = self._store.own(subject)
        if own is None or own.observation.revision == LAST_REVISION:
            return
        turns = len(self._committee.members) * self._settings.turn_seconds
        patience = self._settings.collect_after_seconds + turns if own.observation.revision else 0
        if at >= own.written_at + patience:
            revision = own.observation.revision + 1
            self._pen.observation(replace(own.observation, revision=revision), at)
            self._tell("revision raised", {**subject.shown(), "revision": revision})

    def group(self, subject: Subject, revision: int) -> list[SignedObservation]:
        """The signed observations of one revision."""
        held = self._store.observations(subject)
        return [signed for signed in held if signed.observation.revision == revision]

    def _measure(self, view: View, one: Wanted) -> None:
        if view.time < one.end + self._settings.observe_after_seconds or not self._may_begin(view, one):
            return
        subject, charge = one.subject, one.watched.agreement.service.charge
        try:
            found = one.watched.meters[subject.obligation].attained(*one.watched.bounds(subject.period))
        except (MeasurementError, OSError, ArithmeticError, ValueError) as error:
            # A source may come back; halfway to the proposal this node says that it does not know. Whatever one source
            # does, the other agreements are measured.
            problem = (
                str(error) if isinstance(error, MeasurementError) else f"{type(error).__name__}: {error}"
            )
            self._tell("unreadable", {**subject.shown(), "problem": problem})
            if view.time >= one.end + self._half():
                evidence = keccak256(str(error).encode())
                self._pen.observation(Observation(*subject, 0, False, 0, charge, evidence), view.time)
            return
        observation = Observation(*subject, 0, found.known, found.attained, charge, found.evidence)
        self._pen.observation(observation, view.time)
        self._tell(
            "observed",
            {
                **subject.shown(),
                "known": found.known,
                "attained": found.attained,
                "good": found.good,
                "counted": found.counted,
                "missing": found.missing,
            },
        )

    def _may_begin(self, view: View, one: Wanted) -> bool:
        """Whether the peers would have said what this member signed already: a journal that was put back from an old
        copy knows less than they do. Halfway to the proposal it begins without them."""
        return one.subject in self._asked or view.time >= one.end + self._half()

    def _half(self) -> int:
        return (self._settings.observe_after_seconds + self._settings.collect_after_seconds) // 2

    def _hear(self, signed: SignedObservation, one: Wanted, at: int) -> None:
        own = self._store.own(one.subject)
        # Revisions rise one at a time: a member cannot fill this node's disk with later ones.
        next_revision = own.observation.revision + 1 if own else 1
        if signed.observation.revision > next_revision or signed in self._store.observations(one.subject):
            return
        try:
            check_observation(signed, self._committee, one.watched.agreement)
            self._store.keep_observation(signed, at)
        except RoundRefused as error:
            self._tell("observation refused", {"member": signed.member, "problem": error.problem})
        except Equivocation as error:
            self._tell("equivocation", {"member": signed.member, "problem": error.problem})

    def _highest_revision(self, subject: Subject) -> int:
        return max(signed.observation.revision for signed in self._store.observations(subject))

    def _holds_all(self, one: Wanted, time: int) -> bool:
        """Whether nothing more is to be asked about a subject: every member was heard, and no proposal failed yet."""
        if time >= one.end + self._settings.collect_after_seconds + self._settings.turn_seconds:
            return False
        own = self._store.own(one.subject)
        heard = self.group(one.subject, own.observation.revision) if own else []
        return len(heard) == len(self._committee.members)
