"""``makegood oracle check``: is the node fit to run?"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from cli.base import Command, console, json_option, print_json
from cli.exits import EXIT_HELP, EXIT_NO
from cli.oracle_options import bare_key_option, node_option
from oracle.checkup import Finding, Status, check_up
from oracle.node_file import read_node_file
from oracle.opening_keys import open_key
from record.readable import harmless

STYLES = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}
WIDTH = 24

EPILOG = f"""\b
Examples:
    makegood oracle check
    makegood oracle check --node node.toml --json
\b
Exit code 1 if any line says fail; a warning alone is 0.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@node_option
@bare_key_option
@json_option
def check(node_path: Path, allow_bare_key: bool, as_json: bool) -> None:
    """Try everything the node needs, once: key, chain, contracts, balance, journal, disk, clock, documents, sources,
    peers. Nothing is sent and nothing is signed; it may run beside the node."""
    config = read_node_file(node_path)
    findings = []
    screen = console()
    for finding in check_up(config, partial(open_key, config, allow_bare_key)):
        findings.append(finding)
        if not as_json:
            _show(screen, finding)
    failed = any(finding.status is Status.FAIL for finding in findings)
    if as_json:
        print_json({"fit": not failed, "findings": [_json(finding) for finding in findings]})
    else:
        _line(screen, "This node cannot do its work yet." if failed else "This node is fit to run.", "bold")
    if failed:
        raise SystemExit(EXIT_NO)


def _show(screen: Console, finding: Finding) -> None:
    line = Text(f"{finding.status.value:<4}  ", STYLES[finding.status])
    line.append(f"{harmless(finding.about):<{WIDTH}}  ", "bold")
    line.append(harmless(finding.found))
    if finding.remedy:
        line.append(f"; {harmless(finding.remedy)}")
    screen.print(line, soft_wrap=True)


def _line(screen: Console, text: str, style: str) -> None:
    screen.print(Text(text, style), soft_wrap=True)


def _json(finding: Finding) -> dict[str, str]:
    return {
        "about": finding.about,
        "status": finding.status.value,
        "found": finding.found,
        "remedy": finding.remedy,
    }
