"""``makegood court request``: bring a dispute to the court."""

from __future__ import annotations

import click

from chain.network import Network
from chain.sending_errors import ether
from cli.agreements import agreement_argument, find
from cli.base import Command, json_option
from cli.claim_options import claim_options
from cli.court_found import court_of
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import afterwards, confirm, send_options, tell_sent, working
from record.hexes import to_hex

EPILOG = f"""\b
Example:
    makegood court request 0x1f2e --period 2 --obligation 0 --keystore customer.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@claim_options
@network_option
@key_options
@send_options
@json_option
def request(
    agreement: str,
    period: int,
    obligation: int,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring an open dispute of AGREEMENT to the court that is its arbiter. Anyone may.

    You pay what the court costs, in ether. If it rules in time, the arbiter's fee of the terms is yours.
    """
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    found.obligation(obligation)
    found.period(period)
    court = court_of(found, connection, escrow, dry_run)
    cost = court.cost()
    confirm(f"Ask the court {court.arbitrator} for {ether(cost)} ETH?", yes, dry_run)
    with working("asking the court", as_json):
        receipt = court.request(signer, found.agreement, period, obligation, cost)
    number = afterwards(lambda: court.dispute_id_of(found.id, period, obligation)) if receipt else None
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "court": court.arbitrator,
        "cost": str(cost),
        "disputeID": None if number is None else str(number),
    }
    known = "" if number is None else f"; it is the court's dispute {number}"
    tell_sent(receipt, f"The court was asked, for {ether(cost)} ETH{known}", details, as_json)
