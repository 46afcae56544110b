"""A copy of the project in which one file is broken, so that nobody who works beside sees it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.mutate.mutants import Mutant
from scripts.mutate.targets import Target
from scripts.setup import ROOT, environment

FOLDER = ROOT / "build" / "mutate"
PACKAGES = ("sla", "record", "audit", "chain", "metering", "oracle", "tests")
TIMEOUT_SECONDS = 900
SURVIVED = "survived"

_IMPORT = re.compile(r"""^\s*import\b[^"';]*["'](\.[^"']+)["']""", re.MULTILINE)
_LIMITED = "CfgEnv(chain_id=CHAIN_ID"

# Compiled without optimising: in a third of the time, and half as large again as a chain takes; the sandbox's bare EVM
# is told to take it. What a mutant does is the same.
_QUICK = {"optimizer": {"enabled": False}}


_ENVIRONMENT = {"MAKEGOOD_SEED": "1", "MAKEGOOD_SHRINKING_SECONDS": "0", "PYTHONDONTWRITEBYTECODE": "1"}


class SandboxFailed(Exception):
    """The tests do not pass before anything is broken, so they could show nothing."""


class Sandbox:
    """The copy for one target; ``kills`` breaks it, tests and mends it again."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.folder = FOLDER / Path(target.path).stem
        self._lay_out()
        killer = self._killer()
        if killer != SURVIVED:
            raise SandboxFailed(
                f"{' '.join(target.suite)} fails before anything is broken ({killer}): mend that first."
            )

    def kill(self, mutant: Mutant) -> str:
        """Which test noticed, "the compiler", or SURVIVED."""
        path = self.folder / mutant.path
        whole = path.read_text()
        path.write_text(mutant.applied(whole))
        try:
            return self._killer()
        finally:
            path.write_text(whole)

    def _lay_out(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        for name in PACKAGES:
            shutil.copytree(ROOT / name, self.folder / name, ignore=ignored)
        for name in ("pyproject.toml", "package.json"):
            shutil.copy(ROOT / name, self.folder)
        (self.folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "solc", self.folder / "scripts")
        (self.folder / "node_modules").symlink_to(ROOT / "node_modules")
        # What does not depend on the broken file is compiled once for all sandboxes.
        (FOLDER / "cache").mkdir(exist_ok=True)
        (self.folder / "build").mkdir()
        (self.folder / "build" / "cache").symlink_to(FOLDER / "cache")
        self._lay_out_contracts()
        chain = self.folder / "tests" / "contracts" / "fast_chain.py"
        text = chain.read_text()
        assert _LIMITED in text, "the bare EVM is made elsewhere: tell the sandbox where"
        chain.write_text(text.replace(_LIMITED, f"{_LIMITED}, limit_contract_code_size=2**17"))

    def _lay_out_contracts(self) -> None:
        settings = json.loads((ROOT / "contracts" / "solc.json").read_text())
        settings["settings"] |= _QUICK
        pending = [ROOT / name for name in self.target.contracts]
        (self.folder / "contracts").mkdir()
        (self.folder / "contracts" / "solc.json").write_text(json.dumps(settings))
        while pending:
            path = pending.pop()
            copy = self.folder / path.relative_to(ROOT)
            if copy.exists():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
            pending += [(path.parent / name).resolve() for name in _IMPORT.findall(path.read_text())]

    def _killer(self) -> str:
        if self.target.contracts and self._run("-m", "chain.compile").returncode != 0:
            return "the compiler"
        try:
            outcome = self._run("-m", "pytest", "-x", "-q", "-n", "0", "--no-header", *self.target.suite)
        except subprocess.TimeoutExpired:
            return f"no end within {TIMEOUT_SECONDS} s"
        if outcome.returncode == 0:
            return SURVIVED
        failed = re.search(r"^(?:FAILED|ERROR) \S*?([^/\s]+\.py\S*)", outcome.stdout, re.MULTILINE)
        return failed[1] if failed else f"pytest ended with {outcome.returncode}"

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            # One seed: what was killed once is killed again. Which test noticed is enough.
            env=environment() | _ENVIRONMENT | {"HOME": os.devnull},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
