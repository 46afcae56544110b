"""Bytes and addresses as text, each in exactly one accepted form: lower-case hex, EIP-55 for addresses."""

from __future__ import annotations

import re

from record.keccak import keccak256
from sla.errors import RecordError

_LOWER_HEX = re.compile(r"0x(?:[0-9a-f]{2})*\Z")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")


def to_hex(data: bytes) -> str:
    """``b"\\x01\\xff"`` -> ``"0x01ff"``."""
    return "0x" + data.hex()


def from_hex(text: str, length: int, path: str = "") -> bytes:
    """The bytes of lower-case, 0x-prefixed hex of exactly ``length`` bytes; RecordError otherwise."""
    if not _LOWER_HEX.match(text) or len(text) != 2 + 2 * length:
        raise RecordError(
            f"{path or 'value'} is not {length} bytes of hex", "write 0x and lower-case digits, two a byte"
        )
    return bytes.fromhex(text[2:])


def checksum_address(address: bytes | str) -> str:
    """The EIP-55 form of an address given as 20 bytes or as hex in any case; RecordError otherwise."""
    text = to_hex(address) if isinstance(address, bytes) else address
    if not _ADDRESS.match(text):
        raise RecordError(f"{text[:64]!r} is not an address", "write 0x and 40 hex digits")
    digits = text[2:].lower()
    marks = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) >= 8 else digit for digit, mark in zip(digits, marks, strict=False)
    )


def parse_address(text: str, path: str = "") -> str:
    """The address itself if it is written in its EIP-55 form; RecordError otherwise."""
    if not _ADDRESS.match(text) or checksum_address(text) != text:
        raise RecordError(
            f"{path or 'value'} {text[:64]!r} is not a checksummed address",
            "copy the address with its upper- and lower-case letters",
        )
    return text


def address_bytes(address: str) -> bytes:
    """The 20 bytes of an address."""
    if not _ADDRESS.match(address):
        raise RecordError(f"{address[:64]!r} is not an address", "write 0x and 40 hex digits")
    return bytes.fromhex(address[2:])
