"""``makegood lake``: the folder of records that landed, what of it may go, and what must stay."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "freeze": ("cli.lake_freeze", "Keep the records that a dispute is about, whatever the rules say."),
    "release": ("cli.lake_release", "End a freeze."),
    "retain": ("cli.lake_retain", "Roll up and delete what is old enough."),
    "show": ("cli.lake_show", "Show what the folder holds."),
}

EPILOG = """\b
What makegood attain --lake keeps, and for how long:
    makegood lake show lake/
    makegood lake retain lake/ --raw-days 400 --rolled-up-days 2000 --terms agreement.yaml --dry-run
    makegood lake freeze lake/ dispute-7 --source shop --from 2027-03-01 --to 2027-04-01 --reason "period 2"
    makegood lake release lake/ dispute-7
"""


@click.group(cls=LazyGroup, commands_by_name=COMMANDS, epilog=EPILOG)
def lake() -> None:
    """Look at the folder in which records are kept, delete what is old, and freeze what is disputed."""
