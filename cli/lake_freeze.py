"""``makegood lake freeze``: what a dispute is about stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cli.base import Command, json_option, print_json
from cli.exits import EXIT_HELP
from cli.lake_folder import lake_argument, moment, open_lake
from cli.lake_show import freeze_json, freeze_line
from cli.terms_file import current_time
from metering.retention import freeze

EPILOG = f"""\b
Example:
    makegood lake freeze lake/ dispute-7 --source shop --from 2027-03-01 --to 2027-04-01 --reason "period 2"
\b
{EXIT_HELP}
"""


@click.command("freeze", cls=Command, epilog=EPILOG)
@lake_argument
@click.argument("name")
@click.option(
    "--source", "sources", multiple=True, required=True, help="Whose records; may be given several times."
)
@click.option(
    "--from", "start", required=True, metavar="TIME", help="From when on; a day begins at 00:00 UTC."
)
@click.option("--to", "end", required=True, metavar="TIME", help="Until when, itself not included.")
@click.option("--reason", required=True, help="Why, in words.")
@json_option
def freeze_command(
    folder: Path, name: str, sources: Sequence[str], start: str, end: str, reason: str, as_json: bool
) -> None:
    """Freeze the records of some sources and days under the NAME of a dispute: while it stands no rule deletes them,
    and the versions that are current now stay, although later records may make new ones."""
    lake = open_lake(folder)
    begin, stop = moment(start, "--from"), moment(end, "--to")
    frozen = freeze(lake, name, sources, begin, stop, reason, current_time())
    if as_json:
        print_json(freeze_json(frozen))
    else:
        click.echo(freeze_line(frozen))
