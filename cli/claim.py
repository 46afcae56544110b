"""``makegood claim``: bring a report of the committee to the escrow."""

from __future__ import annotations

from pathlib import Path

import click

from chain.escrow import Claim, ClaimStatus
from chain.network import Network
from cli.agreements import Found, agreement_argument, find
from cli.attested import AttestedReport, attested
from cli.base import Command, json_option
from cli.claim_options import claim_options
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import afterwards, confirm, send_options, tell_sent, working
from record.hexes import to_hex
from record.readable import utc
from sla.agreement import NO_DATA
from sla.compensation import is_sane, standing

EPILOG = f"""\b
Examples: bring the newest report of a period; take it from a bundle that a node gave you.
    makegood claim 0x1f2e --period 2 --obligation 0 --keystore anybody.json
    makegood claim 0x1f2e --period 2 --obligation 0 --bundle bundle.json --keystore anybody.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@claim_options
@click.option(
    "--revision", type=click.IntRange(0, 65_535), help="Bring this revision.  [default: the highest]"
)
@click.option(
    "--bundle",
    "bundles",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A round's bundle, for a round whose reports are not on the chain.",
)
@click.option(
    "--api", help="Where the bundles of the rounds are served; by default the network file says it."
)
@network_option
@key_options
@send_options
@json_option
def claim(
    agreement: str,
    period: int,
    obligation: int,
    revision: int | None,
    bundles: tuple[Path, ...],
    api: str | None,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring an attested report of AGREEMENT to its escrow. Anyone may; the nodes do it by themselves.

    The first of a period has to pay. A higher revision corrects what was claimed before, whatever it pays, until it was
    ruled. During a dispute of a period without a claim any report answers. One outside the sane bounds opens a case for
    the arbiter.
    """
    connection, escrow = reach(network, dry_run)
    with working("reading the chain", as_json):
        found, history = find(network, escrow, agreement)
        found.obligation(obligation)
        found.period(period)
        brought = attested(found.record, history, (period, obligation), revision, bundles, api or network.api)
    signer = key.signer(connection.is_development)
    said = _said(found, brought)
    confirm(f"Bring {said}?", yes, dry_run)
    with working("claiming", as_json):
        receipt = escrow.claim(signer, found.agreement, brought.report, brought.proof)
    after = None
    if receipt is not None:
        after = afterwards(lambda: escrow.claim_of(found.id, period, obligation))
    report = brought.report
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "revision": report.revision,
        "attained": None if report.attained == NO_DATA else report.attained,
        "charge": str(report.charge),
        "round": brought.round,
        "root": to_hex(brought.root),
        "status": None if after is None else after.status.name.lower(),
    }
    tell_sent(receipt, f"Brought: {said}{'' if after is None else _then(after)}", details, as_json)


def _said(found: Found, brought: AttestedReport) -> str:
    report = brought.report
    promise = found.agreement.obligations[report.obligation]
    where = f"{found.name(report.obligation)} in period {report.period}, revision {report.revision}"
    pays = found.money.text(standing(promise, report.attained, report.charge))
    if is_sane(promise, report.attained):
        return f"{found.level_text(report.obligation, report.attained)} of {where}, which pays {pays}"
    return f"a report of {where}, outside the sane bounds, for which the missing-data policy says {pays}"


def _then(after: Claim) -> str:
    until = utc(after.window_end)
    match after.status:
        case ClaimStatus.PENDING:
            return f"; it can be disputed until {until} UTC"
        case ClaimStatus.DISPUTED:
            return f"; the arbiter may rule until {until} UTC"
        case _:
            return "; it is settled"
