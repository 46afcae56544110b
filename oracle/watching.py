"""Which agreements a node measures, and which of their periods wait for a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from metering.meters import Meter
from oracle.ports import Sources, Subject, Tell, View
from record.hexes import to_hex
from record.terms import TermsDocument, local_bounds
from sla.agreement import Agreement
from sla.errors import TermsError
from sla.schedule import claim_deadline, deadline_end


@dataclass(frozen=True, slots=True)
class Watched:
    """An open agreement this node can measure. ``meters`` by the obligation's place; ``bounds(period)`` is exact,
    in seconds UTC."""

    id: bytes
    agreement: Agreement
    meters: Mapping[int, Meter]
    bounds: Callable[[int], tuple[int, int]]

    def end_of(self, period: int) -> int:
        """When a period is over for everybody: by the agreement's own clock and by the chain's (R9)."""
        return max(self.bounds(period)[1], deadline_end(self.agreement.service, period))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that is still missing: its period is over since ``end``, and it can still be claimed. What was attested
    before is wanted again from ``revision`` on, by the request of ``stamp``."""

    subject: Subject
    watched: Watched
    end: int
    revision: int = 0
    stamp: int = 0


class Watching:
    """Matches agreements on the chain with the terms documents this node was given."""

    def __init__(self, documents: Sequence[TermsDocument], sources: Sources, tell: Tell) -> None:
        self._documents = {document.document_hash: document for document in documents}
        self._sources = sources
        self._tell = tell
        self._watched: dict[bytes, Watched | None] = {}
        self._added: set[bytes] = set()

    def add(self, document: TermsDocument) -> None:
        """Take in one more document; the agreements that waited for it are measured from the next look on."""
        self._documents[document.document_hash] = document
        self._added.add(document.document_hash)

    def watched(self, view: View) -> list[Watched]:
        """The agreements of ``view`` that are measured; the others are told of once, with the reason."""
        added, self._added = self._added, set()
        for agreement_id, agreement in view.agreements.items():
            if agreement_id not in self._watched or agreement.formation.document in added:
                self._watched[agreement_id] = self._match(agreement_id, agreement)
        matched = (self._watched[agreement_id] for agreement_id in view.agreements)
        return [watched for watched in matched if watched is not None]

    def _match(self, agreement_id: bytes, agreement: Agreement) -> Watched | None:
        document = self._documents.get(agreement.formation.document)
        problem = None
        if document is None:
            problem = "this node has no terms document of that hash"
        elif not _says(document, agreement):
            problem = "its terms are not those of its document"
        elif agreement.service.charge_max:
            problem = "its charge is metered, which this version does not measure"
        if document is None or problem is not None:
            self._tell("unmeasured", {"agreement": to_hex(agreement_id), "problem": problem})
            return None
        meters = {
            place: self._sources(document, obligation)
            for place, obligation in enumerate(document.obligations)
        }
        return Watched(agreement_id, agreement, meters, lambda period: local_bounds(document, period))


def wanted(watched: Sequence[Watched], view: View, attested: Mapping[Subject, int]) -> Iterator[Wanted]:
    """The reports that are missing in ``view``. ``attested`` says when a subject's last root was: before the period's
    end it does not count (R9). Periods that were cut are measured no more: another version governs them, or none."""
    for each in watched:
        for period in periods_open(each.agreement, view.time, view.count_of(each.id)):
            counts_from = deadline_end(each.agreement.service, period)
            end = each.end_of(period)
            for place in each.meters:
                subject = Subject(each.id, period, place)
                if attested.get(subject, 0) < counts_from and end <= view.time:
                    yield Wanted(subject, each, end)
    yield from _unanswered(watched, view, attested)


def _unanswered(watched: Sequence[Watched], view: View, attested: Mapping[Subject, int]) -> Iterator[Wanted]:
    """What was disputed without a report shortly before it was too late to claim: an answer is good until the ruling
    deadline (R6)."""
    by_id = {each.id: each for each in watched}
    for subject, claim in view.claims.items():
        each = by_id.get(subject.agreement)
        if each is None or claim.due is None or claim.revision is not None or not claim.is_disputed:
            continue
        service, stake = each.agreement.service, each.agreement.stake
        is_late = claim_deadline(service, stake, subject.period) <= view.time < claim.due
        if is_late and subject.obligation in each.meters and subject not in attested:
            yield Wanted(subject, each, each.end_of(subject.period))


def periods_open(agreement: Agreement, time: int, count: int) -> range:
    """The periods, of the ``count`` that the terms govern, that are over on the chain at ``time`` and can still be
    claimed."""
    service, stake = agreement.service, agreement.stake
    first = _first(count, lambda period: time < claim_deadline(service, stake, period))
    after = _first(count, lambda period: time < deadline_end(service, period))
    return range(first, after)


def _first(count: int, holds: Callable[[int], bool]) -> int:
    """The lowest period for which something holds that, once it does, holds for all later ones; ``count`` if none."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _says(document: TermsDocument, agreement: Agreement) -> bool:
    try:
        return document.agreement() == agreement
    except TermsError:
        return False
