"""Bringing the monitors: once, for any user, and with a sentence when it cannot be done."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import tools

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing has been brought there."""
    folder = tmp_path / "tools"
    monkeypatch.setattr(tools, "FOLDER", folder)
    monkeypatch.setattr(tools, "ROOT", folder / "root")
    return folder


def test_tools__no_apt__says_where_the_tests_run(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(SystemExit) as ended:
        tools.main()
    assert "apt-get is not on this machine" in str(ended.value)


def test_tools__no_network__says_so_and_leaves_nothing_behind_that_counts(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, text in (
        ("apt-get", "echo 'E: Unable to locate package prometheus'; exit 100"),
        ("dpkg-deb", "exit 1"),
    ):
        (commands / name).write_text(f"#!/bin/sh\n{text}\n")
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(commands), prepend=":")

    with pytest.raises(SystemExit) as ended:
        tools.main()
    assert str(ended.value) == (
        "apt-get could not bring the monitors (E: Unable to locate package prometheus): check the network and the "
        "machine's package sources, then try again."
    )
    assert not tools.is_current()


@pytest.mark.skipif(not tools.is_current(), reason="the monitors are not in build/tools")
def test_tools__brought_before__does_nothing_and_soon() -> None:
    stamp = tools.ROOT / ".stamp"
    before, begin = stamp.stat().st_mtime_ns, time.monotonic()

    done = subprocess.run(
        [sys.executable, "-m", "scripts.tools"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("", "")
    assert stamp.stat().st_mtime_ns == before
    assert time.monotonic() - begin < 5
