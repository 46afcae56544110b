"""Who signs: a key in memory today; keystores and external signers fit the same Protocol."""

from __future__ import annotations

from typing import Any, Protocol

from eth_account import Account
from eth_keys.datatypes import PrivateKey

from record.signing import sign_digest


class Signer(Protocol):
    """Signs digests and transactions for one address."""

    @property
    def address(self) -> str:
        """EIP-55 checksummed."""

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes: r, s, v."""

    def sign_transaction(self, transaction: dict[str, Any]) -> bytes:
        """The raw signed transaction."""


class LocalKey:
    """A bare key in memory: for development chains."""

    __slots__ = ("_key", "address")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.address: str = PrivateKey(key).public_key.to_checksum_address()

    def sign_digest(self, digest: bytes) -> bytes:
        """65 bytes: r, s, v."""
        return sign_digest(self._key, digest)

    def sign_transaction(self, transaction: dict[str, Any]) -> bytes:
        """The raw signed transaction."""
        return bytes(Account.sign_transaction(transaction, self._key).raw_transaction)
