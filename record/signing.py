"""ECDSA signatures in their one accepted form: 65 bytes r, s, v with v 27 or 28 and s in the lower half.

The other half of the curve would give every signature a twin; OpenZeppelin's ECDSA refuses it, and so do we.
"""

from __future__ import annotations

from eth_keys.datatypes import PrivateKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from record.hexes import checksum_address
from sla.errors import SignatureError

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""How many keys there are, plus one; also the modulus of r and s."""


def sign_digest(key: bytes, digest: bytes) -> bytes:
    """The 65-byte signature of a 32-byte digest under a 32-byte private key. Deterministic (RFC 6979)."""
    _require_digest(digest)
    v, r, s = PrivateKey(key).sign_msg_hash(digest).vrs
    return int(r).to_bytes(32) + int(s).to_bytes(32) + bytes([27 + v])


def address_of(key: bytes) -> str:
    """The checksummed address of a 32-byte private key."""
    return checksum_address(PrivateKey(key).public_key.to_canonical_address())


def recover(digest: bytes, signature: bytes) -> str:
    """The checksummed address that signed the digest; SignatureError for any other form of signature."""
    _require_digest(digest)
    if len(signature) != 65:
        raise SignatureError(f"the signature has {len(signature)} bytes", "give 65 bytes: r, s, v")
    r, s, v = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64]), signature[64]
    if v not in (27, 28):
        raise SignatureError(f"the signature's v is {v}", "write 27 or 28")
    if s > CURVE_ORDER // 2:
        raise SignatureError("the signature's s is in the upper half", "take the order minus s, and flip v")
    try:
        public_key = Signature(vrs=(v - 27, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError) as error:
        raise SignatureError(f"no key made this signature ({error})", "sign the digest again") from None
    return checksum_address(public_key.to_canonical_address())


def _require_digest(digest: bytes) -> None:
    if len(digest) != 32:
        raise SignatureError(f"the digest has {len(digest)} bytes", "sign the 32-byte hash")
