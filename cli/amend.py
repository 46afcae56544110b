"""``makegood amend``: put signed terms into force that take over from others."""

from __future__ import annotations

from pathlib import Path

import click

from chain.network import Network
from cli.agreements import history_of, money_of
from cli.base import Command, OptionError, json_option
from cli.cutting import periods_until
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.pulling import let_pull_collateral, permit_option
from cli.sending import confirm, send_options, tell_sent, try_only_allowance, working
from cli.signed_terms import amended, both_signatures, keep, require_token, signature_option
from cli.terms_file import read_terms
from index.facts import AgreementRecord
from record.hexes import to_hex
from record.readable import harmless, utc
from sla.agreement import Agreement
from sla.schedule import boundary

EPILOG = f"""\b
Example: the terms name those they take over from (spec.predecessor), and start where a period of them ends.
    makegood terms diff agreement.yaml amended.yaml
    makegood amend amended.yaml --signature provider.sig.json --signature customer.sig.json \\
        --keystore provider.json
\b
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("terms", type=click.Path(path_type=Path))
@signature_option
@permit_option
@network_option
@key_options
@send_options
@json_option
def amend(
    terms: Path,
    signature_files: tuple[Path, ...],
    permit: bool,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Let TERMS take over from those they name as their predecessor, with both parties' signatures. Anyone may.

    The account stays, with its collateral and what is owed; the collateral that TERMS name is added by the provider.
    Periods before the new start remain with the old terms.
    """
    document = read_terms(terms)
    agreement = document.agreement()
    predecessor = amended(agreement)
    if predecessor is None:
        raise OptionError(
            "spec.predecessor",
            "is missing: these terms take over from no others",
            "name the agreement they amend, or bring them with makegood open",
        )
    connection, escrow = reach(network, dry_run)
    require_token(escrow, document)
    signatures = both_signatures(connection, escrow, agreement, signature_files)
    with working("reading the chain", as_json):
        before = history_of(network, escrow).agreements.get(agreement.formation.predecessor)
    if before is None:
        raise OptionError(
            "spec.predecessor",
            f"no agreement {predecessor} is in force in escrow {escrow.address}",
            "name the id that makegood status shows",
        )
    count = _taken_over_after(before, agreement)
    signer = key.signer(connection.is_development)
    money, collateral = money_of(escrow, agreement.stake.token), agreement.formation.collateral
    from_then = f"after {count} of its {before.count} periods, from {utc(agreement.service.start)} UTC on"
    name = harmless(document.display_name, 80)
    confirm(
        f"Let {name} take over from {predecessor} {from_then}, with {money.text(collateral)} more collateral?",
        yes,
        dry_run,
    )
    details = {
        "agreement": to_hex(escrow.id_of(agreement)),
        "predecessor": predecessor,
        "periods": count,
        "collateral": str(collateral),
    }
    call = escrow.calls.amend(agreement, *signatures, before.agreement, count)
    with working("amending", as_json):
        ready = let_pull_collateral(escrow, agreement, signer, money, call, permit)
        if ready is None:
            return try_only_allowance(as_json, "amend the agreement", details)
        if not dry_run:
            keep(network, document, terms)
        receipt = escrow.send(signer, ready)
    tell_sent(
        receipt,
        f"Agreement {details['agreement']} takes over from {predecessor} {from_then}",
        details,
        as_json,
    )


def _taken_over_after(before: AgreementRecord, agreement: Agreement) -> int:
    """How many periods the predecessor keeps; OptionError where the new terms start inside one of them, or later."""
    start, service = agreement.service.start, before.agreement.service
    count = periods_until(before, start)
    if boundary(service, count) != start:
        ends = [boundary(service, place) for place in (count - 1, count) if place >= 0]
        raise OptionError(
            "spec.schedule.start",
            f"is {utc(start)}, where no period of the terms that are amended ends",
            f"start at {' or '.join(utc(end) for end in ends)}, sign again, and bring those terms",
        )
    return count
