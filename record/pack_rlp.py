"""RLP, the encoding under block headers and receipts, read strictly."""

from __future__ import annotations

from typing import TypeAlias

import rlp
from rlp.exceptions import DecodingError

from sla.errors import RecordError

Item: TypeAlias = "bytes | list[Item]"


def read_list(data: bytes, what: str) -> list[Item]:
    """The list that ``data`` encodes; RecordError for anything else. ``what`` names it in the error."""
    try:
        item = rlp.decode(data)
    except (DecodingError, RecursionError):
        # Nesting is not bounded by RLP, and the decoder follows it.
        item = None
    if not isinstance(item, list):
        raise RecordError(f"{what} is not an RLP list", "export the pack again")
    return item


def word_at(items: list[Item], index: int, length: int, what: str) -> bytes:
    """The bytes at ``index``, exactly ``length`` of them; RecordError otherwise."""
    item = items[index] if index < len(items) else None
    if not isinstance(item, bytes) or len(item) != length:
        raise RecordError(f"{what} is not {length} bytes", "export the pack again")
    return item


def number_at(items: list[Item], index: int, what: str) -> int:
    """The number at ``index``, below 2**64; RecordError otherwise."""
    item = items[index] if index < len(items) else None
    if not isinstance(item, bytes) or len(item) > 8:
        raise RecordError(f"{what} is not a number below 2**64", "export the pack again")
    return int.from_bytes(item)
