"""``makegood release``: the collateral goes back to the provider."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import agreement_argument, find_head
from cli.base import Command, json_option
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import to_hex


@click.command(cls=Command, epilog=f"\b\n{EXIT_HELP}")
@agreement_argument
@network_option
@key_options
@send_options
@json_option
def release(
    agreement: str, network: Network, key: KeyChoice, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Give the rest of the collateral of AGREEMENT back to its provider, once nothing can be claimed any more.

    Anyone may; it goes to the provider alone, after arrears are paid from it.
    """
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, history = find_head(network, escrow, agreement)
    account = history.account_of(found.record)
    left = max(0, account.collateral - account.arrears)
    shown, provider = found.money.text(left), found.agreement.parties.provider
    owed = account.arrears - account.collateral
    told = f"{shown} released to {provider}"
    if owed > 0:
        told = f"Nothing is left to release: {found.money.text(owed)} is still owed, see makegood deposit"
    confirm(f"Release {shown} to the provider {provider}?", yes, dry_run)
    with working("releasing", as_json):
        receipt = escrow.release(signer, found.agreement)
    details = {"agreement": to_hex(found.id), "amount": str(left)}
    tell_sent(receipt, told, details, as_json)
