"""The proofs hold for all values, and none of them holds whatever the contracts do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scripts.analysis import tools
from scripts.analysis.halmos import PROOFS, SOLVER, Verdict, prove
from scripts.analysis.seeds import FAULTS

CONTRACTS = sorted(path.stem for path in PROOFS.glob("*Proof.sol"))
pytestmark = [
    pytest.mark.xdist_group("analysis"),
    pytest.mark.timeout(900),
    pytest.mark.skipif(not tools.is_supported(), reason="the native forge comes for Linux x86-64 only"),
]


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    tools.bring()


def proofs_of(contract: str) -> set[str]:
    return set(re.findall(r"function (check_\w+)", (PROOFS / f"{contract}.sol").read_text()))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_proofs__contracts_as_they_are__all_hold(contract: str) -> None:
    """P2, P3, P7, R8, R10."""
    assert prove(contract) == dict.fromkeys(proofs_of(contract), Verdict.HOLDS)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_proofs__a_fault_planted_for_each__are_all_refuted(contract: str) -> None:
    faults = FAULTS[contract]
    assert {fault.refutes for fault in faults} == proofs_of(contract)

    verdicts = prove(contract, faults)

    assert verdicts == dict.fromkeys(proofs_of(contract), Verdict.REFUTED)


def test_solver__model_longer_than_a_pipe_holds__is_answered(tmp_path: Path) -> None:
    query = tmp_path / "query.smt2"
    word = "(_ BitVec 256)"
    values = "\n".join(f"(declare-fun x{number} () {word})" for number in range(2_000))
    query.write_text(f"(set-logic QF_AUFBV)\n{values}\n(check-sat)\n(get-model)\n")
    command = [tools.PYTHON, SOLVER, query]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert answer.startswith("sat")
    assert len(answer) > 2**16
