"""``makegood key``: make an encrypted keystore, and see whose it is."""

from __future__ import annotations

from pathlib import Path

import click

from chain.keystore import create_keystore, keystore_address
from cli.base import Command, json_option, print_json
from cli.exits import EXIT_HELP
from cli.key_options import password
from cli.sending import working
from record.readable import harmless


@click.group()
def key() -> None:
    """Make keys, encrypted with a password (Web3 Secret Storage, as Geth keeps them)."""


@key.command(cls=Command, epilog=f"\b\nExample:\n    makegood key new provider.json\n\b\n{EXIT_HELP}")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="MAKEGOOD_PASSWORD_FILE",
    help="File whose first line is the password.",
)
@json_option
def new(file: Path, password_file: Path | None, as_json: bool) -> None:
    """Make a new key and keep it, encrypted, in FILE. Nobody can restore it without the password."""
    secret = password(password_file, "New password", confirm=True)
    with working("encrypting", as_json):
        address = create_keystore(file, secret)
    if as_json:
        print_json({"file": str(file), "address": address})
    else:
        click.echo(f"{harmless(str(file))} holds the key of {address}")


@key.command(cls=Command, epilog=f"\b\n{EXIT_HELP}")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def show(file: Path, as_json: bool) -> None:
    """Print the address of the keystore FILE."""
    address = keystore_address(file)
    if as_json:
        print_json({"file": str(file), "address": address})
    else:
        click.echo(address)
