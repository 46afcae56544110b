"""``makegood settle``: pay the claims that are due."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import agreement_argument, find
from cli.base import Command, json_option, print_json
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import to_hex

CLAIMS_AT_ONCE = 200
"""Room for them in a transaction of any chain."""


@click.command(
    cls=Command, epilog=f"\b\nExample:\n    makegood settle 0x1f2e --keystore mine.json\n\b\n{EXIT_HELP}"
)
@agreement_argument
@network_option
@key_options
@send_options
@json_option
def settle(agreement: str, network: Network, key: KeyChoice, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Pay all claims of AGREEMENT that wait for nothing any more. Anyone may; the nodes do it by themselves."""
    connection, escrow = reach(network, dry_run)
    found, history = find(network, escrow, agreement)
    due = [claim for claim in found.record.claims.values() if claim.is_due(history.head.time)][
        :CLAIMS_AT_ONCE
    ]
    claims = [{"period": claim.key.period, "obligation": claim.key.obligation} for claim in due]
    details = {"agreement": to_hex(found.id), "claims": claims}
    if not due:
        if as_json:
            print_json(details)
        else:
            click.echo("Nothing is due.")
        return
    signer = key.signer(connection.is_development)
    shown = ", ".join(
        f"{found.name(claim.key.obligation)} of period {claim.key.period}: "
        f"{found.money.text(claim.final.compensation)}"
        for claim in due
    )
    confirm(f"Settle {shown}?", yes, dry_run)
    with working("settling", as_json):
        receipt = escrow.settle(signer, found.agreement, [claim.key for claim in due])
    tell_sent(receipt, f"Settled, before the period's cap: {shown}", details, as_json)
