"""A node as a process of its own: what it withstands. The chain is a few variables, everything else is real."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chain.errors import ChainError, RateLimited, Unanswered
from chain.network import Network
from metering.attain import Attainment
from metering.meters import SampleMeter
from oracle.errors import JournalError, OracleError
from oracle.journal import Journal, Owner
from oracle.node_file import KeyChoice, NodeFile
from oracle.ports import Subject, View
from oracle.process import NodeProcess
from oracle.running import journal_path
from oracle.settings import Settings
from oracle.steady import SteadyClock
from oracle.wire import OverHttp
from record.rotation import PendingRotation
from record.terms.ratios import Ratio
from tests.unit.oracle.world import (
    CHAIN_ID,
    COMMITTEE,
    ESCROW,
    KEYS,
    LENGTH,
    MEMBERS,
    NEWCOMER,
    START,
    Contracts,
    FakeChain,
    Measured,
    agreement_id,
    terms,
)

OBSERVED = START + LENGTH + 5


class Away(FakeChain):
    """A chain whose node fails as it is told to."""

    def __init__(self, contracts: Contracts) -> None:
        super().__init__(contracts, dry_run=False)
        self.error: Exception | None = None
        self.looks = 0

    def look(self) -> View:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return super().look()


class Process:
    """One node in a thread of this process, its cycle a hundredth of a second."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.contracts = Contracts(time=OBSERVED)
        document = terms()
        agreement = document.agreement()
        self.subject = Subject(agreement_id(agreement), 0, 0)
        self.contracts.agreements[self.subject.agreement] = agreement
        self.chain = Away(self.contracts)
        self.folder = folder
        self.port = 0
        self.events: list[tuple[str, Mapping[str, object]]] = []
        self.journals: list[Journal] = []
        self.error: BaseException | None = None
        self.openings: list[Exception] = []
        self.clock = SteadyClock()
        self.stopped = threading.Event()
        monkeypatch.setattr("oracle.process.open_chain", self._open)
        monkeypatch.setattr("oracle.running.Journal", self._journal)
        monkeypatch.setattr("oracle.process.DocumentFolder", lambda folder, tell: _Documents([document]))
        monkeypatch.setattr("oracle.sourcing.NodeSources.source", lambda self, document, obligation: METER)
        self.thread = threading.Thread(target=self._run, daemon=True)

    def config(self) -> NodeFile:
        network = Network(
            "http://127.0.0.1:1", CHAIN_ID, ESCROW, 0, COMMITTEE.address, None, self.folder, None
        )
        settings = Settings(
            observe_after_seconds=2,
            collect_after_seconds=3,  # alone, it begins halfway there
            turn_seconds=5,
            cycle_seconds=0.01,
            dry_run=False,
            finality="latest",
        )
        return NodeFile(
            path=self.folder / "node.toml",
            network=network,
            committee=COMMITTEE.address,
            data=self.folder / "data",
            documents=self.folder,
            files=self.folder,
            host="127.0.0.1",
            port=self.port,
            key=KeyChoice(),
            peers={},
            settings=settings,
        )

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join(10)
        assert not self.thread.is_alive()

    def told(self, kind: str) -> list[Mapping[str, object]]:
        return [details for told, details in self.events if told == kind]

    def until(self, happened: Callable[[], object]) -> None:
        end = time.monotonic() + 10
        while not happened():
            assert time.monotonic() < end, self.events
            assert self.error is None, self.error
            time.sleep(0.005)

    def cycles(self, count: int) -> None:
        """Wait until the node has looked so many times more."""
        wanted = self.chain.looks + count
        self.until(lambda: self.chain.looks >= wanted)

    def _run(self) -> None:
        process = NodeProcess(
            self.config(), KEYS[0], lambda kind, details: self.events.append((kind, details)), self.clock
        )
        try:
            process.run(self.stopped)
        except BaseException as error:
            self.error = error

    def _open(self, config: NodeFile, key: object, reach: object) -> Away:
        if self.openings:
            raise self.openings.pop(0)
        return self.chain

    def _journal(self, path: Path, owner: Owner) -> Journal:
        self.journals.append(Journal(path, owner))
        return self.journals[-1]


