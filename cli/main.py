"""``makegood``: one command for people and scripts. Each subcommand is imported when it is called."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {"audit": "cli.audit"}
"""Subcommand -> the module that defines it under its own name."""

EXAMPLE = """\b
Example: recompute every payment of a pack, offline.
    makegood audit build/demo/audit-pack --roots build/demo/roots.json
"""


class _Commands(click.Group):
    """Subcommands that are not imported before they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=_Commands, epilog=EXAMPLE)
@click.version_option(package_name="makegood")
def main() -> None:
    """Service level agreements that pay by themselves."""
