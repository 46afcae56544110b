"""JSON from a stranger: read strictly, and never so deep that it ends the process.

Python's parser recurses, and py_ecc, which web3 brings along, raises the recursion limit so far that text which is deep
enough overflows the stack: depth is counted before anything is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

MAX_DEPTH = 64

# Possessive: text that does not match fails at once. A string that does not end hides what follows, as in the parser.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


class TooDeep(ValueError):
    """Arrays and objects within each other, more of them than are read."""


def read_json(
    data: bytes | str,
    max_depth: int = MAX_DEPTH,
    *,
    members: Callable[[list[tuple[str, Any]]], Any] | None = None,
    whole: Callable[[str], Any] | None = None,
    fraction: Callable[[str], Any] | None = None,
    constant: Callable[[str], Any] | None = None,
) -> Any:
    """The value of a text, or of its bytes in UTF-8; ValueError when it is not JSON.

    TooDeep when it nests deeper than ``max_depth``. A key that occurs twice is refused, unless ``members`` makes the
    objects; so are NaN and infinities, unless ``constant`` makes something of them. ``whole`` and ``fraction`` make
    numbers of how they are written.
    """
    text = data if isinstance(data, str) else data.decode()
    if text.count("[") + text.count("{") > max_depth:
        _require_shallow(text, max_depth)
    return json.loads(
        text,
        object_pairs_hook=members or _each_once,
        parse_int=whole,
        parse_float=fraction,
        parse_constant=constant or _no_number,
    )


def _require_shallow(text: str, max_depth: int) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > max_depth:
            raise TooDeep(f"nested deeper than {max_depth} levels")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key occurs twice")
    return members


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
