"""Whether the pack's blocks are the chain's: headers, receipts, and nothing left out.

Each header names its parent by hash, up to the one whose hash is a trust root; each holds the root of its receipts,
and a bloom filter that says when there is nothing to see. So no log of the contracts can be altered, added or removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from audit.difference import Difference
from audit.roots import TrustRoots
from record.events import CommitteeFormed, EscrowDeployed
from record.headers import Header, read_header
from record.pack import Block, Pack
from record.pack_logs import Entry, Scope, entries_of
from record.receipts import bloom_of, read_receipt, receipts_root
from sla.errors import RecordError

_DEPLOYMENTS = EscrowDeployed, CommitteeFormed


def check_roots(pack: Pack, roots: TrustRoots) -> None:
    """The pack is about the chain and the contracts that were meant, and ends at the block that was meant."""
    if pack.chain_id != roots.chain_id:
        raise Difference("pack.json", f"the chain is {pack.chain_id}, the trust root {roots.chain_id}")
    if pack.escrow != roots.escrow:
        raise Difference("pack.json", f"the escrow is {pack.escrow}, the trust root {roots.escrow}")
    if set(pack.committees) != set(roots.committees):
        raise Difference("pack.json", "the committees are not those of the trust roots")


def authentic_headers(blocks: Sequence[Block], head: bytes | None) -> list[Header]:
    """The headers, linked to one another and to ``head``, the hash of the last one where it is known."""
    if not blocks:
        raise Difference("blocks.json", "there are no blocks")
    headers = [_read_header(block, index) for index, block in enumerate(blocks)]
    for before, header in pairwise(headers):
        place = f"block {header.number}"
        if header.parent != before.hash or header.number != before.number + 1:
            raise Difference(place, f"its parent is not block {before.number} of the pack")
        if header.time < before.time:
            raise Difference(place, f"its time {header.time} is before its parent's {before.time}")
    if head is not None and headers[-1].hash != head:
        raise Difference(
            f"block {headers[-1].number}",
            f"the last block's hash is 0x{headers[-1].hash.hex()}, the trust root 0x{head.hex()}",
        )
    return headers


def authentic_entries(scope: Scope, headers: Sequence[Header], blocks: Sequence[Block]) -> list[Entry]:
    """All entries of the history, from the first contract's deployment on."""
    entries: list[Entry] = []
    for header, block in zip(headers, blocks, strict=True):
        place = f"block {header.number}"
        if not scope.may_concern(header.bloom):
            if block.receipts:
                raise Difference(place, "it has receipts, but its bloom filter excludes our contracts")
            continue
        try:
            _check_receipts(header, block, place)
            entries.extend(entries_of(scope, header, block.receipts))
        except RecordError as error:
            raise Difference(place, error.problem) from None
    _check_complete(scope, headers[0], entries)
    return entries


def _read_header(block: Block, index: int) -> Header:
    try:
        return read_header(block.header)
    except RecordError as error:
        raise Difference(f"blocks.json[{index}]", error.problem) from None


def _check_receipts(header: Header, block: Block, place: str) -> None:
    logs = [log for raw in block.receipts for log in read_receipt(raw)]
    if receipts_root(block.receipts) != header.receipts_root:
        raise Difference(place, "the receipts are not those of its header")
    if bloom_of(logs) != header.bloom:
        raise Difference(place, "the bloom filter is not that of its logs")


def _check_complete(scope: Scope, first: Header, entries: Sequence[Entry]) -> None:
    """Every contract's constructor left its event, so nothing happened before the pack begins."""
    formed = [entry for entry in entries if isinstance(entry.event, _DEPLOYMENTS)]
    for contract in (scope.escrow, *scope.committees):
        if sum(entry.address == contract for entry in formed) != 1:
            raise Difference("blocks.json", f"{contract} has no event of its deployment, or several")
    if min(entry.block for entry in formed) != first.number:
        raise Difference(f"block {first.number}", "the pack begins before the first of its contracts")
