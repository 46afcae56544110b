"""``makegood audit``: recompute every payment, of a pack or of the chain itself."""

from __future__ import annotations

from pathlib import Path

import click

from audit import Kind, TrustRoots, read_roots, run
from cli.audit_json import verdict_json
from cli.audit_tables import print_verdict
from cli.base import Command, console, json_option, print_json
from cli.exits import EXIT_NO
from cli.exporting import export
from cli.network_option import network_file_option
from cli.sending import working
from sla.errors import RecordError


@click.command(
    cls=Command,
    epilog="""\b
Examples: audit a pack that somebody gave you; write one from the chain and audit it.
    makegood audit build/demo/audit-pack --roots build/demo/roots.json
    makegood audit --export pack
\b
The roots file, from a source you trust and not from who gave you the pack:
    {"chainId": 1, "escrow": "0x…", "committees": ["0x…"], "blockHash": "0x…"}
\b
Exit code: 0 PASS or INTERNALLY CONSISTENT, 1 FAIL, 2 unreadable input, 3 chain or disk.
""",
)
@click.argument("pack", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--roots",
    "roots_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Trust roots (JSON): chain, contracts and a block hash that you know from elsewhere.",
)
@click.option(
    "--export",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="First write a pack of the network's whole history to this folder, with its roots beside it.",
)
@click.option(
    "--api", help="Where the bundles of the rounds are served; by default the network file says it."
)
@network_file_option
@json_option
def audit(
    pack: Path | None,
    roots_file: Path | None,
    folder: Path | None,
    api: str | None,
    network_file: Path,
    as_json: bool,
) -> None:
    """Recompute a history of payments from PACK, a folder: signatures, quorum, medians, proofs, amounts, balances.

    PASS says that the chain, the contracts and the block of the trust roots lead to exactly these payments. Without
    roots a pack can only agree with itself: INTERNALLY CONSISTENT. With --export the roots are those of your own
    network file and RPC node.
    """
    if (pack is None) == (folder is None):
        raise click.UsageError("Name a pack, or a folder to --export one to.")
    roots = None if roots_file is None else _read_roots(roots_file)
    if folder is not None:
        exported = export(network_file, folder, api, as_json)
        roots, pack = roots or exported, folder
    assert pack is not None
    if not (pack / "pack.json").is_file():
        raise RecordError(f"{pack} is no audit pack: there is no pack.json in it", "name the pack's folder")
    with working("recomputing", as_json):
        verdict = run(pack, roots)
    if as_json:
        print_json(verdict_json(verdict))
    else:
        print_verdict(console(), verdict)
    if verdict.kind is Kind.FAIL:
        raise SystemExit(EXIT_NO)


def _read_roots(file: Path) -> TrustRoots:
    try:
        return read_roots(file.read_bytes())
    except RecordError as error:
        raise RecordError(f"{file}: {error.problem}", error.remedy) from None
