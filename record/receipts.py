"""Transaction receipts: the logs of a block, bound to its header by a Merkle-Patricia trie and a bloom filter.

The header's receipts root commits to every receipt in order, so none can be left out or altered. Its bloom says which
addresses and topics *may* have logged in the block: one that lacks a contract's bits proves the contract was silent.
Source: https://ethereum.github.io/yellowpaper/paper.pdf, sections 4.3.1 and 4.4.3; EIP-2718 for typed receipts
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import rlp
from trie.hexary import HexaryTrie

from record.keccak import keccak256
from record.pack_rlp import Item, read_list, word_at
from sla.errors import RecordError

_STATUS, _GAS, _BLOOM, _LOGS = range(4)


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract wrote down: ``address`` is 20 bytes, ``topics`` are 32 bytes each."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


def read_receipt(raw: bytes) -> tuple[Log, ...]:
    """The logs of a receipt in its consensus form, with or without a type byte; RecordError if it is none."""
    body = raw[1:] if raw and raw[0] < 0x80 else raw
    fields = read_list(body, "a receipt")
    logs = fields[_LOGS] if len(fields) > _LOGS else None
    if not isinstance(logs, list):
        raise RecordError("a receipt lacks its logs", "export the pack again")
    return tuple(map(_read_log, logs))


def receipts_root(raws: Sequence[bytes]) -> bytes:
    """The root of the trie over a block's receipts, keyed by their RLP-encoded index."""
    tree = HexaryTrie({})
    for index, raw in enumerate(raws):
        tree[rlp.encode(index)] = raw
    return bytes(tree.root_hash)


@lru_cache(maxsize=65_536)
def bloom_mask(item: bytes) -> int:
    """The three bits of a 2048-bit bloom filter that an address (20 bytes) or a topic (32 bytes) sets."""
    digest = keccak256(item)
    mask = 0
    for place in (0, 2, 4):
        mask |= 1 << (int.from_bytes(digest[place : place + 2]) & 2047)
    return mask


def bloom_of(logs: Iterable[Log]) -> int:
    """The bloom filter over logs."""
    bloom = 0
    for log in logs:
        for item in (log.address, *log.topics):
            bloom |= bloom_mask(item)
    return bloom


def _read_log(item: Item) -> Log:
    if not isinstance(item, list) or len(item) != 3:
        raise RecordError("a log is not address, topics and data", "export the pack again")
    topics, data = item[1], item[2]
    if not isinstance(topics, list) or len(topics) > 4 or not isinstance(data, bytes):
        raise RecordError("a log is not address, topics and data", "export the pack again")
    return Log(
        address=word_at(item, 0, 20, "a log's address"),
        topics=tuple(word_at(topics, index, 32, "a log's topic") for index in range(len(topics))),
        data=data,
    )
