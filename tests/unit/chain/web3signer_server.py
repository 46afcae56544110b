"""A signer that follows Web3Signer's published eth1 API, by eth-account instead of our own signing.

Source: the OpenAPI file of the project, core/src/main/resources/openapi-specs/eth1/web3signer.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from eth_account import Account
from eth_keys.datatypes import PrivateKey
from eth_utils import keccak

from tests.unit.chain.server import Said, Speak

SIGN = "/api/v1/eth1/sign/"
TEXT = {"Content-Type": "text/plain; charset=utf-8"}


def identifier(key: bytes) -> str:
    """A key's public key as the signer lists it."""
    return "0x" + PrivateKey(key).public_key.to_bytes().hex()


def signer(keys: Sequence[bytes]) -> Speak:
    """A signer that holds ``keys``."""

    def speak(method: str, path: str, body: bytes) -> Said:
        if (method, path) == ("GET", "/upcheck"):
            return Said(200, TEXT, b"OK")
        if (method, path) == ("GET", "/api/v1/eth1/publicKeys"):
            return Said(
                200,
                {"Content-Type": "application/json"},
                json.dumps([identifier(key) for key in keys]).encode(),
            )
        if method == "POST" and path.startswith(SIGN):
            return _sign(keys, path.removeprefix(SIGN), body)
        return Said(404)

    return speak


def _sign(keys: Sequence[bytes], wanted: str, body: bytes) -> Said:
    found = [key for key in keys if identifier(key) == wanted]
    if not found:
        return Said(404)
    try:
        data = bytes.fromhex(json.loads(body)["data"].removeprefix("0x"))
    except (ValueError, KeyError, AttributeError):
        return Said(400)
    signature = Account.unsafe_sign_hash(keccak(data), found[0]).signature
    return Said(200, TEXT, ("0x" + bytes(signature).hex()).encode())
