"""``makegood fund``: play money for an account of a development chain."""

from __future__ import annotations

import click

from chain.anvil import fund as give_ether
from chain.keys import LocalKey
from chain.network import Network
from chain.token import Token
from cli.agreements import money_of
from cli.base import Command, OptionError, json_option, print_json
from cli.exits import EXIT_HELP
from cli.network_option import network_option, reach
from cli.sending import working
from record.hexes import parse_address
from record.readable import harmless
from sla.errors import RecordError

NOBODY = LocalKey((1).to_bytes(32))
"""The test token lets anyone mint; this key everybody knows pays for the gas."""


@click.command(cls=Command, epilog=f"\b\nExample:\n    makegood fund 0x… --tokens 5000\n\b\n{EXIT_HELP}")
@click.argument("account")
@click.option("--tokens", default="10000", show_default=True, help="How many of the network's test token.")
@network_option
@json_option
def fund(account: str, tokens: str, network: Network, as_json: bool) -> None:
    """Give ACCOUNT ether for gas and test tokens. Only on the chain of makegood up: neither is worth anything."""
    try:
        recipient = parse_address(account)
    except RecordError as error:
        raise OptionError(
            "ACCOUNT", f"{harmless(account, 60)!r} is no checksummed address", error.remedy
        ) from None
    if network.token is None:
        raise OptionError("--network", "names no token", "use the network file of makegood up")
    connection, escrow = reach(network)
    money = money_of(escrow, network.token)
    amount = money.base_units(tokens, "--tokens")
    if not connection.is_development:
        raise OptionError("--network", f"chain {connection.chain_id} is real", "use the chain of makegood up")
    token = Token(connection, network.token)
    with working("funding", as_json):
        give_ether(connection.web3, [recipient, NOBODY.address])
        token.mint(NOBODY, recipient, amount)
    balance = token.balance_of(recipient)
    if as_json:
        print_json(
            {"account": recipient, "token": network.token, "minted": str(amount), "balance": str(balance)}
        )
    else:
        click.echo(f"{recipient} has ether for gas and {money.text(balance)}")
