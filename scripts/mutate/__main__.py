"""``python -m scripts.mutate [PATH ...]``: runs what has no result yet, then writes docs/mutation.md.

A result counts as long as the mutated file's code is what it was; a killed run goes on where it stopped. With ``--due``
it only says whose code has changed since the report.
"""

from __future__ import annotations

import sys
import time

from scripts.mutate.mutants import Mutant, mutants_of
from scripts.mutate.report import REPORT, outdated, write_report
from scripts.mutate.results import Results
from scripts.mutate.sandbox import SURVIVED, Sandbox, SandboxFailed
from scripts.mutate.targets import TARGETS, Target


def main() -> None:
    """Exit 1 if a mutant survives that nobody has argued equivalent."""
    wanted = sys.argv[1:]
    if wanted == ["--due"]:
        _tell_what_is_due()
        return
    unknown = set(wanted) - {target.path for target in TARGETS}
    if unknown:
        sys.exit(f"{', '.join(sorted(unknown))} is not mutated: name files of scripts/mutate/targets.py.")
    results = Results()
    try:
        for target in TARGETS:
            if not wanted or target.path in wanted:
                _run(target, results)
    except SandboxFailed as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Interrupted: make mutate resumes.")
    unexplained = write_report(results)
    if unexplained:
        sys.exit(
            f"{len(unexplained)} mutants survive: write a test that notices them, or say in "
            "scripts/mutate/equivalent.toml why none can."
        )
    print("docs/mutation.md is written: no mutant survives that is not argued equivalent.")


def _run(target: Target, results: Results) -> None:
    source = target.source()
    everything = mutants_of(target.path, source)
    missing = [mutant for mutant in everything if results.killer_of(mutant, source) is None]
    print(f"{target.path}: {len(everything)} mutants, {len(missing)} to run", flush=True)
    if not missing:
        return
    sandbox = Sandbox(target)
    for number, mutant in enumerate(missing, 1):
        start = time.monotonic()
        killer = sandbox.kill(mutant)
        results.add(mutant, source, killer)
        _tell(number, len(missing), mutant, killer, time.monotonic() - start)


def _tell_what_is_due() -> None:
    due = outdated(REPORT.read_text() if REPORT.is_file() else "")
    if due:
        print(f"docs/mutation.md is not about the current {', '.join(due)}: make mutate is due.")


def _tell(number: int, count: int, mutant: Mutant, killer: str, seconds: float) -> None:
    verdict = "SURVIVED" if killer == SURVIVED else f"killed by {killer}"
    change = f"{mutant.before} -> {mutant.after}"
    print(
        f"  {number:>3}/{count} line {mutant.line:>3} {change:<10} {seconds:>4.0f} s  {verdict}", flush=True
    )


if __name__ == "__main__":
    main()
