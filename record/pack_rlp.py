"""RLP, the encoding under block headers and receipts, read strictly and in one pass.

The reader is our own because packs come from strangers: time and memory grow with the length of what is read and with
nothing else, and nesting ends where that of receipts does.
Source: https://ethereum.github.io/yellowpaper/paper.pdf, appendix B
"""

from __future__ import annotations

from typing import TypeAlias

from sla.errors import RecordError

MAX_DEPTH = 4
"""A receipt's logs, a log, its topics: no list lies deeper."""

_STRING, _LIST, _LONGEST_SHORT = 0x80, 0xC0, 55

Item: TypeAlias = "bytes | list[Item]"


def read_list(data: bytes, what: str) -> list[Item]:
    """The list that ``data`` encodes; RecordError for anything else. ``what`` names it in the error."""
    try:
        items = _items(data, 0, len(data), MAX_DEPTH + 1)
    except ValueError:
        items = []
    if len(items) != 1 or not isinstance(items[0], list):
        raise RecordError(f"{what} is not an RLP list", "export the pack again")
    return items[0]


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


def _items(data: bytes, at: int, end: int, depth: int) -> list[Item]:
    """All items of ``data[at:end]``; ValueError where they do not fill it exactly, or have another form."""
    if depth == 0:
        raise ValueError("too deep")
    items: list[Item] = []
    while at < end:
        first = data[at]
        if first < _STRING:
            items.append(data[at : at + 1])
            at += 1
            continue
        kind = _LIST if first >= _LIST else _STRING
        start, length = _span(data, at, first - kind)
        at = start + length
        if at > end:
            raise ValueError("it reaches beyond what holds it")
        if kind == _LIST:
            items.append(_items(data, start, at, depth - 1))
        elif length == 1 and data[start] < _STRING:
            raise ValueError("a byte that stands for itself has a length")
        else:
            items.append(data[start:at])
    return items


def _span(data: bytes, at: int, length: int) -> tuple[int, int]:
    """Where the payload of the item at ``at`` starts, and its length: given in the first byte, or after it."""
    start = at + 1
    if length <= _LONGEST_SHORT:
        return start, length
    start += length - _LONGEST_SHORT
    written = data[at + 1 : start]
    length = int.from_bytes(written)
    if length <= _LONGEST_SHORT or written[0] == 0:
        raise ValueError("its length could be shorter")
    return start, length
