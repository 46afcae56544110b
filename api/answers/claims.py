"""Claims and disputes."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from api.answers.values import (
    Address,
    Answer,
    Count,
    Hash,
    Money,
    Place,
    Time,
    money,
    place_answer,
    time_text,
)
from index import facts
from index.committees import CommitteeRecord
from index.facts import Outcome, Token
from record.hexes import to_hex


class ClaimState(StrEnum):
    """Where a claim stands, as the escrow has it."""

    NONE = "none"
    PENDING = "pending"
    DISPUTED = "disputed"
    RULED = "ruled"
    SETTLED = "settled"


class Side(StrEnum):
    """Which party."""

    PROVIDER = "provider"
    CUSTOMER = "customer"


class Finding(Answer):
    """What somebody says was attained, and what it pays by the agreement's tiers."""

    attained: int = Field(ge=0, description="In the indicator's unit", examples=[995000])
    charge: Money = Field(description="The period's charge")
    compensation: Money


class ClaimAnswer(Answer):
    """A report brought to the escrow."""

    period: Count
    obligation: Count
    revision: Count
    status: ClaimState = Field(description="pending, disputed, ruled or settled", examples=["pending"])
    reported: Finding = Field(description="What the report says")
    final: Finding = Field(description="The last word so far: the report, or the ruling after it")
    window_end: Time = Field(description="Until then it can be disputed; from then on, undisputed, settled")
    settleable: bool = Field(description="Whether anyone can settle it now")
    root: Hash = Field(description="The attested Merkle root in which the report stands")
    round: int | None = Field(ge=0, description="Which attested the root; null while unknown", examples=[7])
    claimed: Place
    settled: Place | None = Field(description="Where the compensation became final; null before")


class EvidenceAnswer(Answer):
    """A document a party named in a dispute. Nobody checked what the URI leads to: compare its keccak256."""

    party: Address
    content_hash: Hash
    uri: str = Field(description="As the party wrote it", examples=["https://example.com/load-test.json"])
    submitted: Place


class Ruling(Answer):
    """What the arbiter found."""

    finding: Finding
    winner: Address = Field(description="Has the bond less the arbiter's fee")


class DisputeAnswer(Answer):
    """A party alleges another attainment."""

    period: Count
    obligation: Count
    disputer: Address
    side: Side = Field(examples=["provider"])
    reported: Finding
    alleged: Finding
    bond: Money = Field(description="What arrived of it")
    ruling_deadline: Time = Field(description="Without a ruling before, the report stands")
    evidence: list[EvidenceAnswer]
    outcome: Outcome = Field(
        description="awaited; ruled; unruled: the arbiter was silent, the report stands and the bond went back",
        examples=["ruled"],
    )
    ruling: Ruling | None
    disputed: Place
    decided: Place | None = Field(description="Where it ended; null while a ruling is awaited")


def claim_answer(claim: facts.Claim, committee: CommitteeRecord, token: Token, time: int) -> ClaimAnswer:
    """The claim as it is at ``time``."""
    return ClaimAnswer(
        period=claim.key.period,
        obligation=claim.key.obligation,
        revision=claim.revision,
        status=ClaimState[claim.status.name],
        reported=_finding(claim.reported, token),
        final=_finding(claim.final, token),
        window_end=time_text(claim.window_end),
        settleable=claim.is_due(time),
        root=to_hex(claim.root),
        round=committee.by_root.get(claim.root),
        claimed=place_answer(claim.place),
        settled=None if claim.settled is None else place_answer(claim.settled),
    )


def dispute_answer(
    claim: facts.Claim, dispute: facts.Dispute, record: facts.AgreementRecord, token: Token
) -> DisputeAnswer:
    """The dispute of a claim."""
    by_customer = dispute.disputer == record.agreement.parties.customer
    return DisputeAnswer(
        period=dispute.key.period,
        obligation=dispute.key.obligation,
        disputer=dispute.disputer,
        side=Side.CUSTOMER if by_customer else Side.PROVIDER,
        reported=_finding(claim.reported, token),
        alleged=_finding(dispute.alleged, token),
        bond=money(dispute.bond, token),
        ruling_deadline=time_text(dispute.ruling_deadline),
        evidence=[_evidence(one) for one in dispute.evidence],
        outcome=dispute.outcome,
        ruling=_ruling(dispute, token),
        disputed=place_answer(dispute.place),
        decided=None if dispute.decided is None else place_answer(dispute.decided),
    )


def _ruling(dispute: facts.Dispute, token: Token) -> Ruling | None:
    if dispute.ruling is None or dispute.winner is None:
        return None
    return Ruling(finding=_finding(dispute.ruling, token), winner=dispute.winner)


def _finding(finding: facts.Finding, token: Token) -> Finding:
    return Finding(
        attained=finding.attained,
        charge=money(finding.charge, token),
        compensation=money(finding.compensation, token),
    )


def _evidence(evidence: facts.Evidence) -> EvidenceAnswer:
    return EvidenceAnswer(
        party=evidence.party,
        content_hash=to_hex(evidence.content_hash),
        uri=evidence.uri,
        submitted=place_answer(evidence.place),
    )
