"""Slither over the contracts: ``python -m scripts.analysis.slither`` fails on anything high or medium.

Filtered out are the packages in node_modules, and contracts for tests are not read. What is no fault is said so beside
its line, with ``slither-disable-next-line`` and the reason. A function that Slither cannot read is a fault too.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.analysis import sources, tools
from scripts.setup import BIN, ROOT, environment

UNREADABLE = (
    "_nonReentrantBefore (node_modules/",
    "_nonReentrantAfter (node_modules/",
    "_reentrancyGuardEntered (node_modules/",
)
"""Of OpenZeppelin's transient reentrancy guard: Slither 0.11.6 does not know its user-defined value types."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What Slither suspects: impact "High" or "Medium", the detector's name, and its words with file and line."""

    impact: str
    detector: str
    text: str


class SlitherFailed(Exception):
    """Slither itself did not run to its end, or could not read a function; the text is its own."""


def analyse(contracts: Path) -> list[Finding]:
    """All that is high or medium in a folder of contracts, suppressed lines left out. SlitherFailed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        shutil.copytree(contracts, folder / "contracts")
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        shutil.copy(ROOT / "foundry.toml", folder)
        try:
            sources.write_build_information(folder)
        except sources.SourcesRefused as error:
            raise SlitherFailed(str(error)) from None
        return _run(folder)


def _run(folder: Path) -> list[Finding]:
    report = folder / "report.json"
    kept = ["--exclude-informational", "--exclude-optimization", "--exclude-low"]
    command: list[str | Path] = [
        tools.SLITHER,
        *(".", "--ignore-compile", "--foundry-out-directory", "out"),
        *("--filter-paths", "node_modules/", "--json", str(report), *kept),
    ]
    path = f"{tools.FOLDER / 'bin'}:{tools.FORGE.parent}:{BIN}"
    outcome = subprocess.run(
        command,
        cwd=folder,
        env=environment() | {"PATH": f"{path}:{environment()['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    unread = [
        line
        for line in outcome.stderr.splitlines()
        if "Impossible to generate IR" in line and not any(known in line for known in UNREADABLE)
    ]
    if unread:
        raise SlitherFailed("\n".join(unread))
    if not report.is_file() or not (content := json.loads(report.read_text()))["success"]:
        raise SlitherFailed(outcome.stderr[-2000:])
    return [
        Finding(each["impact"], each["check"], each["description"].strip())
        for each in content["results"].get("detectors", [])
    ]


def main() -> None:
    """Print what is left; exit 1 if anything is."""
    tools.bring_or_exit()
    try:
        findings = analyse(ROOT / "contracts")
    except SlitherFailed as error:
        sys.exit(f"Slither could not read the contracts, so it found nothing out:\n{error}")
    for finding in findings:
        print(f"{finding.impact}, {finding.detector}: {finding.text}\n")
    if findings:
        sys.exit(
            f"Slither suspects {len(findings)} places: mend them, or write beside the line why they are right."
        )
    print("Slither suspects nothing high or medium.")


if __name__ == "__main__":
    main()
