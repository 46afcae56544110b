"""The whole set-up on a bare machine's terms. Needs the package registries, hence slow."""

import os
import subprocess
import time
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_setup__from_zero_in_a_path_with_spaces__stands_within_three_minutes(checkout: Path) -> None:
    # No home directory, no settings: only what finds make, git and a Python.
    bare = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}

    first, seconds = make_setup(checkout, bare)
    assert first.returncode == 0, first.stdout + first.stderr
    assert seconds <= 180
    second, seconds = make_setup(checkout, bare)
    assert second.stdout == "Set-up is up to date.\n"
    assert seconds <= 1

    for gone in (".venv/bin/python", "node_modules/solc/soljson.js", "build/contracts/.names"):
        (checkout / gone).unlink()
    third, _ = make_setup(checkout, bare)
    assert third.returncode == 0, third.stdout + third.stderr
    outside = {path.name for path in checkout.parent.parent.iterdir()}
    assert outside == {"a b"}


def make_setup(folder: Path, environment: dict[str, str]) -> tuple[subprocess.CompletedProcess[str], float]:
    start = time.monotonic()
    command = ["make", "--no-print-directory", "setup"]
    outcome = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return outcome, time.monotonic() - start
