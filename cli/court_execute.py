"""``makegood court execute``: pass the court's ruling on."""

from __future__ import annotations

import click

from chain.court import Court, CourtRequest, Verdict, finding_that_pays
from chain.escrow import Escrow
from chain.network import Network
from cli.agreements import Found, agreement_argument, find
from cli.base import Command, json_option
from cli.claim_options import claim_options
from cli.court_found import asked_of, court_of
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from index.facts import ClaimKey
from record.hexes import to_hex

EPILOG = f"""\b
Example:
    makegood court execute 0x1f2e --period 2 --obligation 0 --keystore mine.json
\b
{EXIT_HELP}
"""


SIDES = {Verdict.ALLEGED: "what was alleged", Verdict.ANSWER: "what was answered"}


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@claim_options
@network_option
@key_options
@send_options
@json_option
def execute(
    agreement: str,
    period: int,
    obligation: int,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Pass what the court ruled in a dispute of AGREEMENT on to the escrow, before the ruling deadline. Anyone may."""
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    court = court_of(found, connection, escrow, dry_run)
    number, asked = asked_of(found, court, period, obligation)
    finding, amount = _finding(found, escrow, court, asked)
    shown = f"{SIDES.get(asked.verdict, 'the report')}, which pays {found.money.text(amount)}"
    confirm(f"Pass the court's ruling on: {shown}? It is final.", yes, dry_run)
    with working("passing the ruling on", as_json):
        receipt = court.execute(signer, number, found.agreement, obligation, finding)
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "disputeID": str(number),
        "verdict": asked.verdict.name.lower(),
        "attained": finding[0],
        "compensation": str(amount),
    }
    tell_sent(receipt, f"The court ruled for {shown}", details, as_json)


def _finding(found: Found, escrow: Escrow, court: Court, asked: CourtRequest) -> tuple[tuple[int, int], int]:
    """(attained, charge) that passes the verdict on, and what it pays."""
    period, obligation = asked.period, asked.obligation
    promise, charge = found.obligation(obligation), found.agreement.service.charge
    if asked.verdict is Verdict.ANSWER:
        answer = court.answer_of(found.id, period, obligation)
        if answer is not None:
            return (answer.attained, answer.charge), answer.compensation
    alleged = asked.verdict is Verdict.ALLEGED
    if alleged:
        amount = escrow.dispute_of(found.id, period, obligation).alleged
    else:
        amount = escrow.claim_of(found.id, period, obligation).pending
    return finding_that_pays(promise, amount, charge, _said(found, period, obligation, alleged)), amount


def _said(found: Found, period: int, obligation: int, alleged: bool) -> list[tuple[int, int]]:
    """What was alleged and, unless the court ruled for that, what was reported, oldest first."""
    claim = found.record.claims.get(ClaimKey(period, obligation))
    if claim is None:
        return []
    findings = [claim.dispute.alleged] if claim.dispute and claim.dispute.alleged else []
    if not alleged:
        findings += [report.finding for report in claim.reports]
    return [(finding.attained, finding.charge) for finding in findings]
