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
from api.parameters import (
    AccountFilter,
    ArrearsFilter,
    HeadFilter,
    OpenFilter,
    UnderCollateralisedFilter,
    paging,
)
from api.reading import At, Look, OfAgreement, Read
from api.routes import NOT_FOUND, router
from record.hexes import checksum_address

routes = router("Agreements", "/agreements")

Paged = Annotated[Paging, Depends(paging)]


@routes.get(
    "", summary="Agreements, each version, in the order of their opening", operation_id="listAgreements"
)
def agreements(
    at: At,
    paging: Paged,
    provider: AccountFilter = None,
    customer: AccountFilter = None,
    is_open: OpenFilter = None,
    is_head: HeadFilter = None,
    in_arrears: ArrearsFilter = None,
    under_collateralised: UnderCollateralisedFilter = None,
) -> PageOf[AgreementSummary]:
    """Filters narrow each other down. Versions of one agreement share its account: `head=true` shows each once."""
    found = list(at.agreements.values())
    if provider is not None:
        provider = checksum_address(provider)
        found = [one for one in found if one.agreement.parties.provider == provider]
    if customer is not None:
        customer = checksum_address(customer)
        found = [one for one in found if one.agreement.parties.customer == customer]
    if is_open is not None:
        found = [one for one in found if (state_of(one, at) is AgreementState.OPEN) == is_open]
    if is_head is not None:
        found = [one for one in found if (at.account_of(one).head == one.id) == is_head]
    if in_arrears is not None:
        found = [one for one in found if (at.account_of(one).arrears > 0) == in_arrears]
    if under_collateralised is not None:
        found = [one for one in found if at.is_under_collateralised(one) == under_collateralised]
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
    """What was attained, what it costs, what was claimed and settled, what the joint cap leaves of it, and what can
    still be done. Periods that were cut are not among them."""
    every = range(record.count)
    book = PeriodBook.of(record, at, read.bundled, part(every, paging))
    return page(every, paging, book.period)


@routes.get(
    "/{agreementId}/claims",
    summary="An agreement's claims, in the order in which they began",
    operation_id="listClaims",
    responses=NOT_FOUND,
)
def claims(record: OfAgreement, at: At, paging: Paged) -> PageOf[ClaimAnswer]:
    """Each with all reports that were brought, all settlements, and what can still be done, by whom and until when."""
    found = list(record.claims.values())
    return page(found, paging, lambda claim: claim_answer(claim, record, at))


@routes.get(
    "/{agreementId}/disputes",
    summary="An agreement's disputes and cases, in the order in which their claims began",
    operation_id="listDisputes",
    responses=NOT_FOUND,
)
def disputes(record: OfAgreement, at: At, paging: Paged) -> PageOf[DisputeAnswer]:
    """Who alleges what, the bond, both sides' evidence, the ruling or how else it ended; cases too."""
    token = at.tokens[record.agreement.stake.token]
    found = [(claim, one) for claim in record.claims.values() for one in claim.disputes]
    return page(found, paging, lambda one: dispute_answer(*one, record, token))


@routes.get(
    "/{agreementId}/events",
    summary="An agreement's events, in the order of the chain",
    operation_id="listEvents",
    responses=NOT_FOUND,
)
def events(record: OfAgreement, at: At, paging: Paged) -> PageOf[EventAnswer]:
    """The immutable trail: the events that name any of its versions, what agreements upstream paid into its escrow, and
    the transfers its calls withheld."""
    return page(at.account_of(record).trail, paging, event_answer)
