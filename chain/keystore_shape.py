"""What a keystore must look like before anything is computed from it: a hostile file may ask for years or terabytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chain.errors import KeyFileError
from record.hexes import checksum_address
from record.json_text import read_json

MAX_MEMORY = 512 * 2**20
"""Bytes of scrypt's 128 * n * r. Geth's default takes 256 MiB."""
MAX_WORK = 2**26
"""Of scrypt's n * r * p. Geth's default is 2^21."""
MAX_LANES = 1_024
"""Of scrypt's r * p: its two outer rounds of PBKDF2 are slow, and 8 * 1 is usual."""
MAX_ITERATIONS = 10_000_000
"""Of PBKDF2. Its usual number is 262 144 to 1 000 000."""

_HEX = re.compile(r"(?:0x)?((?:[0-9a-fA-F]{2})*)\Z")


def check_shape(file: str, data: bytes) -> Mapping[str, Any]:
    """The keystore's JSON, every member that opening it needs in its place and within bounds; else KeyFileError."""
    try:
        content = read_json(data)
    except ValueError:
        raise KeyFileError(
            file, "is not a keystore: it is not JSON", "name a Web3 Secret Storage file"
        ) from None
    if not isinstance(content, dict):
        raise KeyFileError(file, "is not a keystore: it is not an object", "name a Web3 Secret Storage file")
    # Some old wallets wrote "Crypto".
    content = {key.lower(): value for key, value in content.items()}
    version = content.get("version")
    if isinstance(version, bool) or version != 3:
        raise KeyFileError(
            file, f"is a keystore of version {str(version)[:40]}, not 3", "convert it to version 3"
        )
    crypto = _object(file, content, "crypto")
    content["version"], content["crypto"] = 3, crypto
    if content.get("address") is not None and stated_address(content) is None:
        raise _damaged(file, "address is not 20 bytes of hex")
    if crypto.get("cipher") != "aes-128-ctr":
        raise _damaged(file, "crypto.cipher is not aes-128-ctr")
    _hex(file, crypto, "ciphertext", 32)
    _hex(file, crypto, "mac", 32)
    _hex(file, _object(file, crypto, "cipherparams"), "iv", 16)
    parameters = _object(file, crypto, "kdfparams")
    _hex(file, parameters, "salt", None)
    if _number(file, parameters, "dklen", 2**10) != 32:
        raise _damaged(file, "kdfparams.dklen is not 32")
    if crypto.get("kdf") == "scrypt":
        _check_scrypt(file, parameters)
    elif crypto.get("kdf") == "pbkdf2":
        _number(file, parameters, "c", MAX_ITERATIONS)
        if parameters.get("prf") != "hmac-sha256":
            raise _damaged(file, "kdfparams.prf is not hmac-sha256")
    else:
        raise _damaged(file, "crypto.kdf is neither scrypt nor pbkdf2")
    return content


def stated_address(content: Mapping[str, Any]) -> str | None:
    """The address the keystore says it holds; None if it does not say, which the format allows."""
    address = content.get("address")
    if not isinstance(address, str) or len(digits := address.lower().removeprefix("0x")) != 40:
        return None
    return checksum_address("0x" + digits) if _HEX.match(digits) else None


def _check_scrypt(file: str, parameters: Mapping[str, Any]) -> None:
    n = _number(file, parameters, "n", MAX_WORK)
    r = _number(file, parameters, "r", MAX_WORK)
    p = _number(file, parameters, "p", MAX_WORK)
    if n < 2 or n & (n - 1):
        raise _damaged(file, f"kdfparams.n is {n}, not a power of two")
    if 128 * n * r > MAX_MEMORY or n * r * p > MAX_WORK or r * p > MAX_LANES:
        raise KeyFileError(
            file,
            f"asks for scrypt with n {n}, r {r}, p {p}: more memory or time than a key is worth",
            "encrypt the key again with n 262144, r 8, p 1",
        )


def _object(file: str, holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise _damaged(file, f"{name} is not an object")
    return {key.lower(): inner for key, inner in value.items()}


def _number(file: str, holder: Mapping[str, Any], name: str, limit: int) -> int:
    value = holder.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _damaged(file, f"kdfparams.{name} is not a number above zero")
    if value > limit:
        raise KeyFileError(
            file,
            f"asks for a kdfparams.{name} of more than {limit}",
            "encrypt the key again with the usual parameters",
        )
    return value


def _hex(file: str, holder: Mapping[str, Any], name: str, length: int | None) -> None:
    value = holder.get(name)
    match = _HEX.match(value) if isinstance(value, str) else None
    if match is None or (length is not None and len(match[1]) != 2 * length):
        raise _damaged(file, f"{name} is not {'' if length is None else f'{length} bytes of '}hex")


def _damaged(file: str, what: str) -> KeyFileError:
    return KeyFileError(file, f"is not a keystore: {what}", "restore it from a copy")
