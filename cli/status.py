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
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("agreement", required=False)
@click.option(
    "--all", "show_all", is_flag=True, help=f"Every period, not only the last {LAST_PERIODS} that began."
)
@network_option
@json_option
def status(agreement: str | None, show_all: bool, network: Network, as_json: bool) -> None:
    """List the agreements of the network, or show AGREEMENT with its periods, claims and disputes."""
    _, escrow = reach(network)
    if agreement is None:
        with working("reading the chain", as_json):
            history = history_of(network, escrow)
        _all(network, history, as_json)
    else:
        with working("reading the chain", as_json):
            found, history = find(network, escrow, agreement)
        _one(found, history, show_all, as_json)


def _all(network: Network, history: History, as_json: bool) -> None:
    answers = [summary(record, history) for record in history.agreements.values()]
    if as_json:
        print_json({"agreements": [answer.model_dump(mode="json", by_alias=True) for answer in answers]})
    else:
        print_agreements(console(), answers, _names(network, history), history.head.time)


def _names(network: Network, history: History) -> list[str]:
    """What the documents at hand call the agreements; "" where one is not."""
    hashes = [record.agreement.formation.document for record in history.agreements.values()]
    documents = [read_document(network.documents, document) for document in hashes]
    return [harmless(document.display_name, 40) if document else "" for document in documents]


def _one(found: Found, history: History, show_all: bool, as_json: bool) -> None:
    record = found.record
    token = history.tokens[record.agreement.stake.token]
    committee = history.committees[record.agreement.service.committee]
    answer = whole(record, history)
    periods = _periods(record, history, show_all)
    claims = [claim_answer(claim, committee, token, history.head.time) for claim in record.claims.values()]
    disputes = [
        dispute_answer(claim, claim.dispute, record, token)
        for claim in record.claims.values()
        if claim.dispute is not None
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
    service = record.agreement.service
    if show_all:
        return [book.period(number) for number in range(service.count)]
    begun = number_begun(record, history.head.time)
    found = [book.period(number) for number in range(max(0, begun - LAST_PERIODS), begun)]
    return [period for period in found if period.state is not PeriodState.UPCOMING]


def number_begun(record: AgreementRecord, time: int) -> int:
    """How many periods have begun at ``time``."""
    service = record.agreement.service
    return bisect_right(range(service.count), time, key=lambda number: period_start(service, number))
