"""``makegood link``: what one agreement pays goes into the escrow of another."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import agreement_argument, find
from cli.base import Command, OptionError, json_option
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import to_hex
from sla.agreement import ZERO_BYTES32


@click.command(
    cls=Command, epilog=f"\b\nExample:\n    makegood link 0x1f2e --keystore anybody.json\n\b\n{EXIT_HELP}"
)
@agreement_argument
@network_option
@key_options
@send_options
@json_option
def link(agreement: str, network: Network, key: KeyChoice, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Direct what AGREEMENT pays into the escrow of the agreement its terms name (spec.downstream). Anyone may.

    Until then, and once that one is over, the customer is paid. Both have to be in force, use one token, and the
    downstream provider is the customer here.
    """
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, history = find(network, escrow, agreement)
    named = found.agreement.stake.downstream
    if named == ZERO_BYTES32:
        raise OptionError(
            "AGREEMENT",
            "its terms name no downstream agreement",
            "its customer is paid: nothing is to be linked",
        )
    downstream = history.agreements.get(named)
    if downstream is None:
        raise OptionError(
            "AGREEMENT",
            f"the downstream agreement its terms name, {to_hex(named)}, is not in force in escrow {escrow.address}",
            "open that one first",
        )
    paid = to_hex(downstream.first)
    confirm(f"Let {to_hex(found.id)} pay into the escrow of {paid}?", yes, dry_run)
    with working("linking", as_json):
        receipt = escrow.link(signer, found.agreement, downstream.agreement)
    details = {"agreement": to_hex(found.id), "downstream": paid}
    tell_sent(receipt, f"What {to_hex(found.id)} pays goes into the escrow of {paid}", details, as_json)
