"""``makegood exclude approve``: a party's signature under an exclusion, put into its file."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chain.connection import DEVELOPMENT_CHAINS
from chain.network import Network
from cli.base import Command, json_option, notes, print_json
from cli.excluding import details, read_file, sentence
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option
from cli.signing_options import PartyChoice, SigningChoice, party_options, signing_options
from cli.terms_file import FileRefused, put, read_terms
from record.eip712 import escrow_domain
from record.exclusion_json import exclusion_bytes
from record.offer import check_signature
from record.offer import party as party_of
from record.readable import harmless

EPILOG = f"""\b
Examples:
    makegood exclude approve racks.json --terms agreement.yaml --as provider --keystore provider.json
    makegood exclude approve racks.json --terms agreement.yaml --as customer --typed-data > for-my-wallet.json
    makegood exclude approve racks.json --terms agreement.yaml --as customer --signature 0x…
\b
The approval is added to the file itself, or with --out to a copy. Pass it on to the other party, and to whoever
measures.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Approve an exclusion as provider or customer.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--terms", required=True, type=click.Path(path_type=Path), help="The terms of the agreement.")
@party_options
@signing_options
@network_option
@key_options
@json_option
def approve(
    file: Path,
    terms: Path,
    party: PartyChoice,
    signing: SigningChoice,
    network: Network,
    key: KeyChoice,
    as_json: bool,
) -> None:
    """Approve the exclusion in FILE as provider or customer: the time it names is not to count."""
    domain = escrow_domain(network.chain_id, network.escrow)
    agreement = read_terms(terms).agreement()
    exclusion = read_file(file, agreement, domain)
    if signing.typed_data:
        return click.echo(json.dumps(exclusion.record.typed_data(domain), indent=2))
    target = file if signing.out is None else signing.out
    if signing.out is not None and target.exists():
        raise FileRefused(
            str(target), "", "is there already", "move it away, or name another file with --out"
        )
    notes().print(f"{sentence(exclusion.record)}.", soft_wrap=True)
    if not signing.dry_run:
        account, message = party_of(agreement, party.role), exclusion.record.preimage(domain)
        made = party.sign(signing, key, network.chain_id in DEVELOPMENT_CHAINS, account, message)
        if not party.is_contract:
            check_signature(made, exclusion.record.digest(domain), account, party.role)
        exclusion = exclusion.approved(agreement, party.role, made)
        put(target, exclusion_bytes(exclusion, domain))
    given = [approval.role for approval in exclusion.approvals]
    if as_json:
        said = {"file": str(target), "written": not signing.dry_run, "approvedBy": given}
        return print_json({**said, **details(exclusion.record, domain)})
    done = "would be approved" if signing.dry_run else "approved"
    click.echo(f"{harmless(str(target))} {done} by the {party.role}.")
