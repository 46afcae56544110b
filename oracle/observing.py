"""A member's observations: its own, written down before they are signed, and those of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from metering.attain import Attainment
from oracle.asking import answers
from oracle.errors import Equivocation, RoundRefused
from oracle.patience import Patience
from oracle.pen import Pen
from oracle.ports import Peer, Subject, Tell, View, subject_of
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

    def __init__(self, store: Store, pen: Pen, settings: Settings, tell: Tell) -> None:
        self._store = store
        self._pen = pen
        self._settings = settings
        self._tell = tell
        self._asked: set[Subject] = set()
        self._unchanged: set[tuple[Subject, int]] = set()
        self._patience = Patience(settings.turn_seconds)

    def gather(self, view: View, missing: Sequence[Wanted], peers: Sequence[Peer]) -> None:
        """Ask the peers for observations that are not held yet, and keep those that are truly signed."""
        wanting = {one.subject: one for one in missing if not self._holds_all(one, view)}
        if not wanting:
            return
        answered = 0
        for offered in answers(peers, lambda peer: peer.observations(list(wanting))):
            answered += 1
            for signed in offered:
                one = wanting.get(subject_of(signed.observation))
                if one is not None:
                    self._hear(signed, one, view)
        if answered >= view.committee.quorum - 1:
            self._asked = set(wanting)

    def observe(self, view: View, missing: Sequence[Wanted]) -> None:
        """Sign what was measured, once a period's last samples are in; follow the others to a higher revision."""
        for one in missing:
            own = self._store.own(one.subject)
            if own is not None and not own.is_signed:
                # Written down, but killed before signing: the same value, whatever would be measured now.
                self._pen.observation(own.observation, view.time)
            elif one.revision and (own is None or own.observation.revision < one.revision):
                self._measure_again(view, one, None if own is None else own.observation)
            elif own is None:
                self._measure(view, one)
            elif self._highest_revision(one.subject) > own.observation.revision:
                self.raise_revision(one.subject, view)

    def raise_revision(self, subject: Subject, view: View) -> None:
        """Observe the same at the next revision. The first time at once; then no sooner than every member had its
        turn with the one before: a member that lies cannot keep the others from agreeing."""
        own = self._store.own(subject)
        if own is None or own.observation.revision == LAST_REVISION:
            return
        turns = len(view.committee.members) * self._settings.turn_seconds
        patience = self._settings.collect_after_seconds + turns if own.observation.revision else 0
        if view.time >= own.written_at + patience:
            revision = own.observation.revision + 1
            self._pen.observation(replace(own.observation, revision=revision), view.time)
            self._tell("revision raised", {**subject.shown(), "revision": revision})

    def group(self, subject: Subject, revision: int, view: View) -> list[SignedObservation]:
        """The signed observations of one revision, those of the members of now: who was rotated out counts no more,
        or one seat would have two voices."""
        held = self._store.observations(subject)
        members = view.committee.members
        return [
            signed for signed in held if signed.observation.revision == revision and signed.member in members
        ]

    def _measure(self, view: View, one: Wanted) -> None:
        if view.time < one.end + self._settings.observe_after_seconds or not self._may_begin(view, one):
            return
        subject, charge = one.subject, one.watched.agreement.service.charge
        try:
            found = one.watched.meters[subject.obligation].attained(*one.watched.bounds(subject.period))
        except (MeasurementError, OSError, ArithmeticError, ValueError) as error:
            # A source may come back; halfway to the proposal this node says that it does not know. Whatever one source
            # does, the other agreements are measured.
            self._tell("unreadable", {**subject.shown(), "problem": _problem(error)})
            if view.time >= one.end + self._half():
                evidence = keccak256(str(error).encode())
                self._pen.observation(Observation(*subject, 0, False, 0, charge, evidence), view.time)
            return
        self._sign(view, one, found, 0)

    def _measure_again(self, view: View, one: Wanted, before: Observation | None) -> None:
        """Observe at a higher revision what the source says now, if that has changed, or if another member says so of
        its own. Nothing is signed while the source cannot be read, or has lost what it knew: what was attested
        stands."""
        subject, request = one.subject, (one.subject, one.stamp)
        # The peers know what a journal that was put back from an old copy does not.
        if subject not in self._asked or not self._patience.may("measure again", _key(request), view.time):
            return
        is_followed = self._highest_revision(subject) >= one.revision
        if request in self._unchanged and not is_followed:
            return
        try:
            found = one.watched.meters[subject.obligation].attained(*one.watched.bounds(subject.period))
            if not found.known:
                raise MeasurementError("too little is known of the period now", "bring its samples back")
        except (MeasurementError, OSError, ArithmeticError, ValueError) as error:
            self._patience.failed("measure again", _key(request), view.time)
            self._tell("unreadable", {**subject.shown(), "problem": _problem(error)})
            return
        is_same = before is not None and before.known and before.attained == found.attained
        if is_same and not is_followed:
            self._unchanged.add(request)
            self._tell("unchanged", {**subject.shown(), "attained": found.attained})
        else:
            self._sign(view, one, found, one.revision)

    def _sign(self, view: View, one: Wanted, found: Attainment, revision: int) -> None:
        charge = one.watched.agreement.service.charge
        observation = Observation(*one.subject, revision, found.known, found.attained, charge, found.evidence)
        self._pen.observation(observation, view.time)
        details: dict[str, object] = {
            **one.subject.shown(),
            "known": found.known,
            "attained": found.attained,
            "good": found.good,
            "counted": found.counted,
            "missing": found.missing,
        }
        if revision:
            details["revision"] = revision
        self._tell("observed", details)

    def _may_begin(self, view: View, one: Wanted) -> bool:
        """Whether the peers would have said what this member signed already: a journal that was put back from an old
        copy knows less than they do. Halfway to the proposal it begins without them."""
        return one.subject in self._asked or view.time >= one.end + self._half()

    def _half(self) -> int:
        return (self._settings.observe_after_seconds + self._settings.collect_after_seconds) // 2

    def _hear(self, signed: SignedObservation, one: Wanted, view: View) -> None:
        own = self._store.own(one.subject)
        # Revisions rise one at a time: a member cannot fill this node's disk with later ones.
        next_revision = max(own.observation.revision + 1 if own else 1, one.revision)
        if signed.observation.revision > next_revision or signed in self._store.observations(one.subject):
            return
        try:
            check_observation(signed, view.committee, one.watched.agreement)
            self._store.keep_observation(signed, view.time)
        except RoundRefused as error:
            self._tell("observation refused", {"member": signed.member, "problem": error.problem})
        except Equivocation as error:
            self._tell("equivocation", {"member": signed.member, "problem": error.problem})

    def _highest_revision(self, subject: Subject) -> int:
        held = self._store.observations(subject)
        return max((signed.observation.revision for signed in held), default=0)

    def _holds_all(self, one: Wanted, view: View) -> bool:
        """Whether nothing more is to be asked about a subject: every member was heard, and no proposal failed yet."""
        if view.time >= one.end + self._settings.collect_after_seconds + self._settings.turn_seconds:
            return False
        own = self._store.own(one.subject)
        heard = self.group(one.subject, own.observation.revision, view) if own else []
        return len(heard) == len(view.committee.members)


def _key(request: tuple[Subject, int]) -> bytes:
    return repr(request).encode()


def _problem(error: Exception) -> str:
    return str(error) if isinstance(error, MeasurementError) else f"{type(error).__name__}: {error}"
