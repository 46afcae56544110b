"""Bringing the tools: once, for any user, and with a sentence when it cannot be done."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import debian, spark, tools

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing has been brought there."""
    folder = tmp_path / "tools"
    monkeypatch.setattr(debian, "FOLDER", folder)
    monkeypatch.setattr(spark, "PACKAGES", folder / "spark")
    monkeypatch.delenv("CI", raising=False)
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
    assert not tools.MONITORS.is_current()


def test_tools__on_ci_or_asked_for__bring_spark_too_and_tell_all_that_fails(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    for options in ((), ("--spark",)):
        with pytest.raises(SystemExit) as ended:
            tools.main(*options)
        told = str(ended.value).splitlines()
        assert ["Java and Spark come from Debian's packages" in line for line in told] == [False, True][
            : len(options) + 1
        ]
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SystemExit) as ended:
        tools.main()
    assert len(str(ended.value).splitlines()) == 2


def test_unpacked__links_to_what_the_packages_bring__stay_within(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package's configuration lies in /etc, and the machine's own is another, or none."""
    commands = tmp_path / "bin"
    commands.mkdir()
    unpack = (
        'mkdir -p "$3/etc/tool" "$3/usr/bin" && echo theirs > "$3/etc/tool/conf" && '
        'ln -s /etc/tool/conf "$3/usr/bin/tool" && ln -s /etc/hostname "$3/usr/bin/other"'
    )
    for name, text in (
        ("apt-get", 'case "$*" in *download*) touch tool_1.deb;; esac'),
        ("apt-cache", 'echo "tool | 1 | here"'),
        ("dpkg-deb", unpack),
    ):
        (commands / name).write_text(f"#!/bin/sh\n{text}\n")
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(commands), prepend=":")
    tool = debian.Unpacked("tool", "a tool", (("tool", "newer-tool"),), ("usr/bin/tool",))

    assert not tool.is_current()
    tool.bring()

    assert (tool.root / "usr" / "bin" / "tool").read_text() == "theirs\n"
    assert str((tool.root / "usr" / "bin" / "other").readlink()) == "/etc/hostname"
    assert tool.is_current()


@pytest.mark.skipif(not tools.MONITORS.is_current(), reason="the monitors are not in build/tools")
def test_tools__brought_before__does_nothing_and_soon() -> None:
    stamp = tools.MONITORS.root / ".stamp"
    before, begin = stamp.stat().st_mtime_ns, time.monotonic()

    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.tools"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (done.stdout, done.stderr) == ("", "")
    assert stamp.stat().st_mtime_ns == before
    assert time.monotonic() - begin < 5
