"""Reports that are brought to the escrow."""

from __future__ import annotations

from audit.calls import Call, Send
from audit.derivation import derive, finding_problem
from audit.difference import differ, require, require_equal
from audit.state import Account, Attested, Claim, State
from record.events import Claimed
from record.pack_logs import Entry
from sla.report import Report
from sla.schedule import claim_deadline, deadline_end


def claimed(state: State, entry: Entry, event: Claimed, account: Account) -> None:
    """The report was attested in time, pays, and is the first for its period and obligation."""
    agreement, service = account.agreement, account.agreement.service
    promise = account.promise(event.obligation)
    if promise is None or event.period >= service.count:
        differ(entry, f"the agreement has no period {event.period} or no obligation {event.obligation}")
    deadline = claim_deadline(service, agreement.stake, event.period)
    require(entry.time < deadline, entry, f"claims were possible until {deadline}, it was {entry.time}")
    key = (event.period, event.obligation)
    require(key not in account.claims, entry, "the obligation was claimed for this period before")
    report = Report(event.id, event.period, event.obligation, event.revision, event.attained, event.charge)
    attested = _attested(state, entry, event, report, account) if account.in_scope else None
    problem = finding_problem(service, promise, event.attained, event.charge)
    require(problem is None, entry, f"{problem}")
    reported = derive(promise, event.attained, event.charge)
    require_equal(entry, "the compensation", event.compensation, reported.compensation)
    require(reported.compensation > 0, entry, "a report that pays nothing was claimed")
    window = agreement.stake.dispute_window
    require_equal(entry, "the window's end", event.window_end, entry.time + window)

    account.claims[key] = Claim(
        round=attested.round if attested else None,
        revision=event.revision,
        observed=attested.observed[report] if attested else (),
        reported=reported,
        final=reported,
        window_end=event.window_end,
    )
    account.open_claims += 1
    at_once = key if window == 0 else None
    state.call = Call(entry, account.token, account.id, [Send(agreement.parties.customer)], key=at_once)
    state.counts["claims"] += 1


def _attested(state: State, entry: Entry, event: Claimed, report: Report, account: Account) -> Attested:
    """The round that attested the report, after the end of its period (R9)."""
    service = account.agreement.service
    attested = state.committees[service.committee].roots.get(event.root)
    if attested is None:
        differ(entry, f"the root 0x{event.root.hex()} was not attested by {service.committee}")
    end = deadline_end(service, event.period)
    require(
        attested.time >= end, entry, f"the root was attested at {attested.time}, the period ended at {end}"
    )
    require(report in attested.observed, entry, f"no such report stands in round {attested.round}")
    return attested
