"""``makegood terminate sign``: a party's signature under the offer of a termination, as a file to hand over."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chain.network import Network
from cli.base import Command, json_option, notes, print_json
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import working
from cli.signing_options import PartyChoice, SigningChoice, party_options, signing_options
from cli.terminating import read_ending
from cli.terms_file import write_new
from record.offer import party as party_of
from record.readable import harmless, utc
from record.termination import signature_bytes, verify

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
@party_options
@signing_options
@network_option
@key_options
@json_option
def sign(
    file: Path,
    party: PartyChoice,
    signing: SigningChoice,
    network: Network,
    key: KeyChoice,
    as_json: bool,
) -> None:
    """Sign the termination that FILE offers, as provider or customer."""
    with working("reading the chain", as_json):
        _, escrow = reach(network)
        ending = read_ending(file, network, escrow)
    termination, agreement = ending.termination, ending.found.agreement
    if signing.typed_data:
        return click.echo(json.dumps(termination.typed_data(escrow.domain), indent=2))
    role, account = party.role, party_of(agreement, party.role)
    target = signing.target(file, role)
    notes().print(
        f"{ending.text}, if it is submitted before {utc(termination.valid_by)} UTC.", soft_wrap=True
    )
    if not signing.dry_run:
        message = termination.preimage(escrow.domain)
        made = party.sign(signing, key, escrow.connection.is_development, account, message)
        if not party.is_contract:
            verify(made, termination, escrow.domain, agreement, role)
        write_new(target, signature_bytes(termination, escrow.domain, agreement, role, made))
    if as_json:
        said = {"file": str(target), "written": not signing.dry_run, "role": role, "address": account}
        print_json({**said, **ending.details})
        return
    done = "would be written" if signing.dry_run else "written"
    click.echo(f"{harmless(str(target))} {done}: the {role}'s signature under the termination")
