"""A chain of blocks in memory that can be cut back, replaced, or fail to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from eth_abi import encode

from chain.errors import ChainError
from chain.logs import LoggedEvent
from chain.messages import agreement_argument
from index.facts import Block, CommitteeTerms, Token
from record.eip712 import agreement_digest, escrow_domain
from record.events import AgreementOpened, Event
from record.hexes import checksum_address
from record.keccak import keccak256
from sla.agreement import Agreement
from tests.contracts.world import MEMBER_KEYS, changed, usual_agreement
from tests.open_arguments import OPEN_ARGUMENTS

ESCROW, COMMITTEE, OTHER, TOKEN = (checksum_address(bytes([n]) * 20) for n in range(1, 5))
MEMBERS = tuple(key.address for key in MEMBER_KEYS)
DOMAIN = escrow_domain(31337, ESCROW)


@dataclass(slots=True)
class FakeNode:
    """Begins with a block 0 at ``time``; each block comes ten seconds after the last."""

    escrow: str = ESCROW
    domain = DOMAIN
    time: int = 1_000
    blocks: list[tuple[Block, list[tuple[str, Event]]]] = field(default_factory=list)
    reads: list[tuple[int, int]] = field(default_factory=list)
    committee_reads: list[tuple[str, int, int]] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    is_away: bool = False
    before_events: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.mine()

    def mine(self, *events: tuple[str, Event], salt: str = "") -> Block:
        """The next block; another ``salt`` makes it another block."""
        parent = self.blocks[-1][0] if self.blocks else Block(-1, b"", self.time - 10)
        block = Block(parent.number + 1, keccak256(parent.hash + salt.encode()), parent.time + 10)
        self.blocks.append((block, list(events)))
        return block

    def cut(self, number: int) -> None:
        """Take back the last blocks."""
        del self.blocks[-number:]

    def head(self) -> Block:
        self._answer()
        return self.blocks[-1][0]

    def block(self, number: int) -> Block:
        self._answer()
        if number >= len(self.blocks):
            raise ChainError(f"no block {number}", "wait")
        return self.blocks[number][0]

    def escrow_events(self, first: int, last: int) -> list[LoggedEvent]:
        self._answer()
        self.reads.append((first, last))
        if self.before_events is not None:
            self.before_events()
        return self._logged(ESCROW, first, last)

    def committee_events(self, address: str, first: int, last: int) -> list[LoggedEvent] | None:
        self._answer()
        self.committee_reads.append((address, first, last))
        return None if address in self.foreign else self._logged(address, first, last)

    def committee(self, address: str) -> CommitteeTerms:
        self._answer()
        return CommitteeTerms(address, MEMBERS, 3, True)

    def token(self, address: str) -> Token:
        self._answer()
        return Token(address, "USDC", 6)

    def _answer(self) -> None:
        if self.is_away:
            raise ChainError("the node is away", "start it")

    def _logged(self, address: str, first: int, last: int) -> list[LoggedEvent]:
        return [
            LoggedEvent(block.number, block.hash, keccak256(block.hash), index, where, event)
            for block, events in self.blocks[first : last + 1]
            for index, (where, event) in enumerate(events)
            if where == address
        ]


def agreed(number: int = 0, committee: str = COMMITTEE) -> Agreement:
    """The usual agreement; each number is another."""
    return changed(usual_agreement(TOKEN, committee), formation={"document": bytes([number]) * 32})


def id_of(agreement: Agreement) -> bytes:
    """Its id in the fake's escrow."""
    return agreement_digest(agreement, DOMAIN)


def opening(agreement: Agreement, agreement_id: bytes | None = None) -> tuple[str, AgreementOpened]:
    """The event of its opening, under its own id or another."""
    call = encode(OPEN_ARGUMENTS, [agreement_argument(agreement), b"", b""])
    parties = agreement.parties
    event = AgreementOpened(
        agreement_id or id_of(agreement), parties.provider, parties.customer, 20_000_000, call
    )
    return ESCROW, event
