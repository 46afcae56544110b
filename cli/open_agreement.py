"""``makegood open``: put signed terms into force."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import click

from chain.accounts import is_contract
from chain.allowing import allow
from chain.connection import Connection
from chain.escrow import Escrow
from chain.network import Network
from chain.token import Token
from cli.agreements import document_path, money_of, read_document
from cli.base import Command, OptionError, json_option
from cli.exits import EXIT_HELP
from cli.key_options import KeyChoice, key_options
from cli.network_option import network_option, reach
from cli.sending import confirm, send_options, tell_sent, try_only_allowance, working
from cli.terms_file import read_bytes, read_terms, read_text
from record.hexes import to_hex
from record.offer import MAX_BYTES, OfferError, party, read_offer, read_signature
from record.readable import harmless
from record.terms import TermsDocument, load_terms
from sla.agreement import Agreement

EPILOG = f"""\b
Example: the provider opens, both signatures at hand; the escrow pulls the collateral.
    makegood open terms.yaml --signature provider.sig.json --signature customer.sig.json \\
        --keystore provider.json
\b
{EXIT_HELP}
"""


@click.command("open", cls=Command, epilog=EPILOG)
@click.argument("terms", type=click.Path(path_type=Path))
@click.option(
    "--signature",
    "signature_files",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    help="A signature file of makegood terms sign; once for each party.",
)
@network_option
@key_options
@send_options
@json_option
def open_command(
    terms: Path,
    signature_files: tuple[Path, ...],
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
    connection, escrow = reach(network, dry_run)
    _require_token(escrow, document)
    signatures = _signatures(connection, escrow, agreement, signature_files)
    agreement_id = escrow.id_of(agreement)
    signer = key.signer(connection.is_development)
    money = money_of(escrow, agreement.stake.token)
    collateral = agreement.formation.collateral
    confirm(
        f"Open {harmless(document.display_name, 80)} with {money.text(collateral)} collateral?", yes, dry_run
    )
    details = {"agreement": to_hex(agreement_id), "collateral": str(collateral)}
    call = (signer, agreement, *signatures)
    with working("opening", as_json):
        token = Token(connection, agreement.stake.token)
        provider = agreement.parties.provider
        if signer.address == provider:
            if not allow(escrow, token, signer, collateral, lambda trial: trial.open(*call)):
                return try_only_allowance(as_json, "open the agreement", details)
        elif token.allowance(provider, escrow.address) < collateral:
            raise OptionError(
                "--keystore",
                f"the provider has not allowed the escrow to pull the {money.text(collateral)} of collateral",
                "let the provider open it: makegood open does both",
            )
        if not dry_run:
            keep(network, document, terms)
        receipt = escrow.open(*call)
    tell_sent(receipt, f"Agreement {to_hex(agreement_id)} is in force", details, as_json)


def _signatures(
    connection: Connection, escrow: Escrow, agreement: Agreement, files: tuple[Path, ...]
) -> tuple[bytes, bytes]:
    """The provider's and the customer's, each verified before anything is sent."""
    data, now = {file: read_bytes(file, MAX_BYTES) for file in files}, connection.now()
    found: dict[str, bytes] = {}
    for file, content in data.items():
        try:
            role = read_offer(content).role
            contract = is_contract(connection, party(agreement, role))
            found[role] = read_signature(content, agreement, escrow.domain, role, now, contract)
        except OfferError as error:
            raise OptionError("--signature", f"{file}: {error.problem}", error.remedy) from None
    for role in ("provider", "customer"):
        if role not in found:
            raise OptionError(
                "--signature", f"the {role}'s is missing", f"add it: makegood terms sign --as {role}"
            )
    return found["provider"], found["customer"]


def _require_token(escrow: Escrow, document: TermsDocument) -> None:
    """What the terms say of the token must be what it says itself: amounts are read by it."""
    said, money = document.token, money_of(escrow, document.token.address)
    if said.decimals != money.decimals:
        raise OptionError(
            "spec.token.decimals",
            f"the terms say {said.decimals}, but the token {said.address} has {money.decimals}",
            "correct the terms and sign them again: every amount depends on it",
        )
    if said.symbol != money.symbol:
        raise OptionError(
            "spec.token.symbol",
            f"the terms say {harmless(said.symbol, 16)!r}, but the token {said.address} says {money.symbol!r}",
            "check that it is the token you mean",
        )


def keep(network: Network, document: TermsDocument, terms: Path) -> None:
    """Keep the words under their hash before they bind anybody. A copy that says the same stays; what lies there
    otherwise would leave the agreement unmeasured."""
    path = document_path(network.documents, document.document_hash)
    if read_document(network.documents, document.document_hash) is not None:
        return
    text = read_text(terms)
    if load_terms(text).document_hash != document.document_hash:
        raise OptionError("TERMS", f"{terms} was changed meanwhile", "look at it, then open it again")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{uuid4().hex}.new")
    try:
        with fresh.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
