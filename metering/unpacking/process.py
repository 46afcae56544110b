"""Unpacks a source's files, as a process of its own: ``python -m`` this module, the task pickled on its standard input.

A hostile file may ask for all the memory there is, or crash a library that reads it. Here that ends this process, and
that file is refused; the one who lands goes on. Each file's beginning and outcome is told on the standard output, a
line of JSON each, once what is in it is written to the spool.

Whatever the engine that evaluates later on, untyped files are read here and only here: two engines' readers of CSV and
JSON differ in a hundred details (quotes, blanks, years, what is a number), so records would depend on the engine. Typed
Parquet leaves nothing to interpret.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import sys
from dataclasses import asdict


class _Without:
    """pyarrow imports both to see whether it is given any of theirs, which takes longer than many a file."""

    def find_spec(self, name: str, *_: object) -> None:
        """Says of neither that it is there, and leaves all others to those who know."""
        if name in ("numpy", "pandas"):
            raise ModuleNotFoundError(name)


def main() -> int:
    """Exit 0 when every file was told."""
    sys.meta_path.insert(0, _Without())
    from metering.unpacking.outcome import outcome_of
    from metering.unpacking.task import MEMORY_BYTES, Task
    from metering.unpacking.typed import Typing

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    task: Task = pickle.load(sys.stdin.buffer)
    # What libraries print must not get among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    typing = Typing(task.declaration, task.now_seconds)
    for file in task.files:
        print(json.dumps({"begins": file.number}), file=answers, flush=True)
        print(json.dumps(asdict(outcome_of(task, typing, file))), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
