"""Claims and disputes: what was brought, what was said against it, what was settled."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from api.answers.actions import Action, ContestKind, actions_of, contest_of
from api.answers.values import (
    Address,
    Answer,
    Count,
    Hash,
    Money,
    Place,
    Time,
    known_attained,
    money,
    place_answer,
    time_text,
)
from index import facts
from index.committees import CommitteeRecord
from index.facts import Outcome, Token
from index.history import History
from record.hexes import to_hex


class ClaimState(StrEnum):
    """Where a claim stands, as the escrow has it."""

    NONE = "none"
    PENDING = "pending"
    DISPUTED = "disputed"
    RULED = "ruled"
    SETTLED = "settled"
    FINAL = "final"


class Side(StrEnum):
    """Which party."""

    PROVIDER = "provider"
    CUSTOMER = "customer"


class Finding(Answer):
    """What somebody says was attained, and what it pays by the agreement's terms."""

    attained: int | None = Field(
        ge=0, description="In the indicator's unit; null: no data", examples=[995000]
    )
    charge: Money = Field(description="The period's charge")
    compensation: Money


class Brought(Answer):
    """A report as it was brought to the escrow."""

    revision: Count
    finding: Finding = Field(
        description="What it says, and what it pays if nobody objects: outside the sane bounds by the missing-data "
        "policy"
    )
    status: ClaimState = Field(
        description="Of the claim from then on. disputed: it opened a case, or was recorded during a dispute",
        examples=["pending"],
    )
    deadline: Time = Field(description="Until then it could be disputed, or ruled")
    root: Hash = Field(description="The attested Merkle root in which it stands")
    round: int | None = Field(ge=0, description="Which attested the root; null while unknown", examples=[7])
    brought: Place


class SettlementAnswer(Answer):
    """A compensation that was settled; only the change moves money."""

    compensation: Money
    entitlement_change: Money = Field(description="Of the period, its joint cap considered; may be negative")
    settled: Place


class ClaimAnswer(Answer):
    """What is known of one obligation in one period: a report that was brought, or a dispute that there is none."""

    period: Count
    obligation: Count
    revision: int | None = Field(ge=0, description="The newest report's; null without a report", examples=[0])
    status: ClaimState = Field(
        description="pending; disputed, also by a case; ruled, also by a concession; settled: a later report may "
        "correct it; final",
        examples=["pending"],
    )
    reported: Finding | None = Field(description="What the newest report says; null without a report")
    final: Finding = Field(
        description="The last word so far: the ruling or concession, else the newest report, else what the "
        "missing-data policy says"
    )
    window_end: Time | None = Field(
        description="Until then it can be disputed, or its case ruled; null without a report"
    )
    contest: ContestKind = Field(
        description="none; dispute; case: a report outside the sane bounds waits for the arbiter",
        examples=["none"],
    )
    settleable: bool = Field(description="Whether anyone can settle it now")
    root: Hash | None = Field(description="Of the newest report; null without a report")
    round: int | None = Field(ge=0, description="Which attested the root; null while unknown", examples=[7])
    claimed: Place = Field(description="Where it began")
    settled: Place | None = Field(description="Where it was settled; null while it is open")
    settled_compensation: Money = Field(description="What was settled so far, before the period's joint cap")
    reports: list[Brought] = Field(description="Every report that was brought, from the first to the newest")
    settlements: list[SettlementAnswer]
    actions: list[Action] = Field(description="What can still be done, by whom and until when")


class EvidenceAnswer(Answer):
    """A document a party named in a dispute. Nobody checked what the URI leads to: compare its keccak256."""

    party: Address
    content_hash: Hash
    uri: str = Field(description="As the party wrote it", examples=["https://example.com/load-test.json"])
    submitted: Place


class Ruling(Answer):
    """What the arbiter found."""

    finding: Finding
    winner: Address | None = Field(
        description="Has the bond less the arbiter's fee; null in a case, which has none"
    )


class DisputeAnswer(Answer):
    """A party alleges another attainment, or a report outside the sane bounds opened a case."""

    period: Count
    obligation: Count
    case: bool = Field(description="Whether nobody disputes: then there is no bond", examples=[False])
    disputer: Address | None = Field(description="null in a case")
    side: Side | None = Field(description="The disputer's; null in a case", examples=["provider"])
    reported: Finding | None = Field(description="The report that was contested; null where there was none")
    contested: Money = Field(description="What was pending: a ruling is measured against it")
    standing: Money = Field(description="What was to be settled if nobody ruled, when the dispute began")
    alleged: Finding | None = Field(description="null in a case")
    bond: Money = Field(description="What arrived of it")
    ruling_deadline: Time = Field(description="Without a ruling before, what was reported stands")
    evidence: list[EvidenceAnswer]
    outcome: Outcome = Field(
        description="awaited; ruled; conceded: the opponent accepted what was alleged; unruled: the arbiter was "
        "silent, the newest report stands, else the missing-data policy, and the bond went back. A case may also be "
        "corrected by a later report, or disputed by a party",
        examples=["ruled"],
    )
    ruling: Ruling | None
    disputed: Place
    decided: Place | None = Field(description="Where it ended; null while a ruling is awaited")


