"""What the read model asks of an RPC node. Whatever the node or the line says instead of an answer is a ChainError."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

from chain.committee import Committee
from chain.errors import ChainError
from chain.escrow import Escrow
from chain.logs import LoggedEvent, read_events
from chain.token import Token as TokenContract
from index.facts import Block, CommitteeTerms, Token
from record.eip712 import Domain
from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS, Event
from sla.errors import MakegoodError, RecordError

BLOCKS_AT_ONCE = 5_000
LONGEST_SYMBOL = 32

T = TypeVar("T")


class Node(Protocol):
    """A chain's blocks and events; fakes fit as well. Every method may raise ChainError."""

    @property
    def escrow(self) -> str:
        """The escrow's address."""

    @property
    def domain(self) -> Domain:
        """What agreements' ids are bound to."""

    def head(self) -> Block:
        """The newest block."""

    def block(self, number: int) -> Block:
        """The block of that number as the chain has it now."""

    def escrow_events(self, first: int, last: int) -> list[LoggedEvent]:
        """The escrow's events in blocks ``first`` to ``last``, in order."""

    def committee_events(self, address: str, first: int, last: int) -> list[LoggedEvent] | None:
        """A committee's events likewise; None for a contract that does not speak as a Committee."""

    def committee(self, address: str) -> CommitteeTerms:
        """Members and quorum of the contract at ``address``, if it is a Committee."""

    def token(self, address: str) -> Token:
        """Symbol and decimals of the contract at ``address``, if it says them."""


class RpcNode:
    """The node behind an escrow's connection."""

    def __init__(self, escrow: Escrow) -> None:
        self._connection = escrow.connection
        self.escrow = escrow.address
        self.domain = escrow.domain

    def head(self) -> Block:
        """The newest block."""
        return self._block("latest")

    def block(self, number: int) -> Block:
        """The block of that number as the chain has it now; ChainError when there is none."""
        return self._block(number)

    def escrow_events(self, first: int, last: int) -> list[LoggedEvent]:
        """The escrow's events in blocks ``first`` to ``last``, in order."""
        try:
            return self._events(self.escrow, ESCROW_EVENTS, first, last)
        except RecordError as error:
            raise ChainError(
                f"the RPC node shows an event that the escrow cannot have emitted: {error.problem}",
                "use another RPC node",
            ) from error

    def committee_events(self, address: str, first: int, last: int) -> list[LoggedEvent] | None:
        """A committee's events likewise; None for a contract that emits anything else."""
        try:
            return self._events(address, COMMITTEE_EVENTS, first, last)
        except RecordError:
            return None

    def committee(self, address: str) -> CommitteeTerms:
        """Members and quorum of the contract at ``address``, if it is a Committee."""
        found = self._if_it_answers(lambda: self._committee(address))
        return CommitteeTerms(address, (), 0, False) if found is None else found

    def _committee(self, address: str) -> CommitteeTerms:
        contract = Committee(self._connection, address)
        return CommitteeTerms(address, contract.members, contract.quorum, True)

    def token(self, address: str) -> Token:
        """Symbol and decimals of the contract at ``address``, each None unless it says it."""
        contract = self._if_it_answers(lambda: TokenContract(self._connection, address))
        if contract is None:
            return Token(address, None, None)
        symbol = self._if_it_answers(contract.symbol)
        if symbol is not None and not (0 < len(symbol) <= LONGEST_SYMBOL and symbol.isprintable()):
            symbol = None
        return Token(address, symbol, self._if_it_answers(contract.decimals))

    def _if_it_answers(self, ask: Callable[[], T]) -> T | None:
        """What a contract somebody else wrote says; None if it does not. ChainError when it is the node that fails."""
        try:
            return ask()
        except Exception:
            self.head()
            return None

    def _events(
        self, address: str, allowed: Sequence[type[Event]], first: int, last: int
    ) -> list[LoggedEvent]:
        found: list[LoggedEvent] = []
        for start in range(first, last + 1, BLOCKS_AT_ONCE):
            end = min(start + BLOCKS_AT_ONCE - 1, last)
            with _told(f"events of blocks {start} to {end}"):
                found += read_events(self._connection, {address: allowed}, start, end)
        return found

    def _block(self, identifier: str | int) -> Block:
        with _told(f"block {identifier}"):
            block = self._connection.web3.eth.get_block(identifier)  # type: ignore[arg-type]
            return Block(int(block["number"]), bytes(block["hash"]), int(block["timestamp"]))


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Anything but an error of ours is an answer that cannot be read: nobody else runs in here."""
    try:
        yield
    except MakegoodError:
        raise
    except Exception as error:
        raise ChainError(
            f"the node did not say {what} ({type(error).__name__})",
            "check that the node runs, then ask again",
        ) from error
