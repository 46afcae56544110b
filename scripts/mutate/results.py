"""What became of each mutant, kept in build/mutate/results.json between runs."""

from __future__ import annotations

import json

from scripts.mutate.mutants import Mutant
from scripts.mutate.sandbox import FOLDER
from scripts.mutate.targets import fingerprint

PATH = FOLDER / "results.json"


class Results:
    """By fingerprint of the file's code and the mutant's place in it: who killed it."""

    def __init__(self) -> None:
        self._killers = _kept()

    def killer_of(self, mutant: Mutant, source: str) -> str | None:
        """A test, SURVIVED, or None if it was not run against this source."""
        return self._killers.get(_place(mutant, source))

    def add(self, mutant: Mutant, source: str, killer: str) -> None:
        """Keep it, at once and whole, with what another run has found meanwhile."""
        self._killers = _kept()
        self._killers[_place(mutant, source)] = killer
        PATH.parent.mkdir(parents=True, exist_ok=True)
        fresh = PATH.with_suffix(".new")
        fresh.write_text(json.dumps(self._killers, indent=1))
        fresh.replace(PATH)


def _kept() -> dict[str, str]:
    return dict(json.loads(PATH.read_text())) if PATH.is_file() else {}


def _place(mutant: Mutant, source: str) -> str:
    # Counted as the fingerprint counts: comments may come and go.
    above = "\n".join(source.split("\n")[: mutant.line])
    number = sum(1 for line in above.splitlines() if not line.lstrip().startswith(("//", "#")))
    return f"{fingerprint(source)}:{number}:{mutant.column}:{mutant.after}"
