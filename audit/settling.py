"""Claims that are settled: the period's entitlement moves, and with it what the account owes."""

from __future__ import annotations

from audit.books import Claim, Status, Version
from audit.difference import differ, require, require_equal
from audit.disputing import check_silent, settling_call
from audit.findings import Basis, Case, Outcome, Place, Settlement
from audit.state import State
from record.events import Settled
from record.pack_logs import Entry
from sla.compensation import entitlement


def settled(state: State, entry: Entry, event: Settled, version: Version) -> None:
    """The claim was due; the period's entitlement moves by what the joint cap leaves of the change (R3)."""
    key = (event.period, event.obligation)
    call = settling_call(state, entry, version)
    if call.key is not None:
        require_equal(entry, "the claim that is settled", key, call.key)
        call.key = None
    claim = version.claims.get(key)
    if claim is None:
        differ(entry, "there is no such claim")
    basis = _due(entry, claim)
    compensation = claim.pending.compensation
    require_equal(entry, "the compensation", event.compensation, compensation)
    cap = version.agreement.service.period_cap
    before = version.totals[event.period]
    after = before - claim.settled + compensation
    change = entitlement(cap, after) - entitlement(cap, before)
    require_equal(entry, "the change of the entitlement", event.entitlement_change, change)

    account = version.account
    settlement = Settlement(
        agreement_id=account.id,
        version=version.id,
        agreement=version.agreement,
        period=event.period,
        obligation=event.obligation,
        basis=basis,
        round=claim.round,
        revision=claim.revision if claim.window_end else None,
        observed=claim.observed,
        derivation=claim.pending,
        before=claim.settled,
        others=before - claim.settled,
        change=change,
        place=Place.of(entry),
    )
    claim.status = Status.FINAL if claim.status is Status.RULED else Status.SETTLED
    claim.settled, claim.contest = compensation, None
    version.totals[event.period] = after
    account.open_claims -= 1
    account.due += change
    account.unpaid.append(settlement)
    state.settlements.append(settlement)
    call.owe(account)
    state.counts["settlements"] += 1


def _due(entry: Entry, claim: Claim) -> Basis:
    """What the settlement rests on; the claim waits for nothing any more."""
    if claim.status is Status.PENDING:
        over = entry.time >= claim.window_end
        require(over, entry, f"the window ends at {claim.window_end}, it was {entry.time}")
    elif claim.status is Status.DISPUTED and isinstance(claim.contest, Case):
        check_silent(entry, claim.contest)
    elif claim.dispute is not None:
        require(claim.dispute.outcome is Outcome.SILENT, entry, "the disputer's bond was not returned")
        return Basis.SILENCE if claim.basis is Basis.REPORT else claim.basis
    else:
        require(claim.status is Status.RULED, entry, f"the claim is {claim.status.name.lower()}")
    return claim.basis
