"""``makegood withdraw``: fetch what a failed transfer left behind."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import money_of
from cli.base import Command, OptionError, json_option
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import parse_address
from sla.errors import RecordError

EPILOG = f"""\b
Example: fetch what is yours, and have it sent to another account.
    makegood withdraw --token 0x… --to 0x… --keystore mine.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.option("--token", help="The token; by default the network's.")
@click.option("--account", help="Whose it is; by default the signer's own account.")
@click.option("--to", help="Where it goes; only the account itself may name another than itself.")
@network_option
@key_options
@send_options
@json_option
def withdraw(
    token: str | None,
    account: str | None,
    to: str | None,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Pay out what the escrow keeps for an account since a transfer to it failed. Anyone may."""
    named = _address("--token", token) or network.token
    if named is None:
        raise OptionError("--token", "is not given, and the network file names no token", "name the token")
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    owner = _address("--account", account) or signer.address
    recipient = _address("--to", to) or owner
    money = money_of(escrow, named)
    amount = escrow.withdrawable(named, owner)
    shown = money.text(amount)
    confirm(f"Withdraw {shown} of {owner} to {recipient}?", yes, dry_run)
    with working("withdrawing", as_json):
        receipt = escrow.withdraw(signer, named, owner, recipient)
    details = {"token": named, "account": owner, "to": recipient, "amount": str(amount)}
    tell_sent(receipt, f"{shown} of {owner} paid to {recipient}", details, as_json)


def _address(option: str, text: str | None) -> str | None:
    try:
        return None if text is None else parse_address(text)
    except RecordError as error:
        raise OptionError(option, error.problem, error.remedy) from None
