"""``makegood oracle remeasure``: a source was corrected after its period was reported (R5)."""

from __future__ import annotations

from pathlib import Path

import click

from cli.base import Command, OptionError, json_option, print_json
from cli.exits import EXIT_HELP
from cli.oracle_options import node_option
from oracle.node_file import read_node_file
from oracle.ports import Subject
from oracle.remeasuring import ask_again
from oracle.running import REMEASURE
from record.hexes import from_hex
from sla.errors import RecordError

EPILOG = f"""\b
Example, for period 3 and obligation 0; both count from 0:
    makegood oracle remeasure 0xa4b3d0ee1a4bb3cfcc11b3c9bd73b8acb6a1d1b6a5a6d1be4a3d2b6f6f1e7c55 3 0
\b
Only where a quorum of the committee's operators do the same is there a new report. The node brings it by itself, and
what was paid before is corrected by the difference.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("agreement")
@click.argument("period", type=click.IntRange(0, 2**24 - 1))
@click.argument("obligation", type=click.IntRange(0, 63))
@node_option
@json_option
def remeasure(agreement: str, period: int, obligation: int, node_path: Path, as_json: bool) -> None:
    """Let the node measure PERIOD of AGREEMENT (its id) again for OBLIGATION, its source having been corrected.

    The node may be running. It signs a new revision only if its source now says something else, and only until the
    period can be claimed no more.
    """
    try:
        subject = Subject(from_hex(agreement, 32), period, obligation)
    except RecordError as error:
        raise OptionError("AGREEMENT", error.problem, error.remedy) from None
    path = ask_again(read_node_file(node_path).data / REMEASURE, subject)
    if as_json:
        print_json({**subject.shown(), "request": str(path)})
        return
    click.echo(f"The node will measure it again: {path} asks for it. It tells what came of that.")
