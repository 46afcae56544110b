"""``makegood exclude show``: what an exclusion says, and whose approvals hold."""

from __future__ import annotations

from pathlib import Path

import click

from chain.network import Network
from cli.base import Command, json_option, print_json
from cli.excluding import details, read_file, refused, sentence
from cli.exits import EXIT_HELP
from cli.network_option import network_option
from cli.terms_file import read_terms
from record.eip712 import escrow_domain
from record.exclusion_fields import ExclusionFileError
from record.exclusions import approvers

EPILOG = f"""\b
Example:
    makegood exclude show racks.json --terms agreement.yaml
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Show what an exclusion says and who approved it.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--terms", required=True, type=click.Path(path_type=Path), help="The terms of the agreement.")
@network_option
@json_option
def show(file: Path, terms: Path, network: Network, as_json: bool) -> None:
    """Show the exclusion in FILE, its approvals verified. Whether it counts then, the terms' `exclusions` say."""
    domain = escrow_domain(network.chain_id, network.escrow)
    agreement = read_terms(terms).agreement()
    exclusion = read_file(file, agreement, domain)
    try:
        given = sorted(approvers(exclusion, domain, agreement))
    except ExclusionFileError as error:
        raise refused(file, error) from None
    if as_json:
        return print_json({**details(exclusion.record, domain), "approvedBy": given})
    click.echo(f"{sentence(exclusion.record)}.")
    click.echo(f"Approved by the {' and the '.join(given)}." if given else "Nobody has approved it yet.")
