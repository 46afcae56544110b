"""``makegood terms check``: everything wrong with a terms file, in one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from cli.base import Command, console, json_option, print_json
from cli.exits import EXIT_NO
from cli.terms_file import FileRefused, LayersRefused, TermsFile, current_time, located, open_terms
from record.hexes import to_hex
from record.readable import harmless
from record.terms.findings import Finding, Severity, error_finding
from record.terms.lint import Inspection, inspect_gathered
from record.terms.section import Field
from record.terms.values import instant
from sla.errors import TermsError

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.HINT: "cyan"}

EPILOG = """\b
Examples:
    makegood terms check agreement.yaml
    makegood terms check agreement.yaml --strict --json
\b
An error stops the agreement, a warning will disappoint one of the parties, a hint could be clearer.
Exit code: 0 no errors (with --strict no warnings either), 1 otherwise, 2 the file cannot be read.
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Find everything wrong with a terms file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.option(
    "--at", "at", metavar="TIME", help="Check as of that time, as in 2027-01-01T00:00:00Z.  [default: now]"
)
@json_option
def check(file: Path, strict: bool, at: str | None, as_json: bool) -> None:
    """Check FILE: can it become an agreement, can it be measured, is the money there, does it say enough?

    What FILE inherits is put together first, and each finding told in the file that says it.
    """
    now = current_time() if at is None else _moment(at)
    try:
        source = open_terms(file)
    except LayersRefused as refused:
        # Of documents that cannot be put together only this can be said.
        inspection = Inspection(None, (error_finding(refused),))
        placed = [Placed(refused.file or str(file), refused.line, inspection.findings[0])]
    else:
        inspection = inspect_gathered(source.gathered, now)
        placed = [_placed(source, finding) for finding in inspection.findings]
    if as_json:
        print_json(inspection_json(str(file), inspection, placed))
    else:
        _print(console(), str(file), inspection, placed)
    stops = inspection.count(Severity.ERROR) + (inspection.count(Severity.WARNING) if strict else 0)
    if stops:
        raise SystemExit(EXIT_NO)


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding, and the file and line it is about: of a file that inherits it may be another."""

    file: str
    line: int | None
    finding: Finding


def _placed(source: TermsFile, finding: Finding) -> Placed:
    return Placed(*source.place(finding.line), finding)


def inspection_json(file: str, inspection: Inspection, placed: Sequence[Placed]) -> dict[str, Any]:
    """All findings; ``document`` is the document's hash, null when it could not be read whole."""
    document = inspection.document
    return {
        "file": file,
        "document": None if document is None else to_hex(document.document_hash),
        "errors": inspection.count(Severity.ERROR),
        "warnings": inspection.count(Severity.WARNING),
        "hints": inspection.count(Severity.HINT),
        "findings": [_finding_json(each) for each in placed],
    }


def _finding_json(placed: Placed) -> dict[str, Any]:
    finding = placed.finding
    return {
        "severity": finding.severity.value,
        "path": finding.path,
        "file": placed.file,
        "line": placed.line,
        "problem": harmless(finding.problem),
        "remedy": harmless(finding.remedy),
    }


def _moment(text: str) -> int:
    try:
        return instant(Field(text, "--at", 0))
    except TermsError as error:
        raise FileRefused("--at", "", error.problem, error.remedy) from None


def _print(screen: Console, file: str, inspection: Inspection, placed: Sequence[Placed]) -> None:
    for each in placed:
        line, found = Text(), each.finding
        line.append(f"{found.severity.value}: ", STYLES[found.severity])
        line.append(located(each.file, found.path, each.line, found.problem, found.remedy))
        screen.print(line, soft_wrap=True)
    counts = [(inspection.count(severity), severity) for severity in Severity]
    told = ", ".join(f"{count} {severity.value}{'' if count == 1 else 's'}" for count, severity in counts)
    verdict = "cannot become an agreement" if inspection.count(Severity.ERROR) else "can be signed"
    screen.print(Text(f"{harmless(file)} {verdict}: {told}."), soft_wrap=True)
