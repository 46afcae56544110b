"""``makegood lake release``: a dispute is over."""

from __future__ import annotations

from pathlib import Path

import click

from cli.base import Command, json_option, print_json
from cli.exits import EXIT_HELP
from cli.lake_folder import lake_argument, open_lake
from metering.retention import release

EPILOG = f"""\b
Example:
    makegood lake release lake/ dispute-7
\b
{EXIT_HELP}
"""


@click.command("release", cls=Command, epilog=EPILOG)
@lake_argument
@click.argument("name")
@json_option
def release_command(folder: Path, name: str, as_json: bool) -> None:
    """End the freeze of that NAME: the rules apply again to what it held."""
    release(open_lake(folder), name)
    if as_json:
        print_json({"released": name})
    else:
        click.echo(f"{name} is released.")
