"""The README shows what runs: its own commands, from its own text, in its own order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THIS = "make test\n"
"""What runs this test cannot be run by it."""


def blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def run(block: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-ec", block],
        cwd=ROOT,
        # As after the block that activates the environment.
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_readme__its_blocks__are_the_ones_run_here() -> None:
    assert [block.splitlines()[-1].split()[:2] for block in blocks()] == [
        ["make", "demo"],
        ["make", "test"],
        ["makegood", "--help"],
        ["makegood", "audit"],
        ["makegood", "terms"],
        ["makegood", "attain"],
        ["make", "bench"],
    ]


@pytest.mark.timeout(420)
@pytest.mark.xdist_group("demo")
def test_readme__its_blocks_in_order__do_what_it_says() -> None:
    demo, usage, audit, terms, attained, bench = (run(block) for block in blocks() if block != THIS)

    for result in (demo, usage, audit, terms, attained, bench):
        assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    assert "PASS" in demo.stdout
    assert "oracle" in usage.stdout
    assert "PASS" in audit.stdout
    assert "at least 99.5%" in terms.stdout
    assert "bad        start 2027-01-02 09:14:00  end 2027-01-02 10:00:00  subject Booking" in attained.stdout
    assert "claim_settle" in bench.stdout
