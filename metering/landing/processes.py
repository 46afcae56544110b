"""Has the files unpacked by processes of their own, and survives what becomes of them."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from tempfile import TemporaryFile
from typing import IO

from metering.unpacking.task import Outcome, Task

MOST_PROCESSES = 2
"""At a time: each takes some 200 MB."""
BYTES_PER_PROCESS = 8 << 20
"""For less than this the start of another is not worth it."""

_MODULE = "metering.unpacking.process"
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "PYTHONHASHSEED": "0"}


def unpack(task: Task) -> list[Outcome]:
    """The outcome of every file, in their order. What a file does to its reader is its own outcome."""
    if not task.files:
        return []
    share = sum(file.bytes for file in task.files) // BYTES_PER_PROCESS
    count = min(MOST_PROCESSES, os.cpu_count() or 1, len(task.files), 1 + share)
    shares = [replace(task, files=task.files[start::count]) for start in range(count)]
    with ThreadPoolExecutor(count) as pool:
        outcomes = [one for share in pool.map(_share, shares) for one in share]
    return sorted(outcomes, key=lambda one: one.file)


def _share(task: Task) -> list[Outcome]:
    """The outcomes of one process's share; when it dies of a file, another takes up the files behind that one."""
    outcomes: list[Outcome] = []
    left = list(task.files)
    while left:
        begun = left[0].number
        with TemporaryFile() as said:
            for told in _told(replace(task, files=tuple(left)), said):
                if isinstance(told, int):
                    begun = told
                else:
                    outcomes.append(told)
            last_words = _last_words(said)
        done = {one.file for one in outcomes}
        left = [file for file in left if file.number not in done]
        if left:
            crashed = begun if begun not in done else left[0].number
            problem = (f"crashes what reads it{last_words}", "give a file that is whole")
            outcomes.append(Outcome(crashed, problem=problem))
            _discard(task, crashed)
            left = [file for file in left if file.number != crashed]
    return outcomes


def _told(task: Task, said: IO[bytes]) -> Iterator[int | Outcome]:
    """What a process tells, until its end: the number of a file it begins, and the outcome."""
    with TemporaryFile() as given:
        pickle.dump(task, given)
        given.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", _MODULE],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            encoding="utf-8",
            env=os.environ | _ENVIRONMENT,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                told = _parsed(line)
                if told is not None:
                    yield told
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _last_words(said: IO[bytes]) -> str:
    """The last line of what a process complained of."""
    said.seek(0)
    lines = said.read(1 << 20).decode(errors="replace").strip().splitlines()
    return f": {lines[-1][:200]}" if lines else ""


def _parsed(line: str) -> int | Outcome | None:
    # A process that dies may leave half a line behind.
    try:
        value = json.loads(line)
        if "begins" in value:
            return int(value["begins"])
        value["refused"] = tuple((str(reason), int(number)) for reason, number in value["refused"])
        value["problem"] = tuple(value["problem"]) if value["problem"] else None
        return Outcome(**value)
    except (ValueError, TypeError, KeyError):
        return None


def _discard(task: Task, number: int) -> None:
    """Removes what a process that died had written of a file."""
    for place in task.places.values():
        if place is not None:
            for path in place.spool.glob(f"*/{number}[-.]*parquet"):
                path.unlink(missing_ok=True)
