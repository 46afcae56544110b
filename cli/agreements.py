"""An agreement as the commands speak of it: found on the chain, with its terms document where that is at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click

from chain.escrow import Escrow
from chain.network import Network
from chain.token import Token
from cli.base import OptionError
from index.facts import AgreementRecord
from index.follower import Follower
from index.history import History
from index.node import RpcNode
from record.hexes import to_hex
from record.readable import amount_text, harmless
from record.terms import TermsDocument, load_terms
from record.terms.section import Field
from record.terms.values import money
from sla.agreement import Agreement, Obligation
from sla.errors import TermsError

LEAST_DIGITS = 4
MOST_LISTED = 5
_ID = re.compile(r"(?:0x)?(?P<digits>[0-9a-fA-F]{1,64})\Z")


@dataclass(frozen=True, slots=True)
class Money:
    """A token by what people call it."""

    symbol: str
    decimals: int

    def text(self, amount: int) -> str:
        """ "1,000.50 USDC"."""
        return amount_text(amount, self.decimals, self.symbol)

    def base_units(self, text: str, option: str) -> int:
        """What a person wrote, "1000.50" or "1000.50 USDC"; OptionError if it is no amount of this token."""
        try:
            return money(Field(text, option, 0), self.decimals, text.removesuffix(f" {self.symbol}"))
        except TermsError as error:
            raise OptionError(option, error.problem, error.remedy) from None


@dataclass(frozen=True, slots=True)
class Found:
    """An agreement on the chain. ``document`` is None where nobody kept its words here."""

    record: AgreementRecord
    document: TermsDocument | None
    money: Money

    @property
    def id(self) -> bytes:
        """The digest both parties signed."""
        return self.record.id

    @property
    def agreement(self) -> Agreement:
        """The terms."""
        return self.record.agreement

    def obligation(self, index: int) -> Obligation:
        """One of its obligations; OptionError when there is none of that number."""
        count = len(self.agreement.obligations)
        if not 0 <= index < count:
            raise OptionError("--obligation", f"there is no obligation {index}", f"use 0 to {count - 1}")
        return self.agreement.obligations[index]

    def period(self, number: int) -> int:
        """A period's number; OptionError when the agreement has none of it."""
        count = self.record.count
        if not 0 <= number < count:
            raise OptionError("--period", f"there is no period {number}", f"use 0 to {count - 1}")
        return number

    def level(self, index: int, text: str, option: str) -> int:
        """An attainment as people write it, "99.1%"; without the terms document only as a whole number.

        A bare "99" of a ratio is refused where the document says that it is one: who means 99 % must not rule 99 ppm.
        """
        self.obligation(index)
        is_ratio = self.document is not None and self.document.obligations[index].indicator.unit.is_ratio
        if text.isascii() and text.isdigit() and len(text) < 20 and not (is_ratio and int(text) <= 100):
            return int(text)
        if self.document is None:
            raise OptionError(
                option,
                f"{harmless(text, 40)!r} cannot be read without the agreement's terms document",
                "give the whole number of the indicator's unit (ppm of a ratio), or keep the document at hand",
            )
        try:
            return self.document.obligations[index].indicator.unit.level(Field(text, option, 0))
        except TermsError as error:
            raise OptionError(option, error.problem, error.remedy) from None

    def level_text(self, index: int, level: int) -> str:
        """An attainment for people."""
        if self.document is None:
            return str(level)
        return self.document.obligations[index].indicator.unit.text(level)

    def name(self, index: int) -> str:
        """What the obligation is called."""
        return harmless(self.document.obligations[index].name, 60) if self.document else f"obligation {index}"


def history_of(network: Network, escrow: Escrow) -> History:
    """All that happened in the network's escrow up to now."""
    return Follower(RpcNode(escrow), network.first_block).look()


def find(network: Network, escrow: Escrow, text: str) -> tuple[Found, History]:
    """The agreement whose id begins so, at least four digits, and the history it was found in; OptionError if it is
    none or more than one."""
    match = _ID.match(text)
    if match is None or len(match["digits"]) < LEAST_DIGITS:
        raise OptionError(
            "AGREEMENT", f"{harmless(text, 80)!r} is not an id", "give 0x and its first digits, at least four"
        )
    digits = match["digits"].lower()
    history = history_of(network, escrow)
    found = [record for record in history.agreements.values() if record.id.hex().startswith(digits)]
    if len(found) != 1:
        listed = f": {', '.join(to_hex(record.id) for record in found[:MOST_LISTED])}" if found else ""
        raise OptionError(
            "AGREEMENT",
            f"{len(found) or 'no'} agreements of escrow {escrow.address} begin with 0x{digits}{listed}",
            "give more of its digits" if found else "makegood status lists them",
        )
    return found_of(network, escrow, found[0]), history


def find_head(network: Network, escrow: Escrow, text: str) -> tuple[Found, History]:
    """The terms in force now of the agreement that ``find`` finds, whichever of its versions was named."""
    found, history = find(network, escrow, text)
    head = history.account_of(found.record).head
    return found if head == found.id else found_of(network, escrow, history.agreements[head]), history


def found_of(network: Network, escrow: Escrow, record: AgreementRecord) -> Found:
    """An agreement with its words, where they are kept here."""
    document = read_document(network.documents, record.agreement.formation.document)
    return Found(record, document, _money(escrow, record.agreement, document))


def _money(escrow: Escrow, agreement: Agreement, document: TermsDocument | None) -> Money:
    """The token as both parties signed it, whatever it, or the node, says of it now; else what it says of itself."""
    if document is None:
        return money_of(escrow, agreement.stake.token)
    return Money(harmless(document.token.symbol, 16), document.token.decimals)


def money_of(escrow: Escrow, token: str) -> Money:
    """What the token says of itself."""
    contract = Token(escrow.connection, token)
    return Money(harmless(contract.symbol(), 16), contract.decimals())


def document_path(folder: Path, document_hash: bytes) -> Path:
    """Where a terms document is kept: under its hash."""
    return folder / f"{to_hex(document_hash)}.yaml"


def read_document(folder: Path, document_hash: bytes) -> TermsDocument | None:
    """The document of that hash, if it is kept here and still says the same."""
    path = document_path(folder, document_hash)
    try:
        document = load_terms(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TermsError):
        return None
    return document if document.document_hash == document_hash else None


agreement_argument = click.argument("agreement", metavar="AGREEMENT")
"""The agreement's id, or the beginning of it."""
