"""Reports that are brought to the escrow: first ones, corrections, answers, and those nobody can pay by."""

from __future__ import annotations

from audit.books import Claim, Status, Version
from audit.calls import Call, Send
from audit.derivation import Derivation, charge_problem, derive_standing
from audit.difference import differ, require, require_equal
from audit.findings import Basis, Case, Outcome, Place
from audit.state import Attested, State
from record.events import Claimed
from record.pack_logs import Entry
from sla.compensation import is_sane
from sla.report import Report
from sla.schedule import claim_deadline, deadline_end


def claimed(state: State, entry: Entry, event: Claimed, version: Version) -> None:
    """The report was attested, is the newest, and came in time. What it does depends on what was there before it
    (R5, R6, R22)."""
    agreement, service = version.agreement, version.agreement.service
    promise = version.promise(event.obligation)
    if promise is None or event.period >= version.count:
        differ(entry, f"the agreement has no period {event.period} or no obligation {event.obligation}")
    key = (event.period, event.obligation)
    claim = version.claims.get(key)
    _check_open(entry, event, version, claim)
    report = Report(event.id, event.period, event.obligation, event.revision, event.attained, event.charge)
    attested = _attested(state, entry, event, report, version) if version.in_scope else None
    problem = charge_problem(service, event.charge)
    require(problem is None, entry, f"{problem}")
    sane = is_sane(promise, event.attained)
    found = derive_standing(promise, event.attained, event.charge)
    require_equal(entry, "the compensation", event.compensation, found.compensation)
    if claim is None and sane:
        require(found.compensation > 0, entry, "a first report that pays nothing was claimed")

    window = agreement.stake.dispute_window
    if claim is not None and claim.dispute is not None:
        status, deadline = Status.DISPUTED, claim.dispute.ruling_deadline
    elif sane:
        status, deadline = Status.PENDING, entry.time + window
    else:
        status, deadline = Status.DISPUTED, entry.time + agreement.stake.rule_within
    require_equal(entry, "the claim's status", event.status, int(status))
    require_equal(entry, "the deadline", event.deadline, deadline)

    if claim is None:
        # Like one that was settled: nothing is open.
        claim = version.claims[key] = Claim(Status.SETTLED, found, Basis.REPORT)
    if claim.status is Status.SETTLED:
        version.account.open_claims += 1
    if claim.dispute is None:
        _begin(state, entry, event, version, claim, found if not sane else None)
    claim.status, claim.pending, claim.window_end = status, found, deadline
    claim.basis = Basis.REPORT if sane else Basis.MISSING_DATA
    claim.revision = event.revision
    claim.round = attested.round if attested else None
    claim.observed = attested.observed[report] if attested else ()
    at_once = key if status is Status.PENDING and window == 0 else None
    account = version.account
    state.call = Call(entry, account.token, account, version, [Send(account.customer)], key=at_once)
    state.counts["claims"] += 1


def _check_open(entry: Entry, event: Claimed, version: Version, claim: Claim | None) -> None:
    """Nothing final was said, and it is neither too late nor an old revision."""
    if claim is not None and claim.status in (Status.RULED, Status.FINAL):
        differ(entry, f"the claim is {claim.status.name.lower()}, which is final")
    if claim is not None and claim.dispute is not None:
        ruling = claim.dispute.ruling_deadline
        require(entry.time < ruling, entry, f"the ruling deadline was {ruling}, it was {entry.time}")
    else:
        deadline = claim_deadline(version.agreement.service, version.agreement.stake, event.period)
        require(entry.time < deadline, entry, f"claims were possible until {deadline}, it was {entry.time}")
    if claim is not None and claim.window_end:
        higher = event.revision > claim.revision
        require(higher, entry, f"revision {claim.revision} was claimed for this period before")


def _begin(
    state: State, entry: Entry, event: Claimed, version: Version, claim: Claim, standing: Derivation | None
) -> None:
    """What the claim was contested by is over; a new case where the report has a ``standing`` only by policy."""
    if isinstance(claim.contest, Case):
        claim.contest.outcome, claim.contest.decided = Outcome.CORRECTED, Place.of(entry)
    claim.contest = None
    if standing is None:
        return
    case = Case(
        agreement_id=version.account.id,
        version=version.id,
        period=event.period,
        obligation=event.obligation,
        revision=event.revision,
        attained=event.attained,
        standing=standing,
        ruling_deadline=event.deadline,
        place=Place.of(entry),
    )
    claim.contest = case
    state.cases.append(case)
    state.counts["cases"] += 1


def _attested(state: State, entry: Entry, event: Claimed, report: Report, version: Version) -> Attested:
    """The round that attested the report, after the end of its period (R9)."""
    service = version.agreement.service
    committee = state.committees.get(service.committee)
    attested = committee.roots.get(event.root) if committee else None
    if attested is None:
        differ(entry, f"the root 0x{event.root.hex()} was not attested by {service.committee}")
    end = deadline_end(service, event.period)
    require(
        attested.time >= end, entry, f"the root was attested at {attested.time}, the period ended at {end}"
    )
    require(report in attested.observed, entry, f"no such report stands in round {attested.round}")
    return attested
