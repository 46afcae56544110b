"""``makegood terms``: an agreement in a user's hands, from the first draft to the signature."""

from __future__ import annotations

import click

from cli.lazy import LazyGroup

COMMANDS = {
    "check": ("cli.terms_check", "Say what is wrong with a terms file, and what could be better."),
    "diff": ("cli.terms_diff", "Compare two terms files, in words and in money."),
    "merge": ("cli.terms_merge", "Put a terms file and what it inherits into one document."),
    "new": ("cli.terms_new", "Write a terms file to begin with."),
    "show": ("cli.terms_show", "Print the agreement in plain English, with examples of what it pays."),
    "sign": ("cli.terms_sign", "Sign a terms file as one of its parties."),
}

EPILOG = """\b
From nothing to a signature:
    makegood terms new agreement.yaml
    makegood terms check agreement.yaml
    makegood terms show agreement.yaml
    makegood terms sign agreement.yaml --as provider --keystore provider.json
"""


@click.group(cls=LazyGroup, commands_by_name=COMMANDS, epilog=EPILOG)
def terms() -> None:
    """Write, put together, check, read, compare and sign terms files."""
