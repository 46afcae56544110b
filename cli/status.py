"""``makegood status``: what stands on the chain, for people and for scripts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import click

from api.answers.agreements import summary, whole
from api.answers.claims import claim_answer, dispute_answer
from api.answers.periods import Period, PeriodBook, PeriodState
from chain.network import Network
from cli.agreements import Found, find, history_of, read_document
from cli.base import Command, console, json_option, print_json
from cli.exits import EXIT_HELP
from cli.network_option import network_option, reach
from cli.sending import working
from cli.status_tables import print_agreement, print_agreements
from index.facts import AgreementRecord
from index.history import History
from record.readable import harmless
from sla.schedule import period_start

LAST_PERIODS = 24

EPILOG = f"""\b
Examples:
    makegood status
    makegood status 0x1f2e
    makegood status 0x1f2e --json
    makegood status --under-collateralised
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("agreement", required=False)
@click.option(
    "--all", "show_all", is_flag=True, help=f"Every period, not only the last {LAST_PERIODS} that began."
)
@click.option(
    "--under-collateralised",
    "only_short",
    is_flag=True,
    help="List only those in arrears, or whose collateral is less than what is due and claimed.",
)
@network_option
@json_option
def status(agreement: str | None, show_all: bool, only_short: bool, network: Network, as_json: bool) -> None:
    """List the agreements of the network, or show AGREEMENT with its versions, periods, claims and disputes."""
    if agreement is not None and only_short:
        raise click.UsageError("--under-collateralised lists agreements: name none.")
    _, escrow = reach(network)
    if agreement is None:
        with working("reading the chain", as_json):
            history = history_of(network, escrow)
        _all(network, history, only_short, as_json)
    else:
        with working("reading the chain", as_json):
            found, history = find(network, escrow, agreement)
        _one(found, history, show_all, as_json)


def _all(network: Network, history: History, only_short: bool, as_json: bool) -> None:
    records = [
        record
        for record in history.agreements.values()
        if not only_short or history.is_under_collateralised(record)
    ]
    answers = [summary(record, history) for record in records]
    if as_json:
        print_json({"agreements": [answer.model_dump(mode="json", by_alias=True) for answer in answers]})
    elif only_short and not answers:
        click.echo("No agreement is under-collateralised.")
    else:
        names = [_name(network, record) for record in records]
        print_agreements(console(), answers, names, history.head.time)


def _name(network: Network, record: AgreementRecord) -> str:
    """What the document at hand calls the agreement; "" without one."""
    document = read_document(network.documents, record.agreement.formation.document)
    return harmless(document.display_name, 40) if document else ""


def _one(found: Found, history: History, show_all: bool, as_json: bool) -> None:
    record = found.record
    token = history.tokens[record.agreement.stake.token]
    answer = whole(record, history)
    periods = _periods(record, history, show_all)
    claims = [claim_answer(claim, record, history) for claim in record.claims.values()]
    disputes = [
        dispute_answer(claim, dispute, record, token)
        for claim in record.claims.values()
        for dispute in claim.disputes
    ]
    if as_json:
        print_json(
            {
                "agreement": answer.model_dump(mode="json", by_alias=True),
                "periods": [period.model_dump(mode="json", by_alias=True) for period in periods],
                "claims": [claim.model_dump(mode="json", by_alias=True) for claim in claims],
                "disputes": [dispute.model_dump(mode="json", by_alias=True) for dispute in disputes],
            }
        )
    else:
        print_agreement(console(), found, answer, periods, claims, disputes)


def _periods(record: AgreementRecord, history: History, show_all: bool) -> Sequence[Period]:
    book = PeriodBook.of(record, history)
    if show_all:
        return [book.period(number) for number in range(record.count)]
    begun = number_begun(record, history.head.time)
    found = [book.period(number) for number in range(max(0, begun - LAST_PERIODS), begun)]
    return [period for period in found if period.state is not PeriodState.UPCOMING]


def number_begun(record: AgreementRecord, time: int) -> int:
    """How many periods have begun at ``time``."""
    service = record.agreement.service
    return bisect_right(range(record.count), time, key=lambda number: period_start(service, number))
