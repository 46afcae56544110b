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
from cli.sending import confirm
from cli.terms_file import FileRefused, current_time, read_terms, write_new
from cli.terms_summary import summary
from record.eip712 import Domain, agreement_preimage, agreement_typed_data, escrow_domain
from record.hexes import to_hex
from record.offer import OfferError, check_signature, offer_bytes, offer_of, parse_signature, party
from record.readable import harmless
from record.terms import TermsDocument
from record.terms.findings import Severity
from record.terms.rules import broken_rules
from record.terms.supported import unsupported
from sla.agreement import Agreement
from sla.errors import RecordError

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
@click.option(
    "--as", "role", type=click.Choice(["provider", "customer"]), required=True, help="Which party signs."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where the signature goes; never over another file."
)
@click.option(
    "--typed-data", is_flag=True, help="Print the typed data (eth_signTypedData_v4) for a wallet to sign."
)
@click.option("--signature", metavar="HEX", help="Do not sign: take what a wallet made of the typed data.")
@click.option(
    "--contract-wallet",
    is_flag=True,
    help="The party is a contract: its signature is checked on opening (ERC-1271).",
)
@click.option("--yes", is_flag=True, help="Do not ask before signing. Without a terminal nobody is asked.")
@click.option("--dry-run", is_flag=True, help="Show what would be signed; sign and write nothing.")
@network_option
@key_options
@json_option
def sign(
    file: Path,
    role: str,
    out: Path | None,
    typed_data: bool,
    signature: str | None,
    contract_wallet: bool,
    yes: bool,
    dry_run: bool,
    network: Network,
    key: KeyChoice,
    as_json: bool,
) -> None:
    """Sign FILE as provider or customer: every term of it, for the network's chain and escrow."""
    document = read_terms(file)
    agreement, domain = document.agreement(), escrow_domain(network.chain_id, network.escrow)
    _require_signable(file, document)
    if typed_data:
        return click.echo(json.dumps(agreement_typed_data(agreement, domain), indent=2))
    target = out or file.with_name(f"{file.stem}.{role}.sig.json")
    if target.exists():
        raise FileRefused(
            str(target), "", "is there already", "move it away, or name another file with --out"
        )
    for line in summary(document, domain, role):
        notes().print(Text(harmless(line, 2_000)), soft_wrap=True)
    if dry_run:
        return _tell("would be written", target, document, domain, role, as_json)
    if signature is not None:
        made = _of_wallet(signature)
    else:
        made = _signed(key, network, agreement, domain, role, contract_wallet, yes)
    offer = offer_of(agreement, domain, role, made)
    if not contract_wallet:
        check_signature(made, offer.agreement, offer.address, role)
    write_new(target, offer_bytes(offer))
    _tell("written", target, document, domain, role, as_json)


def _require_signable(file: Path, document: TermsDocument) -> None:
    """FileRefused for what the escrow would not open: a signature under it could only disappoint."""
    errors = [document.error(rule) for rule in broken_rules(document.terms(), current_time())]
    if errors:
        first = errors[0]
        raise FileRefused(str(file), first.path, first.problem, first.remedy, first.line)
    for found in unsupported(document):
        if found.severity is Severity.ERROR:
            raise FileRefused(str(file), found.path, found.problem, found.remedy, found.line)


def _signed(
    key: KeyChoice,
    network: Network,
    agreement: Agreement,
    domain: Domain,
    role: str,
    contract_wallet: bool,
    yes: bool,
) -> bytes:
    signer = key.signer(network.chain_id in DEVELOPMENT_CHAINS)
    account = party(agreement, role)
    if signer.address != account and not contract_wallet:
        raise OfferError(
            f"the key is that of {signer.address}, but the {role} of these terms is {account}",
            f"sign with the key of {account}",
        )
    confirm(f"Sign this as {role}?", yes, dry_run=False)
    return signer.sign(agreement_preimage(agreement, domain))


def _of_wallet(text: str) -> bytes:
    """The bytes a wallet shows as hex, in any case."""
    try:
        return parse_signature(text.strip().lower())
    except RecordError as error:
        raise OfferError(f"--signature: {error.problem}", error.remedy) from None


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
