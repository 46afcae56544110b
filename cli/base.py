"""What all commands share: how errors end, where the network is, who signs, how results are shown.

Exit codes: 0 done; 1 the answer is no (the contract or the rules refused, a check failed); 2 what was given is wrong
(file, option, signature); 3 the world outside (chain, node, disk) is not as needed; 130 interrupted.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from rich.console import Console

from cli.exits import EXIT_INPUT, EXIT_INTERRUPTED, EXIT_NO, EXIT_OUTSIDE
from record.readable import harmless
from sla.errors import Kind, MakegoodError, TermsError, problem_of

EXIT_CODES = {Kind.REFUSED: EXIT_NO, Kind.INPUT: EXIT_INPUT, Kind.OUTSIDE: EXIT_OUTSIDE}

PIPE_WIDTH = 140
"""Wide enough for addresses where nobody sets the width: in files and pipes."""


class OptionError(TermsError):
    """A value of the command line that does not fit the agreement; ``path`` is the option."""


class Command(click.Command):
    """A command whose errors become one sentence and an exit code; with ``--json`` the sentence is an object."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run; whatever is expected to go wrong is told, not thrown."""
        try:
            return super().invoke(ctx)
        except MakegoodError as error:
            tell_error(error, bool(ctx.params.get("as_json")))
            raise SystemExit(EXIT_CODES[error.kind]) from None
        except BrokenPipeError:
            # Whoever read our words has left.
            sys.stderr.close()
            raise SystemExit(0) from None
        except OSError as error:
            told = f"{error.filename or 'the system'}: {error.strerror or error}"
            failed = MakegoodError(told, "mend that and run it again")
            tell_error(failed, bool(ctx.params.get("as_json")))
            raise SystemExit(EXIT_OUTSIDE) from None
        except KeyboardInterrupt as interrupt:
            # What was under way: a transaction that was sent cannot be called back.
            notes_added = getattr(interrupt, "__notes__", ())
            click.echo(harmless(" ".join(["Interrupted.", *notes_added])), err=True)
            raise SystemExit(EXIT_INTERRUPTED) from None


def tell_error(error: MakegoodError, as_json: bool) -> None:
    """The error on stderr: a sentence for people, or an object for machines."""
    if as_json:
        click.echo(json.dumps({"error": problem_of(error)}), err=True)
    else:
        click.echo(f"Error: {harmless(str(error), 2_000)}", err=True)


def json_option(command: Any) -> Any:
    """``--json``: one JSON value on stdout, nothing else."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")(command)


def print_json(value: object) -> None:
    """One JSON value on stdout, in ASCII: nothing in it that a terminal would obey or an encoding lacks."""
    click.echo(json.dumps(value, indent=2))


def console() -> Console:
    """Where results for people go."""
    screen = _plain()
    return screen if screen.is_terminal else _plain(width=PIPE_WIDTH)


def notes() -> Console:
    """Where progress goes: stderr, so that it never stands between results."""
    return _plain(stderr=True)


class _Screen(Console):
    def on_broken_pipe(self) -> None:
        """Whoever read our words has left: that is no failure."""
        try:
            super().on_broken_pipe()
        except SystemExit:
            raise SystemExit(0) from None


def _plain(**options: Any) -> Console:
    """Names and symbols are other people's: "[/x]" and ":x:" in them are no commands to rich."""
    return _Screen(highlight=False, markup=False, emoji=False, **options)
