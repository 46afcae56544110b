"""How an offer is signed: by a key, or by a wallet that is shown the typed data; and where the signature goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from cli.base import OptionError
from cli.key_options import KeyChoice
from cli.sending import confirm
from cli.terms_file import FileRefused
from record.offer import OfferError, parse_signature
from sla.errors import RecordError


@dataclass(frozen=True, slots=True)
class SigningChoice:
    """What was said about the signature to make."""

    out: Path | None
    typed_data: bool
    signature: str | None
    yes: bool
    dry_run: bool

    def target(self, offer: Path, by: str) -> Path:
        """Where the signature goes: beside the offer, unless told otherwise. FileRefused if something is there."""
        target = self.out or offer.with_name(f"{offer.stem}.{by}.sig.json")
        if target.exists():
            raise FileRefused(
                str(target), "", "is there already", "move it away, or name another file with --out"
            )
        return target

    def of_wallet(self) -> bytes | None:
        """The bytes a wallet shows as hex, in any case; None if none were brought. OptionError if they are not hex."""
        if self.signature is None:
            return None
        try:
            return parse_signature(self.signature.strip().lower())
        except RecordError as error:
            raise OptionError("--signature", error.problem, error.remedy) from None


@dataclass(frozen=True, slots=True)
class PartyChoice:
    """For which party. That of a contract wallet is checked by the chain."""

    role: str
    is_contract: bool

    def sign(
        self, signing: SigningChoice, key: KeyChoice, is_development: bool, account: str, message: bytes
    ) -> bytes:
        """The signature for ``account``, the party's. OfferError if the key is another's."""
        brought = signing.of_wallet()
        if brought is not None:
            return brought
        signer = key.signer(is_development)
        if signer.address != account and not self.is_contract:
            raise OfferError(
                f"the key is that of {signer.address}, but the {self.role} of this agreement is {account}",
                f"sign with the key of {account}",
            )
        confirm(f"Sign this as {self.role}?", signing.yes, dry_run=False)
        return signer.sign(message)


def signing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand ``signing: SigningChoice`` to the command."""

    @wraps(function)
    def with_signing(
        *arguments: Any,
        out: Path | None,
        typed_data: bool,
        signature: str | None,
        yes: bool,
        dry_run: bool,
        **options: Any,
    ) -> Any:
        choice = SigningChoice(out, typed_data, signature, yes, dry_run)
        return function(*arguments, signing=choice, **options)

    return _with(with_signing, _SIGNING)


def party_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand ``party: PartyChoice`` to the command."""

    @wraps(function)
    def with_party(*arguments: Any, role: str, contract_wallet: bool, **options: Any) -> Any:
        return function(*arguments, party=PartyChoice(role, contract_wallet), **options)

    return _with(with_party, _PARTY)


def _with(function: Callable[..., Any], options: list[Callable[..., Any]]) -> Callable[..., Any]:
    for option in reversed(options):
        function = option(function)
    return function


_SIGNING = [
    click.option(
        "--out", type=click.Path(path_type=Path), help="Where the signature goes; never over another file."
    ),
    click.option(
        "--typed-data",
        is_flag=True,
        help="Print the typed data (eth_signTypedData_v4) for a wallet to sign.",
    ),
    click.option(
        "--signature", metavar="HEX", help="Do not sign: take what a wallet made of the typed data."
    ),
    click.option(
        "--yes", is_flag=True, help="Do not ask before signing. Without a terminal nobody is asked."
    ),
    click.option("--dry-run", is_flag=True, help="Show what would be signed; sign and write nothing."),
]
_PARTY = [
    click.option(
        "--as", "role", type=click.Choice(["provider", "customer"]), required=True, help="Which party signs."
    ),
    click.option(
        "--contract-wallet",
        is_flag=True,
        help="The party is a contract: its signature is checked on the chain (ERC-1271).",
    ),
]
