"""Groups of commands that are imported only when they are called: web3 alone takes seconds."""

from __future__ import annotations

import difflib
import io
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from cli.exits import EXIT_OUTSIDE

Commands = Mapping[str, tuple[str, str]]
"""Subcommand -> the module that defines it, and what it does in a line.

The module names it as the command, or as NAME_command where Python has that word already.
"""


def _is_written() -> bool:
    """Whether all output arrived; what did not is let go, so that the interpreter's end does not try it again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True


class LazyGroup(click.Group):
    """A group that knows its commands by name; help and completion need no import."""

    def __init__(self, *arguments: Any, commands_by_name: Commands, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._known = commands_by_name

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run, as the program. A stream that cannot show a sign shows another; one that is full or closed ends it."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        written_to = sys.stdout
        try:
            return super().main(*arguments, **options)
        except OSError as error:
            click.echo(f"Error: the output cannot be written: {error.strerror or error}", err=True)
            _is_written()
            raise SystemExit(EXIT_OUTSIDE) from None
        except SystemExit as ended:
            # click puts another stream there when whoever read our words has left: that is no failure.
            if sys.stdout is not written_to:
                raise SystemExit(0) from None
            if not _is_written() and not ended.code:
                click.echo("Error: the output cannot be written to its end", err=True)
                raise SystemExit(EXIT_OUTSIDE) from None
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was named; a usage error suggests the nearest one."""
        if args and args[0] not in self._known and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self._known, 1)
            ctx.fail(f"No such command {args[0]!r}.{f' Did you mean {near[0]!r}?' if near else ''}")
        return super().resolve_command(ctx, args)

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
