"""Which logs an audit reads, and in what order they happened.

Three kinds: the escrow's events, the events of the committees in scope, and every token's transfers into and out of
the escrow. A block whose bloom filter excludes all three cannot hold any, so its receipts can be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS, Event, decode_event
from record.headers import Header
from record.hexes import address_bytes, checksum_address
from record.keccak import keccak256
from record.receipts import Log, bloom_mask, read_receipt

TRANSFER_TOPIC = keccak256(b"Transfer(address,address,uint256)")


@dataclass(frozen=True, slots=True)
class Transfer:
    """Tokens moved into or out of the escrow, as the token itself says."""

    sender: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and where it stands: ``transaction`` is its place in the block, ``log`` the log's in the block."""

    block: int
    time: int
    transaction: int
    log: int
    address: str
    event: Event | Transfer


@dataclass(frozen=True, slots=True)
class Scope:
    """The contracts an audit is about."""

    escrow: str
    committees: tuple[str, ...]
    _escrow: bytes = field(init=False, repr=False, compare=False)
    _committees: frozenset[bytes] = field(init=False, repr=False, compare=False)
    _masks: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        escrow = address_bytes(self.escrow)
        committees = frozenset(map(address_bytes, self.committees))
        transfer = bloom_mask(TRANSFER_TOPIC) | bloom_mask(escrow.rjust(32, b"\0"))
        object.__setattr__(self, "_escrow", escrow)
        object.__setattr__(self, "_committees", committees)
        object.__setattr__(self, "_masks", (*map(bloom_mask, (escrow, *committees)), transfer))

    def may_concern(self, bloom: int) -> bool:
        """Whether a block with this bloom filter may hold a log of the three kinds."""
        return any(bloom & mask == mask for mask in self._masks)

    def event_of(self, log: Log) -> Event | Transfer | None:
        """The event in a log; None if the log is not of the three kinds. RecordError for what cannot be read."""
        if log.address == self._escrow:
            return decode_event(log.topics, log.data, ESCROW_EVENTS)
        if log.address in self._committees:
            return decode_event(log.topics, log.data, COMMITTEE_EVENTS)
        return self._transfer(log)

    def _transfer(self, log: Log) -> Transfer | None:
        """Logs of other shapes are no transfers of an ERC-20 token, whatever they call themselves."""
        if len(log.topics) != 3 or log.topics[0] != TRANSFER_TOPIC or len(log.data) != 32:
            return None
        sender, to = (topic[12:] for topic in log.topics[1:])
        if self._escrow not in (sender, to):
            return None
        return Transfer(checksum_address(sender), checksum_address(to), int.from_bytes(log.data))


def entries_of(scope: Scope, header: Header, receipts: Sequence[bytes]) -> Iterator[Entry]:
    """The entries of one block, in order; RecordError for a receipt or an event that cannot be read."""
    count = 0
    for transaction, raw in enumerate(receipts):
        for log in read_receipt(raw):
            event = scope.event_of(log)
            if event is not None:
                address = checksum_address(log.address)
                yield Entry(header.number, header.time, transaction, count, address, event)
            count += 1
