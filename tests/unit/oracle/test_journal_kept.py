"""A journal through the years: it is brought up to date with all it holds, and a full disk makes nothing half done."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from metering.readings import Reading
from metering.samples import answered
from oracle.errors import JournalError
from oracle.journal import Journal, Owner
from oracle.ports import Subject
from record.bundle import SignedObservation
from sla.report import Observation, Report
from tests.unit.oracle.world import LENGTH, World

OWNER = Owner(31337, "0xcommittee", "0xme")
SUBJECT = Subject(bytes(32), 3, 1)
OBSERVATION = Observation(*SUBJECT, 0, True, 999_000, 500, bytes(range(32)))

VERSION_1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE samples (
    source TEXT NOT NULL, time_ms INTEGER NOT NULL, known INTEGER NOT NULL, status INTEGER NOT NULL,
    latency_us INTEGER NOT NULL, PRIMARY KEY (source, time_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE observations (
    agreement BLOB NOT NULL, period INTEGER NOT NULL, obligation INTEGER NOT NULL, revision INTEGER NOT NULL,
    member TEXT NOT NULL, known INTEGER NOT NULL, attained TEXT NOT NULL, charge TEXT NOT NULL,
    evidence BLOB NOT NULL, written_at INTEGER NOT NULL, signature BLOB,
    PRIMARY KEY (agreement, period, obligation, revision, member)
) STRICT, WITHOUT ROWID;
CREATE TABLE rounds (
    round INTEGER PRIMARY KEY, root BLOB NOT NULL, bundle BLOB NOT NULL, signature BLOB
) STRICT;
CREATE TABLE leaves (
    agreement BLOB NOT NULL, period INTEGER NOT NULL, obligation INTEGER NOT NULL, revision INTEGER NOT NULL,
    attained TEXT NOT NULL, charge TEXT NOT NULL, round INTEGER NOT NULL,
    PRIMARY KEY (agreement, period, obligation, revision)
) STRICT, WITHOUT ROWID;
CREATE TABLE bundles (hash BLOB PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE actions (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, details TEXT NOT NULL)
STRICT;
INSERT INTO meta VALUES ('version', '1'), ('chain', '31337'), ('committee', '0xcommittee'), ('member', '0xme');
INSERT INTO samples VALUES ('probe', 1000, 1, 200, 5);
INSERT INTO observations VALUES
    (zeroblob(32), 3, 1, 0, '0xme', 1, '999000', '500',
     x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 7, x'5157');
INSERT INTO rounds VALUES (4, x'aa', x'bb', x'cc');
INSERT INTO leaves VALUES (zeroblob(32), 3, 1, 0, '999000', '500', 4);
"""
"""A journal as version 1 of this program left it."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def version_of(path: Path) -> str:
    database = sqlite3.connect(path)
    (version,) = database.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
    database.close()
    return str(version)


def old(path: Path) -> None:
    database = sqlite3.connect(path)
    database.executescript(VERSION_1)
    database.close()


def test_journal__of_version_1__is_brought_up_to_date_with_all_it_holds(path: Path) -> None:
    old(path)

    journal = Journal(path, OWNER)

    assert version_of(path) == "2"
    assert journal.samples("probe", 0, 2_000) == [answered(1_000, 200, 5)]
    assert journal.intend_observation(OBSERVATION, 9) == b"QW"
    assert journal.intend_round(4, b"\xaa", b"\xbb", []) == b"\xcc"
    assert journal.leaf(OBSERVATION) == Report(*SUBJECT, 0, 999_000, 500)
    journal.record_reading("page", Reading(1_000, "0.30"))
    assert journal.readings("page", 0, 2_000) == [Reading(1_000, "0.30")]
    journal.close()
    Journal(path, OWNER).close()


def test_journal__of_version_1_and_another_member__is_left_as_it_is(path: Path) -> None:
    old(path)

    with pytest.raises(JournalError, match="is the journal of"):
        Journal(path, replace(OWNER, member="0xother"))
    assert version_of(path) == "1"


@pytest.mark.parametrize("version", ["3", "99", "0", "-1", "two", ""])
def test_journal__of_a_newer_version__is_refused_and_left_as_it_is(path: Path, version: str) -> None:
    Journal(path, OWNER).close()
    database = sqlite3.connect(path)
    with database:
        database.execute("UPDATE meta SET value = ? WHERE name = 'version'", (version,))
    database.close()

    with pytest.raises(JournalError) as refused:
        Journal(path, OWNER)

    assert f"was written by version {version!r} of the journal" in refused.value.problem
    assert "newer program" in refused.value.remedy
    assert version_of(path) == version


def test_readings__of_one_tick__the_first_counts_and_bounds_are_half_open(path: Path) -> None:
    journal = Journal(path, OWNER)
    for reading in (Reading(1_000, "1"), Reading(1_000, "0"), Reading(2_000, None), Reading(3_000, "1e-05")):
        journal.record_reading("page", reading)
    journal.record_reading("another", Reading(1_500, "7"))

    assert journal.readings("page", 1_000, 3_000) == [Reading(1_000, "1"), Reading(2_000, None)]
    assert journal.readings("page", 1_001, 3_001) == [Reading(2_000, None), Reading(3_000, "1e-05")]


@contextmanager
def full(journal: Journal) -> Iterator[None]:
    """The database may not grow by a page."""
    for connection in (journal._file.database, journal._file.recordings):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
    yield
    for connection in (journal._file.database, journal._file.recordings):
        connection.execute("PRAGMA max_page_count = 1073741823")


@contextmanager
def no_byte_more() -> Iterator[None]:
    """No file of this process may grow: writes fail where the disk takes them, at the commit."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_disk__full__nothing_is_signed_and_nothing_is_half_done(path: Path) -> None:
    journal = Journal(path, OWNER)
    reports = [Report(bytes([number]) * 32, 3, 1, 0, 999_000, 500) for number in range(200)]
    with full(journal):
        with pytest.raises(JournalError, match=r"cannot be written: database or disk is full"):
            journal.intend_round(4, b"root", b"bundle", reports)
        with pytest.raises(JournalError, match="full"):
            journal.keep_bundle(bytes(100_000))

        assert journal.round(4) is None
        assert [journal.leaf(report) for report in reports] == [None] * 200

    assert journal.intend_round(4, b"root", b"bundle", reports) is None
    assert journal.leaf(reports[-1]) == reports[-1]


