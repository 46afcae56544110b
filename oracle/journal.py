"""The journal: what a node wrote down before it signed. SQLite, one file a member, one node at a time.

Whatever is to be signed is committed here first, with full sync to the disk; the tables allow one value for each thing
that can be signed. So a node that is killed anywhere and started again signs the same value or none (P13).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from metering.readings import Reading
from metering.samples import Sample
from oracle import journal_schema
from oracle.errors import DoubleSignature, Equivocation, JournalError
from oracle.journal_file import JournalFile
from oracle.ports import Subject, subject_of
from oracle.store import OwnObservation, SignedRound
from record.bundle import SignedObservation
from record.keccak import keccak256
from sla.report import Observation, Report

_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,77})\Z")
_OBSERVED = "agreement, period, obligation, revision, member, known, attained, charge, evidence, written_at, signature"
_SUBJECT = "agreement = ? AND period = ? AND obligation = ?"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose journal it is: one member of one committee."""

    chain_id: int
    committee: str
    member: str


class Journal:
    """The journal at ``path``, made if it is not there. JournalError when another node has it open, or it is not
    ``owner``'s. Safe for threads."""

    def __init__(self, path: Path, owner: Owner) -> None:
        self.path = path
        self.owner = owner
        self._file = JournalFile(path)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another node have it."""
        self._file.close()

    # Samples and readings

    def record(self, source: str, sample: Sample) -> None:
        """Keep a sample; the first one of a tick counts."""
        values = (source, sample.time_ms, sample.known, sample.status, sample.latency_us)
        self._file.record("INSERT OR IGNORE INTO samples VALUES (?, ?, ?, ?, ?)", values)

    def samples(self, source: str, start_ms: int, end_ms: int) -> list[Sample]:
        """The samples of ``[start_ms, end_ms)`` in order."""
        rows = self._file.rows(
            "SELECT time_ms, known, status, latency_us FROM samples WHERE source = ? AND time_ms >= ? AND time_ms < ? "
            "ORDER BY time_ms",
            (source, start_ms, end_ms),
        )
        return [Sample(time, bool(known), status, latency) for time, known, status, latency in rows]

    def record_reading(self, source: str, reading: Reading) -> None:
        """Keep a reading; the first one of a tick counts."""
        values = (source, reading.time_ms, reading.value)
        self._file.record("INSERT OR IGNORE INTO readings VALUES (?, ?, ?)", values)

    def readings(self, source: str, start_ms: int, end_ms: int) -> list[Reading]:
        """The readings of ``[start_ms, end_ms)`` in order."""
        rows = self._file.rows(
            "SELECT time_ms, value FROM readings WHERE source = ? AND time_ms >= ? AND time_ms < ? ORDER BY time_ms",
            (source, start_ms, end_ms),
        )
        return [Reading(*row) for row in rows]

    # Observations

    def intend_observation(self, observation: Observation, at: int) -> bytes | None:
        """Write down what this member is about to sign; the signature, if it was signed before.

        DoubleSignature when another value stands there.
        """
        with self._file.transaction() as database:
            stored = self._insert(database, SignedObservation(observation, self.owner.member, b""), at, None)
            if stored.observation != observation:
                raise DoubleSignature(
                    f"{_named(observation)} was written down as {_shown(stored.observation)}, "
                    f"not {_shown(observation)}",
                    "raise the revision",
                )
            return stored.signature or None

    def keep_observation(self, signed: SignedObservation, at: int) -> None:
        """Keep a signed observation, this member's or another's, once its signature is checked.

        Equivocation when its member was heard with another value; that one stays.
        """
        with self._file.transaction() as database:
            stored = self._insert(database, signed, at, signed.signature)
            if stored.observation != signed.observation:
                raise Equivocation(
                    f"{signed.member} signed {_named(signed.observation)} as {_shown(stored.observation)} and as "
                    f"{_shown(signed.observation)}",
                    "keep both signatures as evidence",
                )
            if not stored.signature:
                key = (*_key(signed.observation), signed.member)
                database.execute(
                    f"UPDATE observations SET signature = ? WHERE {_SUBJECT} AND revision = ? AND member = ?",
                    (signed.signature, *key),
                )

    def own(self, subject: Subject) -> OwnObservation | None:
        """This member's observation of the highest revision."""
        rows = self._file.rows(
            f"SELECT {_OBSERVED} FROM observations WHERE {_SUBJECT} AND member = ? ORDER BY revision DESC LIMIT 1",
            (*subject, self.owner.member),
        )
        if not rows:
            return None
        stored = self._observation(rows[0])
        return OwnObservation(stored.observation, rows[0]["written_at"], stored.signature != b"")

    def observations(self, subject: Subject) -> list[SignedObservation]:
        """All signed observations of a subject, of every member and revision."""
        rows = self._file.rows(
            f"SELECT {_OBSERVED} FROM observations WHERE {_SUBJECT} AND signature IS NOT NULL", subject
        )
        return [self._observation(row) for row in rows]

    # Rounds

    def intend_round(
        self, round_number: int, root: bytes, bundle: bytes, reports: Sequence[Report]
    ) -> bytes | None:
        """Write down the round and the leaves this member is about to sign; the signature, if it was signed before.

        DoubleSignature when the round, or one of the leaves, stands there with another value.
        """
        with self._file.transaction() as database:
            database.execute(
                "INSERT OR IGNORE INTO rounds VALUES (?, ?, ?, NULL)", (round_number, root, bundle)
            )
            stored = self.round(round_number)
            if stored is None or (stored.root, stored.bundle) != (root, bundle):
                raise DoubleSignature(
                    f"round {round_number} was signed with another root", "use the next round"
                )
            for report in reports:
                leaf = self.leaf(report)
                if leaf is not None and leaf != report:
                    raise DoubleSignature(
                        f"{_named(report)} was signed as {leaf.attained}, not {report.attained}",
                        "raise the revision",
                    )
            database.executemany(
                "INSERT OR IGNORE INTO leaves VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (*_key(report), str(report.attained), str(report.charge), round_number)
                    for report in reports
                ],
            )
            return stored.signature

    def sign_round(self, round_number: int, signature: bytes) -> None:
        """Keep the signature of a round that was written down."""
        with self._file.transaction() as database:
            database.execute(
                "UPDATE rounds SET signature = ? WHERE round = ? AND signature IS NULL",
                (signature, round_number),
            )

    def round(self, round_number: int) -> SignedRound | None:
        """What this member wrote down for a round."""
        rows = self._file.rows("SELECT root, bundle, signature FROM rounds WHERE round = ?", (round_number,))
        return SignedRound(*rows[0]) if rows else None

    def leaf(self, said: Report | Observation) -> Report | None:
        """The leaf this member wrote down for the subject and revision of ``said``."""
        key = _key(said)
        rows = self._file.rows(f"SELECT attained, charge FROM leaves WHERE {_SUBJECT} AND revision = ?", key)
        if not rows:
            return None
        return Report(*key, self._number(rows[0], "attained"), self._number(rows[0], "charge"))

    # Bundles, and what was done

    def keep_bundle(self, data: bytes) -> bytes:
        """Keep a bundle; its hash."""
        bundle_hash = keccak256(data)
        with self._file.transaction() as database:
            database.execute("INSERT OR IGNORE INTO bundles VALUES (?, ?)", (bundle_hash, data))
        return bundle_hash

    def bundle(self, bundle_hash: bytes) -> bytes | None:
        """The bytes of a bundle."""
        rows = self._file.rows("SELECT data FROM bundles WHERE hash = ?", (bundle_hash,))
        return bytes(rows[0]["data"]) if rows else None

    def note(self, at: int, kind: str, details: Mapping[str, object]) -> None:
        """Note what was done, for people."""
        text = json.dumps(details, default=str)
        with self._file.transaction() as database:
            database.execute("INSERT INTO actions VALUES (NULL, ?, ?, ?)", (at, kind, text))

    # How it is kept

    def _open(self) -> None:
        owner = {
            "chain": str(self.owner.chain_id),
            "committee": self.owner.committee,
            "member": self.owner.member,
        }
        path = self._file.path
        if not self._file.rows("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            with self._file.transaction() as database:
                _run(database, journal_schema.TABLES)
                database.executemany(
                    "INSERT INTO meta VALUES (?, ?)",
                    {"version": str(journal_schema.VERSION), **owner}.items(),
                )
        found = {row["name"]: row["value"] for row in self._file.rows("SELECT name, value FROM meta")}
        version = found.pop("version", "")
        if found != owner:
            raise JournalError(
                f"{path} is the journal of {found}", f"give each member its own; this is {owner}"
            )
        self._bring_up_to_date(path, version)

    def _bring_up_to_date(self, path: Path, version: str) -> None:
        """Turn a journal of an earlier version into one of this; all of it, or it stays as it was."""
        if version not in map(str, range(1, journal_schema.VERSION + 1)):
            raise JournalError(
                f"{path} was written by version {version[:20]!r} of the journal, and this program knows versions up to "
                f"{journal_schema.VERSION}",
                "start the newer program that wrote it",
            )
        if int(version) == journal_schema.VERSION:
            return
        with self._file.transaction() as database:
            for earlier in range(int(version), journal_schema.VERSION):
                _run(database, journal_schema.MIGRATIONS[earlier])
            database.execute(
                "UPDATE meta SET value = ? WHERE name = 'version'", (str(journal_schema.VERSION),)
            )

    def _insert(
        self, database: sqlite3.Connection, signed: SignedObservation, at: int, signature: bytes | None
    ) -> SignedObservation:
        """Write an observation down unless one stands there; the one that stands there."""
        said = signed.observation
        value = (said.known, str(said.attained), str(said.charge), said.evidence)
        database.execute(
            "INSERT OR IGNORE INTO observations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*_key(said), signed.member, *value, at, signature),
        )
        rows = self._file.rows(
            f"SELECT {_OBSERVED} FROM observations WHERE {_SUBJECT} AND revision = ? AND member = ?",
            (*_key(said), signed.member),
        )
        return self._observation(rows[0])

    def _observation(self, row: sqlite3.Row) -> SignedObservation:
        observation = Observation(
            agreement=row["agreement"],
            period=row["period"],
            obligation=row["obligation"],
            revision=row["revision"],
            known=bool(row["known"]),
            attained=self._number(row, "attained"),
            charge=self._number(row, "charge"),
            evidence=row["evidence"],
        )
        return SignedObservation(observation, row["member"], row["signature"] or b"")

    def _number(self, row: sqlite3.Row, column: str) -> int:
        text = row[column]
        if not isinstance(text, str) or not _NUMBER.match(text):
            raise self._file.damaged(f"{column} is {str(text)[:40]!r}")
        return int(text)


def _run(database: sqlite3.Connection, statements: str) -> None:
    """Run several statements inside a transaction."""
    for statement in statements.split(";\n"):
        database.execute(statement)


def _key(said: Report | Observation) -> tuple[bytes, int, int, int]:
    return (*subject_of(said), said.revision)


def _named(said: Report | Observation) -> str:
    return (
        f"agreement 0x{said.agreement.hex()}, period {said.period}, obligation {said.obligation}, "
        f"revision {said.revision}"
    )


def _shown(observation: Observation) -> str:
    return str(observation.attained) if observation.known else "unknown"
