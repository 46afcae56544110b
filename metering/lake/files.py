"""Files of the lake: their names, and how they come to stand where they stand: whole, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from metering.lake.errors import LakeError

_READ_BYTES = 1 << 20


def beside(folder: Path, what: str) -> Path:
    """A new file to write to; nobody takes it for finished."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f".{what}-{uuid4().hex}.part"


def discard_parts(folder: Path) -> None:
    """Removes what a process that died left half written. Only for who alone writes there."""
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)


def put(part: Path, place: Path) -> None:
    """Puts a written file in its place, lastingly, and in place of what stood there."""
    _sync(part)
    os.replace(part, place)
    _sync(place.parent)


def keep_as_content(part: Path, stem: str) -> str:
    """Names a written Parquet file after its bytes; returns the name, as in ``records-0123….parquet``.

    It lasts from when the folder is next synced, as by the file that comes to point to it.
    """
    digest = hashlib.sha256()
    with part.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
        os.fsync(file.fileno())
    name = f"{stem}-{digest.hexdigest()[:32]}.parquet"
    os.replace(part, part.parent / name)
    return name


def write_json(place: Path, value: Mapping[str, Any]) -> None:
    """Writes a small JSON file, in place of the one that stood there."""
    part = beside(place.parent, place.name)
    part.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    put(part, place)


def read_json(place: Path) -> dict[str, Any] | None:
    """The members of a JSON file, None where there is none; LakeError if it holds something else."""
    try:
        value = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise LakeError(f"{place} cannot be read: {error}", "restore it, or land the source anew") from None
    if not isinstance(value, dict):
        raise LakeError(f"{place} holds no JSON object", "restore it, or land the source anew")
    return value


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
