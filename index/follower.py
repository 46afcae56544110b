"""Keeps a History up with the chain's head: only what is new is read, and a reorg takes back only what it replaced."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator

from chain.errors import ChainError
from chain.logs import LoggedEvent
from index.committees import CommitteeRecord
from index.facts import Block, Occurrence, Place
from index.history import History
from index.node import Node
from record.eip712 import agreement_digest
from record.events import AgreementAmended, AgreementOpened
from sla.agreement import Agreement
from sla.errors import RecordError

CHECKPOINTS = 32
"""How many states are kept to go back to; a deeper reorg is read anew from the first block."""

TRIES = 3
PATIENCE_SECONDS = 60


class _Moved(Exception):
    """A block was replaced while it was read."""


class Follower:
    """Follows one escrow, and every committee its agreements name, from ``first_block`` on. Safe for threads."""

    def __init__(self, node: Node, first_block: int = 0) -> None:
        self._node = node
        self._first = first_block
        self._lock = threading.Lock()
        self._checkpoints: deque[History] = deque(maxlen=CHECKPOINTS)
        self._failure: tuple[float, ChainError] | None = None

    def look(self) -> History:
        """All that happened up to the chain's head. ChainError when the chain cannot be read, now."""
        asked = time.monotonic()
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise ChainError(f"the chain was not read within {PATIENCE_SECONDS} s", "ask again later")
        try:
            if self._failure is not None and self._failure[0] >= asked:
                # It failed for another while we waited: asking again would only make everybody wait longer.
                raise self._failure[1].with_traceback(None)
            return self._try()
        finally:
            self._lock.release()

    def _try(self) -> History:
        try:
            return self._look()
        except ChainError as error:
            self._failure = (time.monotonic(), error)
            raise

    def _look(self) -> History:
        for _ in range(TRIES):
            head = self._node.head()
            if self._checkpoints and self._checkpoints[-1].head == head:
                return self._checkpoints[-1]
            try:
                history = self._advance(head)
            except _Moved:
                continue
            self._checkpoints.append(history)
            return history
        raise ChainError("the chain moved while it was read", "ask again")

    def _advance(self, head: Block) -> History:
        """The history at ``head``, from the newest state that is still on the chain, else from the first block."""
        while self._checkpoints and not self._stands(self._checkpoints[-1].head, head):
            self._checkpoints.pop()
        base = self._checkpoints[-1] if self._checkpoints else None
        first = self._first if base is None else base.head.number + 1
        blocks = {head.number: head}
        before = base or History(head)
        escrow = self._placed(self._node.escrow_events(first, head.number), blocks)
        committees, tokens = dict(before.committees), dict(before.tokens)
        for agreement in self._opened(escrow):
            committee, token = agreement.service.committee, agreement.stake.token
            if committee not in committees:
                # Its rounds may be older than the agreement.
                committees[committee] = CommitteeRecord(self._node.committee(committee))
                if base is not None:
                    committees[committee] = self._heard(committees[committee], self._first, first - 1, blocks)
            if token not in tokens:
                tokens[token] = self._node.token(token)
        for address, record in committees.items():
            committees[address] = self._heard(record, first, head.number, blocks)
        # If the head is still there, so is all below it.
        if self._node.block(head.number) != head:
            raise _Moved
        return before.after(head, escrow, committees, tokens)

    def _stands(self, block: Block, head: Block) -> bool:
        return block.number <= head.number and self._node.block(block.number) == block

    def _heard(
        self, committee: CommitteeRecord, first: int, last: int, blocks: dict[int, Block]
    ) -> CommitteeRecord:
        """The committee after its events in these blocks; from the first foreign one on, it is not listened to."""
        if not committee.terms.is_genuine:
            return committee
        events = self._node.committee_events(committee.terms.address, first, last)
        return committee.unmasked() if events is None else committee.after(self._placed(events, blocks))

    def _opened(self, escrow: Iterable[Occurrence]) -> Iterator[Agreement]:
        """The terms put into force in these events, each only if they are what their id says, whatever the RPC node
        says."""
        for occurrence in escrow:
            event = occurrence.event
            if not isinstance(event, AgreementOpened | AgreementAmended):
                continue
            shown = f"agreement 0x{event.id.hex()}"
            try:
                agreement = _agreement_of(event)
            except RecordError as error:
                raise ChainError(
                    f"the RPC node shows {shown} unreadable: {error.problem}", "use another RPC node"
                ) from error
            if agreement_digest(agreement, self._node.domain) != event.id:
                raise ChainError(f"the RPC node shows other terms for {shown}", "use another RPC node")
            yield agreement

    def _placed(self, events: Iterable[LoggedEvent], blocks: dict[int, Block]) -> list[Occurrence]:
        """The events with their blocks' times; each block is asked for once."""
        placed = []
        for logged in events:
            if logged.block not in blocks:
                blocks[logged.block] = self._node.block(logged.block)
            block = blocks[logged.block]
            if block.hash != logged.block_hash:
                raise _Moved
            placed.append(
                Occurrence(logged.address, logged.event, Place(block, logged.transaction, logged.log_index))
            )
        return placed


def _agreement_of(event: AgreementOpened | AgreementAmended) -> Agreement:
    """The terms an event carries; RecordError if they cannot be read."""
    return event.arguments()[0] if isinstance(event, AgreementOpened) else event.arguments().agreement
