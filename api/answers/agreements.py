"""Agreements: their account, their versions and, whole, their terms."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from api.answers.succession import (
    Downstream,
    ExitRule,
    Version,
    downstream_answer,
    exit_rule_answer,
    version_answer,
)
from api.answers.terms import Formation, Obligation, Parties, Service, Stake, terms_answer
from api.answers.values import (
    Address,
    Answer,
    Count,
    Hash,
    Money,
    Place,
    Time,
    Token,
    money,
    place_answer,
    time_text,
    token_answer,
)
from index.facts import AgreementRecord
from index.history import History
from record.hexes import to_hex
from sla.schedule import boundary, last_claim_deadline

UNDER_COLLATERALISED = (
    "The agreement is in arrears, or its collateral is less than what is due and what all its open claims would move "
    "if they were settled as things stand, each period's joint cap considered"
)


class AgreementState(StrEnum):
    """``over`` when nothing can be claimed any more and every claim is settled, ``released`` when the collateral was
    given back."""

    OPEN = "open"
    OVER = "over"
    RELEASED = "released"


class AgreementSummary(Answer):
    """Terms in force, and the account of the agreement they belong to. All versions of an agreement share one account:
    its money stands with each of them."""

    id: Hash = Field(description="The EIP-712 digest both parties signed")
    first: Hash = Field(description="The first version: the account is kept under it")
    version: Count = Field(description="Which version of the agreement this is, counted from 0")
    is_head: bool = Field(description="Whether no other terms took over from these", examples=[True])
    state: AgreementState = Field(
        description="Of the whole agreement. open; over: nothing can be claimed any more and every claim is settled; "
        "released: the collateral went back to the provider",
        examples=["open"],
    )
    provider: Address
    customer: Address
    arbiter: Address
    committee: Address = Field(description="Who measures")
    token: Token
    collateral: Money = Field(description="What is left in escrow")
    due: Money = Field(description="Entitled minus paid: positive is arrears, negative is overpayment")
    arrears: Money = Field(description="What is owed and was not covered; paid first from any deposit")
    pending: Money = Field(
        description="What all open claims would move if they were settled as things stand; may be negative"
    )
    under_collateralised: bool = Field(description=UNDER_COLLATERALISED, examples=[False])
    paid: Money = Field(description="What left the collateral for the customer so far")
    credited: Money = Field(description="What left the collateral for the escrow of a downstream agreement")
    credits: Money = Field(description="What agreements upstream paid into this one's collateral")
    open_claims: Count = Field(description="Claims that are not settled yet")
    periods: Count = Field(
        description="How many periods these terms govern: those signed, until they are cut"
    )
    start: Time = Field(description="The first second of the first period")
    end: Time = Field(description="The first second after the last period")
    opened: Place = Field(description="Where the terms came into force")


class Deadlines(Answer):
    """When an agreement's chances end."""

    open_by: Time = Field(description="Before this second the terms had to be opened")
    all_periods_over: Time = Field(description="The last period is over in the agreement's own zone too")
    last_claim: Time = Field(description="From this second on nothing can be claimed under these terms")
    release: Time = Field(
        description="From this second on the collateral can be released: nothing can be claimed under any version"
    )


class AgreementAnswer(AgreementSummary):
    """An agreement whole: what both parties signed, its versions and its account."""

    parties: Parties
    service: Service
    stake: Stake
    formation: Formation
    obligations: Annotated[list[Obligation], Field(min_length=1, max_length=64)]
    deadlines: Deadlines
    versions: list[Version] = Field(
        min_length=1, description="All versions, oldest first; the last is the head"
    )
    exit_rule: ExitRule | None = Field(description="By which the customer may leave; null: there is none")
    downstream: Downstream | None = Field(description="Whose escrow is paid; null: the customer is")


def state_of(record: AgreementRecord, history: History) -> AgreementState:
    """The state of the agreement of which the record is a version."""
    account = history.account_of(record)
    if account.released is not None:
        return AgreementState.RELEASED
    if account.open_claims == 0 and history.head.time >= releasable_from(record, history):
        return AgreementState.OVER
    return AgreementState.OPEN


def releasable_from(record: AgreementRecord, history: History) -> int:
    """The last claim deadline of all versions, in seconds UTC (R15)."""
    return max(last_claim_deadline(one.agreement, one.count) for one in history.versions_of(record))


def summary(record: AgreementRecord, history: History) -> AgreementSummary:
    """The agreement in a list."""
    return AgreementSummary.model_validate(_summary(record, history))


def whole(record: AgreementRecord, history: History) -> AgreementAnswer:
    """The agreement by itself."""
    agreement = record.agreement
    over = boundary(agreement.service, record.count) + agreement.service.zone_lag_seconds
    return AgreementAnswer.model_validate(
        {
            **_summary(record, history),
            **terms_answer(agreement, history.tokens[agreement.stake.token]),
            "deadlines": Deadlines(
                open_by=time_text(agreement.formation.open_by),
                all_periods_over=time_text(over),
                last_claim=time_text(last_claim_deadline(agreement, record.count)),
                release=time_text(releasable_from(record, history)),
            ),
            "versions": [version_answer(one) for one in history.versions_of(record)],
            "exit_rule": exit_rule_answer(agreement.formation),
            "downstream": downstream_answer(record, history),
        }
    )


def _summary(record: AgreementRecord, history: History) -> dict[str, object]:
    agreement, account = record.agreement, history.account_of(record)
    token = history.tokens[agreement.stake.token]
    return {
        "id": to_hex(record.id),
        "first": to_hex(record.first),
        "version": account.versions.index(record.id),
        "is_head": account.head == record.id,
        "state": state_of(record, history),
        "provider": agreement.parties.provider,
        "customer": agreement.parties.customer,
        "arbiter": agreement.parties.arbiter,
        "committee": agreement.service.committee,
        "token": token_answer(token),
        "collateral": money(account.collateral, token),
        "due": money(account.due, token),
        "arrears": money(account.arrears, token),
        "pending": money(history.pending_entitlement(record), token),
        "under_collateralised": history.is_under_collateralised(record),
        "paid": money(account.paid, token),
        "credited": money(account.credited, token),
        "credits": money(account.credits, token),
        "open_claims": account.open_claims,
        "periods": record.count,
        "start": time_text(agreement.service.start),
        "end": time_text(boundary(agreement.service, record.count)),
        "opened": place_answer(record.opened),
    }
