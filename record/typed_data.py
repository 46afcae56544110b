"""EIP-712 in general: typed, structured data as the 32 bytes a wallet signs.

Types are tables: struct name -> its members in order, each (name, Solidity type). Values are dictionaries by
member name with Python ints, bools, ``bytes`` for bytes32 and strings for addresses.
Source: https://eips.ethereum.org/EIPS/eip-712
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from record.abi import encode_word
from record.hexes import to_hex
from record.keccak import keccak256
from sla.errors import RecordError

Types = Mapping[str, tuple[tuple[str, str], ...]]
Message = Mapping[str, object]

_DOMAIN_TYPES: Types = {
    "EIP712Domain": (
        ("name", "string"),
        ("version", "string"),
        ("chainId", "uint256"),
        ("verifyingContract", "address"),
    )
}


@dataclass(frozen=True, slots=True)
class Domain:
    """What a signature is bound to besides its content: application, version, chain and contract (P6)."""

    name: str
    version: str
    chain_id: int
    verifying_contract: str

    def message(self) -> dict[str, object]:
        """The domain as an EIP-712 value."""
        return {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": self.verifying_contract,
        }

    def separator(self) -> bytes:
        """The 32-byte domain separator, as the contract computes it."""
        return hash_struct("EIP712Domain", _DOMAIN_TYPES, self.message())


def encode_type(primary: str, types: Types) -> str:
    """The type string: the primary struct, then the structs it uses, by name.

    ``Agreement(Parties parties,...)Obligation(...)Parties(...)...``
    """
    used: set[str] = set()
    _collect(primary, types, used)
    ordered = [primary, *sorted(used - {primary})]
    return "".join(f"{name}({','.join(f'{t} {m}' for m, t in types[name])})" for name in ordered)


def type_hash(primary: str, types: Types) -> bytes:
    """The hash of the type string, which leads every struct's encoding."""
    return keccak256(encode_type(primary, types).encode())


def hash_struct(primary: str, types: Types, message: Message) -> bytes:
    """The hash of a struct: its type's hash, then a word per member; structs and arrays by their hash."""
    words = [type_hash(primary, types)]
    for name, member_type in types[primary]:
        if name not in message:
            raise RecordError(f"{primary}.{name} is missing", "give every member of the struct")
        words.append(_member_word(member_type, types, message[name]))
    return keccak256(b"".join(words))


def hash_array(words: Iterable[bytes]) -> bytes:
    """The hash of an array whose elements are already words (struct hashes or atomic values)."""
    return keccak256(b"".join(words))


def typed_preimage(domain: Domain, primary: str, types: Types, message: Message) -> bytes:
    """The 66 bytes whose keccak256 is signed: 0x1901, the domain separator, the struct's hash."""
    return b"\x19\x01" + domain.separator() + hash_struct(primary, types, message)


def typed_data(domain: Domain, primary: str, types: Types, message: Message) -> dict[str, object]:
    """The JSON a wallet's ``eth_signTypedData_v4`` takes. Integers are decimal: JavaScript would round."""
    tables = {**_DOMAIN_TYPES, **types}
    return {
        "types": {
            struct: [{"name": name, "type": member_type} for name, member_type in members]
            for struct, members in tables.items()
        },
        "primaryType": primary,
        "domain": domain.message(),
        "message": _jsonable(message),
    }


def _collect(name: str, types: Types, used: set[str]) -> None:
    if name in types and name not in used:
        used.add(name)
        for _, member_type in types[name]:
            _collect(member_type.removesuffix("[]"), types, used)


def _member_word(member_type: str, types: Types, value: object) -> bytes:
    if member_type.endswith("[]") and isinstance(value, list | tuple):
        element = member_type.removesuffix("[]")
        return hash_array(_member_word(element, types, item) for item in value)
    if member_type in types and isinstance(value, Mapping):
        return hash_struct(member_type, types, value)
    return encode_word(member_type, value)


def _jsonable(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _jsonable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, bytes):
        return to_hex(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value))
    return value
