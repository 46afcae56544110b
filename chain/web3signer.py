"""An external signer over Web3Signer's REST API: the key stays in its vault, HSM or KMS.

``POST /api/v1/eth1/sign/{identifier}`` hashes the data with keccak256 and signs the hash; the identifier is the key's
public key as ``GET /api/v1/eth1/publicKeys`` lists it. Source: https://consensys.github.io/web3signer/web3signer-eth1.html
"""

from __future__ import annotations

import json
import re

from eth_keys.datatypes import PublicKey
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from chain.errors import SignerError
from chain.http import Answer, HttpFailure, ask, is_http, origin
from chain.keys import checked
from record.hexes import parse_address, to_hex
from record.json_text import read_json

ANSWER_LIMIT = 4 * 2**20
"""Bytes: the public keys of some ten thousand accounts."""

_PUBLIC_KEY = re.compile(r"(?:0x)?((?:04)?[0-9a-fA-F]{128}|0[23][0-9a-fA-F]{64})\Z")
_SIGNATURE = re.compile(r'\s*"?0x([0-9a-fA-F]*)"?\s*\Z')


class Web3Signer:
    """Signs for ``address`` with the signer at ``url``, which is asked for its key at once. Safe for threads.

    ``timeout`` is in seconds. SignerError: absent, does not hold the key, or signs with another one. RecordError for an
    address that is not checksummed.
    """

    def __init__(self, url: str, address: str, timeout: float = 10.0) -> None:
        if not is_http(url):
            raise SignerError(
                "the signer's address is not one of http or https", "give it as in http://127.0.0.1:9000"
            )
        self.address = parse_address(address, "the signer's account")
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._name = f"the signer at {origin(url)}"
        self._identifier = self._find()

    def __repr__(self) -> str:
        return f"Web3Signer({self.address} at {origin(self._url)})"

    def is_up(self) -> bool:
        """Whether the signer answers at all."""
        try:
            return self._ask("GET", "/upcheck", None).status == 200
        except SignerError:
            return False

    def sign(self, message: bytes) -> bytes:
        """The signature of keccak256(message), checked to be this address's."""
        body = json.dumps({"data": to_hex(message)}).encode()
        answer = self._ask("POST", f"/api/v1/eth1/sign/{self._identifier}", body)
        if answer.status == 404:
            raise SignerError(
                f"{self._name} no longer holds the key of {self.address}", "load the key into the signer"
            )
        self._require_ok(answer, "sign")
        match = _SIGNATURE.match(answer.body.decode("latin-1"))
        if match is None or len(match[1]) % 2:
            raise SignerError(
                f"{self._name} answers with what is no signature", "check that this is a Web3Signer"
            )
        return checked(bytes.fromhex(match[1]), message, self.address)

    def _find(self) -> str:
        """The identifier under which the signer holds the address's key."""
        answer = self._ask("GET", "/api/v1/eth1/publicKeys", None)
        self._require_ok(answer, "list its keys")
        listed = public_keys(answer.body)
        if listed is None:
            raise SignerError(
                f"{self._name} answers with what is no list of public keys",
                "check that this is a Web3Signer in eth1 mode",
            )
        for identifier, address in listed:
            if address == self.address:
                return identifier
        raise SignerError(
            f"{self._name} holds {len(listed)} keys, but not that of {self.address}",
            "load the key into the signer, or name another account",
        )

    def _require_ok(self, answer: Answer, what: str) -> None:
        if answer.status != 200:
            raise SignerError(
                f"{self._name} would not {what}: HTTP {answer.status}",
                "see the signer's log; check that it runs in eth1 mode",
            )

    def _ask(self, method: str, path: str, body: bytes | None) -> Answer:
        try:
            return ask(method, self._url + path, body, self._timeout, ANSWER_LIMIT)
        except HttpFailure as failure:
            raise SignerError(
                f"{self._name} gives no answer: {failure.reason}", "check its address, and that it is up"
            ) from None


def public_keys(body: bytes) -> list[tuple[str, str]] | None:
    """The identifiers a signer lists with the address of each; None if this is no list of public keys. Keys of other
    curves or forms are left out."""
    try:
        content = read_json(body)
    except ValueError:
        return None
    if not isinstance(content, list) or not all(isinstance(one, str) for one in content):
        return None
    found = [(one, _address(one)) for one in content]
    return [(identifier, address) for identifier, address in found if address is not None]


def _address(identifier: str) -> str | None:
    """The address of a public key in hex: 64 bytes, 65 with the mark 04 before them, or 33 compressed."""
    match = _PUBLIC_KEY.match(identifier)
    if match is None:
        return None
    data = bytes.fromhex(match[1])
    try:
        if len(data) == 33:
            return str(PublicKey.from_compressed_bytes(data).to_checksum_address())
        return str(PublicKey(data[-64:]).to_checksum_address())
    except (BadSignature, ValidationError, ValueError):
        return None
