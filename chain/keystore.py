"""Keys in files: encrypted keystores (Web3 Secret Storage, version 3) and bare keys for development chains.

Source: https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eth_keyfile.keyfile import create_keyfile_json, decode_keyfile_json

from chain.errors import KeyFileError
from chain.keys import LocalKey
from chain.keystore_shape import check_shape, stated_address
from sla.errors import SignatureError

MAX_BYTES = 65_536
"""A keystore is about 500 bytes."""

_BARE = re.compile(rb"\s*(?:0x)?([0-9a-fA-F]{64})\s*\Z")


def create_keystore(path: Path, password: str, key: bytes | None = None) -> str:
    """Encrypt ``key``, or a new random one, into a new file that only its owner can read; the key's address.

    KeyFileError if the file exists: a key is never overwritten. It is written whole or not at all.
    """
    if not password:
        raise KeyFileError(str(path), "would have an empty password", "choose a password")
    secret = _new_key() if key is None else key
    address = LocalKey(secret).address
    content = create_keyfile_json(secret, password.encode(), kdf="scrypt")
    _write_new(path, json.dumps(content, indent=1).encode() + b"\n")
    return address


def open_keystore(path: Path, password: str) -> LocalKey:
    """The key of a keystore. KeyFileError: no keystore, another version, wrong password, another key than it says."""
    content = _content(path)
    try:
        key = decode_keyfile_json(dict(content), password.encode())
    except ValueError as error:
        # eth-keyfile's own word for it, checked before it decrypts.
        if "MAC mismatch" not in str(error):
            raise KeyFileError(str(path), f"cannot be opened: {error}", "restore it from a copy") from None
        raise KeyFileError(
            str(path), "does not open with this password", "try another password; nobody can restore it"
        ) from None
    except Exception as error:
        raise KeyFileError(str(path), f"cannot be opened: {error}", "restore it from a copy") from None
    try:
        local = LocalKey(key, is_bare=False)
    except SignatureError as error:
        raise KeyFileError(str(path), f"holds no key: {error.problem}", "restore it from a copy") from None
    address = stated_address(content)
    if address is not None and address != local.address:
        raise KeyFileError(
            str(path),
            f"says it is {address}, but holds the key of {local.address}",
            "find out who changed it, and use the right file",
        )
    return local


def keystore_address(path: Path) -> str:
    """The address a keystore says it holds; what it really holds shows only when it is opened."""
    address = stated_address(_content(path))
    if address is None:
        raise KeyFileError(str(path), "does not say its address", "open it with its password instead")
    return address


def read_bare_key(path: Path) -> LocalKey:
    """The bare key of a file: 64 hex digits. ``require_safe`` says where it may be used."""
    match = _BARE.match(_read(path))
    if match is None:
        raise KeyFileError(
            str(path), "does not hold a bare key", "put 64 hex digits in it, or use --keystore for a keystore"
        )
    try:
        return LocalKey(bytes.fromhex(match[1].decode()))
    except SignatureError as error:
        raise KeyFileError(str(path), f"holds no key: {error.problem}", "use another key") from None


def is_exposed(path: Path) -> bool:
    """Whether others on this machine can read the file (or what it links to)."""
    try:
        return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError as error:
        raise _unreadable(path, error) from None


def _content(path: Path) -> Mapping[str, Any]:
    return check_shape(str(path), _read(path))


def _read(path: Path) -> bytes:
    try:
        # Without O_NONBLOCK, a named pipe would keep us waiting for ever.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise KeyFileError(str(path), "is not a file", "name the key's file")
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(data) > MAX_BYTES:
        raise KeyFileError(str(path), f"has more than {MAX_BYTES} bytes", "name the key's file")
    return data


def _unreadable(path: Path, error: OSError) -> KeyFileError:
    return KeyFileError(str(path), f"cannot be read ({error.strerror})", "check its name and its permissions")


def _new_key() -> bytes:
    while True:
        try:
            LocalKey(key := os.urandom(32))
        except SignatureError:
            continue  # once in 2^128
        return key


def _sync(folder: Path) -> None:
    """A key that is told to exist survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_new(path: Path, data: bytes) -> None:
    """Write beside it, then link: linking fails where a file is, and readers never see half of one."""
    try:
        descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(fresh, path)
            _sync(path.parent)
        finally:
            os.unlink(fresh)
    except FileExistsError:
        raise KeyFileError(
            str(path), "exists already", "choose another name: keys are never overwritten"
        ) from None
    except OSError as error:
        raise KeyFileError(
            str(path), f"cannot be written ({error.strerror})", "check its folder and the disk"
        ) from None
