"""``makegood oracle``: one member of a committee as a process of its own."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "check": ("cli.oracle_check", "Look at everything a node needs, line by line."),
    "init": ("cli.oracle_init", "Write a node's settings file."),
    "remeasure": (
        "cli.oracle_remeasure",
        "Measure a reported period again, its source having been corrected.",
    ),
    "run": ("cli.oracle_run", "Run the node until it is stopped."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def oracle() -> None:
    """Run an oracle node: it measures, agrees with its peers, posts, claims and settles."""
