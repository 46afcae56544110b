"""Objects of a JSON-lines file, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from metering.unpacking.frames import (
    MOST_FRAME_BYTES,
    MOST_RECORD_BYTES,
    Frame,
    Lines,
    TooLong,
    malformed,
    opened,
    too_long,
)

_WORDS = {True: "true", False: "false"}


class _Twice(ValueError):
    """An object that names a member twice."""


def json_frames(path: Path, taken: Sequence[str]) -> Iterator[Frame]:
    """All objects. A line that holds something else, or a member of which would be a list or an object, is refused by
    itself. Numbers come as they are written, so they mean what they say."""
    with opened(path) as file:
        lines = Lines(file, "utf-8")
        frame = Frame()
        rows: list[list[str | None]] = []
        while True:
            lines.record_left = MOST_RECORD_BYTES
            try:
                text = next(lines)
            except StopIteration:
                break
            except TooLong:
                too_long(frame, lines.number)
                continue
            row = _row(text, taken, frame, lines.number)
            if row is not None:
                rows.append(row)
                frame.lines.append(lines.number)
                frame.sources.append(text.rstrip("\r\n"))
            if lines.is_full(frame):
                yield _with_columns(frame, rows, len(taken))
                frame, rows, lines.frame_left = Frame(), [], MOST_FRAME_BYTES
        yield _with_columns(frame, rows, len(taken))


def _row(text: str, taken: Sequence[str], frame: Frame, line: int) -> list[str | None] | None:
    if not text.strip():
        return None
    try:
        value = json.loads(
            text.removeprefix("\ufeff") if line == 1 else text,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=_once,
        )
    except RecursionError:
        malformed(frame, line, "nested too deeply", text)
        return None
    except _Twice as error:
        malformed(frame, line, str(error), text)
        return None
    except ValueError as error:
        malformed(frame, line, f"not JSON: {error}"[:200], text)
        return None
    if not isinstance(value, dict):
        malformed(frame, line, "not an object", text)
        return None
    row = [value.get(name) for name in taken]
    for place, cell in enumerate(row):
        if isinstance(cell, bool):
            row[place] = _WORDS[cell]
        elif cell is not None and not isinstance(cell, str):
            malformed(frame, line, f"{taken[place]!r} is a list or an object", text)
            return None
    return row


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Twice("names a member twice")
    return members


def _with_columns(frame: Frame, rows: list[list[str | None]], width: int) -> Frame:
    frame.columns = list(zip(*rows, strict=True)) if rows else [[] for _ in range(width)]
    return frame
