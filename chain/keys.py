"""Who signs: a key in memory, from a keystore or bare, or an external signer; one Protocol for all."""

from __future__ import annotations

from typing import Protocol

from eth_keys.datatypes import PrivateKey

from chain.errors import SignerError, UnsafeKey
from record.keccak import keccak256
from record.signing import CURVE_ORDER, recover, sign_digest
from sla.errors import SignatureError


class Signer(Protocol):
    """Signs for one address, typed data and transactions alike: it is given the preimage and hashes it itself, as
    external signers do."""

    @property
    def address(self) -> str:
        """EIP-55 checksummed."""

    def sign(self, message: bytes) -> bytes:
        """The signature of keccak256(message): 65 bytes r, s, v with v 27 or 28 and s in the lower half."""


class LocalKey:
    """A key in memory; ``is_bare`` unless it came out of an encrypted keystore."""

    __slots__ = ("_key", "address", "is_bare")

    def __init__(self, key: bytes, is_bare: bool = True) -> None:
        """``key`` is 32 bytes, a number below the curve's order; SignatureError otherwise."""
        if len(key) != 32 or not 0 < int.from_bytes(key) < CURVE_ORDER:
            raise SignatureError(
                "the private key is not a number of the curve", "give 32 bytes above zero, below its order"
            )
        self._key = key
        self.address: str = PrivateKey(key).public_key.to_checksum_address()
        self.is_bare = is_bare

    def __repr__(self) -> str:
        return f"LocalKey({self.address})"

    def sign(self, message: bytes) -> bytes:
        """The signature of keccak256(message). Deterministic (RFC 6979)."""
        return sign_digest(self._key, keccak256(message))


def require_safe(is_development: bool, signer: Signer) -> None:
    """UnsafeKey when a bare key is to sign on a chain whose tokens are worth something."""
    if isinstance(signer, LocalKey) and signer.is_bare and not is_development:
        raise UnsafeKey(
            f"the bare key of {signer.address} is to sign on a chain that is not a development chain",
            "use an encrypted keystore or an external signer",
        )


def checked(signature: bytes, message: bytes, address: str) -> bytes:
    """A signature from somebody else's hands in its one accepted form; SignerError unless it is ``address``'s.

    v may come as 0 or 1, and s in the upper half: KMS-backed signers do that. Both have an equal that is accepted.
    """
    try:
        accepted = _normal(signature)
        signed_by = recover(keccak256(message), accepted)
    except SignatureError as error:
        raise SignerError(
            f"the signer of {address} gave no valid signature: {error.problem}", "repair the signer"
        ) from None
    if signed_by != address:
        raise SignerError(
            f"the signer of {address} signed with the key of {signed_by}, or signed something else",
            "check which key the signer uses, and that it signs keccak256 of the data",
        )
    return accepted


def _normal(signature: bytes) -> bytes:
    if len(signature) != 65:
        return signature
    s, v = int.from_bytes(signature[32:64]), signature[64]
    if v in (0, 1):
        v += 27
    if CURVE_ORDER // 2 < s < CURVE_ORDER and v in (27, 28):
        s, v = CURVE_ORDER - s, 55 - v
    return signature[:32] + s.to_bytes(32) + bytes([v])
