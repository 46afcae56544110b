"""Runs the Solidity tests under tests/solidity with Hardhat and with forge, and shows that both can fail."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The native forge, never the package's wrapper in node_modules/.bin: that one exits 0 when tests fail.
RUNNERS = {
    "hardhat": ["node_modules/.bin/hardhat", "test", "solidity"],
    "forge": ["node_modules/@foundry-rs/forge-linux-amd64/bin/forge", "test"],
}
CANARY = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract Canary {
    function testSings() external pure {}
    function testFallsOver() external pure { assert(false); }
}
"""
both = pytest.mark.parametrize("runner", RUNNERS)


def run(runner: str, folder: Path) -> subprocess.CompletedProcess[str]:
    if not (folder / RUNNERS[runner][0]).exists():
        pytest.skip(f"{runner} comes for Linux x86-64 only")
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # forge compiles what the tests need, and not for a minute what they do not; Hardhat's is used by other tests too.
    environment = os.environ | {"PATH": path, "NO_COLOR": "1", "FOUNDRY_SRC": "tests/solidity"}
    return subprocess.run(
        RUNNERS[runner], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@both
@pytest.mark.xdist_group("solidity")
@pytest.mark.timeout(900)
def test_solidity_suite__passes(runner: str) -> None:
    outcome = run(runner, ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@both
def test_runner__failing_solidity_test__fails_the_run(runner: str, tmp_path: Path) -> None:
    for name in ("package.json", "hardhat.config.js", "foundry.toml", "contracts/solc.json", "scripts/solc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    canary = tmp_path / "tests" / "solidity" / "Canary.t.sol"
    canary.parent.mkdir(parents=True)
    canary.write_text(CANARY)

    outcome = run(runner, tmp_path)

    assert outcome.returncode != 0
    # It ran both tests and failed for the right one, not for a missing tool.
    assert "testFallsOver" in outcome.stdout
    assert "1 passing" in outcome.stdout or "1 passed" in outcome.stdout, outcome.stdout + outcome.stderr


def test_forge_settings__equal_the_one_settings_file() -> None:
    forge = tomllib.loads((ROOT / "foundry.toml").read_text())["profile"]["default"]
    settings = json.loads((ROOT / "contracts" / "solc.json").read_text())["settings"]

    assert settings["optimizer"] == {"enabled": forge["optimizer"], "runs": forge["optimizer_runs"]}
    assert settings["viaIR"] == forge["via_ir"]
    assert settings["evmVersion"] == forge["evm_version"]
    assert settings["metadata"] == {
        "bytecodeHash": forge["bytecode_hash"],
        "appendCBOR": forge["cbor_metadata"],
    }
