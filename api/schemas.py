"""What the API answers. Amounts are decimal strings in token base units, times ISO 8601 in UTC, ids 0x-prefixed hex."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Answer(BaseModel):
    """JSON names are camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Health(Answer):
    """Whether the node answers, and how far it is."""

    status: str = Field(examples=["ok"])
    chain_id: int = Field(examples=[31337])
    escrow: str
    head_block: int
    head_time: str = Field(examples=["2026-12-01T00:00:00Z"])


class ClaimAnswer(Answer):
    """A report brought to the escrow."""

    period: int
    obligation: int
    revision: int
    attained: int
    charge: str
    compensation: str = Field(description="What the report, or the ruling after it, pays")
    status: str = Field(examples=["pending", "disputed", "ruled", "settled"])
    window_end: str


class AgreementSummary(Answer):
    """An agreement and its account."""

    id: str
    provider: str
    customer: str
    arbiter: str
    token: str
    collateral: str = Field(description="What is left in escrow")
    due: str = Field(description="Entitled minus paid: positive is arrears, negative is overpayment")
    open_claims: int
    periods: int


class AgreementAnswer(AgreementSummary):
    """An agreement with its claims."""

    document: str = Field(description="keccak256 of the terms document")
    starts: str
    claims: list[ClaimAnswer]


class Problem(Answer):
    """An error, as RFC 9457 has it."""

    title: str
    status: int
    detail: str
