"""A journal says what was written down, whatever it was; a damaged one says so (P13)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.readings import Reading
from metering.samples import Sample
from oracle.errors import DoubleSignature, Equivocation, JournalError
from oracle.journal import Journal, Owner
from oracle.ports import Subject, subject_of
from record.bundle import SignedObservation
from record.keccak import keccak256
from sla.report import Observation, Report
from tests.unit.record.hostile import uint

OWNER = Owner(31337, "0xcommittee", "0xme")
WORDS = st.sampled_from([bytes(32), b"\x00" * 31 + b"\x01", b"\xff" * 32]) | st.binary(
    min_size=32, max_size=32
)
MEMBERS = st.sampled_from(["0xme", "0xother", "0xthird"])
SIGNATURES = st.binary(min_size=65, max_size=65)
KNOWN = st.builds(Observation, WORDS, uint(32), uint(8), uint(16), st.just(True), uint(64), uint(96), WORDS)
OBSERVATIONS = KNOWN | KNOWN.map(lambda known: replace(known, known=False, attained=0))
SIGNED = st.builds(SignedObservation, OBSERVATIONS, MEMBERS, SIGNATURES)
REPORTS = st.builds(Report, WORDS, uint(32), uint(8), uint(16), uint(64), uint(96))
TIMES = uint(53)
SOURCES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
SAMPLES = st.builds(Sample, TIMES, st.booleans(), uint(16), uint(40))
READINGS = st.builds(Reading, TIMES, st.none() | st.text("0123456789.eE-+", min_size=1, max_size=20))


@contextmanager
def journal_file() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder) / "journal.sqlite"


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    journal = Journal(path, OWNER)
    try:
        yield journal
    finally:
        journal.close()


@settings(max_examples=15, deadline=None)
@given(said=st.lists(SIGNED, max_size=4))
def test_observations__whatever_was_heard_first__comes_back_exactly(said: list[SignedObservation]) -> None:
    """Also after a restart."""
    first: dict[tuple[Subject, int, str], SignedObservation] = {}
    with journal_file() as path:
        with opened(path) as journal:
            for signed in said:
                key = (subject_of(signed.observation), signed.observation.revision, signed.member)
                kept = first.setdefault(key, signed)
                if kept.observation == signed.observation:
                    journal.keep_observation(signed, 7)
                else:
                    with pytest.raises(Equivocation):
                        journal.keep_observation(signed, 7)
        with opened(path) as journal:
            for subject in {subject for subject, _, _ in first}:
                found = journal.observations(subject)
                expected = [signed for (about, _, _), signed in first.items() if about == subject]
                assert sorted(found, key=repr) == sorted(expected, key=repr)


@settings(max_examples=15, deadline=None)
@given(
    rounds=st.lists(
        st.tuples(
            st.integers(0, 2**63 - 1), WORDS, WORDS, st.lists(REPORTS, max_size=3, unique=True), SIGNATURES
        ),
        max_size=3,
    )
)
def test_rounds__whatever_was_written_down_first__comes_back_exactly(
    rounds: list[tuple[int, bytes, bytes, list[Report], bytes]],
) -> None:
    kept: dict[int, tuple[bytes, bytes, bytes]] = {}
    leaves: dict[tuple[Subject, int], Report] = {}
    with journal_file() as path:
        with opened(path) as journal:
            for number, root, bundle, reports, signature in rounds:
                try:
                    journal.intend_round(number, root, bundle, reports)
                except DoubleSignature:
                    continue
                assert kept.get(number, (root, bundle))[:2] == (root, bundle)
                for report in reports:
                    assert leaves.setdefault((subject_of(report), report.revision), report) == report
                journal.sign_round(number, signature)
                kept.setdefault(number, (root, bundle, signature))
        with opened(path) as journal:
            for number, written in kept.items():
                found = journal.round(number)
                assert found is not None
                assert (found.root, found.bundle, found.signature) == written
            for report in leaves.values():
                assert journal.leaf(report) == report


@settings(max_examples=15, deadline=None)
@given(source=SOURCES, samples=st.lists(SAMPLES, max_size=4), readings=st.lists(READINGS, max_size=4))
def test_samples_and_readings__the_first_of_each_tick__come_back_in_order(
    source: str, samples: list[Sample], readings: list[Reading]
) -> None:
    with journal_file() as path:
        with opened(path) as journal:
            for sample in samples:
                journal.record(source, sample)
            for reading in readings:
                journal.record_reading(source, reading)
        with opened(path) as journal:
            first_samples = {sample.time_ms: sample for sample in reversed(samples)}
            first_readings = {reading.time_ms: reading for reading in reversed(readings)}
            assert journal.samples(source, 0, 2**53) == [
                first_samples[time] for time in sorted(first_samples)
            ]
            assert journal.readings(source, 0, 2**53) == [
                first_readings[time] for time in sorted(first_readings)
            ]
            assert journal.samples(source + "x", 0, 2**53) == []


# Damage

SUBJECT = Subject(bytes(32), 3, 1)
OBSERVATION = Observation(*SUBJECT, 0, True, 999_000, 500, keccak256(b"samples"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A journal's file with something in every table."""
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    with opened(path) as journal:
        journal.record("source", Sample(1_000, True, 200, 5))
        journal.record_reading("source", Reading(1_000, "5"))
        journal.keep_observation(SignedObservation(OBSERVATION, "0xme", bytes(65)), 7)
        journal.intend_round(4, bytes(32), bytes(32), [Report(*SUBJECT, 0, 999_000, 500)])
        journal.keep_bundle(b"bundle")
        journal.note(7, "posted", {"round": 4})
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path.read_bytes()


def read_all(journal: Journal) -> None:
    journal.own(SUBJECT)
    journal.observations(SUBJECT)
    journal.samples("source", 0, 2_000)
    journal.readings("source", 0, 2_000)
    journal.round(4)
    journal.leaf(OBSERVATION)
    journal.bundle(keccak256(b"bundle"))


def broken(whole: bytes, source: random.Random) -> bytes:
    """A few bytes of the disk gone bad; sometimes the rest of the file missing."""
    data = bytearray(whole)
    for _ in range(source.choice([1, 1, 8, 64])):
        data[source.randrange(len(data))] = source.randrange(256)
    return bytes(data[: source.randrange(len(data))] if source.random() < 0.2 else data)


def test_journal__damaged_file__is_read_or_refused_as_a_journal_error(whole: bytes) -> None:
    source = random.Random(13)
    for _ in range(150):
        with journal_file() as path:
            path.write_bytes(broken(whole, source))
            with suppress(JournalError), opened(path) as journal:
                read_all(journal)
