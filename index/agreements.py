"""One agreement's events, taken in one by one: its account, its claims, its disputes."""

from __future__ import annotations

from dataclasses import replace

from chain.errors import ChainError
from chain.escrow import ClaimStatus
from index.facts import (
    AgreementRecord,
    Claim,
    ClaimKey,
    Dispute,
    Evidence,
    Finding,
    Occurrence,
    Outcome,
    Place,
)
from record.events import (
    AgreementOpened,
    BondReturned,
    Claimed,
    Compensated,
    Deposited,
    Disputed,
    Event,
    EvidenceSubmitted,
    Released,
    Ruled,
    Settled,
    TransferWithheld,
)

OfClaim = Claimed | Disputed | EvidenceSubmitted | Ruled | BondReturned | Settled


def opened(event: AgreementOpened, place: Place) -> AgreementRecord:
    """The record of an agreement that was just opened; RecordError if its terms cannot be read."""
    return AgreementRecord(event.id, event.arguments()[0], place, event.collateral)


def take(record: AgreementRecord, occurrence: Occurrence) -> AgreementRecord:
    """The record after the next event that names it. The trail is kept by the caller."""
    event, place = occurrence.event, occurrence.place
    match event:
        case Deposited():
            return replace(record, collateral=record.collateral + event.amount)
        case Compensated():
            return replace(
                record,
                collateral=record.collateral - event.amount,
                due=record.due - event.amount,
                paid=record.paid + event.amount,
            )
        case Released():
            return replace(record, collateral=record.collateral - event.amount, released=place)
        case Claimed():
            return replace(_with(record, _claimed(event, place)), open_claims=record.open_claims + 1)
        case Settled():
            return _settled(record, event, place)
        case Disputed() | EvidenceSubmitted() | Ruled() | BondReturned():
            return _with(record, _contested(_claim_of(record, event), event, place))
        case _:
            return record


def _claimed(event: Claimed, place: Place) -> Claim:
    reported = Finding(event.attained, event.charge, event.compensation)
    return Claim(_key(event), event.revision, reported, reported, event.window_end, event.root, place)


def _settled(record: AgreementRecord, event: Settled, place: Place) -> AgreementRecord:
    claim = replace(_claim_of(record, event), status=ClaimStatus.SETTLED, settled=place)
    totals, entitlements = dict(record.settled_totals), dict(record.entitlements)
    totals[event.period] = totals.get(event.period, 0) + event.compensation
    entitlements[event.period] = entitlements.get(event.period, 0) + event.entitlement_change
    return replace(
        _with(record, claim),
        due=record.due + event.entitlement_change,
        open_claims=record.open_claims - 1,
        settled_totals=totals,
        entitlements=entitlements,
    )


def _contested(
    claim: Claim, event: Disputed | EvidenceSubmitted | Ruled | BondReturned, place: Place
) -> Claim:
    if isinstance(event, Disputed):
        alleged = Finding(event.attained, event.charge, event.compensation)
        dispute = Dispute(claim.key, event.disputer, alleged, event.bond, event.ruling_deadline, place)
        return replace(claim, status=ClaimStatus.DISPUTED, dispute=dispute)
    if claim.dispute is None:
        raise _left_out(event)
    if isinstance(event, EvidenceSubmitted):
        named = Evidence(event.party, event.content_hash, event.uri, place)
        return replace(claim, dispute=replace(claim.dispute, evidence=(*claim.dispute.evidence, named)))
    if isinstance(event, BondReturned):
        return replace(claim, dispute=replace(claim.dispute, outcome=Outcome.UNRULED, decided=place))
    ruling = Finding(event.attained, event.charge, event.compensation)
    dispute = replace(claim.dispute, outcome=Outcome.RULED, ruling=ruling, winner=event.winner, decided=place)
    return replace(claim, status=ClaimStatus.RULED, final=ruling, dispute=dispute)


def _claim_of(record: AgreementRecord, event: OfClaim) -> Claim:
    claim = record.claims.get(_key(event))
    if claim is None:
        raise _left_out(event)
    return claim


def _left_out(event: OfClaim) -> ChainError:
    """The escrow never emits this event by itself, so something before it is missing."""
    return ChainError(
        f"the RPC node left out what came before {type(event).__name__} of agreement 0x{event.id.hex()}",
        "use a node that keeps all events since the escrow was deployed",
    )


def _with(record: AgreementRecord, claim: Claim) -> AgreementRecord:
    return replace(record, claims={**record.claims, claim.key: claim})


def _key(event: OfClaim) -> ClaimKey:
    return ClaimKey(event.period, event.obligation)


def belongs_to(event: Event, before: Event | None) -> bytes | None:
    """The id of the agreement an event is about; None for one that is about none.

    A withheld transfer names none: it belongs to the call that was going on, whose last event is ``before``.
    """
    about = before if isinstance(event, TransferWithheld) else event
    return getattr(about, "id", None)
