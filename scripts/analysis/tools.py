"""Brings halmos, Slither and their solvers into build/tools/analysis: a virtual environment of their own.

They pin other versions of what the project uses, and weigh 280 MB: only who analyses needs them. The lock is
``locks/analysis.txt``; what is installed carries a stamp, so that a second run does nothing and a killed one resumes.
"""

from __future__ import annotations

import fcntl
import hashlib
import platform
import sys
from pathlib import Path

from scripts.setup import BIN, ROOT, SetupError, run

FOLDER = ROOT / "build" / "tools" / "analysis"
LOCK = ROOT / "locks" / "analysis.txt"
PYTHON = FOLDER / "bin" / "python"
HALMOS = FOLDER / "bin" / "halmos"
SLITHER = FOLDER / "bin" / "slither"
YICES = FOLDER / "bin" / "yices-smt2"
FORGE = ROOT / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"


def is_supported() -> bool:
    """Whether forge, whose compilation halmos reads, is here: it comes for Linux x86-64 only."""
    return FORGE.is_file()


def bring() -> None:
    """Install what the lock names, unless it is there. SetupError says why it cannot be done."""
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with (FOLDER.parent / "analysis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = FOLDER / ".stamp"
        wanted = hashlib.sha256(
            LOCK.read_bytes() + f"{platform.python_version()} {FOLDER}".encode()
        ).hexdigest()
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        print(f"halmos and Slither are brought into {FOLDER.relative_to(ROOT)}.", flush=True)
        run("analysis", [BIN / "uv", "venv", "--clear", "--python", BIN / "python", FOLDER])
        sync: list[str | Path] = [BIN / "uv", "pip", "sync", "--require-hashes", "--python", PYTHON, LOCK]
        run("analysis", sync)
        stamp.write_text(wanted)


def bring_or_exit() -> None:
    """Bring the tools for a command: without them it ends with the sentence why."""
    if not is_supported():
        sys.exit(
            f"The analysis needs the native forge, which comes for Linux x86-64 only, and this is "
            f"{platform.system()} {platform.machine()}: run it on a machine of that kind."
        )
    try:
        bring()
    except SetupError as error:
        sys.exit(str(error))
