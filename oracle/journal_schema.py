"""The journal's tables. Numbers that may pass 2**63 are kept as decimal text, and so are numbers with a point."""

from __future__ import annotations

VERSION = 2

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- What the node's own probes saw.
CREATE TABLE samples (
    source TEXT NOT NULL, time_ms INTEGER NOT NULL, known INTEGER NOT NULL, status INTEGER NOT NULL,
    latency_us INTEGER NOT NULL, PRIMARY KEY (source, time_ms)
) STRICT, WITHOUT ROWID;

-- What others measured, as it was read; no value where nothing is known.
CREATE TABLE readings (
    source TEXT NOT NULL, time_ms INTEGER NOT NULL, value TEXT, PRIMARY KEY (source, time_ms)
) STRICT, WITHOUT ROWID;

-- One value per member: what this member is about to sign or has signed, and what others were heard with first.
CREATE TABLE observations (
    agreement BLOB NOT NULL, period INTEGER NOT NULL, obligation INTEGER NOT NULL, revision INTEGER NOT NULL,
    member TEXT NOT NULL, known INTEGER NOT NULL, attained TEXT NOT NULL, charge TEXT NOT NULL,
    evidence BLOB NOT NULL, written_at INTEGER NOT NULL, signature BLOB,
    PRIMARY KEY (agreement, period, obligation, revision, member)
) STRICT, WITHOUT ROWID;

-- What this member is about to sign or has signed: one value per round ...
CREATE TABLE rounds (
    round INTEGER PRIMARY KEY, root BLOB NOT NULL, bundle BLOB NOT NULL, signature BLOB
) STRICT;

-- ... and one per leaf.
CREATE TABLE leaves (
    agreement BLOB NOT NULL, period INTEGER NOT NULL, obligation INTEGER NOT NULL, revision INTEGER NOT NULL,
    attained TEXT NOT NULL, charge TEXT NOT NULL, round INTEGER NOT NULL,
    PRIMARY KEY (agreement, period, obligation, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE bundles (hash BLOB PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- What was done, for people; no decision rests on it.
CREATE TABLE actions (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, details TEXT NOT NULL)
STRICT;
"""

MIGRATIONS = {
    1: """
CREATE TABLE readings (
    source TEXT NOT NULL, time_ms INTEGER NOT NULL, value TEXT, PRIMARY KEY (source, time_ms)
) STRICT, WITHOUT ROWID;
""",
}
"""What turns a journal of each earlier version into one of the next. All that was written down stays."""
