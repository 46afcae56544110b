"""What is written down before it is signed, and that nothing is signed twice (P13)."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from metering.samples import answered, unanswered
from oracle.errors import DoubleSignature, Equivocation, JournalError
from oracle.journal import Journal, Owner
from oracle.ports import Subject
from record.bundle import SignedObservation
from record.keccak import keccak256
from sla.report import Observation, Report

OWNER = Owner(31337, "0xcommittee", "0xme")
SUBJECT = Subject(bytes(32), 3, 1)
OBSERVATION = Observation(*SUBJECT, 0, True, 999_000, 500, keccak256(b"samples"))
REPORT = Report(*SUBJECT, 0, 999_000, 500)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Journal:
    return Journal(path, OWNER)


def test_observation__the_same_again__returns_the_same_signature(journal: Journal) -> None:
    assert journal.intend_observation(OBSERVATION, 7) is None
    journal.keep_observation(SignedObservation(OBSERVATION, "0xme", b"signature"), 7)

    assert journal.intend_observation(OBSERVATION, 8) == b"signature"


@pytest.mark.parametrize(
    "other",
    [{"attained": 999_001}, {"known": False, "attained": 0}, {"charge": 501}, {"evidence": bytes(32)}],
    ids=["attained", "known", "charge", "evidence"],
)
def test_observation__another_value_for_the_same_revision__is_refused(
    journal: Journal, other: dict[str, int]
) -> None:
    """P13: never two values for the same (agreement, period, obligation, revision)."""
    journal.intend_observation(OBSERVATION, 7)

    with pytest.raises(DoubleSignature):
        journal.intend_observation(replace(OBSERVATION, **other), 8)  # type: ignore[arg-type]
    with pytest.raises(Equivocation):
        journal.keep_observation(
            SignedObservation(replace(OBSERVATION, **other), "0xme", b"signature"),  # type: ignore[arg-type]
            8,
        )


def test_observation__killed_before_signing__is_remembered_as_unsigned(path: Path) -> None:
    first = Journal(path, OWNER)
    first.intend_observation(OBSERVATION, 7)
    first.close()

    own = Journal(path, OWNER).own(SUBJECT)

    assert own is not None
    assert (own.observation, own.written_at, own.is_signed) == (OBSERVATION, 7, False)


def test_observation__unsigned__is_shown_to_nobody(journal: Journal) -> None:
    journal.intend_observation(OBSERVATION, 7)

    assert journal.observations(SUBJECT) == []


def test_observation__next_revision__is_another_thing_to_sign(journal: Journal) -> None:
    journal.intend_observation(OBSERVATION, 7)

    assert journal.intend_observation(replace(OBSERVATION, revision=1, attained=5), 9) is None
    own = journal.own(SUBJECT)
    assert own is not None
    assert own.observation.revision == 1


def test_observation__another_member_says_two_things__the_first_counts(journal: Journal) -> None:
    heard = SignedObservation(OBSERVATION, "0xliar", b"one")
    journal.keep_observation(heard, 7)

    with pytest.raises(Equivocation, match="999000 and as 1"):
        journal.keep_observation(SignedObservation(replace(OBSERVATION, attained=1), "0xliar", b"two"), 8)

    assert journal.observations(SUBJECT) == [heard]


def test_observation__own_but_lost_with_an_old_journal__is_taken_back_from_a_peer(journal: Journal) -> None:
    """A journal restored from a backup learns from its peers what this member signed since."""
    journal.keep_observation(SignedObservation(OBSERVATION, "0xme", b"signature"), 7)

    with pytest.raises(DoubleSignature):
        journal.intend_observation(replace(OBSERVATION, attained=1), 8)


def test_observation__largest_values__come_back_exactly(journal: Journal) -> None:
    largest = Observation(b"\xff" * 32, 2**32 - 1, 255, 2**16 - 1, True, 2**64 - 1, 2**96 - 1, b"\xff" * 32)
    signed = SignedObservation(largest, "0xme", b"signature")
    journal.keep_observation(signed, 2**40)

    assert journal.observations(Subject(b"\xff" * 32, 2**32 - 1, 255)) == [signed]


def test_round__the_same_again__returns_the_same_signature(journal: Journal) -> None:
    assert journal.intend_round(4, b"root", b"bundle", [REPORT]) is None
    journal.sign_round(4, b"signature")

    assert journal.intend_round(4, b"root", b"bundle", [REPORT]) == b"signature"


@pytest.mark.parametrize(("root", "bundle"), [(b"other", b"bundle"), (b"root", b"other")])
def test_round__another_value_for_the_same_number__is_refused(
    journal: Journal, root: bytes, bundle: bytes
) -> None:
    """P13: never two values for the same round."""
    journal.intend_round(4, b"root", b"bundle", [REPORT])

    with pytest.raises(DoubleSignature, match="round 4"):
        journal.intend_round(4, root, bundle, [])


def test_leaf__another_value_in_a_later_round__is_refused_and_the_round_is_not_used_up(
    journal: Journal,
) -> None:
    """P13, R11: a leaf that was signed is kept by every retry."""
    journal.intend_round(4, b"root", b"bundle", [REPORT])
    changed = replace(REPORT, attained=998_000)

    with pytest.raises(DoubleSignature, match="999000, not 998000"):
        journal.intend_round(5, b"root 5", b"bundle 5", [replace(REPORT, period=9), changed])

    assert journal.round(5) is None
    assert journal.leaf(replace(REPORT, period=9)) is None
    assert journal.intend_round(5, b"root 6", b"bundle 6", [REPORT, replace(changed, revision=1)]) is None


def test_bundle__kept__is_found_by_its_hash(journal: Journal) -> None:
    bundle_hash = journal.keep_bundle(b"evidence")

    assert bundle_hash == keccak256(b"evidence")
    assert journal.bundle(bundle_hash) == b"evidence"
    assert journal.bundle(bytes(32)) is None


def test_samples__of_one_tick__the_first_counts_and_bounds_are_half_open(journal: Journal) -> None:
    for sample in (answered(1_000, 200, 5), unanswered(1_000), answered(2_000, 503, 7)):
        journal.record("probe", sample)
    journal.record("another", answered(1_500, 200, 1))

    assert journal.samples("probe", 1_000, 2_000) == [answered(1_000, 200, 5)]
    assert journal.samples("probe", 1_001, 2_001) == [answered(2_000, 503, 7)]


def test_journal__second_node_on_it__is_refused(path: Path, journal: Journal) -> None:
    """P13: two nodes with one key would sign two things."""
    with pytest.raises(JournalError, match="in use"):
        Journal(path, OWNER)

    journal.close()
    Journal(path, OWNER).close()


@pytest.mark.parametrize(
    "owner",
    [replace(OWNER, chain_id=1), replace(OWNER, committee="0xother"), replace(OWNER, member="0xother")],
)
def test_journal__of_another_member__is_refused_and_let_go(path: Path, owner: Owner) -> None:
    Journal(path, OWNER).close()

    with pytest.raises(JournalError, match="is the journal of"):
        Journal(path, owner)
    Journal(path, OWNER).close()


def test_journal__of_another_version__is_refused(path: Path) -> None:
    Journal(path, OWNER).close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE meta SET value = '99' WHERE name = 'version'")
    database.close()

    with pytest.raises(JournalError, match="99"):
        Journal(path, OWNER)


def test_journal__file_that_is_none__is_refused(path: Path) -> None:
    path.write_bytes(b"not a database" * 1_000)

    with pytest.raises(JournalError):
        Journal(path, OWNER)


def test_journal__commit__waits_for_the_disk(journal: Journal) -> None:
    """What is signed must be on the disk first: write-ahead log, synced at every commit."""
    mode = journal._file.database.execute("PRAGMA journal_mode").fetchone()[0]
    synchronous = journal._file.database.execute("PRAGMA synchronous").fetchone()[0]

    assert (mode, synchronous) == ("wal", 2)


def test_journal__by_a_link__is_refused(path: Path, tmp_path: Path) -> None:
    """Each name would have a lock of its own, and two nodes would sign side by side."""
    Journal(path, OWNER).close()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "soft.sqlite").symlink_to(path)

    with pytest.raises(JournalError, match="is a link"):
        Journal(elsewhere / "soft.sqlite", OWNER)
    (elsewhere / "hard.sqlite").hardlink_to(path)
    for name in (elsewhere / "hard.sqlite", path):
        with pytest.raises(JournalError, match="has another name elsewhere"):
            Journal(name, OWNER)

    (elsewhere / "hard.sqlite").unlink()
    Journal(path, OWNER).close()


def test_journal__in_a_linked_folder__is_the_same_journal_to_both_nodes(path: Path, tmp_path: Path) -> None:
    journal = Journal(path, OWNER)
    (tmp_path / "linked").symlink_to(tmp_path)

    with pytest.raises(JournalError, match="in use by another node"):
        Journal(tmp_path / "linked" / path.name, OWNER)
    journal.close()


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_journal__removed_or_replaced_while_in_use__signs_nothing_more(
    path: Path, tmp_path: Path, how: str
) -> None:
    """What is written to a file without a name is gone at the next start, and would be signed anew."""
    journal = Journal(path, OWNER)
    journal.intend_observation(OBSERVATION, 7)
    kept = path.rename(tmp_path / "kept")
    if how == "replaced":
        path.write_bytes(b"")

    with pytest.raises(JournalError, match="removed or replaced while this node uses it"):
        journal.intend_observation(replace(OBSERVATION, period=4), 8)
    with pytest.raises(JournalError, match="removed or replaced"):
        journal.intend_round(4, b"root", b"bundle", [REPORT])

    kept.replace(path)
    assert journal.intend_observation(replace(OBSERVATION, period=4), 8) is None
    journal.close()
