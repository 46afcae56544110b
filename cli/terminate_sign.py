"""``makegood terminate sign``: a party's signature under the offer of a termination, as a file to hand over."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chain.escrow import Escrow
from chain.network import Network
from cli.base import Command, OptionError, json_option, notes, print_json
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, working
from cli.terminating import Ending, read_ending
from cli.terms_file import FileRefused, write_new
from record.offer import OfferError, parse_signature, party
from record.readable import harmless, utc
from record.termination import signature_bytes, verify
from sla.errors import RecordError

EPILOG = f"""\b
Examples:
    makegood terminate sign end.json --as provider --keystore provider.json
    makegood terminate sign end.json --as customer --typed-data > for-my-wallet.json
    makegood terminate sign end.json --as customer --signature 0x…
\b
The file is written beside the offer: end.provider.sig.json. Hand it to the one who submits the offer.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as", "role", type=click.Choice(["provider", "customer"]), required=True, help="Which party signs."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the signature goes; never over another file."
)
@click.option(
    "--typed-data", is_flag=True, help="Print the typed data (eth_signTypedData_v4) for a wallet to sign."
)
@click.option("--signature", metavar="HEX", help="Do not sign: take what a wallet made of the typed data.")
@click.option(
    "--contract-wallet",
    is_flag=True,
    help="The party is a contract: its signature is checked on submission (ERC-1271).",
)
@click.option("--yes", is_flag=True, help="Do not ask before signing. Without a terminal nobody is asked.")
@click.option("--dry-run", is_flag=True, help="Show what would be signed; sign and write nothing.")
@network_option
@key_options
@json_option
def sign(
    file: Path,
    role: str,
    out: Path | None,
    typed_data: bool,
    signature: str | None,
    contract_wallet: bool,
    yes: bool,
    dry_run: bool,
    network: Network,
    key: KeyChoice,
    as_json: bool,
) -> None:
    """Sign the termination that FILE offers, as provider or customer."""
    with working("reading the chain", as_json):
        _, escrow = reach(network)
        ending = read_ending(file, network, escrow)
    termination, agreement = ending.termination, ending.found.agreement
    if typed_data:
        return click.echo(json.dumps(termination.typed_data(escrow.domain), indent=2))
    target = out or file.with_name(f"{file.stem}.{role}.sig.json")
    if target.exists():
        raise FileRefused(
            str(target), "", "is there already", "move it away, or name another file with --out"
        )
    notes().print(
        f"{ending.text}, if it is submitted before {utc(termination.valid_by)} UTC.", soft_wrap=True
    )
    if not dry_run:
        made = (
            _of_wallet(signature)
            if signature is not None
            else _signed(key, escrow, ending, role, contract_wallet, yes)
        )
        if not contract_wallet:
            verify(made, termination, escrow.domain, agreement, role)
        write_new(target, signature_bytes(termination, escrow.domain, agreement, role, made))
    if as_json:
        said = {"file": str(target), "written": not dry_run, "role": role, "address": party(agreement, role)}
        print_json({**said, **ending.details})
        return
    done = "would be written" if dry_run else "written"
    click.echo(f"{harmless(str(target))} {done}: the {role}'s signature under the termination")


def _signed(
    key: KeyChoice, escrow: Escrow, ending: Ending, role: str, contract_wallet: bool, yes: bool
) -> bytes:
    signer = key.signer(escrow.connection.is_development)
    account = party(ending.found.agreement, role)
    if signer.address != account and not contract_wallet:
        raise OfferError(
            f"the key is that of {signer.address}, but the {role} of this agreement is {account}",
            f"sign with the key of {account}",
        )
    confirm(f"Sign this as {role}?", yes, dry_run=False)
    return signer.sign(ending.termination.preimage(escrow.domain))


def _of_wallet(text: str) -> bytes:
    """The bytes a wallet shows as hex, in any case."""
    try:
        return parse_signature(text.strip().lower())
    except RecordError as error:
        raise OptionError("--signature", error.problem, error.remedy) from None
