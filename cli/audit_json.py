"""A verdict for programs: amounts as decimal strings, bytes as hex, times in seconds UTC."""

from __future__ import annotations

from typing import Any

from audit import Verdict
from audit.derivation import Derivation
from audit.findings import (
    AgreementBalance,
    Case,
    Dispute,
    Evidence,
    Payment,
    Place,
    Settlement,
    TokenBalance,
    VersionFound,
)
from cli.audit_text import settlement_lines
from record.hexes import to_hex
from sla.schedule import period_end, period_start


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """Everything; ``unpaid`` are settlements that no payment rests on."""
    paid = {settlement for payment in verdict.payments for settlement in payment.settlements}
    return {
        "verdict": verdict.kind.value,
        "firstDifference": verdict.first_difference,
        "chainId": verdict.chain_id,
        "escrow": verdict.escrow,
        "head": _head(verdict),
        "payments": [_payment(payment) for payment in verdict.payments],
        "unpaid": [_settlement(found) for found in verdict.settlements if found not in paid],
        "disputes": [_dispute(dispute) for dispute in verdict.disputes],
        "cases": [_case(case) for case in verdict.cases],
        "agreements": [_agreement(found) for found in verdict.agreements],
        "tokens": [_token(balance) for balance in verdict.tokens],
        "checked": dict(sorted(verdict.counts.items())),
        "notes": list(verdict.notes),
    }


def _head(verdict: Verdict) -> dict[str, Any] | None:
    if verdict.head is None:
        return None
    block, time, digest = verdict.head
    return {"block": block, "time": time, "hash": to_hex(digest)}


def _place(place: Place) -> dict[str, int]:
    return {"block": place.block, "transaction": place.transaction, "time": place.time}


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        **_place(payment.place),
        "agreement": to_hex(payment.agreement_id),
        "customer": payment.customer,
        "token": payment.token,
        "amount": str(payment.amount),
        "due": str(payment.due),
        "collateral": str(payment.collateral),
        "withheld": payment.withheld,
        "downstream": None if payment.downstream is None else to_hex(payment.downstream),
        "settlements": [_settlement(settlement) for settlement in payment.settlements],
    }


def _settlement(settlement: Settlement) -> dict[str, Any]:
    service = settlement.agreement.service
    return {
        **_place(settlement.place),
        "agreement": to_hex(settlement.agreement_id),
        "version": to_hex(settlement.version),
        "period": settlement.period,
        "start": period_start(service, settlement.period),
        "end": period_end(service, settlement.period),
        "obligation": settlement.obligation,
        "basis": settlement.basis.value,
        "round": None if settlement.round is None else str(settlement.round),
        "revision": settlement.revision,
        "finding": _finding(settlement.derivation),
        "periodCap": str(service.period_cap),
        "before": str(settlement.before),
        "others": str(settlement.others),
        "change": str(settlement.change),
        "steps": settlement_lines(settlement),
    }


def _finding(found: Derivation) -> dict[str, Any]:
    return {
        "attained": str(found.attained),
        "charge": str(found.charge),
        "tier": found.tier,
        "rate": str(found.rate),
        "uncapped": str(found.uncapped),
        "compensation": str(found.compensation),
    }


def _dispute(dispute: Dispute) -> dict[str, Any]:
    return {
        **_place(dispute.place),
        "agreement": to_hex(dispute.agreement_id),
        "version": to_hex(dispute.version),
        "period": dispute.period,
        "obligation": dispute.obligation,
        "disputer": dispute.disputer,
        "leafless": dispute.is_leafless,
        "reported": _finding(dispute.reported),
        "contested": str(dispute.contested),
        "alleged": _finding(dispute.alleged),
        "bond": str(dispute.bond),
        "rulingDeadline": dispute.ruling_deadline,
        "evidence": [_evidence(one) for one in dispute.evidence],
        "outcome": dispute.outcome.value,
        "ruling": None if dispute.ruling is None else _finding(dispute.ruling),
        "winner": dispute.winner,
        "fee": str(dispute.fee),
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        **_place(case.place),
        "agreement": to_hex(case.agreement_id),
        "version": to_hex(case.version),
        "period": case.period,
        "obligation": case.obligation,
        "revision": case.revision,
        "attained": str(case.attained),
        "standing": _finding(case.standing),
        "rulingDeadline": case.ruling_deadline,
        "evidence": [_evidence(one) for one in case.evidence],
        "outcome": case.outcome.value,
        "ruling": None if case.ruling is None else _finding(case.ruling),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        **_place(evidence.place),
        "party": evidence.party,
        "contentHash": to_hex(evidence.content_hash),
        "uri": evidence.uri,
    }


def _agreement(found: AgreementBalance) -> dict[str, Any]:
    parties = found.agreement.parties
    return {
        "agreement": to_hex(found.agreement_id),
        "provider": parties.provider,
        "customer": parties.customer,
        "arbiter": parties.arbiter,
        "token": found.agreement.stake.token,
        "received": str(found.received),
        "credits": str(found.credits),
        "compensated": str(found.compensated),
        "credited": str(found.credited),
        "released": str(found.released),
        "collateral": str(found.collateral),
        "due": str(found.due),
        "openClaims": found.open_claims,
        "inScope": found.in_scope,
        "versions": [_version(one) for one in found.versions],
    }


def _version(version: VersionFound) -> dict[str, Any]:
    return {
        "id": to_hex(version.id),
        "periods": version.count,
        "ending": None if version.ending is None else version.ending.value,
        "inScope": version.in_scope,
    }


def _token(balance: TokenBalance) -> dict[str, str]:
    return {
        "token": balance.token,
        "received": str(balance.received),
        "sent": str(balance.sent),
        "collateral": str(balance.collateral),
        "bonds": str(balance.bonds),
        "withdrawable": str(balance.withdrawable),
        "donated": str(balance.donated),
    }
