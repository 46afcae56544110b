"""Who signs: a keystore file, an external signer, or on development chains a bare key."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from chain.errors import KeyFileError
from chain.keys import Signer, require_safe
from chain.keystore import is_exposed, open_keystore, read_bare_key
from chain.web3signer import Web3Signer
from cli.sending import working
from record.readable import harmless

MAX_PASSWORD_BYTES = 4_096
SIGNER_SECONDS = 10


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """What was said about the key; ``signer`` makes it one."""

    keystore: Path | None
    password_file: Path | None
    signer_url: str | None
    signer_address: str | None
    bare_key: Path | None

    def signer(self, is_development: bool) -> Signer:
        """The signer. KeystoreError and its like when it cannot be had; a bare key is for development chains only."""
        given = [self.keystore, self.signer_url, self.bare_key]
        if sum(choice is not None for choice in given) != 1:
            raise click.UsageError(
                "Say who signs, in one way: --keystore FILE, --signer URL with --signer-address, or --bare-key FILE."
            )
        signer: Signer
        if self.keystore is not None:
            for file in (self.keystore, self.password_file):
                if file is not None and is_exposed(file):
                    told = f"Note: others on this machine can read {file}; chmod 600 it."
                    click.echo(harmless(told), err=True)
            secret = password(self.password_file, f"Password of {self.keystore}")
            with working("opening the keystore"):
                signer = open_keystore(self.keystore, secret)
        elif self.signer_url is not None:
            if self.signer_address is None:
                raise click.UsageError("Name the account that --signer is to sign for with --signer-address.")
            signer = Web3Signer(self.signer_url, self.signer_address, SIGNER_SECONDS)
        else:
            assert self.bare_key is not None
            signer = read_bare_key(self.bare_key)
        require_safe(is_development, signer)
        return signer


def key_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand ``key: KeyChoice`` to the command."""

    @wraps(function)
    def with_key(
        *arguments: Any,
        keystore: Path | None,
        password_file: Path | None,
        signer_url: str | None,
        signer_address: str | None,
        bare_key: Path | None,
        **options: Any,
    ) -> Any:
        choice = KeyChoice(keystore, password_file, signer_url, signer_address, bare_key)
        return function(*arguments, key=choice, **options)

    for option in reversed(_OPTIONS):
        with_key = option(with_key)
    return with_key


def password(file: Path | None, prompt: str, confirm: bool = False) -> str:
    """The password: the first line of a file, else asked for. KeyFileError for a file that is not text, or too long:
    a password cut short would make a keystore that no other tool opens."""
    if file is not None:
        with file.open("rb") as opened:
            line = opened.readline(MAX_PASSWORD_BYTES + 1)
        if len(line) > MAX_PASSWORD_BYTES:
            raise KeyFileError(
                str(file),
                f"has a first line of more than {MAX_PASSWORD_BYTES} bytes",
                "name the password's file",
            )
        try:
            # Windows' editors put a mark before the text and a carriage return behind the line.
            return line.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError:
            raise KeyFileError(str(file), "is not UTF-8", "save it as UTF-8") from None
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is there to type the password: name a file with --password-file.")
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return typed


_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = [
    click.option(
        "--keystore", type=_FILE, envvar="MAKEGOOD_KEYSTORE", help="Sign with this encrypted keystore."
    ),
    click.option(
        "--password-file",
        type=_FILE,
        envvar="MAKEGOOD_PASSWORD_FILE",
        help="File whose first line is the keystore's password; without it you are asked.",
    ),
    click.option(
        "--signer", "signer_url", metavar="URL", help="Sign with the external signer there (Web3Signer)."
    ),
    click.option("--signer-address", metavar="ADDRESS", help="The account the external signer signs for."),
    click.option("--bare-key", type=_FILE, help="Sign with this unencrypted key; development chains only."),
]
