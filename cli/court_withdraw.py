"""``makegood court withdraw``: fetch the arbiter's fees of whoever paid the court."""

from __future__ import annotations

import click

from chain.network import Network
from cli.address_options import read_address
from cli.agreements import agreement_argument, find
from cli.base import Command, json_option
from cli.court_found import court_of
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import to_hex

EPILOG = f"""\b
Example: fetch all that disputes of this agreement and its like brought you.
    makegood court withdraw 0x1f2e --keystore mine.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@click.option("--account", help="Whose fees; by default the signer's own account's.")
@click.option("--to", help="Where they go; only the account itself may name another than itself.")
@network_option
@key_options
@send_options
@json_option
def withdraw(
    agreement: str,
    account: str | None,
    to: str | None,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Pay out the fees, in the token of AGREEMENT, that its court keeps for whoever paid for rulings. Anyone may."""
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    court = court_of(found, connection, escrow, dry_run)
    owner = read_address("--account", account) or signer.address
    recipient = read_address("--to", to) or owner
    token = found.agreement.stake.token
    fees = court.fees_of(token, owner)
    # What is kept is paid first; what the escrow withheld is fetched by the next withdrawal.
    amount = fees.kept or fees.withheld
    shown = found.money.text(amount)
    confirm(f"Withdraw {shown} of {owner} to {recipient}?", yes, dry_run)
    with working("withdrawing", as_json):
        receipt = court.withdraw(signer, token, owner, recipient)
    details = {
        "agreement": to_hex(found.id),
        "token": token,
        "account": owner,
        "to": recipient,
        "amount": str(amount),
    }
    tell_sent(receipt, f"{shown} of {owner} paid to {recipient}", details, as_json)
