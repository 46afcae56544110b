"""JSON from a stranger. Python's parser recurses, and py_ecc, which web3 brings along, raises the recursion limit so
far that text which is deep enough ends the process: depth is counted first."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_DEPTH = 64

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def read_json(data: bytes) -> Any:
    """The value; ValueError when it is not JSON, not UTF-8, or nested deeper than ``MAX_DEPTH``."""
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _require_shallow(data)
    return json.loads(data.decode())


def _require_shallow(data: bytes) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", data)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
