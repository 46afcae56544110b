"""Canonical JSON from anybody: refused with a sentence, or exactly what we would have written."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from record.canonical import canonical_hash, dumps, loads, parse_decimal
from record.json_text import MAX_DEPTH
from record.keccak import keccak256
from sla.errors import RecordError
from tests.unit.record.hostile import EDGES, JSON, JSON_TEXT, damaged, refused_or_read

VALID = JSON.map(dumps)
ANY_PYTHON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([*EDGES, *(-edge for edge in EDGES), 10**300])
    | st.floats()
    | st.binary(max_size=4)
    | st.text(max_size=4)
    | st.text(st.characters(categories=["Cs", "Cc"]), max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers() | st.none(), inner, max_size=3)
    ),
    max_leaves=6,
)


def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


@settings(max_examples=200)
@given(data=JSON_TEXT | damaged(VALID) | st.binary(max_size=60))
def test_loads__any_bytes__are_refused_or_read_as_every_reader_does(data: bytes) -> None:
    value = refused_or_read(loads, data)
    if value is None and data != b"null":
        return
    assert dumps(value) == data
    assert json.loads(data, object_pairs_hook=refuse_twice) == value
    assert canonical_hash(value) == keccak256(data)


@settings(max_examples=100)
@given(value=ANY_PYTHON)
def test_dumps__any_value__is_refused_or_reads_back(value: Any) -> None:
    data = refused_or_read(dumps, value)
    if data is None:
        return
    assert dumps(loads(data)) == data
    assert json.loads(data) == json.loads(json.dumps(value))


@pytest.mark.parametrize("limit", [1_000, 20_000])
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_loads__nesting__ends_at_the_limit_whatever_the_interpreter_allows(
    opening: bytes, limit: int
) -> None:
    """A library may have raised the recursion limit: then only ours stands before the end of the C stack."""
    closing = b"".join(b"]" if sign == ord("[") else b"}" for sign in reversed(opening) if sign in b"[{")
    levels = len(closing)
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        deepest = MAX_DEPTH // levels
        assert dumps(loads(opening * deepest + b"1" + closing * deepest)) != b""
        for depth in (deepest + 1, 1_000, 100_000):
            assert refused_or_read(loads, opening * depth + b"1" + closing * depth) is None
            assert refused_or_read(loads, opening * depth) is None
    finally:
        sys.setrecursionlimit(usual)


@settings(max_examples=100)
@given(
    text=st.sampled_from([*map(str, EDGES), "00", "-0", "0_0", "٣", "1\n"])
    | st.integers(-5, 2**260).map(str)
    | st.text("0123456789+-eE._ x\n٣", max_size=8),
    bits=st.sampled_from([1, 8, 16, 32, 64, 96, 256]),
)
def test_parse_decimal__any_text__is_refused_or_the_way_python_writes_that_number(
    text: str, bits: int
) -> None:
    is_plain = text.isascii() and text.isdigit() and str(int(text)) == text
    number = refused_or_read(lambda given: parse_decimal(given, bits), text)

    assert number == (int(text) if is_plain and int(text) < 2**bits else None)


@settings(max_examples=50)
@given(keys=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=100), min_size=1, max_size=3))
def test_loads__a_bad_number_below_any_keys__is_refused_in_one_line(keys: list[str]) -> None:
    """Keys come from strangers too: they must not write over a terminal, nor fill it."""
    written = "1.5"
    for key in keys:
        written = f"{{{json.dumps(key)}:{written}}}"

    with pytest.raises(RecordError) as caught:
        loads(written.encode())
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
