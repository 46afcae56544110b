"""A forger who can compute anything, but has nobody's key: every hash in the pack is made to fit the change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import rlp

from record.headers import read_header
from record.pack import Block, Pack, RoundEvidence
from record.pack_history import history_bytes
from record.pack_logs import Entry, Scope, entries_of
from record.receipts import bloom_of, read_receipt, receipts_root
from sla.errors import RecordError

RawLog = list[Any]
"""Address, topics, data: to be changed in place."""

EditLogs = Callable[[int, list[RawLog]], None]
"""The block's number, and the logs of one of its receipts."""


def forge(
    files: Mapping[str, bytes],
    edit: EditLogs = lambda number, logs: None,
    rounds: Callable[[RoundEvidence], RoundEvidence] = lambda evidence: evidence,
    times: Callable[[int], int] = lambda time: time,
    blocks: slice = slice(None),
) -> dict[str, bytes]:
    """The pack with other logs, rounds or times, or only some of its blocks; consistent from end to end."""
    pack = Pack.from_files(files)
    forged: list[Block] = []
    parent = b""
    for block in pack.blocks[blocks]:
        header: list[Any] = rlp.decode(block.header)
        number = int.from_bytes(header[8])
        receipts = [_edited(raw, number, edit) for raw in block.receipts]
        logs = [log for raw in receipts for log in read_receipt(raw)]
        if receipts:
            header[5] = receipts_root(receipts)
            header[6] = bloom_of(logs).to_bytes(256)
        header[0] = parent or header[0]
        header[11] = _short(times(int.from_bytes(header[11])))
        raw = rlp.encode(header)
        parent = read_header(raw).hash
        forged.append(Block(raw, tuple(receipts)))
    scope = Scope(pack.escrow, pack.committees)
    kept = [_needed(scope, block) for block in forged]
    return Pack(
        pack.chain_id,
        pack.escrow,
        pack.committees,
        tuple(kept),
        tuple(map(rounds, pack.rounds)),
        _history(scope, kept),
    ).to_files()


def replace_word(old: int | bytes, new: int | bytes) -> Callable[[RawLog], None]:
    """Put another 32-byte word in all places of a log where one stands."""
    before, after = _word(old), _word(new)

    def change(log: RawLog) -> None:
        log[1] = [topic.replace(before, after) for topic in log[1]]
        words = [log[2][at : at + 32] for at in range(0, len(log[2]), 32)]
        log[2] = b"".join(after if word == before else word for word in words)

    return change


def _edited(raw: bytes, number: int, edit: EditLogs) -> bytes:
    kind, body = (raw[:1], raw[1:]) if raw[0] < 0x80 else (b"", raw)
    fields: list[Any] = rlp.decode(body)
    edit(number, fields[3])
    logs = read_receipt(rlp.encode(fields))
    fields[2] = bloom_of(logs).to_bytes(256)
    return bytes(kind + rlp.encode(fields))


def _needed(scope: Scope, block: Block) -> Block:
    bloom = read_header(block.header).bloom
    return block if scope.may_concern(bloom) else Block(block.header, ())


def _history(scope: Scope, blocks: list[Block]) -> bytes:
    entries: list[Entry] = []
    try:
        for block in blocks:
            entries += entries_of(scope, read_header(block.header), block.receipts)
    except RecordError:
        return b"[]"
    return history_bytes(entries)


def _short(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8)


def _word(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.to_bytes(32)
