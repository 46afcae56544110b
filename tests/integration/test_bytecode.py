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

    hardhat = built_code(ROOT / "build" / "hardhat" / "artifacts" / "contracts")
    ours = built_code(ROOT / "build" / "contracts")

    assert hardhat.keys() == ours.keys()
    assert any(code["bytecode"] != "0x" for code in ours.values())
    assert any(code["linkReferences"] for code in ours.values()), "placeholders of libraries are compared too"
    assert [name for name in ours if hardhat[name] != ours[name]] == []


CODE = ("bytecode", "deployedBytecode", "linkReferences", "deployedLinkReferences")


def built_code(folder: Path) -> dict[str, dict[str, object]]:
    """What is deployed, what will stand there, and where in either libraries are linked, by contract.

    Hardhat keeps what it built from files that are gone.
    """
    artifacts = {file.stem: json.loads(file.read_text()) for file in folder.rglob("*.json")}
    return {
        name: {part: artifact[part] for part in CODE}
        for name, artifact in artifacts.items()
        if (ROOT / artifact.get("sourceName", "contracts")).exists()
    }
