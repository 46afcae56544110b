"""``makegood up``: one command, one network; it stops in order, is killed, and begins again where it was."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

MAKEGOOD = str(Path(sys.executable).parent / "makegood")
READY_SECONDS = 60

pytestmark = pytest.mark.xdist_group("up")


def command(*words: str) -> list[str]:
    return [MAKEGOOD, "up", "--rpc-port", "0", "--api-port", "0", *words]


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A network that is up, and what it said when it was ready. Whatever is left of it is killed."""
    process = subprocess.Popen(
        command("--json"), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if said["event"] == "ready":
                break
        else:
            raise AssertionError(process.stderr.read() if process.stderr else "")
        yield process, said
    finally:
        process.kill()
        process.wait()


def refused(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A network that does not come up."""
    return subprocess.run(
        command(*words), cwd=folder, capture_output=True, text=True, timeout=READY_SECONDS, check=False
    )


def until_silent(rpc: str) -> None:
    """Wait until nobody listens there any more."""
    port = int(rpc.rpartition(":")[2])
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"{rpc} still answers")


@pytest.mark.timeout(240)
def test_up__stopped_killed_and_robbed__keeps_its_network(tmp_path: Path) -> None:
    with running(tmp_path) as (process, first):
        with urllib.request.urlopen(f"{first['api']}/health") as answer:
            assert json.load(answer)["status"] == "ok"
        assert (tmp_path / ".makegood").stat().st_mode & 0o077 == 0
        # Two in one folder.
        second = refused(tmp_path)
        assert (second.returncode, "is in use by another makegood up" in second.stderr) == (3, True)
        # Killed, it leaves no chain behind.
        process.send_signal(signal.SIGKILL)
        process.wait()
        until_silent(first["rpc"])

    with running(tmp_path) as (process, again):
        assert again["escrow"] == first["escrow"]
        process.send_signal(signal.SIGINT)
        assert process.wait(READY_SECONDS) == 0

    # Its state is gone: nothing is started, and the copy that could bring it back stays as it is.
    state, kept = tmp_path / ".makegood" / "chain.json", tmp_path / ".makegood" / "chain.last.json"
    state.unlink()
    copy = kept.read_bytes()
    for _ in range(2):
        robbed = refused(tmp_path)
        assert robbed.returncode == 3
        assert "chain.json, is gone; copy .makegood/chain.last.json to .makegood/chain.json" in robbed.stderr
        assert (state.exists(), kept.read_bytes() == copy) == (False, True)

    state.write_bytes(copy)
    with running(tmp_path) as (process, restored):
        assert restored["escrow"] == first["escrow"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(READY_SECONDS) == 0


def test_up__port_that_is_taken__is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = refused(tmp_path, "--api-port", port)
        assert told.returncode == 3
        assert f"port {port} is taken; stop what uses it, or name another with --api-port" in told.stderr
    assert not (tmp_path / ".makegood" / "chain.json").exists()


@pytest.mark.parametrize("port", ["-1", "99999", "http"])
def test_up__port_that_is_none__is_a_usage_error(tmp_path: Path, port: str) -> None:
    assert refused(tmp_path, "--rpc-port", port).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_up__network_file_of_another_network__is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "makegood.toml"
    text = (
        'rpc = "http://127.0.0.1:8545"\nchain_id = 1\n'
        'escrow = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"\nfirst_block = 1\n'
    )
    file.write_text(text)
    told = refused(tmp_path)
    assert (told.returncode, "describes another network" in told.stderr) == (3, True)
    assert file.read_text() == text


def test_up__killed_before_it_is_ready__leaves_nothing_running(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    starting = process.stdout.readline()
    process.kill()
    process.wait()
    until_silent(starting.split("url ")[1].strip())
    assert os.listdir(tmp_path) == [".makegood"]
