"""``makegood audit``: recompute every payment of a pack."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from audit import Kind, TrustRoots, read_roots, run
from cli.audit_json import verdict_json
from cli.audit_tables import print_verdict
from sla.errors import RecordError

EXIT_FAIL = 1
EXIT_UNREADABLE = 2
PIPE_WIDTH = 140


@click.command(
    epilog="""\b
Examples:
    makegood audit build/demo/audit-pack --roots build/demo/roots.json
    makegood audit build/demo/audit-pack --roots build/demo/roots.json --json
\b
The roots file, from a source you trust and not from who gave you the pack:
    {"chainId": 1, "escrow": "0x…", "committees": ["0x…"], "blockHash": "0x…"}
\b
Exit code: 0 PASS or INTERNALLY CONSISTENT, 1 FAIL, 2 unreadable input.
"""
)
@click.argument("pack", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--roots",
    "roots_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Trust roots (JSON): chain, contracts and a block hash that you know from elsewhere.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def audit(pack: Path, roots_file: Path | None, as_json: bool) -> None:
    """Recompute a history of payments from PACK, a folder: signatures, quorum, medians, proofs, amounts, balances.

    PASS says that the chain, the contracts and the block of the trust roots lead to exactly these payments. Without
    roots a pack can only agree with itself: INTERNALLY CONSISTENT.
    """
    try:
        verdict = run(pack, _roots(roots_file))
    except OSError as error:
        raise _Unreadable(f"{pack} cannot be read: {error.strerror}") from None
    if as_json:
        click.echo(json.dumps(verdict_json(verdict), indent=2))
    else:
        print_verdict(_console(), verdict)
    if verdict.kind is Kind.FAIL:
        raise SystemExit(EXIT_FAIL)


def _console() -> Console:
    """Wide enough for addresses where nobody sets the width: in files and pipes."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def _roots(file: Path | None) -> TrustRoots | None:
    if file is None:
        return None
    try:
        return read_roots(file.read_bytes())
    except (OSError, RecordError) as error:
        raise _Unreadable(f"{file}: {error}") from None


class _Unreadable(click.ClickException):
    exit_code = EXIT_UNREADABLE
