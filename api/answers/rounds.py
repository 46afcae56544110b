"""Rounds: what a committee attested, and who signed it."""

from __future__ import annotations

from pydantic import Field

from api.answers.values import (
    Address,
    Answer,
    Count,
    Hash,
    Money,
    Place,
    known_attained,
    money,
    place_answer,
)
from index import facts
from index.bundles import BundledReports
from index.committees import CommitteeRecord
from index.history import History
from record.hexes import to_hex
from sla.report import Report


class RoundSummary(Answer):
    """One posting by a committee: a Merkle root over any number of reports."""

    committee: Address
    number: Count = Field(description="Rounds increase and may skip")
    root: Hash
    bundle: Hash = Field(description="keccak256 of its evidence: see `/bundles/{hash}`")
    signers: list[Address] = Field(description="The members that signed, in the order of their index")
    quorum: Count = Field(description="How many had to sign")
    report_count: int | None = Field(
        ge=0,
        description="How many reports it put on the chain; null while there are none, only their root",
        examples=[12],
    )
    posted: Place


class ReportAnswer(Answer):
    """A leaf: what a committee found for one obligation in one period."""

    agreement: Hash
    period: Count
    obligation: Count
    revision: Count
    known: bool = Field(description="False for NO_DATA: fewer than a quorum of observations were known")
    attained: int | None = Field(
        ge=0, description="In the indicator's unit; null unless known", examples=[995000]
    )
    charge: Money


class RoundAnswer(RoundSummary):
    """A round with its reports."""

    reports: list[ReportAnswer] | None = Field(
        description="In the order of publication, or of the bundle; null when neither the chain nor anybody here has "
        "them"
    )


def round_summary(posted: facts.Round, history: History) -> RoundSummary:
    """The round in a list."""
    return RoundSummary.model_validate(_summary(posted, history.committees[posted.committee]))


def round_whole(posted: facts.Round, history: History, bundled: BundledReports) -> RoundAnswer:
    """The round by itself."""
    reports = bundled.of(posted)
    return RoundAnswer.model_validate(
        {
            **_summary(posted, history.committees[posted.committee]),
            "reports": None if reports is None else [_report(report, history) for report in reports],
        }
    )


def _summary(posted: facts.Round, committee: CommitteeRecord) -> dict[str, object]:
    return {
        "committee": posted.committee,
        "number": posted.number,
        "root": to_hex(posted.root),
        "bundle": to_hex(posted.bundle),
        "signers": list(committee.signers_of(posted)),
        "quorum": committee.terms.quorum,
        "report_count": None if posted.reports is None else len(posted.reports),
        "posted": place_answer(posted.place),
    }


def _report(report: Report, history: History) -> ReportAnswer:
    attained = known_attained(report.attained)
    return ReportAnswer(
        agreement=to_hex(report.agreement),
        period=report.period,
        obligation=report.obligation,
        revision=report.revision,
        known=attained is not None,
        attained=attained,
        charge=money(report.charge, history.token_of(report.agreement)),
    )
