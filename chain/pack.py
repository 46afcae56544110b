"""Writes an audit pack: the chain's own bytes, and the evidence of the rounds."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from chain.connection import Connection
from chain.errors import ChainError
from chain.pack_blocks import RawBlocks, RpcBlocks
from chain.pack_rounds import signatures_of
from record import canonical
from record.events import CommitteeFormed, EscrowDeployed, MemberRotated, RoundPosted
from record.headers import read_header
from record.hexes import checksum_address, to_hex
from record.keccak import keccak256
from record.pack import Block, Pack, RoundEvidence
from record.pack_history import history_bytes
from record.pack_logs import Entry, Scope, entries_of
from sla.errors import RecordError

FindBundle = Callable[[bytes], bytes | None]
"""The canonical bytes of a bundle by its hash; None if nobody has them."""

FindSignatures = Callable[[str, int], Sequence[bytes]]
"""The signatures of a round, by committee and number, in any order: for rounds that another contract posted."""


def export_pack(
    connection: Connection,
    escrow: str,
    committees: Sequence[str],
    first_block: int,
    bundles: FindBundle,
    folder: Path,
    *,
    blocks: RawBlocks | None = None,
    last_block: int | None = None,
    signatures: FindSignatures | None = None,
) -> dict[str, Any]:
    """Write the pack to ``folder``, as a whole, in place of one that is there; return the trust roots it ends in.

    ``first_block`` is at or before the deployment of all the contracts; ``last_block`` is the head unless given.
    ``blocks`` is for chains that give their raw blocks themselves (``EmbeddedBlocks``). A bundle that nobody has is
    left open, and the audit will say so. ChainError if the node's answers do not hash to what they should.
    """
    source = blocks or RpcBlocks(connection)
    last = connection.web3.eth.block_number if last_block is None else last_block
    scope = Scope(checksum_address(escrow), tuple(checksum_address(committee) for committee in committees))
    found, entries = _read_blocks(scope, source, first_block, last)
    pack = Pack(
        chain_id=connection.chain_id,
        escrow=scope.escrow,
        committees=scope.committees,
        blocks=tuple(found),
        rounds=tuple(_rounds(connection, entries, bundles, signatures)),
        history=history_bytes(entries),
    )
    _write(folder, pack.to_files())
    return {
        "chainId": pack.chain_id,
        "escrow": pack.escrow,
        "committees": list(pack.committees),
        "blockHash": to_hex(read_header(found[-1].header).hash),
    }


def _read_blocks(scope: Scope, source: RawBlocks, first: int, last: int) -> tuple[list[Block], list[Entry]]:
    """The blocks from the first of the contracts on, receipts where they are needed, and what they say."""
    blocks: list[Block] = []
    entries: list[Entry] = []
    parent = b""
    for number in range(first, last + 1):
        raw = source.header(number)
        header = read_header(raw)
        if blocks and header.parent != parent:
            raise ChainError(
                f"block {number} has another parent than a moment ago", "export again, or up to a final block"
            )
        parent = header.hash
        receipts = tuple(source.receipts(number)) if scope.may_concern(header.bloom) else ()
        found = list(entries_of(scope, header, receipts))
        if blocks or any(isinstance(entry.event, EscrowDeployed | CommitteeFormed) for entry in found):
            blocks.append(Block(raw, receipts))
            entries += found
    deployed = {
        entry.address for entry in entries if isinstance(entry.event, EscrowDeployed | CommitteeFormed)
    }
    for contract in (scope.escrow, *scope.committees):
        if contract not in deployed:
            raise ChainError(
                f"{contract} was not deployed in blocks {first} to {last}",
                "begin before its deployment, or check the address",
            )
    return blocks, entries


def _rounds(
    connection: Connection, entries: Sequence[Entry], bundles: FindBundle, signatures: FindSignatures | None
) -> Iterator[RoundEvidence]:
    members: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        if isinstance(entry.event, CommitteeFormed):
            members[entry.address] = entry.event.members
        if isinstance(entry.event, MemberRotated):
            stood, index = members[entry.address], entry.event.index
            members[entry.address] = (*stood[:index], entry.event.incoming, *stood[index + 1 :])
        if isinstance(entry.event, RoundPosted):
            yield RoundEvidence(
                committee=entry.address,
                round=entry.event.round,
                signatures=signatures_of(connection, entry, entry.event, members[entry.address], signatures),
                bundle=_bundle(bundles, entry.event.bundle),
            )


def _bundle(bundles: FindBundle, bundle: bytes) -> bytes | None:
    """The bundle as the round's signers meant it, if anybody has it so."""
    found = bundles(bundle)
    if found is None or keccak256(found) != bundle:
        return None
    try:
        canonical.loads(found)
    except RecordError:
        return None
    return found


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """So that nobody ever sees half a pack."""
    mark = uuid4().hex
    fresh, old = (folder.with_name(f"{folder.name}.{mark}.{end}") for end in ("new", "old"))
    for name, data in files.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
