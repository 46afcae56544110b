"""Canonical JSON (RFC 8785): one value has exactly one form in bytes, so its hash names the value.

Numbers are integers a JavaScript reader keeps exactly (up to 2**53 - 1). Larger ones, and all amounts of
money, are decimal strings: ``str(n)`` to write, ``parse_decimal`` to read.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

from record.json_text import MAX_DEPTH, TooDeep, read_json
from record.keccak import keccak256
from sla.errors import RecordError

MAX_INTEGER = 2**53 - 1

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,77})\Z")


class _Refused(str):
    """A JSON token that has no place in a record: the text to show."""


class _Pairs(list[Any]):
    """An object's members as they were read, duplicates included."""


def dumps(value: Json) -> bytes:
    """The canonical bytes: no spaces, keys sorted by UTF-16 code units, shortest escapes, UTF-8.

    ``dumps({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()``. RecordError names what does not fit.
    """
    text = json.dumps(_checked(value, "$", 0), ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def loads(data: bytes) -> Json:
    """The value of canonical bytes. Anything else is refused with RecordError: duplicate keys, floats, NaN,
    integers beyond 2**53 - 1, and every spelling that ``dumps`` would not have written."""
    try:
        read = read_json(
            data,
            members=_Pairs,
            whole=lambda digits: int(digits) if len(digits) <= 17 else _Refused(digits),
            fraction=_Refused,
            constant=_Refused,
        )
    except TooDeep:
        raise RecordError(f"$ lies deeper than {MAX_DEPTH} levels", "flatten the document") from None
    except ValueError as error:
        raise RecordError(f"$ is not JSON ({error})", "write it with record.canonical.dumps") from None
    value = _checked(read, "$", 0)
    if dumps(value) != data:
        raise RecordError("$ is not in canonical form", "write it with record.canonical.dumps")
    return value


def canonical_hash(value: Json) -> bytes:
    """Keccak-256 of the canonical bytes."""
    return keccak256(dumps(value))


def parse_decimal(text: str, bits: int, path: str = "$") -> int:
    """The unsigned integer of a decimal string without sign or leading zeros that fits ``bits`` bits."""
    if not _DECIMAL.match(text) or int(text) >= 1 << bits:
        raise RecordError(
            f"{path} {text[:80]!r} is not a whole number below 2**{bits}",
            "write digits without leading zeros",
        )
    return int(text)


def shown_key(key: str) -> str:
    """A key for the sentence of an error: cut short, and escaped where it would not print as it is."""
    short = key[:80]
    return short if short.isprintable() else ascii(short)[1:81]


def _checked(value: Any, path: str, depth: int) -> Json:
    if depth > MAX_DEPTH:
        raise RecordError(f"{path[:80]} lies deeper than {MAX_DEPTH} levels", "flatten the document")
    if isinstance(value, _Refused):
        raise RecordError(
            f"{path} is the number {value[:40]}", "write integers up to 2**53 - 1, others as strings"
        )
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise RecordError(f"{path} is beyond 2**53 - 1", "write it as a decimal string")
        return int(value)
    if isinstance(value, str):
        return _checked_text(value, path)
    if isinstance(value, _Pairs):
        return _checked_object(value, path, depth)
    if isinstance(value, dict):
        return _checked_object(list(value.items()), path, depth)
    if isinstance(value, list | tuple):
        return [_checked(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
    raise RecordError(
        f"{path} is a {type(value).__name__}", "use objects, lists, strings, integers, true, false or null"
    )


def _checked_text(text: str, path: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise RecordError(f"{path} holds half of a surrogate pair", "write valid Unicode") from None
    return text


def _checked_object(pairs: list[tuple[Any, Any]], path: str, depth: int) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for key, item in pairs:
        if not isinstance(key, str) or isinstance(key, _Refused):
            raise RecordError(f"{path} has a key that is not text", "write every key as a string")
        _checked_text(key, path)
        if key in members:
            raise RecordError(f"{path}.{shown_key(key)} occurs twice", "write every key once")
        members[key] = _checked(item, f"{path}.{shown_key(key)}", depth + 1)
    return dict(sorted(members.items(), key=lambda member: member[0].encode("utf-16-be")))
