"""Hardhat and py-solc-x build the same contracts: what Hardhat tests is what is deployed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.xdist_group("solidity")
@pytest.mark.timeout(300)
@pytest.mark.skipif(not any((ROOT / "contracts").rglob("*.sol")), reason="no contracts yet")
def test_bytecode__every_contract__is_the_same_from_both_builds() -> None:
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    command = ["node_modules/.bin/hardhat", "build", "--no-tests"]
    built = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr

    hardhat = creation_code(ROOT / "build" / "hardhat" / "artifacts" / "contracts")
    ours = creation_code(ROOT / "build" / "contracts")

    assert hardhat.keys() == ours.keys()
    assert any(code != "0x" for code in ours.values())
    assert [name for name in ours if hardhat[name] != ours[name]] == []


def creation_code(folder: Path) -> dict[str, str]:
    return {file.stem: json.loads(file.read_text())["bytecode"] for file in folder.rglob("*.json")}
