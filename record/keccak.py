"""Keccak-256, the hash of Ethereum (not the later SHA3-256)."""

from __future__ import annotations

from eth_hash.auto import keccak as _keccak


def keccak256(data: bytes) -> bytes:
    """The 32-byte hash. ``keccak256(b"").hex()`` begins with ``c5d2460186f7233c``."""
    return bytes(_keccak(data))
