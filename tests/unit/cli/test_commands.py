"""The commands there are: each is found, explains itself, and lists itself without being imported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from cli.lazy import LazyGroup
from cli.main import main


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands(main))


def test_commands__those_the_readers_were_promised__are_there() -> None:
    promised = (
        "terms new|terms check|terms show|terms diff|terms merge|terms sign|open|deposit|status|oracle init|oracle run|"
        "oracle check|dispute|evidence|rule|settle|withdraw|audit|up|amend|terminate propose|terminate sign|"
        "terminate submit|exit|link|claim|concede|release"
    )
    assert {tuple(words.split()) for words in promised.split("|")} <= set(ALL)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_commands__help__says_what_it_does_and_every_option_too(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    command = ALL[path]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{path}: {option.name} does not explain itself"


@pytest.mark.parametrize(
    "path", [path for path in ALL if not isinstance(ALL[path], click.Group)], ids=" ".join
)
def test_commands__unknown_option__is_a_usage_error(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--no-such-option"])
    assert result.exit_code == 2
    assert "No such option" in result.stderr


def test_commands__listed_and_completed__without_importing_web3() -> None:
    script = (
        "import sys, click; from cli.main import main; context = click.Context(main); main.get_help(context); "
        "print([item.value for item in main.shell_complete(context, 'di')], 'web3' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "['dispute'] False"


def test_groups__all__are_lazy() -> None:
    groups = [command for command in (main, *ALL.values()) if isinstance(command, click.Group)]
    assert [group.name for group in groups if not isinstance(group, LazyGroup)] == ["key"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion__each_shell__prints_its_script(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert "_MAKEGOOD_COMPLETE" in result.stdout