def claim_answer(claim: facts.Claim, record: facts.AgreementRecord, history: History) -> ClaimAnswer:
    """The claim as it is at the history's head."""
    token = history.tokens[record.agreement.stake.token]
    committee = history.committees[record.agreement.service.committee]
    report, last = claim.report, claim.settlements[-1] if claim.settlements else None
    return ClaimAnswer(
        period=claim.key.period,
        obligation=claim.key.obligation,
        revision=None if report is None else report.revision,
        status=ClaimState[claim.status.name],
        reported=None if report is None else _finding(report.finding, token),
        final=_final(claim, token),
        window_end=None if report is None else time_text(report.deadline),
        contest=contest_of(claim),
        settleable=claim.is_due(history.head.time),
        root=None if report is None else to_hex(report.root),
        round=None if report is None else committee.by_root.get(report.root),
        claimed=place_answer(claim.place),
        settled=None if last is None or claim.is_open else place_answer(last.place),
        settled_compensation=money(claim.settled, token),
        reports=[_brought(one, committee, token) for one in claim.reports],
        settlements=[_settlement(one, token) for one in claim.settlements],
        actions=actions_of(claim, record, history.head.time),
    )


def dispute_answer(
    claim: facts.Claim, dispute: facts.Dispute, record: facts.AgreementRecord, token: Token
) -> DisputeAnswer:
    """A dispute or a case of a claim."""
    return DisputeAnswer(
        period=claim.key.period,
        obligation=claim.key.obligation,
        case=dispute.is_case,
        disputer=dispute.disputer,
        side=_side(dispute, record),
        reported=None if dispute.reported is None else _finding(dispute.reported, token),
        contested=money(dispute.contested, token),
        standing=money(dispute.standing, token),
        alleged=None if dispute.alleged is None else _finding(dispute.alleged, token),
        bond=money(dispute.bond, token),
        ruling_deadline=time_text(dispute.ruling_deadline),
        evidence=[_evidence(one) for one in dispute.evidence],
        outcome=dispute.outcome,
        ruling=_ruling(dispute, token),
        disputed=place_answer(dispute.place),
        decided=None if dispute.decided is None else place_answer(dispute.decided),
    )


def _final(claim: facts.Claim, token: Token) -> Finding:
    """Without a report, an attainment is known only by a ruling; what is paid, always."""
    if claim.ruling is not None:
        return _finding(claim.ruling, token)
    report, dispute = claim.report, claim.dispute
    compensation = money(claim.compensation, token)
    if report is not None:
        said = report.finding
        return Finding(
            attained=known_attained(said.attained),
            charge=money(said.charge, token),
            compensation=compensation,
        )
    alleged = None if dispute is None else dispute.alleged
    charge = 0 if alleged is None else alleged.charge
    return Finding(attained=None, charge=money(charge, token), compensation=compensation)


def _side(dispute: facts.Dispute, record: facts.AgreementRecord) -> Side | None:
    if dispute.disputer is None:
        return None
    return Side.CUSTOMER if dispute.disputer == record.agreement.parties.customer else Side.PROVIDER


def _brought(report: facts.Brought, committee: CommitteeRecord, token: Token) -> Brought:
    return Brought(
        revision=report.revision,
        finding=_finding(report.finding, token),
        status=ClaimState[report.status.name],
        deadline=time_text(report.deadline),
        root=to_hex(report.root),
        round=committee.by_root.get(report.root),
        brought=place_answer(report.place),
    )


def _settlement(settlement: facts.Settlement, token: Token) -> SettlementAnswer:
    return SettlementAnswer(
        compensation=money(settlement.compensation, token),
        entitlement_change=money(settlement.entitlement_change, token),
        settled=place_answer(settlement.place),
    )


def _ruling(dispute: facts.Dispute, token: Token) -> Ruling | None:
    if dispute.ruling is None:
        return None
    return Ruling(finding=_finding(dispute.ruling, token), winner=dispute.winner)


def _finding(finding: facts.Finding, token: Token) -> Finding:
    return Finding(
        attained=known_attained(finding.attained),
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
