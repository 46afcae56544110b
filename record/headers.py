"""Block headers: the chain of hashes that everything else in an audit hangs on.

The hash of the RLP is the block's hash, so a header cannot be altered without breaking the link that its successor
keeps, and the last one is known by its hash from outside. Later forks append fields; those used here keep their place.
Source: https://ethereum.github.io/yellowpaper/paper.pdf, section 4.4
"""

from __future__ import annotations

from dataclasses import dataclass

from record.keccak import keccak256
from record.pack_rlp import number_at, read_list, word_at
from sla.errors import RecordError

_FIRST_FORK_FIELDS = 15
_PARENT, _RECEIPTS_ROOT, _BLOOM, _NUMBER, _TIME = 0, 5, 6, 8, 11


@dataclass(frozen=True, slots=True)
class Header:
    """What an audit needs of a header. ``bloom`` is the filter over the logs of the block, ``time`` seconds UTC."""

    hash: bytes
    parent: bytes
    receipts_root: bytes
    bloom: int
    number: int
    time: int


def read_header(raw: bytes) -> Header:
    """The header of these RLP bytes; RecordError if they are none."""
    fields = read_list(raw, "a block header")
    if len(fields) < _FIRST_FORK_FIELDS or not all(isinstance(field, bytes) for field in fields):
        raise RecordError("a block header lacks fields", "export the pack again")
    return Header(
        hash=keccak256(raw),
        parent=word_at(fields, _PARENT, 32, "a header's parent hash"),
        receipts_root=word_at(fields, _RECEIPTS_ROOT, 32, "a header's receipts root"),
        bloom=int.from_bytes(word_at(fields, _BLOOM, 256, "a header's bloom")),
        number=number_at(fields, _NUMBER, "a header's number"),
        time=number_at(fields, _TIME, "a header's time"),
    )
