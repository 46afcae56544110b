"""A document that is a transcript: its ``sh`` blocks are typed into one shell, its ``text`` blocks say what comes back.

``…`` in an expected line stands for anything on that line; a line of ``…`` alone stands for any lines.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "@@@ block"
_BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """What is typed, and what is expected to come back; None where nothing is said about it."""

    typed: str
    expected: str | None


def steps_of(document: str) -> list[Step]:
    """The steps in order; a ``text`` block belongs to the ``sh`` block before it."""
    steps: list[Step] = []
    for kind, content in _BLOCK.findall(document):
        if kind == "sh":
            steps.append(Step(content, None))
        else:
            assert steps, "a transcript begins with something typed"
            assert steps[-1].expected is None, f"two answers to one step: {content}"
            steps[-1] = Step(steps[-1].typed, content)
    return steps


def play(
    steps: list[Step], folder: Path, environment: dict[str, str], seconds: float
) -> Iterator[tuple[Step, str]]:
    """Type all of it into one bash; each step with what came back. A step that fails ends the shell."""
    script = folder / "transcript.sh"
    lines = ["set -e"]
    for number, step in enumerate(steps):
        lines += [f"echo '{MARK} {number}'", step.typed]
    script.write_text("\n".join([*lines, f"echo '{MARK} end'"]))
    shell = subprocess.Popen(
        ["bash", str(script)],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = shell.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGTERM)
        output, _ = shell.communicate()
    finally:
        _end(shell)
    parts = output.split(MARK)
    for number, step in enumerate(steps):
        assert number + 1 < len(parts), f"did not get to: {step.typed}\n{output[-4000:]}"
        yield step, parts[number + 1].partition("\n")[2]
    assert parts[-1].split() == ["end"], f"ended in the last step\n{output[-4000:]}"


def mismatch(expected: str, came: str) -> str | None:
    """The first expected line that did not come in its place; None when all did."""
    pattern = ""
    for line in expected.splitlines():
        if line == "…":
            pattern += r"(?:.*\n)*?"
        else:
            words = re.split(r"(…| +)", line.strip())
            pattern += r" *" + "".join(_piece(word) for word in words) + r" *\n"
        if not re.match(pattern, came):
            return line
    return None if re.fullmatch(pattern, came) else "the end: more came than expected"


def _piece(word: str) -> str:
    if word == "…":
        return ".*?"
    return r"\s+" if word.isspace() else re.escape(word)


def _end(shell: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