class _Documents:
    def __init__(self, documents: list[Any]) -> None:
        self.documents = documents

    def new(self) -> list[Any]:
        documents, self.documents = self.documents, []
        return documents


class _Meter:
    """98 of 100 samples were good."""

    def attained(self, start: int, end: int) -> Attainment:
        return SampleMeter(Measured(980), Ratio("up", 400, None), None).attained(start, end)


METER = _Meter()


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Process:
    return Process(tmp_path, monkeypatch)


def test_process__runs_and_is_stopped__observes_answers_and_leaves_the_journal_free(process: Process) -> None:
    process.start()
    process.until(lambda: process.told("observed"))
    listens = str(process.told("started")[0]["listens"])
    (peer,) = OverHttp(lambda: COMMITTEE, {MEMBERS[0]: f"http://{listens}"}).peers(MEMBERS[1])
    (signed,) = peer.observations([process.subject])
    process.stop()

    assert (signed.member, signed.observation.attained) == (MEMBERS[0], 980_000)
    assert process.error is None
    assert [kind for kind, _ in process.events] == ["started", "observed", "stopped"]
    with closing(Journal(journal_path(process.folder / "data", MEMBERS[0]), owner(0))) as journal:
        assert journal.observations(process.subject) == [signed]


def test_process__chain_is_away_at_first__begins_when_it_answers(process: Process) -> None:
    process.openings = [
        Unanswered("no answer", "wait"),
        Unanswered("no answer", "wait"),
        ConnectionError("refused"),
    ]
    process.start()
    process.until(lambda: process.told("observed"))
    process.stop()

    kinds = [kind for kind, _ in process.events]
    assert kinds == ["trouble", "trouble", "recovered", "started", "observed", "stopped"]


def test_process__it_is_another_chain__does_not_begin(process: Process) -> None:
    process.openings = [ChainError("the node is on chain 1, not 31337", "point to a node of the right chain")]
    process.start()
    process.thread.join(5)

    assert isinstance(process.error, ChainError)
    assert (process.events, process.journals) == ([], [])


@pytest.mark.parametrize(
    "error",
    [
        Unanswered("gives no answer", "wait"),
        RateLimited("has had enough of 1 234 requests", "ask less"),
        ConnectionError("refused"),
        KeyError("bug"),
    ],
)
def test_process__chain_fails_for_a_while__tells_once_and_goes_on(process: Process, error: Exception) -> None:
    process.contracts.time = START
    process.start()
    process.cycles(2)
    process.chain.error = error
    process.cycles(6)
    process.contracts.time = OBSERVED
    process.chain.error = None
    process.until(lambda: process.told("observed"))
    process.stop()

    assert (len(process.told("trouble")), len(process.told("recovered"))) == (1, 1)
    assert process.error is None


def test_process__chain_fails_on_and_on__is_asked_less_often(process: Process) -> None:
    """A node that limits its callers must be left alone: eight cycles lie between two questions then."""
    process.start()
    process.cycles(2)
    process.chain.error = RateLimited("too many requests", "ask less")
    process.cycles(5)
    before, begin = process.chain.looks, time.monotonic()
    time.sleep(0.8)
    looks, passed = process.chain.looks - before, time.monotonic() - begin
    process.stop()

    assert looks <= passed / 0.08 + 1


def test_process__other_node_has_the_journal__does_not_begin(process: Process) -> None:
    path = journal_path(process.folder / "data", MEMBERS[0])
    with closing(Journal(path, owner(0))):
        before = path.read_bytes()
        process.start()
        process.thread.join(5)
        assert path.read_bytes() == before

    assert isinstance(process.error, JournalError)
    assert "in use by another node" in str(process.error)
    assert process.events == []


def test_process__journal_is_of_a_newer_version__does_not_begin_and_leaves_it_alone(process: Process) -> None:
    path = journal_path(process.folder / "data", MEMBERS[0])
    Journal(path, owner(0)).close()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE meta SET value = '99' WHERE name = 'version'")
    with closing(sqlite3.connect(path)) as database:
        before = list(database.iterdump())
    process.start()
    process.thread.join(5)

    assert isinstance(process.error, JournalError)
    assert "99" in str(process.error)
    with closing(sqlite3.connect(path)) as database:
        assert list(database.iterdump()) == before


