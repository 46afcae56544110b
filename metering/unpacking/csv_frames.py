"""Rows of a CSV file, the first of which names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from metering.unpacking.frames import (
    MOST_FRAME_BYTES,
    MOST_RECORD_BYTES,
    Frame,
    Lines,
    TooLong,
    Unreadable,
    malformed,
    opened,
    too_long,
)

_MOST_FIELD_CHARACTERS = 1 << 17


def csv_frames(path: Path, taken: Sequence[str], delimiter: str, encoding: str) -> Iterator[Frame]:
    """All rows. A row that is none, or has more or fewer values than the header, is refused by itself."""
    csv.field_size_limit(_MOST_FIELD_CHARACTERS)
    with opened(path) as file:
        lines = Lines(file, encoding)
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        header = _header(rows)
        places = [_place(header, name) for name in taken]
        width, frame, line = len(header), Frame(), lines.number + 1
        while True:
            try:
                for row in rows:
                    if len(row) == width:
                        frame.lines.append(line)
                        frame.sources.append(row)
                    elif row:
                        malformed(frame, line, f"{len(row)} values, and {width} columns", delimiter.join(row))
                    lines.record_left = MOST_RECORD_BYTES
                    line = lines.number + 1
                    if lines.is_full(frame):
                        break
                else:
                    break
            except TooLong:
                too_long(frame, line)
            except csv.Error as error:
                malformed(frame, line, f"no row of a CSV file: {error}")
            lines.record_left = MOST_RECORD_BYTES
            line = lines.number + 1
            if lines.is_full(frame):
                yield _with_columns(frame, places)
                frame, lines.frame_left = Frame(), MOST_FRAME_BYTES
        yield _with_columns(frame, places)


def _with_columns(frame: Frame, places: Sequence[int]) -> Frame:
    frame.columns = [[row[place] for row in frame.sources] for place in places]
    return frame


def _header(rows: Any) -> list[str]:
    try:
        header: list[str] = next(rows, [])
    except (TooLong, csv.Error) as error:
        raise Unreadable(
            f"begins with no row of column names: {error}".rstrip(": "), "give a CSV file with a header"
        ) from None
    return [header[0].removeprefix("\ufeff"), *header[1:]] if header else []


def _place(header: Sequence[str], name: str) -> int:
    if header.count(name) != 1:
        times = "more than once" if name in header else "nowhere"
        shown = ", ".join(header)[:200]
        raise Unreadable(
            f"names the column {name!r} {times} among {shown!r}", "declare the columns as the files have them"
        )
    return header.index(name)
