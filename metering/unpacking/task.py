"""What an unpacking process is told, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from record.landing.declaration import Declaration

MEMORY_BYTES = 2 << 30
"""Of address space, for one process: what a hostile file can ask for before it is refused."""


@dataclass(frozen=True, slots=True)
class Place:
    """A lake that records go to: the folder to put them in until they are merged, the days whose raw records were
    deleted, and the watermark before (seconds UTC)."""

    spool: Path
    deleted_days: frozenset[int]
    watermark: int | None


@dataclass(frozen=True, slots=True)
class File:
    """A file to read: its number, its name for people, where it is and how large."""

    number: int
    name: str
    path: Path
    bytes: int


@dataclass(frozen=True, slots=True)
class Task:
    """Files to read; where what is in them goes, by residency tag: ``""`` is for all tags that are not among
    ``places``, and None for those whose home is not on this machine."""

    declaration: Declaration
    files: tuple[File, ...]
    places: Mapping[str, Place | None]
    now_seconds: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file. ``problem``: why nothing of it landed. ``last``: the latest of its times, seconds UTC.
    ``late``: how many of its records are earlier than the watermark was."""

    file: int
    read: int = 0
    refused: tuple[tuple[str, int], ...] = ()
    late: int = 0
    last: int | None = None
    problem: tuple[str, str] | None = None
