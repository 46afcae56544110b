"""What committees attested: quorum, signatures, and the evidence of every round."""

from __future__ import annotations

from collections.abc import Sequence

from audit.difference import Difference, differ, place_of, require, require_equal
from audit.medians import check_medians
from audit.state import Attested, Committee, State
from record.bundle import Bundle, report_key
from record.eip712 import committee_domain, round_digest
from record.events import CommitteeFormed, ReportsPublished, RoundPosted
from record.hexes import to_hex
from record.merkle import MerkleTree, report_leaf, verify
from record.pack import RoundEvidence
from record.pack_logs import Entry
from record.signing import recover
from sla.agreement import ZERO_ADDRESS, ZERO_BYTES32
from sla.errors import RecordError, SignatureError
from sla.report import Report
from sla.validation import MAX_DURATION

MAX_MEMBERS = 64


def formed(state: State, entry: Entry, event: CommitteeFormed) -> None:
    """Distinct members, and a quorum of which two must share a member."""
    members, quorum = event.members, event.quorum
    require(1 <= len(members) <= MAX_MEMBERS, entry, f"the committee has {len(members)} members")
    require(len(set(members)) == len(members), entry, "a member stands twice")
    require(ZERO_ADDRESS not in members, entry, "a member is the zero address")
    require(len(members) < 2 * quorum <= 2 * len(members), entry, f"{quorum} of {len(members)} are no quorum")
    delay = event.rotation_delay
    require(1 <= delay <= MAX_DURATION, entry, f"rotations wait for {delay} seconds")
    state.committees[entry.address] = Committee(members, quorum, delay)


def posted(state: State, entry: Entry, event: RoundPosted, evidence: RoundEvidence, data: bytes) -> None:
    """A new root in a later round, signed by a quorum, whose evidence leads to the same reports."""
    committee = committee_of(state, entry)
    require(event.round > committee.last_round, entry, f"round {committee.last_round} came before")
    require(event.root != ZERO_BYTES32, entry, "the root is empty")
    require(event.root not in committee.roots, entry, "the root was attested before")
    signers = _signers(state, entry, event, committee, evidence)
    bundle = _bundle(state, entry, event, committee, evidence.file, data)
    try:
        tree = MerkleTree(bundle.reports)
    except RecordError as error:
        raise Difference(evidence.file, error.problem) from None
    require_equal(entry, "the root", event.root, tree.root)
    for report in tree.ordered:
        require(verify(event.root, report_leaf(report), tree.proof(report)), entry, f"{report} is not proven")
    observed = check_medians(state, evidence.file, bundle, committee, signers)
    _note_conflicts(state, entry, event, committee, tree.ordered)
    committee.last_round = event.round
    committee.roots[event.root] = Attested(event.round, entry.time, observed)
    state.counts["rounds"] += 1
    state.counts["reports"] += len(tree.ordered)


def published(state: State, entry: Entry, event: ReportsPublished) -> None:
    """Published reports are those of the round's evidence. Anyone may publish them, again, and with the two sides of
    any node of the tree exchanged: the root is the same."""
    attested = committee_of(state, entry).roots.get(event.root)
    if attested is None:
        differ(entry, f"the root 0x{event.root.hex()} was not attested")
    reports = [Report(*values) for values in event.reports]
    same = len(reports) == len(attested.observed) and set(reports) == attested.observed.keys()
    require(same, entry, "the reports are not those of the round's evidence")


def committee_of(state: State, entry: Entry) -> Committee:
    """The committee whose event this is; Difference before its first."""
    committee = state.committees.get(entry.address)
    if committee is None:
        differ(entry, "the committee was not formed yet")
    return committee


def named_signers(entry: Entry, bits: int, committee: Committee) -> list[str]:
    """The members of now whose bits are set, in the order of their index: all of them members, and a quorum (P5)."""
    require(bits < 1 << len(committee.members), entry, "a signer is no member")
    signers = [member for index, member in enumerate(committee.members) if bits >> index & 1]
    require(
        len(signers) >= committee.quorum, entry, f"{len(signers)} signed, the quorum is {committee.quorum}"
    )
    return signers


def _signers(
    state: State, entry: Entry, event: RoundPosted, committee: Committee, evidence: RoundEvidence
) -> list[str]:
    """One signature for each member the event names, in their order, no fewer than the quorum (P5)."""
    signers = named_signers(entry, event.signers, committee)
    digest = round_digest(
        event.round, event.root, event.bundle, committee_domain(state.chain_id, entry.address)
    )
    try:
        recovered = [recover(digest, signature) for signature in evidence.signatures]
    except SignatureError as error:
        raise Difference(evidence.file, error.problem) from None
    if recovered != signers:
        raise Difference(
            evidence.file, f"the signatures are not those of the members that {place_of(entry)} names"
        )
    state.counts["signatures of rounds"] += len(signers)
    return signers


def _bundle(
    state: State, entry: Entry, event: RoundPosted, committee: Committee, file: str, data: bytes
) -> Bundle:
    """The bundle, about this very round."""
    try:
        bundle = Bundle.from_bytes(data)
    except RecordError as error:
        raise Difference(file, error.problem) from None
    about = (bundle.chain_id, bundle.committee, bundle.round, bundle.quorum)
    meant = (state.chain_id, entry.address, event.round, committee.quorum)
    if about != meant:
        raise Difference(file, f"the bundle is about {about}, not {meant}")
    return bundle


def _note_conflicts(
    state: State, entry: Entry, event: RoundPosted, committee: Committee, reports: Sequence[Report]
) -> None:
    """Two reports of one revision: the first brought stands, the other is evidence against the committee (R11)."""
    for report in reports:
        first = committee.reports.setdefault(report_key(report), (event.round, report))
        if first[1] != report:
            state.notes.append(
                f"Rounds {first[0]} and {event.round} of {entry.address} contradict each other: revision "
                f"{report.revision} of period {report.period}, obligation {report.obligation}, agreement "
                f"{to_hex(report.agreement)} is {first[1].attained} and {report.attained}."
            )
