"""One Solidity value as one 32-byte word: what ABI encoding and EIP-712 share."""

from __future__ import annotations

from contextlib import suppress

from record.hexes import address_bytes
from record.keccak import keccak256
from sla.errors import RecordError


def encode_word(solidity_type: str, value: object) -> bytes:
    """The 32-byte word of an atomic value: bool, uintN, address or bytes32; a string by its hash (EIP-712).

    RecordError when the value does not fit its type: nothing is ever truncated.
    """
    match value:
        case bool() if solidity_type == "bool":
            return int(value).to_bytes(32)
        case bool():
            pass
        case int() if solidity_type.startswith("uint") and 0 <= value < 1 << int(solidity_type[4:]):
            return int(value).to_bytes(32)
        case bytes() if solidity_type == "bytes32" and len(value) == 32:
            return value
        case str() if solidity_type == "address":
            return address_bytes(value).rjust(32, b"\0")
        case str() if solidity_type == "string":
            # Half of a surrogate pair has no bytes.
            with suppress(UnicodeEncodeError):
                return keccak256(value.encode())
    raise RecordError(f"{value!r} is not a {solidity_type}", "use a value that fits the type")
