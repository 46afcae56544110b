"""``makegood rule``: the arbiter's word."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import agreement_argument, find
from cli.base import Command, json_option
from cli.claim_options import attained_option, charge_option, claim_options, read_said
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import to_hex

EPILOG = f"""\b
Example: as the arbiter, find that 99.1 % were attained.
    makegood rule 0x1f2e --period 2 --obligation 0 --attained 99.1% --keystore arbiter.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@claim_options
@attained_option
@charge_option
@network_option
@key_options
@send_options
@json_option
def rule(
    agreement: str,
    period: int,
    obligation: int,
    attained: str,
    charge: str | None,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Rule a dispute or a case of AGREEMENT as its arbiter, once: what was attained.

    The tiers of the terms say what it pays.
    """
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    said = read_said(found, period, obligation, attained, charge)
    confirm(f"Rule {said.text}? A ruling is final.", yes, dry_run)
    with working("ruling", as_json):
        receipt = escrow.rule(signer, found.agreement, period, obligation, said.attained, said.charge)
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "attained": said.attained,
    }
    tell_sent(receipt, f"Ruled: {said.text}", details, as_json)
