"""The tree of reports: equal to OpenZeppelin's own, and only what is in it can be proven."""

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from record.hexes import to_hex
from record.keccak import keccak256
from record.merkle import MerkleTree, report_leaf, verify
from sla.errors import RecordError
from sla.report import Report

ROOT = Path(__file__).resolve().parents[3]
TYPES = ["bytes32", "uint32", "uint8", "uint16", "uint64", "uint96"]


def uint(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


REPORTS = st.builds(
    Report, st.binary(min_size=32, max_size=32), uint(32), uint(8), uint(16), uint(64), uint(96)
)
ROUNDS = st.lists(REPORTS, min_size=1, max_size=40, unique=True)


def random_report(source: random.Random) -> Report:
    return Report(source.randbytes(32), *(source.getrandbits(bits) for bits in (32, 8, 16, 64, 96)))


def row(report: Report) -> list[Any]:
    return [
        to_hex(report.agreement),
        report.period,
        report.obligation,
        report.revision,
        str(report.attained),
        str(report.charge),
    ]


@given(report=REPORTS)
def test_report_leaf__any_report__is_its_abi_encoding_hashed_twice(report: Report) -> None:
    values = (
        report.agreement,
        report.period,
        report.obligation,
        report.revision,
        report.attained,
        report.charge,
    )
    assert report_leaf(report) == keccak256(keccak256(encode(TYPES, values)))


@given(reports=ROUNDS)
def test_proof__every_report_of_a_round__leads_to_the_root(reports: list[Report]) -> None:
    tree = MerkleTree(reports)

    for report in reports:
        proof = tree.proof(report)
        assert verify(tree.root, report_leaf(report), proof)
        assert len(proof) <= len(reports).bit_length()


@given(reports=ROUNDS, stranger=REPORTS)
def test_proof__a_report_that_is_not_in_the_round__does_not_exist(
    reports: list[Report], stranger: Report
) -> None:
    tree = MerkleTree(reports)
    if stranger in reports:
        return

    with pytest.raises(RecordError, match="no leaf"):
        tree.proof(stranger)
    assert not verify(tree.root, report_leaf(stranger), tree.proof(reports[0]))


@given(reports=ROUNDS, data=st.data())
def test_root__order_of_the_reports__does_not_matter(reports: list[Report], data: st.DataObject) -> None:
    shuffled = MerkleTree(data.draw(st.permutations(reports)))

    assert shuffled.root == MerkleTree(reports).root
    assert shuffled.ordered == tuple(sorted(reports, key=report_leaf))


def test_tree__without_reports_or_with_one_twice__is_refused() -> None:
    report = Report(bytes(32), 0, 0, 0, 0, 0)

    for reports in ([], [report, report]):
        with pytest.raises(RecordError, match="twice"):
            MerkleTree(reports)


def test_root__of_a_single_report__is_its_leaf() -> None:
    report = Report(bytes(32), 1, 2, 3, 4, 5)

    assert MerkleTree([report]).root == report_leaf(report)
    assert MerkleTree([report]).proof(report) == ()


@pytest.mark.skipif(
    not shutil.which("node") or not (ROOT / "node_modules" / "@openzeppelin" / "merkle-tree").is_dir(),
    reason="needs node and @openzeppelin/merkle-tree",
)
def test_tree__of_1_to_70_and_1024_reports__equals_openzeppelins_standard_tree() -> None:
    source = random.Random(712)
    rounds = [[random_report(source) for _ in range(size)] for size in [*range(1, 71), 1_024]]
    script = Path(__file__).with_name("standard_merkle_tree.cjs")
    rows = json.dumps([[row(report) for report in reports] for reports in rounds])
    done = subprocess.run(
        ["node", str(script)], input=rows, capture_output=True, text=True, check=True, cwd=ROOT
    )

    for reports, answer in zip(rounds, json.loads(done.stdout), strict=True):
        tree = MerkleTree(reports)
        assert to_hex(tree.root) == answer["root"]
        assert tree.ordered == tuple(reports[index] for index in answer["ordered"])
        for report, proof in zip(reports, answer["proofs"], strict=True):
            assert [to_hex(sibling) for sibling in tree.proof(report)] == proof
