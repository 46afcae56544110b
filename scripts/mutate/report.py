"""docs/mutation.md: every mutant, who killed it, and of those that nobody can kill the reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from scripts.mutate.mutants import Mutant, mutants_of
from scripts.mutate.results import Results
from scripts.mutate.sandbox import SURVIVED
from scripts.mutate.targets import TARGETS, Target, fingerprint
from scripts.setup import ROOT

REPORT = ROOT / "docs" / "mutation.md"
EQUIVALENT = Path(__file__).with_name("equivalent.toml")

_FILE = re.compile(r"^## `(\S+)` \(`(\w+)`\)", re.MULTILINE)

HEAD = """# Mutation

Written by `make mutate`: every operator of arithmetic, comparison and logic in the files below is replaced, one at a
time, and the tests named are run. A mutant is killed when one of them fails. What survives is argued equivalent in
`scripts/mutate/equivalent.toml`: no input that can occur tells it from the original. Beside each file stands the
fingerprint of the source that was mutated; `make check` says when it is no longer the current one.
"""


def write_report(results: Results) -> list[Mutant]:
    """Write the report from what was run; returns the survivors that nobody has argued equivalent."""
    reasons = {key: entry["why"] for key, entry in equivalents().items()}
    parts, unexplained = [HEAD], []
    for target in TARGETS:
        part, open_ones = _of(target, results, reasons)
        parts.append(part)
        unexplained += open_ones
    REPORT.write_text("\n".join(parts))
    return unexplained


def equivalents() -> Mapping[str, Mapping[str, str]]:
    """The mutants argued equivalent: key -> ``file``, ``change`` and ``why``, in words a stranger can check."""
    return tomllib.loads(EQUIVALENT.read_text()) if EQUIVALENT.is_file() else {}


def outdated(report: str) -> list[str]:
    """The mutated files whose code is not the one that the report is about, or that it did not finish."""
    told = dict(_FILE.findall(report))
    return [target.path for target in TARGETS if told.get(target.path) != fingerprint(target.source())]


def _of(target: Target, results: Results, reasons: Mapping[str, str]) -> tuple[str, list[Mutant]]:
    source = target.source()
    rows, unexplained, killed, equivalent = [], [], 0, 0
    everything = mutants_of(target.path, source)
    for mutant in everything:
        killer = results.killer_of(mutant, source)
        if killer is None:
            verdict = "not run"
        elif killer != SURVIVED:
            verdict, killed = f"`{killer}`", killed + 1
        elif mutant.key in reasons:
            verdict, equivalent = f"equivalent: {reasons[mutant.key]}", equivalent + 1
        else:
            verdict = f"**survives** (`{mutant.key}`)"
            unexplained.append(mutant)
        change = f"`{_cell(mutant.changed.strip())}`"
        rows.append(f"| {mutant.line}:{mutant.column} | `{_cell(mutant.before)}` | {change} | {verdict} |")
    if not killed and not equivalent and not unexplained:
        return f"## `{target.path}` (`unfinished`)\n\n{len(everything)} mutants, none run yet.\n", []
    ran = [mutant for mutant in everything if results.killer_of(mutant, source) is not None]
    state = fingerprint(source) if len(ran) == len(everything) else "unfinished"
    lines = [
        f"## `{target.path}` (`{state}`)",
        "",
        f"{len(everything)} mutants: {killed} killed, {equivalent} equivalent, {len(unexplained)} survive, "
        f"{len(everything) - len(ran)} not run. Tests: {', '.join(f'`{name}`' for name in target.suite)}.",
        "",
        "| place | was | became | noticed by |",
        "|---|---|---|---|",
        *rows,
        "",
    ]
    return "\n".join(lines), unexplained


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
