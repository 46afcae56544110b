"""One claim's events, taken in one by one: reports, contests, settlements."""

from __future__ import annotations

from dataclasses import replace

from chain.errors import ChainError
from chain.escrow import ClaimStatus
from index.facts import (
    Brought,
    Claim,
    ClaimKey,
    Dispute,
    Evidence,
    Finding,
    Outcome,
    Place,
    Settlement,
)
from record.events import (
    AgreementAmended,
    BondReturned,
    Claimed,
    Conceded,
    Disputed,
    EvidenceSubmitted,
    Ruled,
    Settled,
)

OfClaim = Claimed | Disputed | EvidenceSubmitted | Conceded | Ruled | BondReturned | Settled


def key_of(event: OfClaim) -> ClaimKey:
    """Which claim the event is about."""
    return ClaimKey(event.period, event.obligation)


def taken(claim: Claim | None, event: OfClaim, place: Place) -> Claim:
    """The claim after the event; ChainError when the RPC node left out what came before it."""
    if isinstance(event, Claimed):
        return _claimed(claim, event, place)
    if isinstance(event, Disputed):
        return _disputed(claim, event, place)
    if claim is None:
        raise left_out(event)
    if isinstance(event, Settled):
        return _settled(claim, event, place)
    return _contested(claim, event, place)


def _claimed(claim: Claim | None, event: Claimed, place: Place) -> Claim:
    found = Finding(event.attained, event.charge, event.compensation)
    if event.status not in (ClaimStatus.PENDING, ClaimStatus.DISPUTED):
        raise ChainError(f"the RPC node shows a claim of status {event.status}", "use another RPC node")
    status = ClaimStatus(event.status)
    brought = Brought(event.revision, found, status, event.deadline, event.root, place)
    if claim is None:
        claim = Claim(key_of(event), place, ClaimStatus.NONE, 0)
    last = claim.dispute
    is_recorded = claim.awaits_ruling and last is not None and not last.is_case
    disputes = claim.disputes
    if claim.awaits_ruling and not is_recorded:
        disputes = _ended(disputes, Outcome.CORRECTED, place)
    if status == ClaimStatus.DISPUTED and not is_recorded:
        standing = event.compensation
        case = Dispute(claim.key, None, found, None, standing, standing, 0, event.deadline, place)
        disputes = (*disputes, case)
    return replace(
        claim,
        status=status,
        pending=event.compensation,
        reports=(*claim.reports, brought),
        disputes=disputes,
    )


def _disputed(claim: Claim | None, event: Disputed, place: Place) -> Claim:
    contested = 0 if claim is None else claim.pending
    if claim is None:
        claim = Claim(key_of(event), place, ClaimStatus.NONE, 0)
    report = claim.report
    dispute = Dispute(
        key=claim.key,
        disputer=event.disputer,
        reported=None if report is None else report.finding,
        alleged=Finding(event.attained, event.charge, event.compensation),
        contested=contested,
        standing=event.standing,
        bond=event.bond,
        ruling_deadline=event.ruling_deadline,
        place=place,
    )
    disputes = claim.disputes
    if claim.awaits_ruling:
        disputes = _ended(disputes, Outcome.DISPUTED, place)
    return replace(claim, status=ClaimStatus.DISPUTED, pending=event.standing, disputes=(*disputes, dispute))


def _settled(claim: Claim, event: Settled, place: Place) -> Claim:
    is_final = claim.status == ClaimStatus.RULED
    disputes = claim.disputes
    if claim.awaits_ruling and claim.dispute is not None and claim.dispute.outcome is Outcome.AWAITED:
        # A case has no bond to give back: nothing else tells its end.
        disputes = _ended(disputes, Outcome.UNRULED, place)
    return replace(
        claim,
        status=ClaimStatus.FINAL if is_final else ClaimStatus.SETTLED,
        pending=0,
        disputes=disputes,
        settlements=(
            *claim.settlements,
            Settlement(event.compensation, event.entitlement_change, place),
        ),
    )


def _contested(
    claim: Claim, event: EvidenceSubmitted | Conceded | Ruled | BondReturned, place: Place
) -> Claim:
    if claim.dispute is None or not claim.awaits_ruling:
        raise left_out(event)
    if isinstance(event, EvidenceSubmitted):
        named = Evidence(event.party, event.content_hash, event.uri, place)
        return _with(claim, replace(claim.dispute, evidence=(*claim.dispute.evidence, named)))
    if isinstance(event, BondReturned):
        return _with(claim, replace(claim.dispute, outcome=Outcome.UNRULED, decided=place))
    pending = replace(claim, status=ClaimStatus.RULED, pending=event.compensation)
    if isinstance(event, Conceded):
        return _with(pending, replace(claim.dispute, outcome=Outcome.CONCEDED, decided=place))
    ruling = Finding(event.attained, event.charge, event.compensation)
    winner = None if claim.dispute.is_case else event.winner
    ended = replace(claim.dispute, outcome=Outcome.RULED, ruling=ruling, winner=winner, decided=place)
    return _with(pending, ended)


def _with(claim: Claim, dispute: Dispute) -> Claim:
    return replace(claim, disputes=(*claim.disputes[:-1], dispute))


def _ended(disputes: tuple[Dispute, ...], outcome: Outcome, place: Place) -> tuple[Dispute, ...]:
    return (*disputes[:-1], replace(disputes[-1], outcome=outcome, decided=place))


def left_out(event: OfClaim | AgreementAmended) -> ChainError:
    """The escrow never emits this event by itself, so something before it is missing."""
    return ChainError(
        f"the RPC node left out what came before {type(event).__name__} of agreement 0x{event.id.hex()}",
        "use a node that keeps all events since the escrow was deployed",
    )
