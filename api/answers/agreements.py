"""Agreements: their account and, whole, their terms."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

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
from sla.schedule import deadline_end, last_claim_deadline, period_end


class AgreementState(StrEnum):
    """``over`` when nothing can be claimed any more and every claim is settled, ``released`` when the collateral was
    given back."""

    OPEN = "open"
    OVER = "over"
    RELEASED = "released"


class AgreementSummary(Answer):
    """An agreement and its account."""

    id: Hash = Field(description="The EIP-712 digest both parties signed")
    state: AgreementState = Field(
        description="open; over: nothing can be claimed any more and every claim is settled; released: the "
        "collateral went back to the provider",
        examples=["open"],
    )
    provider: Address
    customer: Address
    arbiter: Address
    committee: Address = Field(description="Who measures")
    token: Token
    collateral: Money = Field(description="What is left in escrow")
    due: Money = Field(description="Entitled minus paid: positive is arrears, negative is overpayment")
    paid: Money = Field(description="What left the collateral for the customer so far")
    open_claims: Count = Field(description="Claims that are not settled yet")
    periods: int = Field(ge=1, description="How many periods the agreement runs for", examples=[12])
    start: Time = Field(description="The first second of the first period")
    end: Time = Field(description="The first second after the last period")
    opened: Place = Field(description="Where the terms came into force")


class Deadlines(Answer):
    """When an agreement's chances end."""

    open_by: Time = Field(description="Before this second the terms had to be opened")
    all_periods_over: Time = Field(description="The last period is over in the agreement's own zone too")
    last_claim: Time = Field(description="From this second on nothing can be claimed, and the rest released")


class AgreementAnswer(AgreementSummary):
    """An agreement whole: what both parties signed, and its account."""

    parties: Parties
    service: Service
    stake: Stake
    formation: Formation
    obligations: Annotated[list[Obligation], Field(min_length=1, max_length=64)]
    deadlines: Deadlines


def state_of(record: AgreementRecord, time: int) -> AgreementState:
    """The agreement's state at ``time``."""
    if record.released is not None:
        return AgreementState.RELEASED
    if record.open_claims == 0 and time >= last_claim_deadline(record.agreement):
        return AgreementState.OVER
    return AgreementState.OPEN


def summary(record: AgreementRecord, history: History) -> AgreementSummary:
    """The agreement in a list."""
    return AgreementSummary.model_validate(_summary(record, history))


def whole(record: AgreementRecord, history: History) -> AgreementAnswer:
    """The agreement by itself."""
    agreement = record.agreement
    last = agreement.service.count - 1
    return AgreementAnswer.model_validate(
        {
            **_summary(record, history),
            **terms_answer(agreement, history.tokens[agreement.stake.token]),
            "deadlines": Deadlines(
                open_by=time_text(agreement.formation.open_by),
                all_periods_over=time_text(deadline_end(agreement.service, last)),
                last_claim=time_text(last_claim_deadline(agreement)),
            ),
        }
    )


def _summary(record: AgreementRecord, history: History) -> dict[str, object]:
    agreement = record.agreement
    token = history.tokens[agreement.stake.token]
    return {
        "id": to_hex(record.id),
        "state": state_of(record, history.head.time),
        "provider": agreement.parties.provider,
        "customer": agreement.parties.customer,
        "arbiter": agreement.parties.arbiter,
        "committee": agreement.service.committee,
        "token": token_answer(token),
        "collateral": money(record.collateral, token),
        "due": money(record.due, token),
        "paid": money(record.paid, token),
        "open_claims": record.open_claims,
        "periods": agreement.service.count,
        "start": time_text(agreement.service.start),
        "end": time_text(period_end(agreement.service, agreement.service.count - 1)),
        "opened": place_answer(record.opened),
    }
