"""Which reports a keeper brings to the escrow, and until when. Pure: decided by the terms, and by what was claimed."""

from __future__ import annotations

from chain.escrow_state import ClaimStatus
from oracle.ports import ClaimState
from sla.agreement import Agreement, MissingData, Obligation, Service
from sla.compensation import is_sane, standing
from sla.report import Report
from sla.schedule import claim_deadline, deadline_end


def brought_until(
    agreement: Agreement, count: int, report: Report, attested_at: int, claim: ClaimState | None
) -> int | None:
    """Before which second, UTC, the committee's last word on a subject is to be brought; None if not at all.

    ``count`` is how many periods the terms still govern, ``claim`` what became of the subject so far. Nothing else is
    brought than what the escrow takes and what may move money:

    - nothing was claimed: a report that pays, or one outside the sane bounds where that is a case (R22);
    - a dispute runs: what answers it, also by paying nothing (R6), or what stands if nobody rules (R5);
    - something was claimed: any higher revision, also a lower one in money, until the claim deadline (R5);
    - after a ruling or a concession nothing.
    """
    if claim is not None and not _moves(report, claim):
        return None
    service = agreement.service
    if report.obligation >= len(agreement.obligations) or report.period >= count:
        return None
    if not _is_charge(service, report.charge) or attested_at < deadline_end(service, report.period):
        return None
    deadline = claim_deadline(service, agreement.stake, report.period)
    if claim is None:
        return deadline if _begins(agreement.obligations[report.obligation], report) else None
    return claim.due if claim.is_disputed else deadline


def _moves(report: Report, claim: ClaimState) -> bool:
    """Whether a report may still change what became of the claim."""
    if claim.status in (ClaimStatus.RULED, ClaimStatus.FINAL):
        return False
    return claim.revision is None or report.revision > claim.revision


def _begins(obligation: Obligation, report: Report) -> bool:
    """Whether a report is worth a claim where there is none."""
    if is_sane(obligation, report.attained):
        return standing(obligation, report.attained, report.charge) > 0
    return obligation.missing_data is not MissingData.IGNORE


def _is_charge(service: Service, charge: int) -> bool:
    """R21: a fixed charge is what was signed, a metered one at most that."""
    return charge <= service.charge_max if service.charge_max else charge == service.charge
