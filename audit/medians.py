"""How a round's reports follow from the observations that members signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from audit.difference import Difference
from audit.findings import Observed
from audit.state import Committee, State
from record.bundle import Bundle, SignedObservation, report_key
from record.eip712 import committee_domain, observation_digest
from record.hexes import to_hex
from record.signing import recover
from record.typed_data import Domain
from sla.agreeing import agree
from sla.agreement import Comparator
from sla.errors import SignatureError
from sla.report import Observation, Report
from sla.schedule import deadline_end


def check_medians(
    state: State, place: str, bundle: Bundle, committee: Committee, signers: Collection[str]
) -> dict[Report, Observed]:
    """Every observation is a member's and belongs to a report; every report is the median of its observations, among
    them those of all who signed the round. What was observed, by report.

    A round may be posted just after one of those who observed for it was rotated out (R12). So all who observed were
    members at one time after the periods' ends: then, or now.
    """
    domain = committee_domain(state.chain_id, bundle.committee)
    observed: dict[tuple[bytes | int, ...], list[SignedObservation]] = defaultdict(list)
    for signed in bundle.observations:
        _check_observer(place, signed, domain)
        observed[report_key(signed.observation)].append(signed)
    _check_members(state, place, bundle, committee)
    found: dict[Report, Observed] = {}
    for report in bundle.reports:
        group = observed.pop(report_key(report), [])
        problem = _problem(state, report, group, committee, signers)
        if problem is not None:
            raise Difference(place, f"{_shown(report)} {problem}")
        seen = [signed.observation for signed in group]
        found[report] = tuple(one.attained if one.known else None for one in seen)
    for group in observed.values():
        raise Difference(place, f"{_shown(group[0].observation)} was observed, but not reported")
    state.counts["observations"] += len(bundle.observations)
    return found


def _check_members(state: State, place: str, bundle: Bundle, committee: Committee) -> None:
    observers = {signed.member for signed in bundle.observations}
    ended = max((_end_of(state, report) for report in bundle.reports), default=0)
    sittings = [members for until, members in committee.former if until >= ended]
    if not any(observers <= set(members) for members in (committee.members, *sittings)):
        strangers = sorted(observers - set(committee.members))
        raise Difference(
            place, f"an observation of {strangers[0]}, who was no member together with the others"
        )


def _end_of(state: State, report: Report) -> int:
    """When the period of a report was over; 0 where the agreement was not opened in this escrow, or has no such
    period."""
    terms = state.terms.get(report.agreement)
    if terms is None or report.period >= terms.agreement.service.count:
        return 0
    return deadline_end(terms.agreement.service, report.period)


def _check_observer(place: str, signed: SignedObservation, domain: Domain) -> None:
    try:
        signer = recover(observation_digest(signed.observation, domain), signed.signature)
    except SignatureError as error:
        raise Difference(place, f"an observation of {signed.member}: {error.problem}") from None
    if signer != signed.member:
        raise Difference(place, f"an observation of {signed.member} is signed by {signer}")


def _problem(
    state: State,
    report: Report,
    group: list[SignedObservation],
    committee: Committee,
    signers: Collection[str],
) -> str | None:
    """What is wrong with a report, if anything."""
    silent = set(signers) - {signed.member for signed in group}
    if silent:
        return f"was signed by {sorted(silent)[0]}, who did not observe it"
    charges = {signed.observation.charge for signed in group} | _agreed_charges(state, report)
    if charges != {report.charge}:
        return f"is reported with a charge of {report.charge}, observed and agreed is {sorted(charges)}"
    known = [signed.observation.attained for signed in group if signed.observation.known]
    medians = {agree(known, comparator, committee.quorum) for comparator in _comparators(state, report)}
    if report.attained not in medians:
        shown = " or ".join(map(str, sorted(medians)))
        return f"is reported as {report.attained}, the median of its observations is {shown}"
    return None


def _agreed_charges(state: State, report: Report) -> set[int]:
    """The charge, where it is fixed (R21)."""
    terms = state.terms.get(report.agreement)
    if terms is None or terms.agreement.service.charge_max:
        return set()
    return {terms.agreement.service.charge}


def _comparators(state: State, report: Report) -> tuple[Comparator, ...]:
    """The agreed comparator; either of the two where the agreement was not opened in this escrow."""
    terms = state.terms.get(report.agreement)
    if terms is None or report.obligation >= len(terms.agreement.obligations):
        return tuple(Comparator)
    return (terms.agreement.obligations[report.obligation].comparator,)


def _shown(report: Report | Observation) -> str:
    return f"agreement {to_hex(report.agreement)}, period {report.period}, obligation {report.obligation}"
