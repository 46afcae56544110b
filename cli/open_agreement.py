"""``makegood open``: put signed terms into force."""

from __future__ import annotations

from pathlib import Path

import click

from chain.network import Network
from cli.agreements import money_of
from cli.base import Command, OptionError, json_option
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.pulling import let_pull_collateral, permit_option
from cli.sending import confirm, send_options, tell_sent, try_only_allowance, working
from cli.signed_terms import amended, both_signatures, keep, require_token, signature_option
from cli.terms_file import read_terms
from record.hexes import to_hex
from record.readable import harmless

EPILOG = f"""\b
Example: the provider opens, both signatures at hand; the escrow pulls the collateral.
    makegood open terms.yaml --signature provider.sig.json --signature customer.sig.json \\
        --keystore provider.json
\b
{EXIT_HELP}
"""


@click.command("open", cls=Command, epilog=EPILOG)
@click.argument("terms", type=click.Path(path_type=Path))
@signature_option
@permit_option
@network_option
@key_options
@send_options
@json_option
def open_command(
    terms: Path,
    signature_files: tuple[Path, ...],
    permit: bool,
    network: Network,
    key: KeyChoice,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Put TERMS into force with both parties' signatures. Anyone may; the collateral comes from the provider.

    When the provider opens, the escrow is allowed to pull exactly the collateral first. The terms are kept in the
    network's folder of documents, where the nodes of this machine find what they are to measure.
    """
    document = read_terms(terms)
    agreement = document.agreement()
    predecessor = amended(agreement)
    if predecessor is not None:
        raise OptionError(
            "TERMS", f"they take over from agreement {predecessor}", "bring them with makegood amend"
        )
    connection, escrow = reach(network, dry_run)
    require_token(escrow, document)
    signatures = both_signatures(connection, escrow, agreement, signature_files)
    agreement_id = escrow.id_of(agreement)
    signer = key.signer(connection.is_development)
    money = money_of(escrow, agreement.stake.token)
    collateral = agreement.formation.collateral
    confirm(
        f"Open {harmless(document.display_name, 80)} with {money.text(collateral)} collateral?", yes, dry_run
    )
    details = {"agreement": to_hex(agreement_id), "collateral": str(collateral)}
    call = escrow.calls.open(agreement, *signatures)
    with working("opening", as_json):
        ready = let_pull_collateral(escrow, agreement, signer, money, call, permit)
        if ready is None:
            return try_only_allowance(as_json, "open the agreement", details)
        if not dry_run:
            keep(network, document, terms)
        receipt = escrow.send(signer, ready)
    tell_sent(receipt, f"Agreement {to_hex(agreement_id)} is in force", details, as_json)
