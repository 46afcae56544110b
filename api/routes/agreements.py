"""Agreements, and what became of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from api.answers.agreements import (
    AgreementAnswer,
    AgreementState,
    AgreementSummary,
    state_of,
    summary,
    whole,
)
from api.answers.claims import ClaimAnswer, DisputeAnswer, claim_answer, dispute_answer
from api.answers.lists import PageOf, Paging, page, part
from api.answers.periods import Period, PeriodBook
from api.answers.trail import EventAnswer, event_answer
from api.parameters import AccountFilter, OpenFilter, paging
from api.reading import At, Look, OfAgreement, Read
from api.routes import NOT_FOUND, router
from record.hexes import checksum_address

routes = router("Agreements", "/agreements")

Paged = Annotated[Paging, Depends(paging)]


@routes.get("", summary="Agreements, in the order of their opening", operation_id="listAgreements")
def agreements(
    at: At,
    paging: Paged,
    provider: AccountFilter = None,
    customer: AccountFilter = None,
    is_open: OpenFilter = None,
) -> PageOf[AgreementSummary]:
    """Filters narrow each other down."""
    found = list(at.agreements.values())
    if provider is not None:
        provider = checksum_address(provider)
        found = [one for one in found if one.agreement.parties.provider == provider]
    if customer is not None:
        customer = checksum_address(customer)
        found = [one for one in found if one.agreement.parties.customer == customer]
    if is_open is not None:
        time = at.head.time
        found = [one for one in found if (state_of(one, time) is AgreementState.OPEN) == is_open]
    return page(found, paging, lambda one: summary(one, at))


@routes.get(
    "/{agreementId}", summary="One agreement, whole", operation_id="getAgreement", responses=NOT_FOUND
)
def agreement(record: OfAgreement, at: At) -> AgreementAnswer:
    """What both parties signed, and its account."""
    return whole(record, at)


@routes.get(
    "/{agreementId}/periods",
    summary="An agreement's periods, from the first on",
    operation_id="listPeriods",
    responses=NOT_FOUND,
)
def periods(record: OfAgreement, at: Look, read: Read, paging: Paged) -> PageOf[Period]:
    """What was attained, what it costs, what was claimed and settled, what the joint cap leaves of it."""
    every = range(record.agreement.service.count)
    book = PeriodBook.of(record, at, read.bundled, part(every, paging))
    return page(every, paging, book.period)


@routes.get(
    "/{agreementId}/claims",
    summary="An agreement's claims, in the order in which they were brought",
    operation_id="listClaims",
    responses=NOT_FOUND,
)
def claims(record: OfAgreement, at: At, paging: Paged) -> PageOf[ClaimAnswer]:
    """Each report that was brought to the escrow."""
    committee = at.committees[record.agreement.service.committee]
    token, time = at.tokens[record.agreement.stake.token], at.head.time
    found = list(record.claims.values())
    return page(found, paging, lambda claim: claim_answer(claim, committee, token, time))


@routes.get(
    "/{agreementId}/disputes",
    summary="An agreement's disputes, in the order in which their claims were brought",
    operation_id="listDisputes",
    responses=NOT_FOUND,
)
def disputes(record: OfAgreement, at: At, paging: Paged) -> PageOf[DisputeAnswer]:
    """Who alleges what, the bond, both sides' evidence, the ruling."""
    token = at.tokens[record.agreement.stake.token]
    found = [(claim, claim.dispute) for claim in record.claims.values() if claim.dispute is not None]
    return page(found, paging, lambda one: dispute_answer(*one, record, token))


@routes.get(
    "/{agreementId}/events",
    summary="An agreement's events, in the order of the chain",
    operation_id="listEvents",
    responses=NOT_FOUND,
)
def events(record: OfAgreement, at: At, paging: Paged) -> PageOf[EventAnswer]:
    """The immutable trail: the events that name the agreement, and the transfers its calls withheld."""
    return page(record.trail, paging, event_answer)
