"""Terms with both parties' signatures, as they are checked before anything is sent, and kept before they bind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from chain.accounts import is_contract
from chain.connection import Connection
from chain.escrow import Escrow
from chain.network import Network
from cli.agreements import document_path, money_of, read_document
from cli.base import OptionError
from cli.terms_file import open_terms, put, read_bytes
from record.hexes import to_hex
from record.offer import MAX_BYTES, OfferError, party, read_offer, read_signature
from record.readable import harmless
from record.terms import TermsDocument, load_terms
from sla.agreement import Agreement


def signature_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Hand ``signature_files`` to the command."""
    return click.option(
        "--signature",
        "signature_files",
        type=click.Path(path_type=Path),
        multiple=True,
        required=True,
        help="A signature file of makegood terms sign; once for each party.",
    )(function)


def both_signatures(
    connection: Connection, escrow: Escrow, agreement: Agreement, files: tuple[Path, ...]
) -> tuple[bytes, bytes]:
    """The provider's and the customer's, each verified; OptionError says what does not fit."""
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


def require_token(escrow: Escrow, document: TermsDocument) -> None:
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
    """Keep the words under their hash before they bind anybody: put together where they inherit. A copy that says the
    same stays; what lies there otherwise would leave the agreement unmeasured."""
    path = document_path(network.documents, document.document_hash)
    if read_document(network.documents, document.document_hash) is not None:
        return
    text = open_terms(terms).text
    if load_terms(text).document_hash != document.document_hash:
        raise OptionError("TERMS", f"{terms} was changed meanwhile", "look at it, then bring it again")
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, text.encode())


def amended(agreement: Agreement) -> str | None:
    """The id of the terms that these take over from; None where they begin an agreement."""
    predecessor = agreement.formation.predecessor
    return to_hex(predecessor) if any(predecessor) else None
