"""How every command ends: a sentence and an exit code that scripts can use."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner
from rich.table import Table

from chain.errors import ChainError
from cli.base import Command, console, json_option, notes, print_json
from sla.errors import MakegoodError, RecordError, RuleBroken, TermsError


def failing(error: BaseException) -> click.Command:
    @click.command(cls=Command)
    @json_option
    def command(as_json: bool) -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (RuleBroken("BondZero"), 1, "BondZero"),
        (
            TermsError("spec.openBy", "'x' is no time", "write one", 7),
            2,
            "spec.openBy (line 7): 'x' is no time",
        ),
        (RecordError("the file is torn", "fetch it again"), 2, "the file is torn; fetch it again"),
        (ChainError("the node is away", "start it"), 3, "the node is away; start it"),
        (PermissionError(13, "Permission denied", "/x/journal"), 3, "/x/journal: Permission denied"),
    ],
)
def test_command__error__one_sentence_on_stderr_and_its_exit_code(
    error: Exception, code: int, told: str
) -> None:
    result = CliRunner().invoke(failing(error), [])
    assert result.exit_code == code
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_command__error_with_json__is_an_object_on_stderr() -> None:
    result = CliRunner().invoke(
        failing(TermsError("spec.openBy", "'x' is no time", "write one", 7)), ["--json"]
    )
    assert result.exit_code == 2
    told = json.loads(result.stderr)["error"]
    assert (told["kind"], told["field"], told["line"]) == ("input", "spec.openBy", 7)
    assert (told["problem"], told["remedy"]) == ("'x' is no time", "write one")


def test_command__error_that_would_steer_the_terminal__is_harmless() -> None:
    result = CliRunner().invoke(failing(ChainError("\x1b[2Jcleared", "look")), [])
    assert "\x1b" not in result.stderr


def test_command__interrupt__ends_with_130() -> None:
    assert CliRunner().invoke(failing(KeyboardInterrupt()), []).exit_code == 130


def test_command__error_that_nobody_expects__is_not_hidden() -> None:
    result = CliRunner().invoke(failing(ZeroDivisionError()), [])
    assert isinstance(result.exception, ZeroDivisionError)
    assert not isinstance(result.exception, MakegoodError)


def test_command__interrupt_while_something_is_sent__says_what_to_look_up() -> None:
    interrupt = KeyboardInterrupt()
    interrupt.add_note("Look up transaction 0x12.")
    assert CliRunner().invoke(failing(interrupt), []).stderr == "Interrupted. Look up transaction 0x12.\n"


def test_command__error_of_the_system_with_json__is_an_object_on_stderr() -> None:
    result = CliRunner().invoke(failing(PermissionError(13, "Permission denied", "/x/journal")), ["--json"])
    told = json.loads(result.stderr)["error"]
    assert (told["kind"], told["problem"]) == ("outside", "/x/journal: Permission denied")


@pytest.mark.parametrize("symbol", ["[/x]", "[bold]", "[link=http://x]y[/link]", ":x:", "[red"])
def test_console__symbols_that_rich_would_obey__are_shown_as_they_are(
    symbol: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anyone may open an agreement about a token of any name: nobody's status may end over it."""
    table = Table("amount")
    table.add_row(f"1.00 {symbol}")
    console().print(table)
    notes().print(f"1.00 {symbol}")
    out, err = capsys.readouterr()
    assert f"1.00 {symbol}" in out
    assert f"1.00 {symbol}" in err


def test_print_json__what_terminals_obey_or_encodings_lack__is_escaped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"name": "\x9b2J\udcff\u202e"})
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == {"name": "\x9b2J\udcff\u202e"}
