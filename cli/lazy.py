"""Groups of commands that are imported only when they are called: web3 alone takes seconds."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

Commands = Mapping[str, tuple[str, str]]
"""Subcommand -> the module that defines it, and what it does in a line.

The module names it as the command, or as NAME_command where Python has that word already.
"""


class LazyGroup(click.Group):
    """A group that knows its commands by name; help and completion need no import."""

    def __init__(self, *arguments: Any, commands_by_name: Commands, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._known = commands_by_name

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in order."""
        return sorted(self._known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported."""
        if cmd_name not in self._known:
            return None
        module = import_module(self._known[cmd_name][0])
        command: click.Command = getattr(module, f"{cmd_name}_command", None) or getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands as ``--help`` shows it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._known[name][1]) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names that begin so, and options."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        own = [CompletionItem(name, help=self._known[name][1]) for name in names]
        return [*own, *click.Command.shell_complete(self, ctx, incomplete)]
