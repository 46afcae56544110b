"""``makegood concede``: accept what the other party alleged."""

from __future__ import annotations

import click

from chain.errors import Refused
from chain.escrow import ClaimStatus
from chain.network import Network
from cli.agreements import Found, agreement_argument, find
from cli.base import Command, OptionError, json_option
from cli.claim_options import claim_options
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, working
from index.facts import ClaimKey, Dispute, Finding
from record.hexes import to_hex

EPILOG = f"""\b
Example: as the provider, accept what the customer alleges of period 2.
    makegood concede 0x1f2e --period 2 --obligation 0 --keystore provider.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@agreement_argument
@claim_options
@network_option
@key_options
@send_options
@json_option
def concede(
    agreement: str,
    period: int,
    obligation: int,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Accept exactly what your opponent alleged in a dispute of AGREEMENT. Final; the disputer has the bond back."""
    connection, escrow = reach(network, dry_run)
    signer = key.signer(connection.is_development)
    found, _ = find(network, escrow, agreement)
    dispute, alleged = _running(found, period, obligation)
    if dispute.disputer == signer.address:
        raise OptionError(
            "--keystore",
            f"{signer.address} brought this dispute: only the opponent can concede it",
            "wait for the ruling, or for its deadline",
        )
    pays = found.money.text(alleged.compensation)
    said = (
        f"{found.level_text(obligation, alleged.attained)} of {found.name(obligation)} in period {period}, "
        f"which pays {pays}"
    )
    confirm(f"Concede {said}? It is final.", yes, dry_run)
    with working("conceding", as_json):
        receipt = escrow.concede(signer, found.agreement, period, obligation, alleged.compensation)
    details = {
        "agreement": to_hex(found.id),
        "period": period,
        "obligation": obligation,
        "alleged": alleged.attained,
        "compensation": str(alleged.compensation),
    }
    tell_sent(receipt, f"Conceded: {said}", details, as_json)


def _running(found: Found, period: int, obligation: int) -> tuple[Dispute, Finding]:
    """The dispute that waits for its ruling and what it alleges; Refused without one, OptionError for a case."""
    found.obligation(obligation)
    claim = found.record.claims.get(ClaimKey(found.period(period), obligation))
    dispute = None if claim is None else claim.dispute
    if claim is None or dispute is None or not claim.awaits_ruling:
        status = ClaimStatus.NONE if claim is None else claim.status
        raise Refused("NotDisputed", {"status": int(status)}, "concede")
    if dispute.alleged is None:
        raise OptionError(
            "--period",
            "nobody disputes it: a report outside the sane bounds waits for the arbiter, and nothing is alleged",
            "add evidence, dispute it yourself, or wait for the ruling",
        )
    return dispute, dispute.alleged
