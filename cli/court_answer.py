"""``makegood court answer``: what the disputer's opponent says, for the court to choose as well."""

from __future__ import annotations

import click

from chain.network import Network
from cli.agreements import agreement_argument, find
from cli.base import Command, json_option
from cli.claim_options import attained_option, charge_option, claim_options, read_said
from cli.court_found import court_of
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from record.hexes import to_hex

EPILOG = f"""\b
Example: the customer disputed; as the provider, say that 99.99 % were attained.
    makegood court answer 0x1f2e --period 2 --obligation 0 --attained 99.99% --keystore provider.json
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
def answer(
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
    """In a dispute of AGREEMENT that the other party began, say what was attained. Once, before the court rules.

    Without it the court can only choose between what the other party alleged and the report: answer when both are
    wrong.
    """
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    court = court_of(found, connection, escrow, dry_run)
    said = read_said(found, period, obligation, attained, charge)
    confirm(f"Answer {said.text}? It cannot be changed.", yes, dry_run)
    with working("answering", as_json):
        receipt = court.answer(signer, found.agreement, period, obligation, (said.attained, said.charge))
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "answered": said.attained,
    }
    tell_sent(receipt, f"Answered: {said.text}", details, as_json)
