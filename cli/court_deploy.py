"""``makegood court deploy``: put a court between an escrow and its disputes."""

from __future__ import annotations

import re

import click

from chain.court import Court, deploy_court
from chain.network import Network
from cli.address_options import read_address
from cli.base import Command, OptionError, json_option, print_json
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, working

EPILOG = f"""\b
Example: then name the address it prints as the arbiter of new terms.
    makegood court deploy 0x… --extra-data 0x… --question https://example.org/question.json \\
        --keystore mine.json
\b
{EXIT_HELP}
"""

_BYTES = re.compile(r"0x(?:[0-9a-fA-F]{2}){0,1024}\Z")


@click.command(cls=Command, epilog=EPILOG)
@click.argument("arbitrator")
@click.option(
    "--extra-data",
    default="0x",
    show_default=True,
    help="What the court wants to know of each dispute, as hex.",
)
@click.option(
    "--question", required=True, help="Where you published what makegood court question prints (ERC-1497)."
)
@network_option
@key_options
@click.option("--yes", is_flag=True, help="Do not ask before sending. Without a terminal nobody is asked.")
@json_option
def deploy(
    arbitrator: str,
    extra_data: str,
    question: str,
    network: Network,
    key: KeyChoice,
    yes: bool,
    as_json: bool,
) -> None:
    """Deploy a contract that agreements can name as their arbiter: it passes disputes of the network's escrow to the
    ERC-792 court at ARBITRATOR, and rulings back. It has no owner, and nothing of it can be changed."""
    court_address = read_address("ARBITRATOR", arbitrator)
    if not _BYTES.match(extra_data):
        raise OptionError("--extra-data", "is not hex", "give 0x and two digits a byte, at most 1024 bytes")
    connection, escrow = reach(network)
    signer = key.signer(connection.is_development)
    confirm(f"Deploy an arbiter for the court {court_address}?", yes, dry_run=False)
    with working("deploying", as_json):
        data = bytes.fromhex(extra_data[2:])
        address = deploy_court(connection, signer, escrow.address, str(court_address), data, question)
    cost = Court(connection, address).cost()
    if as_json:
        print_json({"arbiter": address, "court": court_address, "escrow": escrow.address, "cost": str(cost)})
    else:
        click.echo(f"The arbiter is {address}: name it in the terms.")
