"""Histories told event by event, each in a block of its own."""

from __future__ import annotations

from dataclasses import replace

from eth_abi import encode

from chain.messages import agreement_argument, terms_argument
from index.facts import AccountRecord, AgreementRecord, Block, Claim, ClaimKey, Occurrence, Place, Token
from index.history import History
from record.eip712 import obligations_hash
from record.events import AgreementAmended, Event
from sla.agreement import Agreement
from tests.open_arguments import AMEND_ARGUMENTS
from tests.unit.index.fake_node import ESCROW, TOKEN, agreed, id_of, opening

PROVIDER, CUSTOMER = agreed().parties.provider, agreed().parties.customer
FIRST = agreed(1)
ID = id_of(FIRST)
ROOT = b"\5" * 32
PENDING, DISPUTED = 1, 2
KEY = ClaimKey(0, 0)


def told(*events: Event, before: Agreement = FIRST) -> History:
    """The history of these events after the agreement's opening; the n-th stands in block n, at 1 000 + n."""
    history = History(Block(0, bytes(32), 1_000))
    tokens = {TOKEN: Token(TOKEN, "USDC", 6)}
    for number, event in enumerate([opening(before)[1], *events]):
        block = Block(number, bytes([number]) * 32, 1_000 + number)
        occurrence = Occurrence(ESCROW, event, Place(block, bytes([number]) * 32, 0))
        history = history.after(block, [occurrence], {}, tokens)
    return history


def record_of(*events: Event) -> AgreementRecord:
    """The first version after these events."""
    return told(*events).agreements[ID]


def account_of(*events: Event) -> AccountRecord:
    """The account after these events."""
    return told(*events).accounts[ID]


def claim_of(*events: Event) -> Claim:
    """The claim of the first obligation in the first period."""
    return record_of(*events).claims[KEY]


def successor(count: int = 4, number: int = 7) -> Agreement:
    """Terms that take over from the first after ``count`` periods."""
    service = FIRST.service
    return replace(
        agreed(number),
        service=replace(service, start=service.start + count * service.length),
        formation=replace(FIRST.formation, predecessor=ID, document=bytes([number]) * 32),
    )


def amending(count: int = 4, collateral: int = 0, first: bytes = ID) -> AgreementAmended:
    """The event by which they did."""
    new = successor(count)
    old = [terms_argument(FIRST), obligations_hash(FIRST.obligations), count]
    call = encode(AMEND_ARGUMENTS, [agreement_argument(new), b"", b"", *old])
    return AgreementAmended(first, ID, id_of(new), count, collateral, call)
