"""One version's events, taken in one by one: its claims, how it is cut, whose escrow it pays into."""

from __future__ import annotations

from dataclasses import replace

from index.claims import OfClaim, key_of, taken
from index.facts import AgreementRecord, ClaimKey, Cut, CutReason, Place
from record.events import (
    AgreementAmended,
    AgreementExited,
    AgreementOpened,
    AgreementTerminated,
    DownstreamLinked,
    Event,
    Settled,
)


def opened(event: AgreementOpened | AgreementAmended, place: Place) -> AgreementRecord:
    """The record of terms that just came into force; RecordError if they cannot be read."""
    if isinstance(event, AgreementOpened):
        agreement, first = event.arguments()[0], event.id
    else:
        agreement, first = event.arguments().agreement, event.first
    return AgreementRecord(event.id, first, agreement, place, agreement.service.count)


def take(record: AgreementRecord, event: Event, place: Place) -> AgreementRecord:
    """The record after the next event that names it."""
    match event:
        case AgreementTerminated():
            return _cut(record, Cut(CutReason.TERMINATED, event.count, place))
        case AgreementExited():
            breaches = tuple(ClaimKey(*breach) for breach in event.breaches)
            return _cut(record, Cut(CutReason.EXITED, event.count, place, breaches=breaches))
        case DownstreamLinked():
            return replace(record, downstream=event.downstream)
        case Settled():
            return _settled(_with_claim(record, event, place), event)
        case _:
            return _with_claim(record, event, place) if isinstance(event, OfClaim) else record


def succeeded(record: AgreementRecord, event: AgreementAmended, place: Place) -> AgreementRecord:
    """The predecessor, from which other terms took over."""
    return _cut(record, Cut(CutReason.AMENDED, event.count, place, successor=event.id))


def _cut(record: AgreementRecord, cut: Cut) -> AgreementRecord:
    return replace(record, count=cut.count, cuts=(*record.cuts, cut))


def _with_claim(record: AgreementRecord, event: OfClaim, place: Place) -> AgreementRecord:
    claim = taken(record.claims.get(key_of(event)), event, place)
    return replace(record, claims={**record.claims, claim.key: claim})


def _settled(record: AgreementRecord, event: Settled) -> AgreementRecord:
    totals, entitlements = dict(record.settled_totals), dict(record.entitlements)
    settlements = record.claims[key_of(event)].settlements
    before = settlements[-2].compensation if len(settlements) > 1 else 0
    totals[event.period] = totals.get(event.period, 0) + event.compensation - before
    entitlements[event.period] = entitlements.get(event.period, 0) + event.entitlement_change
    return replace(record, settled_totals=totals, entitlements=entitlements)
