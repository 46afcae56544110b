"""Which report ``makegood claim`` brings: the highest revision that the escrow would take, with its proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.attested import NoReport, attested
from cli.terms_file import FileRefused
from index.committees import CommitteeRecord
from index.facts import AgreementRecord, Block, CommitteeTerms, Place, Round
from index.history import History
from record.bundle import Bundle
from record.keccak import keccak256
from record.merkle import MerkleTree, report_leaf, verify
from record.terms import load_terms
from sla.report import Report
from tests.unit.cli.terms_hostile import COMMITTEE, SOUND

AGREEMENT = load_terms(SOUND).agreement()
ID = keccak256(b"an agreement")
OVER, LAST = 1_811_808_000, 1_811_808_000 + 62 * 86_400
"""Period 0, May 2027, ends on 1 June; nothing is claimed 62 days later."""

RECORD = AgreementRecord(ID, ID, AGREEMENT, Place(Block(1, bytes(32), 0), bytes(32), 0), 3)


def report(revision: int, attained: int = 1, period: int = 0, agreement: bytes = ID) -> Report:
    return Report(agreement, period, 0, revision, attained, 7)


def posted(number: int, time: int, *reports: Report, published: bool = True) -> Round:
    bundle = keccak256(bundle_of(number, *reports))
    place = Place(Block(number, bytes(32), time), bytes(32), 0)
    root = MerkleTree(reports).root
    return Round(COMMITTEE, number, root, bundle, 7, place, reports if published else None)


def bundle_of(number: int, *reports: Report) -> bytes:
    return Bundle(31337, COMMITTEE, number, 3, reports, ()).to_bytes()


def history(*rounds: Round) -> History:
    committee = CommitteeRecord(CommitteeTerms(COMMITTEE, (), 3, True), {one.number: one for one in rounds})
    return History(Block(9, bytes(32), LAST), {ID: RECORD}, {COMMITTEE: committee})


def test_attested__several_revisions__brings_the_highest_with_a_proof_that_holds() -> None:
    others = [report(8, agreement=bytes(32)), report(9, period=1)]
    rounds = (posted(1, OVER, report(0), *others), posted(2, OVER + 5, report(3, 2), report(1)))
    found = attested(RECORD, history(*rounds), (0, 0), None, (), None)

    assert (found.report, found.round) == (report(3, 2), 2)
    assert verify(rounds[1].root, report_leaf(report(3, 2)), found.proof)
    assert attested(RECORD, history(*rounds), (0, 0), 0, (), None).round == 1


def test_attested__two_reports_of_one_revision__brings_the_first_attested() -> None:
    rounds = (posted(1, OVER, report(4, 1)), posted(2, OVER + 5, report(4, 2)))

    assert attested(RECORD, history(*rounds), (0, 0), None, (), None).report == report(4, 1)


def test_attested__posted_before_the_period_was_over_or_too_late__is_no_report() -> None:
    """R9: the escrow would refuse them."""
    early, late = posted(1, OVER - 1, report(5)), posted(3, LAST, report(6))

    with pytest.raises(NoReport, match="no report of period 0, obligation 0 was attested"):
        attested(RECORD, history(early, late), (0, 0), None, (), None)
    right = posted(2, LAST - 1, report(2))
    assert attested(RECORD, history(early, right, late), (0, 0), None, (), None).report == report(2)


def test_attested__revision_nobody_attested__is_named() -> None:
    with pytest.raises(NoReport, match="obligation 0, revision 2 was attested"):
        attested(RECORD, history(posted(1, OVER, report(1))), (0, 0), 2, (), None)


def test_attested__reports_only_in_the_bundle__are_read_from_its_file(tmp_path: Path) -> None:
    hidden = posted(1, OVER, report(1), report(2, period=1), published=False)
    with pytest.raises(NoReport, match="the reports of 1 round are not public; name their bundles"):
        attested(RECORD, history(hidden), (0, 0), None, (), None)
    file = tmp_path / "bundle.json"
    file.write_bytes(bundle_of(1, report(1), report(2, period=1)))
    found = attested(RECORD, history(hidden), (0, 0), None, (file,), None)

    assert verify(hidden.root, report_leaf(report(1)), found.proof)


def test_attested__bundle_that_says_another_root__counts_for_nothing(tmp_path: Path) -> None:
    """A captured quorum may sign a bundle that is not what the root attests."""
    lie = Round(
        COMMITTEE,
        1,
        MerkleTree([report(1)]).root,
        keccak256(bundle_of(1, report(2))),
        7,
        Place(Block(1, bytes(32), OVER), bytes(32), 0),
    )
    file = tmp_path / "bundle.json"
    file.write_bytes(bundle_of(1, report(2)))
    with pytest.raises(NoReport):
        attested(RECORD, history(lie), (0, 0), None, (file,), None)


def test_attested__file_that_is_no_rounds_bundle__is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(bundle_of(2, report(1)))
    with pytest.raises(FileRefused, match="is the bundle of no round"):
        attested(RECORD, history(posted(1, OVER, report(1))), (0, 0), None, (file,), None)