def test_disk__fails_at_the_commit__nothing_is_signed_and_the_next_try_goes_through(path: Path) -> None:
    journal = Journal(path, OWNER)
    with no_byte_more():
        for _ in range(2):
            with pytest.raises(JournalError, match="cannot be written"):
                journal.intend_observation(OBSERVATION, 7)
            with pytest.raises(JournalError, match="cannot be written"):
                journal.record_reading("page", Reading(1_000, "1"))
    assert journal.own(SUBJECT) is None

    assert journal.intend_observation(OBSERVATION, 8) is None
    journal.keep_observation(SignedObservation(OBSERVATION, "0xme", b"signature"), 8)
    journal.record_reading("page", Reading(1_000, "1"))
    journal.close()
    again = Journal(path, OWNER)
    assert again.intend_observation(OBSERVATION, 9) == b"signature"
    assert again.readings("page", 0, 2_000) == [Reading(1_000, "1")]


def test_disk__full_while_a_journal_is_made__is_said_and_it_is_made_later(path: Path) -> None:
    with no_byte_more(), pytest.raises(JournalError):
        Journal(path, OWNER)

    Journal(path, OWNER).close()


def test_node__disk_full_when_it_would_sign__signs_nothing_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.open()
    world.start()
    world.run(LENGTH + 1)
    with no_byte_more():
        for _ in range(5):
            world.contracts.time += 1
            with pytest.raises(JournalError):
                world.cycle()
    assert world.signed == []
    assert world.contracts.sent == []

    world.run(LENGTH + 40)

    assert [(report.period, report.attained) for report in world.reports()] == [(0, 1_000_000)]
    assert len(world.signed) == len(set(world.signed))
    world.stop()
