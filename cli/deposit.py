"""``makegood deposit``: add collateral; arrears are paid from it first."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import Found, agreement_argument, find
from cli.base import Command, OptionError, json_option
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.pulling import let_pull, permit_option
from cli.sending import afterwards, confirm, send_options, tell_sent, try_only_allowance, working
from record.hexes import to_hex


@click.command(
    cls=Command,
    epilog=f"\b\nExample:\n    makegood deposit 0x1f2e 500.00 --keystore provider.json\n\b\n{EXIT_HELP}",
)
@agreement_argument
@click.argument("amount")
@permit_option
@network_option
@key_options
@send_options
@json_option
def deposit(
    agreement: str,
    amount: str,
    permit: bool,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Add AMOUNT of the agreement's token to the collateral of AGREEMENT. Anyone may."""
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    _require_meant(found, agreement, signer.address)
    base_units = found.money.base_units(amount, "AMOUNT")
    if base_units == 0:
        raise OptionError("AMOUNT", "would deposit nothing", "give more than zero")
    shown = found.money.text(base_units)
    confirm(f"Deposit {shown} into agreement {to_hex(found.id)}?", yes, dry_run)
    with working("depositing", as_json):
        call = escrow.calls.deposit(found.agreement, base_units)
        ready = let_pull(escrow, found.agreement.stake.token, signer, base_units, call, permit)
        if ready is None:
            return try_only_allowance(as_json, f"deposit {shown}", {"agreement": to_hex(found.id)})
        receipt = escrow.send(signer, ready)
    left = afterwards(lambda: escrow.account_of(found.record.first).collateral)
    details = {
        "agreement": to_hex(found.id),
        "amount": str(base_units),
        "collateral": None if left is None else str(left),
    }
    now = "" if left is None else f"; the collateral is {found.money.text(left)}"
    tell_sent(receipt, f"{shown} deposited{now}", details, as_json)


def _require_meant(found: Found, text: str, account: str) -> None:
    """OptionError when a stranger to the agreement names it by less than its whole id: anybody can open agreements
    until one begins like another, and what is deposited there is its provider's."""
    parties = found.agreement.parties
    if account in (parties.provider, parties.customer) or text.lower().removeprefix("0x") == found.id.hex():
        return
    raise OptionError(
        "AGREEMENT",
        f"{account} is neither provider nor customer of {to_hex(found.id)}",
        "give the whole id if that is the agreement you mean",
    )
