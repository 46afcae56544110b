"""``makegood terms sign``: one party's signature under the whole agreement, as a file to hand over."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.text import Text

from chain.connection import DEVELOPMENT_CHAINS
from chain.network import Network
from cli.base import Command, json_option, notes, print_json
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option
from cli.signing_options import PartyChoice, SigningChoice, party_options, signing_options
from cli.terms_file import TermsFile, current_time, open_terms, write_new
from cli.terms_summary import summary
from record.eip712 import Domain, agreement_preimage, agreement_typed_data, escrow_domain
from record.hexes import to_hex
from record.offer import check_signature, offer_bytes, offer_of
from record.offer import party as party_of
from record.readable import harmless
from record.terms import TermsDocument
from record.terms.findings import Severity
from record.terms.rules import broken_rules
from record.terms.supported import unsupported

EPILOG = f"""\b
Examples:
    makegood terms sign agreement.yaml --as provider --keystore provider.json
    makegood terms sign agreement.yaml --as customer --typed-data > for-my-wallet.json
    makegood terms sign agreement.yaml --as customer --signature 0x…
\b
The file is written beside the terms: agreement.provider.sig.json. Hand it to the one who opens the agreement.
{EXIT_HELP}
"""


@click.command(cls=Command, epilog=EPILOG, short_help="Sign a terms file as provider or customer.")
@click.argument("file", type=click.Path(path_type=Path))
@party_options
@signing_options
@network_option
@key_options
@json_option
def sign(
    file: Path,
    party: PartyChoice,
    signing: SigningChoice,
    network: Network,
    key: KeyChoice,
    as_json: bool,
) -> None:
    """Sign FILE as provider or customer: every term of it, for the network's chain and escrow."""
    source = open_terms(file)
    document = source.document()
    agreement, domain = document.agreement(), escrow_domain(network.chain_id, network.escrow)
    _require_signable(source, document)
    if signing.typed_data:
        return click.echo(json.dumps(agreement_typed_data(agreement, domain), indent=2))
    role = party.role
    target = signing.target(file, role)
    for line in summary(document, domain, role):
        notes().print(Text(harmless(line, 2_000)), soft_wrap=True)
    if signing.dry_run:
        return _tell("would be written", target, document, domain, role, as_json)
    is_development = network.chain_id in DEVELOPMENT_CHAINS
    account, message = party_of(agreement, role), agreement_preimage(agreement, domain)
    made = party.sign(signing, key, is_development, account, message)
    offer = offer_of(agreement, domain, role, made)
    if not party.is_contract:
        check_signature(made, offer.agreement, offer.address, role)
    write_new(target, offer_bytes(offer))
    _tell("written", target, document, domain, role, as_json)


def _require_signable(source: TermsFile, document: TermsDocument) -> None:
    """FileRefused for what the escrow would not open: a signature under it could only disappoint."""
    for rule in broken_rules(document.terms(), current_time()):
        raise source.refused(document.error(rule))
    for found in unsupported(document):
        if found.severity is Severity.ERROR:
            raise source.refused(found)


def _tell(what: str, target: Path, document: TermsDocument, domain: Domain, role: str, as_json: bool) -> None:
    offer = offer_of(document.agreement(), domain, role, b"")
    if as_json:
        print_json(
            {
                "file": str(target),
                "written": what == "written",
                "agreement": to_hex(offer.agreement),
                "document": to_hex(offer.document),
                "role": role,
                "address": offer.address,
            }
        )
    else:
        click.echo(
            f"{harmless(str(target))} {what}: the {role}'s signature under agreement {to_hex(offer.agreement)}"
        )