class Full:
    """A database on a full disk: it can be read."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database, self.is_full = database, True

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if self.is_full and statement.startswith(("INSERT", "UPDATE")):
            raise sqlite3.OperationalError("database or disk is full")
        return self.database.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.database, name)


def test_process__disk_is_full__does_not_sign_and_recovers(process: Process) -> None:
    process.contracts.time = START
    process.start()
    process.cycles(2)
    journal = process.journals[0]
    disk = Full(journal._file.database)
    journal._file.database = disk  # type: ignore[assignment]
    process.contracts.time = OBSERVED
    process.until(lambda: process.told("trouble"))
    process.cycles(4)

    assert "full" in str(process.told("trouble")[0]["problem"])
    assert len(process.told("trouble")) == 1
    assert journal.own(process.subject) is None
    assert process.told("observed") == []

    disk.is_full = False
    process.until(lambda: process.told("observed"))
    process.stop()
    assert len(process.told("recovered")) == 1


def test_process__port_is_taken__does_not_begin_and_frees_the_journal(process: Process) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process.port = taken.getsockname()[1]
        process.start()
        process.thread.join(5)

    assert isinstance(process.error, OracleError)
    assert f"127.0.0.1:{process.port}" in str(process.error)
    Journal(journal_path(process.folder / "data", MEMBERS[0]), owner(0)).close()


def test_process__clock_jumps__is_told_once_and_the_chain_decides_what_is_over(process: Process) -> None:
    jump = [0.0]

    class Machine:
        def now(self) -> float:
            return time.time() + jump[0]

        def sleep(self, seconds: float) -> None:
            time.sleep(seconds)

    process.clock = SteadyClock(Machine())
    process.contracts.time = START
    process.start()
    process.cycles(2)
    jump[0] = 10 * 365 * 86_400.0
    process.until(lambda: process.told("clock"))
    process.cycles(5)
    assert process.told("observed") == []
    assert len(process.told("clock")) == 1

    jump[0] = -86_400.0
    process.contracts.time = OBSERVED
    process.until(lambda: process.told("observed"))
    process.stop()


def owner(number: int) -> Owner:
    return Owner(CHAIN_ID, COMMITTEE.address, MEMBERS[number])


# Its key comes in, or is replaced


def test_process__another_has_its_place__stops_by_itself_and_says_why(process: Process) -> None:
    """R12: politely, with its journal left free; the process ends well, so that nothing starts it again."""
    process.start()
    process.until(lambda: process.told("observed"))
    process.contracts.rotation = PendingRotation(MEMBERS[0], NEWCOMER.address, process.contracts.time)
    process.contracts.rotate()
    process.thread.join(10)

    assert not process.thread.is_alive()
    assert process.error is None
    assert [kind for kind, _ in process.events[-2:]] == ["rotated out", "stopped"]
    assert [told["meaning"] for told in process.told("rotated out")] == [
        "another has its place for good: it is done"
    ]
    Journal(journal_path(process.folder / "data", MEMBERS[0]), owner(0)).close()


def test_process__comes_in_by_a_pending_rotation__waits_then_signs(process: Process) -> None:
    process.contracts.members = (NEWCOMER.address, *MEMBERS[1:])
    process.contracts.rotation = PendingRotation(MEMBERS[3], MEMBERS[0], process.contracts.time + 50)
    process.start()
    process.until(lambda: process.told("waiting"))
    process.cycles(5)
    assert process.told("observed") == []
    process.contracts.time += 50
    process.contracts.rotate()
    process.until(lambda: process.told("observed"))
    process.stop()
    assert [kind for kind, _ in process.events] == ["started", "waiting", "rotated in", "observed", "stopped"]


def test_process__peer_that_is_no_member__is_told_and_ignored(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a rotation the other operators' files still name who left."""
    config = process.config()
    named = replace(config, peers={NEWCOMER.address: "http://127.0.0.1:1", MEMBERS[2]: "http://127.0.0.1:1"})
    monkeypatch.setattr(process, "config", lambda: named)
    process.start()
    process.until(lambda: process.told("observed"))
    process.stop()
    assert [told["peer"] for told in process.told("peer ignored")] == [NEWCOMER.address]
