"""The file beneath a journal: SQLite with full sync to the disk, held by one node at a time under one name, and never
half written. Whatever is wrong with it is a JournalError."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oracle.errors import JournalError

_ROOM = "make room on its disk, or mend it; the node goes on by itself"
_RESTORE = "restore it, never start without it"


class JournalFile:
    """The file at ``path``, made if it is not there. JournalError when another node has it open. Safe for threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        _require_one_name(path)
        self._held = path.with_name(path.name + ".lock").open("w")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._held.close()
            raise JournalError(f"{path} is in use by another node", "stop that node first") from None
        self._lock = threading.RLock()
        self.database = _connect(path)
        # Samples may lag: the next signature's commit takes them to the disk as well.
        self.recordings = _connect(path)
        try:
            with self._telling():
                self.database.execute("PRAGMA journal_mode = WAL")
                self.database.execute("PRAGMA synchronous = FULL")
                self.recordings.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            self.close()
            raise
        self._identity = _identity(path)

    def close(self) -> None:
        """Let another node have it."""
        with self._lock:
            self.recordings.close()
            self.database.close()
            self._held.close()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """What a query finds; JournalError when the file cannot be read as it was written."""
        with self._telling("read", _RESTORE):
            return self.database.execute(query, tuple(values)).fetchall()

    def record(self, query: str, values: Sequence[Any]) -> None:
        """Write something that may be lost when the machine goes down. JournalError when the disk does not take it."""
        with self._telling():
            self.recordings.execute(query, tuple(values))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it is on the disk afterwards, or none: a full disk leaves what was there, and the next try may fit."""
        with self._telling():
            self._require_in_place()
            self.database.execute("BEGIN IMMEDIATE")
            try:
                yield self.database
                self.database.execute("COMMIT")
            except BaseException:
                # SQLite may have undone it already.
                if self.database.in_transaction:
                    self.database.execute("ROLLBACK")
                raise

    def damaged(self, problem: object) -> JournalError:
        """The error for what no journal would hold."""
        return JournalError(f"{self.path} is no journal, or damaged: {problem}", _RESTORE)

    @contextmanager
    def _telling(self, done: str = "written", remedy: str = _ROOM) -> Iterator[None]:
        """One thread at a time, and every complaint of SQLite's as a JournalError."""
        with self._lock:
            try:
                yield
            except sqlite3.OperationalError as error:
                raise JournalError(f"{self.path} cannot be {done}: {error}", remedy) from error
            except (sqlite3.Error, UnicodeDecodeError) as error:
                raise self.damaged(error) from error

    def _require_in_place(self) -> None:
        """What is written to a file that lost its name is gone at the next start, and would be signed anew."""
        if _identity(self.path) != self._identity:
            raise JournalError(
                f"{self.path} was removed or replaced while this node uses it",
                "stop the node, put that journal back, and start again",
            )


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _require_one_name(path: Path) -> None:
    """Two names of one file would have two locks."""
    if path.is_symlink() or (path.exists() and path.stat().st_nlink > 1):
        raise JournalError(
            f"{path} is a link, or has another name elsewhere",
            "give each node a journal of its own; back it up by a copy, not by a link",
        )


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file a name stands for; None when for no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
