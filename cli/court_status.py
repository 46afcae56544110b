"""``makegood court status``: what the court knows of a dispute."""

from __future__ import annotations

import click

from chain.court import Verdict
from chain.escrow import Disputer
from chain.network import Network
from chain.sending_errors import ether
from cli.agreements import agreement_argument, find
from cli.base import Command, json_option, print_json
from cli.claim_options import claim_options
from cli.court_found import court_of
from cli.exits import EXIT_HELP
from cli.network_option import network_option, reach
from record.hexes import to_hex
from record.readable import utc

EPILOG = f"""\b
Example:
    makegood court status 0x1f2e --period 2 --obligation 0
\b
{EXIT_HELP}
"""

NEXT = {
    Verdict.NONE: "has not ruled yet",
    Verdict.REFUSED: "refused to rule: settle the claim after the ruling deadline",
    Verdict.ALLEGED: "ruled for what was alleged: makegood court execute passes it on",
    Verdict.REPORT: "ruled for the report: makegood court execute passes it on",
    Verdict.ANSWER: "ruled for what was answered: makegood court execute passes it on",
}


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@claim_options
@network_option
@json_option
def status(agreement: str, period: int, obligation: int, network: Network, as_json: bool) -> None:
    """Show whether a claim of AGREEMENT is disputed, whether its court was asked, and what it said."""
    connection, escrow = reach(network)
    found, _ = find(network, escrow, agreement)
    found.obligation(obligation)
    court = court_of(found, connection, escrow)
    dispute = escrow.dispute_of(found.id, found.period(period), obligation)
    disputed = dispute.disputer is not Disputer.NOBODY
    number = court.dispute_id_of(found.id, period, obligation) if disputed else None
    asked = None if number is None else court.request_of(number)
    answer = court.answer_of(found.id, period, obligation) if disputed else None
    cost = court.cost()
    if as_json:
        print_json(
            {
                "agreement": to_hex(found.id),
                "period": period,
                "obligation": obligation,
                "court": court.arbitrator,
                "cost": str(cost),
                "disputed": disputed,
                "rulingDeadline": dispute.ruling_deadline if disputed else None,
                "disputeID": None if number is None else str(number),
                "funder": asked.funder if asked else None,
                "answered": answer.attained if answer else None,
                "answeredCharge": str(answer.charge) if answer else None,
                "verdict": asked.verdict.name.lower() if asked else None,
            }
        )
        return
    if not disputed:
        click.echo("Nobody disputes this claim now: there is nothing for the court.")
    elif asked is None:
        click.echo(f"The court {court.arbitrator} was not asked; it costs {ether(cost)} ETH now.")
    else:
        click.echo(f"The court {court.arbitrator} {NEXT[asked.verdict]}.")
        click.echo(f"  its dispute {number}, paid by {asked.funder}")
    if answer:
        pays, level = found.money.text(answer.compensation), found.level_text(obligation, answer.attained)
        click.echo(f"  the opponent answered {level}, which pays {pays}")
    elif disputed and (asked is None or asked.verdict is Verdict.NONE):
        click.echo("  the opponent has not answered: makegood court answer adds a third choice")
    if disputed:
        click.echo(f"  a ruling counts until {utc(dispute.ruling_deadline)} UTC")
