"""Slither finds nothing high or medium, finds what is planted, and is told of no exception without a reason."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from scripts.analysis import tools
from scripts.analysis.slither import SlitherFailed, analyse
from scripts.setup import ROOT

CONTRACTS = ROOT / "contracts"
pytestmark = [
    pytest.mark.xdist_group("analysis"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(not tools.is_supported(), reason="the native forge comes for Linux x86-64 only"),
]

PLANTED = """// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

contract Planted {
    mapping(address account => uint256 amount) public kept;

    function keep() external payable {
        kept[msg.sender] += msg.value;
    }

    function takeBack() external {
        (bool success,) = msg.sender.call{value: kept[msg.sender]}("");
        require(success);
        kept[msg.sender] = 0;
    }

    function move(IERC20 token, address to) external {
        token.transfer(to, 1);
    }
}
"""


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    tools.bring()


def test_slither__the_contracts__nothing_high_or_medium() -> None:
    assert analyse(CONTRACTS) == []


def test_slither__faults_planted__are_found(tmp_path: Path) -> None:
    (tmp_path / "Planted.sol").write_text(PLANTED)
    shutil.copy(CONTRACTS / "solc.json", tmp_path)

    found = {finding.detector: finding.impact for finding in analyse(tmp_path)}

    assert found == {"reentrancy-eth": "High", "unchecked-transfer": "High"}


def test_slither__what_does_not_compile__is_a_failure_and_no_silence(tmp_path: Path) -> None:
    (tmp_path / "Planted.sol").write_text(PLANTED.replace("to, 1", "to"))
    shutil.copy(CONTRACTS / "solc.json", tmp_path)

    with pytest.raises(SlitherFailed, match="Wrong argument count"):
        analyse(tmp_path)


def test_suppressions__each__says_why_beside_its_line() -> None:
    form = re.compile(r"\s*// slither-disable-next-line [a-z0-9-]+(,[a-z0-9-]+)* -- \w.{10,}")
    suppressions = [
        (path.name, number, line)
        for path in sorted(CONTRACTS.rglob("*.sol"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "slither-disable" in line
    ]
    assert suppressions
    assert [each for each in suppressions if not form.fullmatch(each[2])] == []
