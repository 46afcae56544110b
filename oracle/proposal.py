"""What a round says, and what a member checks before it signs one. Pure: the same for who proposes and who checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from oracle.errors import RoundRefused
from oracle.ports import CommitteeTerms, Subject, View, subject_of
from record.bundle import Bundle, SignedObservation, report_key
from record.eip712 import observation_digest
from record.signing import recover
from sla.agreeing import agree
from sla.agreement import Agreement
from sla.errors import RecordError, SignatureError
from sla.report import Report
from sla.schedule import deadline_end

Key = tuple[bytes | int, ...]

MAX_BUNDLE_BYTES = 16 << 20
"""Of the bundle of a round: members take no larger one from a stranger."""


def agreed(agreement: Agreement, signed: Sequence[SignedObservation], quorum: int) -> Report:
    """The report of all observations of one subject and revision, at least one: their median, in the customer's
    favour. Unknowns do not enter; fewer than a quorum of known ones is NO_DATA."""
    one = signed[0].observation
    known = [each.observation.attained for each in signed if each.observation.known]
    comparator = agreement.obligations[one.obligation].comparator
    attained = agree(known, comparator, quorum)
    return Report(*subject_of(one), one.revision, attained, agreement.service.charge)


def carried(observers: Mapping[Subject, frozenset[str]], quorum: int) -> list[Subject]:
    """The subjects that one round can carry: those that a quorum of the same members have all observed.

    A member signs only what it observed itself, so one agreement that few members know must not keep the others
    waiting; what is left out has its turn in a later round.
    """
    by_set: defaultdict[frozenset[str], list[Subject]] = defaultdict(list)
    for subject, members in observers.items():
        by_set[members].append(subject)
    common: frozenset[str] | None = None
    subjects: list[Subject] = []
    for members, theirs in sorted(by_set.items(), key=lambda item: (-len(item[1]), sorted(item[0]))):
        shared = members if common is None else common & members
        if len(shared) >= quorum:
            common = shared
            subjects += theirs
    return sorted(subjects)


def most_reports(members: int) -> int:
    """How many reports fit into a bundle of ``MAX_BUNDLE_BYTES`` for sure: 300 bytes each, and 600 for each member's
    observation. 6 213 in a committee of four."""
    return MAX_BUNDLE_BYTES // (300 + 600 * members)


def round_now(view: View, turn_seconds: int) -> int:
    """The number of the round to propose now: one above the last, and one more for every turn since then.

    All members read it from the chain alone. A minute without a round, and the next number's proposer has its turn;
    a committee that had nothing to report for a day skips a day's numbers.
    """
    return view.last_round + 1 + max(0, view.time - view.last_round_time) // turn_seconds


def check_number(number: int, view: View, turn_seconds: int) -> None:
    """RoundRefused for a round that is over, or so high that it would use up rounds: numbers may skip no faster than
    turns pass. One turn is allowed for chains read at different moments."""
    highest = round_now(view, turn_seconds) + 1
    if not view.last_round < number <= highest:
        raise RoundRefused(
            f"round {number} is not between {view.last_round} and {highest}", "propose the next round"
        )


def read_bundle(data: bytes, committee: CommitteeTerms) -> Bundle:
    """The bundle of a proposal to this committee; RoundRefused for anything else."""
    try:
        bundle = Bundle.from_bytes(data)
    except RecordError as error:
        raise RoundRefused(error.problem, error.remedy) from None
    stated = (bundle.chain_id, bundle.committee, bundle.quorum)
    if stated != (committee.chain_id, committee.address, committee.quorum) or not bundle.reports:
        raise RoundRefused(f"the bundle is of {stated}, or empty", "propose to the right committee")
    return bundle


def check_reports(
    bundle: Bundle,
    committee: CommitteeTerms,
    view: View,
    member: str,
    held: Callable[[Report], Sequence[SignedObservation]],
) -> None:
    """RoundRefused unless every report is about a period that is over, is the median of what the bundle holds,
    contains ``member``'s own observation, and would not change by anything ``held`` about its subject and revision.

    The last is what "every signed observation received" means to who checks: a liar that proposes must not turn a
    breach into NO_DATA by saying "unknown" itself and leaving another observation out.
    """
    groups: defaultdict[Key, list[SignedObservation]] = defaultdict(list)
    for signed in bundle.observations:
        groups[report_key(signed.observation)].append(signed)
    if groups.keys() != {report_key(report) for report in bundle.reports}:
        raise RoundRefused(
            "reports and observations are not about the same", "leave nothing out, add nothing"
        )
    for report in bundle.reports:
        agreement, group, mine = _agreement_of(report, view), groups[report_key(report)], held(report)
        for signed in group:
            if signed not in mine:
                check_observation(signed, committee, agreement)
        _require_median(report, agreed(agreement, group, committee.quorum), "the observations say")
        if not any(signed.member == member and signed in mine for signed in group):
            raise RoundRefused(f"my own observation of {_named(report)} is missing", "add it")
        named = {signed.member for signed in group}
        everything = [*group, *(signed for signed in mine if signed.member not in named)]
        _require_median(report, agreed(agreement, everything, committee.quorum), "with what I hold it is")


def check_observation(signed: SignedObservation, committee: CommitteeTerms, agreement: Agreement) -> None:
    """RoundRefused unless a member of the committee signed it and it states the agreement's charge."""
    observation = signed.observation
    if signed.member not in committee.members:
        raise RoundRefused(f"{signed.member} is no member", "leave its observations out")
    if observation.charge != agreement.service.charge or observation.obligation >= len(agreement.obligations):
        raise RoundRefused(f"{signed.member} observed what the agreement does not have", "leave it out")
    try:
        signer = recover(observation_digest(observation, committee.domain), signed.signature)
    except (SignatureError, RecordError) as error:
        raise RoundRefused(f"{signed.member}: {error.problem}", "leave it out") from None
    if signer != signed.member:
        raise RoundRefused(f"{signed.member} did not sign its observation", "leave it out")


def _agreement_of(report: Report, view: View) -> Agreement:
    """The agreement of a report about a period of it that is over."""
    agreement = view.agreements.get(report.agreement)
    if agreement is None:
        raise RoundRefused(f"agreement 0x{report.agreement.hex()} is not open with us", "leave it out")
    if report.obligation >= len(agreement.obligations) or report.period >= view.count_of(report.agreement):
        raise RoundRefused("a report is about what the agreement does not have", "leave it out")
    end = deadline_end(agreement.service, report.period)
    if view.time < end:
        raise RoundRefused(
            f"period {report.period} ends at {end}, it is {view.time}", "wait until it is over"
        )
    return agreement


def _require_median(report: Report, median: Report, source: str) -> None:
    if report != median:
        raise RoundRefused(
            f"{_named(report)} is reported as {report.attained} with charge {report.charge}, {source} "
            f"{median.attained} with {median.charge}",
            "gather all observations and recompute the median",
        )


def _named(report: Report) -> str:
    return f"period {report.period}, obligation {report.obligation}"
