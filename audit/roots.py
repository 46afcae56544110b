"""What an auditor knows from elsewhere. Without it a pack can only agree with itself."""

from __future__ import annotations

import json
from dataclasses import dataclass

from record import canonical
from record.hexes import parse_address
from record.json_fields import Fields
from record.json_text import read_json
from sla.errors import RecordError

MAX_DEPTH = 4

_MEMBERS = ("chainId", "escrow", "committees", "blockHash")


@dataclass(frozen=True, slots=True)
class TrustRoots:
    """The chain, the contracts and the block by which the pack must end.

    ``tokens`` limits whose balances count; None means every token that an agreement names. It is for escrows in which
    strangers have opened agreements over tokens that lie about themselves.
    """

    chain_id: int
    escrow: str
    committees: tuple[str, ...]
    block_hash: bytes
    tokens: tuple[str, ...] | None = None


def read_roots(data: bytes) -> TrustRoots:
    """The roots of a JSON file, spaces and order as you like; RecordError for anything else.

    ``{"chainId": 1, "escrow": "0x…", "committees": ["0x…"], "blockHash": "0x…"}``, and if wanted ``"tokens": ["0x…"]``.
    """
    try:
        # Written by hand, in whatever encoding the editor chose.
        value = read_json(data.decode(json.detect_encoding(data)), MAX_DEPTH)
    except ValueError as error:
        raise RecordError(f"the trust roots are not JSON ({error})", "write a JSON object") from None
    has_tokens = isinstance(value, dict) and "tokens" in value
    known = canonical.loads(canonical.dumps(value))
    fields = Fields.of(known, "roots", (*_MEMBERS, "tokens") if has_tokens else _MEMBERS)
    return TrustRoots(
        chain_id=fields.number("chainId", 53),
        escrow=fields.address("escrow"),
        committees=_addresses(fields, "committees"),
        block_hash=fields.hex("blockHash", 32),
        tokens=_addresses(fields, "tokens") if has_tokens else None,
    )


def _addresses(fields: Fields, name: str) -> tuple[str, ...]:
    addresses = []
    for path, item in fields.items(name):
        if not isinstance(item, str):
            raise RecordError(f"{path} is not a string", "write an address")
        addresses.append(parse_address(item, path))
    if len(set(addresses)) != len(addresses):
        raise RecordError(f"{fields.path}.{name} names an address twice", "write each once")
    return tuple(addresses)
