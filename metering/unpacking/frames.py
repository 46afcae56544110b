"""Files cut into frames: some thousands of records at a time, as texts by column, with the place of each.

All formats come out alike: CSV is text anyway, JSON's numbers are kept as they are written, and a Parquet column is
written out. So one set of readers gives all of them their types, and a number means the same in each.

Whatever a file holds, no more than a frame of it is in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from metering.unpacking.errors import MALFORMED, TOO_LONG, Refusal

ROWS_PER_FRAME = 32_768
MOST_LINE_BYTES = 1 << 18
MOST_RECORD_BYTES = 1 << 20
"""Of a record that goes over several lines."""
MOST_FRAME_BYTES = 1 << 24
MOST_CHARACTERS_SHOWN = 2_000
"""Of a record that was refused."""

_NEWLINE = ord("\n")


class Unreadable(Exception):
    """A file from which nothing can be taken: what is wrong, and what to do."""


class TooLong(Exception):
    """A line, or a record of several, that is longer than any record is."""


@dataclass(slots=True)
class Frame:
    """``columns``: the texts of each column taken, None for nothing. ``lines``: where each record begins, from 1 (in
    Parquet its number). ``sources``: what each was read from. ``refused``: what was no record at all, by line, with
    what there was of it."""

    columns: Sequence[Sequence[str | None]] = ()
    lines: list[int] = field(default_factory=list)
    sources: list[Any] = field(default_factory=list)
    refused: list[tuple[int, Refusal, str]] = field(default_factory=list)

    def text(self, place: int) -> str:
        """The record as the source had it, for people to read."""
        source = self.sources[place]
        text = source if isinstance(source, str) else json.dumps(source, ensure_ascii=False)
        return text[:MOST_CHARACTERS_SHOWN]

    def refuse(self, line: int, reason: str, detail: str, text: str = "") -> None:
        """Notes what is no record."""
        self.refused.append((line, Refusal(reason, detail), text[:MOST_CHARACTERS_SHOWN]))


class Lines:
    """A file's lines as text; of one that is too long the rest is passed over unread.

    ``record_left`` and ``frame_left``: the bytes the current record and frame may still take; who reads puts them back
    where the next begins.
    """

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self.number = 0
        self._file = file
        self._encoding = encoding
        self.record_left = MOST_RECORD_BYTES
        self.frame_left = MOST_FRAME_BYTES

    def is_full(self, frame: Frame) -> bool:
        """Whether it is time for the next frame."""
        return len(frame.lines) + len(frame.refused) >= ROWS_PER_FRAME or self.frame_left < 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MOST_LINE_BYTES)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == MOST_LINE_BYTES and line[-1] != _NEWLINE:
            while line and line[-1] != _NEWLINE:
                line = self._file.readline(MOST_LINE_BYTES)
            raise TooLong
        self.record_left -= len(line)
        self.frame_left -= len(line)
        if self.record_left < 0:
            raise TooLong
        # What is not in the encoding stays recognisable: no text has lone surrogates.
        return line.decode(self._encoding, "surrogateescape")


def too_long(frame: Frame, line: int) -> None:
    """Notes a line or record of that kind."""
    frame.refuse(
        line, TOO_LONG, f"longer than {MOST_LINE_BYTES} bytes a line, or {MOST_RECORD_BYTES} a record"
    )


def malformed(frame: Frame, line: int, problem: str, text: str = "") -> None:
    """Notes what is no row, or no JSON object."""
    frame.refuse(line, MALFORMED, problem, text)


def opened(path: Path) -> BinaryIO:
    """The file; Unreadable when it does not open."""
    try:
        return path.open("rb")
    except OSError as error:
        raise Unreadable(
            f"cannot be opened: {error.strerror}", "check the file and who may read it"
        ) from None


def frames(path: Path, format: str, taken: Sequence[str], delimiter: str, encoding: str) -> Iterator[Frame]:
    """All of a file, the columns ``taken`` of each record; Unreadable when nothing of it can be used."""
    # Each format brings a library of its own; a source has one.
    if format == "csv":
        from metering.unpacking.csv_frames import csv_frames

        return csv_frames(path, taken, delimiter, encoding)
    if format == "jsonl":
        from metering.unpacking.json_frames import json_frames

        return json_frames(path, taken)
    from metering.unpacking.parquet_frames import parquet_frames

    return parquet_frames(path, taken)
