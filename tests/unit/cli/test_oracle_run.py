"""`makegood oracle run` and `check`: how they end, and what they print."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli.oracle_check
import cli.oracle_run
from chain.errors import ChainError
from chain.keys import LocalKey
from cli.main import main
from oracle.checkup import Finding, Status
from oracle.errors import JournalError
from oracle.node_file import NodeFile
from oracle.ports import Tell
from record.keccak import keccak256

KEY = LocalKey(keccak256(b"member"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "makegood.toml").write_text(
        f'rpc = "http://127.0.0.1:1"\nchain_id = 31337\nescrow = "{KEY.address}"\nfirst_block = 0\n'
        f'committee = "{KEY.address}"\n'
    )
    (tmp_path / "node.toml").write_text(
        'network = "makegood.toml"\ndata = "data"\nlisten = "127.0.0.1:0"\n[key]\nbare_key = "key"\n'
    )
    (tmp_path / "key").write_text(keccak256(b"member").hex())
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Process:
    """Stands for the node: it tells something, then works until it is stopped, or fails."""

    error: Exception | None = None
    dry_run: bool | None = None

    def __init__(self, config: NodeFile, key: LocalKey, tell: Tell) -> None:
        Process.dry_run = config.settings.dry_run
        assert key.address == KEY.address
        self.tell = tell

    def run(self, stopped: threading.Event) -> None:
        if Process.error is not None:
            raise Process.error
        self.tell("observed", {"agreement": "0x" + "ab" * 32, "known": True, "problem": "\x1b[2Jx"})
        assert stopped.wait(10)
        self.tell("stopped", {"member": KEY.address})


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> type[Process]:
    Process.error, Process.dry_run = None, None
    monkeypatch.setattr(cli.oracle_run, "NodeProcess", Process)
    return Process


@pytest.fixture
def interrupted() -> Iterator[None]:
    """SIGTERM comes a moment later, once the node listens to it."""

    def interrupt() -> None:
        while signal.getsignal(signal.SIGTERM) is usual:
            time.sleep(0.01)
        time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    usual = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    yield
    thread.join(5)
    assert signal.getsignal(signal.SIGTERM) is usual


def oracle(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["oracle", *arguments])


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize(("option", "dry_run"), [(None, True), ("--send", False), ("--dry-run", True)])
def test_run__is_terminated__stops_cleanly_with_code_0(
    folder: Path, process: type[Process], option: str | None, dry_run: bool
) -> None:
    done = oracle("run", "--allow-bare-key", "--json", *([option] if option else []))

    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["observed", "stopped"]
    assert lines[0]["agreement"] == "0x" + "ab" * 32
    assert all(line["time"].endswith("Z") for line in lines)
    assert process.dry_run is dry_run


@pytest.mark.usefixtures("interrupted")
def test_run__for_people__prints_lines_that_no_terminal_obeys(folder: Path, process: type[Process]) -> None:
    done = oracle("run", "--allow-bare-key")

    assert done.exit_code == 0
    assert "observed  agreement 0xabab" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (JournalError("data/x.sqlite is in use by another node", "stop that node first"), 2),
        (ChainError("the node is on chain 1, not 31337", "point to a node of the right chain"), 3),
        (PermissionError(13, "Permission denied", "data"), 3),
    ],
)
def test_run__cannot_begin__one_sentence_and_a_code(
    folder: Path, process: type[Process], error: Exception, code: int
) -> None:
    process.error = error

    done = oracle("run", "--allow-bare-key")

    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1


def test_run__bare_key_was_not_asked_for__is_refused(folder: Path, process: type[Process]) -> None:
    done = oracle("run")

    assert (done.exit_code, "--allow-bare-key" in done.stderr) == (2, True)
    assert process.dry_run is None


def test_run__no_file__says_how_to_make_one(folder: Path) -> None:
    done = oracle("run", "--node", "nowhere.toml")

    assert (done.exit_code, "oracle init" in done.stderr) == (2, True)


@pytest.mark.parametrize(("status", "code"), [(Status.OK, 0), (Status.WARN, 0), (Status.FAIL, 1)])
def test_check__findings__make_lines_and_the_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch, status: Status, code: int
) -> None:
    findings = [
        Finding("disk", Status.OK, "plenty"),
        Finding("peer 0x12…", status, "said \x1b[2J", "look at it"),
    ]
    monkeypatch.setattr(cli.oracle_check, "check_up", lambda config, open_key: iter(findings))

    done, machine = oracle("check"), oracle("check", "--json")

    assert (done.exit_code, machine.exit_code) == (code, code)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["ok", status.value, "This"]
    assert "said �[2J; look at it" in done.stdout
    assert json.loads(machine.stdout) == {
        "fit": code == 0,
        "findings": [
            {"about": "disk", "status": "ok", "found": "plenty", "remedy": ""},
            {"about": "peer 0x12…", "status": status.value, "found": "said \x1b[2J", "remedy": "look at it"},
        ],
    }
