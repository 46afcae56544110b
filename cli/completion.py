"""``makegood completion``: what a shell needs to complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

PROGRAM = "makegood"
VARIABLE = "_MAKEGOOD_COMPLETE"


@click.command(
    epilog="""\b
Examples:
    makegood completion bash >> ~/.bashrc
    makegood completion zsh >> ~/.zshrc
    makegood completion fish > ~/.config/fish/completions/makegood.fish
"""
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete makegood's commands and options."""
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(ctx.find_root().command, {}, PROGRAM, VARIABLE).source())
