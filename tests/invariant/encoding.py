"""ABI encoding of what the invariant tests send and expect, at the speed they need; checked against eth_abi."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from eth_utils import function_abi_to_4byte_selector
from eth_utils.abi import collapse_if_tuple

from chain.artifacts import artifact
from record.hexes import address_bytes
from record.keccak import keccak256

Log = tuple[str, list[bytes], bytes]
"""Address, topics, data."""

SOURCES = ("SLAEscrow", "ISLAEscrow", "Committee", "TermsCheck", "Contests", "Successions", "MoodyToken")
"""Where events and errors are declared: what a linked library reverts with is not in the escrow's own ABI."""


@lru_cache(maxsize=10_000)
def _address_word(address: str) -> bytes:
    return address_bytes(address).rjust(32, b"\0")


def word(value: Any) -> bytes:
    """An integer (also negative), an address or bytes32 as 32 bytes."""
    if isinstance(value, int):
        return int(value).to_bytes(32, signed=value < 0)
    if isinstance(value, str):
        return _address_word(value)
    assert len(value) == 32, value
    return bytes(value)


def static(*structs: Any) -> bytes:
    """The members of dataclasses that are single words, in order; tuples are left out."""
    return b"".join(
        word(value)
        for struct in structs
        for value in _members(struct.__class__)(struct)
        if not isinstance(value, tuple)
    )


@cache
def _members(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(member.name for member in fields(kind)))


def words(values: Iterable[Any]) -> bytes:
    """Values one after the other."""
    return b"".join(map(word, values))


def array(elements: Sequence[bytes]) -> bytes:
    """A dynamic array of static elements."""
    return word(len(elements)) + b"".join(elements)


def blob(content: bytes) -> bytes:
    """``bytes`` or ``string``."""
    return word(len(content)) + content + bytes(-len(content) % 32)


def tail(elements: Sequence[bytes]) -> bytes:
    """A dynamic array of dynamic elements."""
    return word(len(elements)) + head_and_tail([Dynamic(element) for element in elements])


@dataclass(frozen=True, slots=True)
class Dynamic:
    """An argument that stands behind the others; its place stands among them."""

    content: bytes


def head_and_tail(parts: Sequence[bytes | Dynamic]) -> bytes:
    """Arguments: static ones in place, dynamic ones by offset."""
    size = sum(32 if isinstance(part, Dynamic) else len(part) for part in parts)
    head, behind = [], []
    for part in parts:
        if isinstance(part, Dynamic):
            head.append(word(size))
            behind.append(part.content)
            size += len(part.content)
        else:
            head.append(part)
    return b"".join((*head, *behind))


def _value(kind: str, value: Any) -> bytes | Dynamic:
    if kind == "bytes":
        return Dynamic(blob(value))
    if kind == "string":
        return Dynamic(blob(value.encode()))
    if kind.endswith("[]"):
        return Dynamic(array([words(one) if isinstance(one, tuple) else word(one) for one in value]))
    return word(value)


@cache
def _entries(kind: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in SOURCES:
        found.update({entry["name"]: entry for entry in artifact(name).abi if entry["type"] == kind})
    return found


@cache
def _event(name: str) -> tuple[bytes, tuple[tuple[str, bool], ...]]:
    inputs = _entries("event")[name]["inputs"]
    kinds = [collapse_if_tuple(value) for value in inputs]
    topic = keccak256(f"{name}({','.join(kinds)})".encode())
    return topic, tuple(zip(kinds, (value["indexed"] for value in inputs), strict=True))


def event_log(address: str, name: str, values: Sequence[Any]) -> Log:
    """The log in which an event's values lie."""
    topic, layout = _event(name)
    topics, parts = [topic], []
    for (kind, indexed), value in zip(layout, values, strict=True):
        if indexed:
            topics.append(word(value))
        else:
            parts.append(_value(kind, value))
    return address, topics, head_and_tail(parts)


OPENZEPPELIN: dict[str, tuple[str, ...]] = {
    "Error": ("string",),
    "Panic": ("uint256",),
    "SafeERC20FailedOperation": ("address",),
    "SafeCastOverflowedUintDowncast": ("uint8", "uint256"),
    "ECDSAInvalidSignature": (),
    "ECDSAInvalidSignatureLength": ("uint256",),
    "ECDSAInvalidSignatureS": ("bytes32",),
    "ReentrancyGuardReentrantCall": (),
}
"""Errors that are nobody's own."""


@cache
def error_layout(name: str) -> tuple[bytes, tuple[str, ...]]:
    """Selector of a custom error and the types of its values."""
    if name in OPENZEPPELIN:
        kinds = OPENZEPPELIN[name]
    else:
        kinds = tuple(collapse_if_tuple(value) for value in _entries("error")[name]["inputs"])
    return keccak256(f"{name}({','.join(kinds)})".encode())[:4], kinds


def error_data(name: str, values: Sequence[Any]) -> bytes:
    """What a call that is refused answers."""
    selector, kinds = error_layout(name)
    return selector + head_and_tail([_value(kind, one) for kind, one in zip(kinds, values, strict=True)])


@cache
def names_of_errors() -> dict[bytes, str]:
    """Selector -> name, for the message of a test that fails."""
    return {error_layout(name)[0]: name for name in (*_entries("error"), *OPENZEPPELIN)}


@cache
def names_of_events() -> dict[bytes, str]:
    """First topic -> name."""
    return {_event(name)[0]: name for name in _entries("event")}


@cache
def selector(contract: str, name: str) -> bytes:
    """The first four bytes of a call."""
    entry: Any = next(e for e in artifact(contract).abi if e["type"] == "function" and e["name"] == name)
    return bytes(function_abi_to_4byte_selector(entry))
