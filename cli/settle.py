"""``makegood settle``: pay the claims that are due, and arrears."""

from __future__ import annotations

from collections.abc import Iterator

import click

from chain.network import Network
from cli.agreements import Found, agreement_argument, find
from cli.base import Command, json_option, print_json
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from index.history import History
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
    """Pay all claims of AGREEMENT that wait for nothing any more, and what is owed from before as far as the collateral
    goes.

    Anyone may; the nodes do it by themselves. Each version of an agreement has its own claims.
    """
    connection, escrow = reach(network, dry_run)
    found, history = find(network, escrow, agreement)
    due = [claim for claim in found.record.claims.values() if claim.is_due(history.head.time)][
        :CLAIMS_AT_ONCE
    ]
    account = history.account_of(found.record)
    arrears = min(account.arrears, account.collateral)
    claims = [{"period": claim.key.period, "obligation": claim.key.obligation} for claim in due]
    details = {"agreement": to_hex(found.id), "claims": claims, "arrears": str(account.arrears)}
    if not due and not arrears:
        if as_json:
            print_json(details)
        else:
            click.echo(" ".join(["Nothing is due.", *_elsewhere(found, history)]))
        return
    signer = key.signer(connection.is_development)
    shown = ", ".join(
        f"{found.name(claim.key.obligation)} of period {claim.key.period}: "
        f"{found.money.text(claim.compensation)}"
        for claim in due
    )
    what = [f"{shown}, before the period's cap"] if due else []
    if arrears:
        what.append(f"arrears of {found.money.text(arrears)}")
    confirm(f"Settle {' and '.join(what)}?", yes, dry_run)
    with working("settling", as_json):
        receipt = escrow.settle(signer, found.agreement, [claim.key for claim in due])
    tell_sent(receipt, f"Settled: {' and '.join(what)}", details, as_json)


def _elsewhere(found: Found, history: History) -> Iterator[str]:
    """What is still to be paid, but not by settling these terms' claims."""
    account = history.account_of(found.record)
    if account.arrears:
        yield f"{found.money.text(account.arrears)} is owed, and there is no collateral: makegood deposit"
    for other in history.versions_of(found.record):
        due = sum(claim.is_due(history.head.time) for claim in other.claims.values())
        if other.id != found.id and due:
            yield f"Claims due under its other terms {to_hex(other.id)}: {due}."
