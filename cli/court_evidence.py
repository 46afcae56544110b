"""``makegood court evidence``: name a document for the court."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import agreement_argument, find
from cli.base import Command, OptionError, json_option
from cli.claim_options import claim_options
from cli.court_found import asked_of, court_of
from cli.evidence import MAX_URI
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import to_hex

EPILOG = f"""\b
Example:
    makegood court evidence 0x1f2e https://example.org/evidence.json --period 2 --obligation 0 \\
        --keystore provider.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@click.argument("uri")
@claim_options
@network_option
@key_options
@send_options
@json_option
def evidence(
    agreement: str,
    uri: str,
    period: int,
    obligation: int,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Point the court to the evidence at URI, in the form it asks for (ERC-1497), until it has ruled. Anyone may."""
    if not uri.isprintable() or len(uri) > MAX_URI:
        raise OptionError("URI", "is not a printable address", f"use at most {MAX_URI} plain characters")
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    court = court_of(found, connection, escrow, dry_run)
    number, _ = asked_of(found, court, period, obligation)
    confirm(f"Point the court to {uri}? It goes on the chain for ever.", yes, dry_run)
    with working("submitting", as_json):
        receipt = court.submit_evidence(signer, number, uri)
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "disputeID": str(number),
        "uri": uri,
    }
    tell_sent(receipt, f"The court was pointed to {uri}", details, as_json)
