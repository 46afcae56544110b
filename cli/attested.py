"""A report that a committee attested, and the proof for it, out of what the rounds published or their bundles hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.exporting import MAX_BUNDLE_BYTES, bundles_of
from cli.terms_file import FileRefused, read_bytes
from index.bundles import BundledReports
from index.facts import AgreementRecord, Round
from index.history import History
from record.hexes import to_hex
from record.keccak import keccak256
from record.merkle import MerkleTree
from sla.errors import Kind, MakegoodError
from sla.report import Report
from sla.schedule import claim_deadline, deadline_end


class NoReport(MakegoodError):
    """No report that the escrow would take is to be found."""

    kind = Kind.REFUSED


@dataclass(frozen=True, slots=True)
class AttestedReport:
    """``proof`` leads from the report to ``root``, which ``round`` posted."""

    report: Report
    proof: tuple[bytes, ...]
    root: bytes
    round: int


def attested(
    record: AgreementRecord,
    history: History,
    key: tuple[int, int],
    revision: int | None,
    bundle_files: Sequence[Path],
    api: str | None,
) -> AttestedReport:
    """The report of ``key`` (period, obligation) with that revision, by default the highest.

    Of several of one revision, the first attested (R11). NoReport when there is none; FileRefused for a bundle of no
    round of this committee.
    """
    committee = history.committees[record.agreement.service.committee]
    files = _bundles(bundle_files, {posted.bundle for posted in committee.rounds.values()})
    bundled = BundledReports(lambda bundle: files.get(bundle) or bundles_of(api)(bundle))
    service, stake = record.agreement.service, record.agreement.stake
    # The escrow takes no report attested before its period was over (R9), and none after the claim deadline.
    in_time = range(deadline_end(service, key[0]), claim_deadline(service, stake, key[0]))
    best: tuple[Report, Round, tuple[Report, ...]] | None = None
    unread = 0
    for posted in committee.rounds.values():
        if posted.place.block.time not in in_time:
            continue
        reports = bundled.of(posted)
        unread += reports is None
        for report in reports or ():
            is_meant = (report.agreement, report.period, report.obligation) == (record.id, *key)
            if not is_meant or revision not in (None, report.revision):
                continue
            if best is None or report.revision > best[0].revision:
                best = report, posted, reports or ()
    if best is None:
        raise _none(key, revision, unread)
    report, posted, reports = best
    return AttestedReport(report, MerkleTree(reports).proof(report), posted.root, posted.number)


def _bundles(files: Sequence[Path], known: set[bytes]) -> dict[bytes, bytes]:
    found = {}
    for file in files:
        data = read_bytes(file, MAX_BUNDLE_BYTES)
        name = keccak256(data)
        if name not in known:
            raise FileRefused(
                str(file),
                "",
                f"is the bundle of no round of the agreement's committee: its hash is {to_hex(name)}",
                "use the file as a node wrote it",
            )
        found[name] = data
    return found


def _none(key: tuple[int, int], revision: int | None, unread: int) -> NoReport:
    which = "" if revision is None else f", revision {revision}"
    problem = f"no report of period {key[0]}, obligation {key[1]}{which} was attested since the period's end"
    if unread:
        rounds = "1 round" if unread == 1 else f"{unread} rounds"
        return NoReport(
            f"{problem}, as far as can be seen: the reports of {rounds} are not public",
            "name their bundles with --bundle, or an API that has them with --api",
        )
    return NoReport(problem, "wait for the committee; once it is overdue, makegood dispute needs no report")
