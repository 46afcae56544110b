"""What a stranger sends: true records with something done to them, JSON of any kind, numbers at every edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st

from sla.errors import MakegoodError, RecordError

Read = TypeVar("Read")

LONGEST_SENTENCE = 6_000
"""Characters: a path of 64 members, each cut to 80, and the words around it."""

EDGES = sorted(
    {
        edge
        for bits in (1, 8, 16, 32, 40, 53, 63, 64, 96, 128, 160, 255, 256)
        for edge in (2**bits - 1, 2**bits, 2**bits + 1)
    }
)


def uint(bits: int) -> st.SearchStrategy[int]:
    """Every number that fits, often one at an edge."""
    return st.integers(0, 2**bits - 1) | st.sampled_from([0, *(edge for edge in EDGES if edge < 1 << bits)])


def refused_or_read(
    read: Callable[[Any], Read], data: Any, error: type[MakegoodError] = RecordError
) -> Read | None:
    """What was read; None where it was refused, with one sentence that can be shown to anybody."""
    try:
        return read(data)
    except error as refusal:
        _check_sentence(str(refusal))
        return None


def _check_sentence(sentence: str) -> None:
    assert sentence.isprintable()
    assert len(sentence) <= LONGEST_SENTENCE


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Valid bytes after one to three accidents, or attacks."""
    data = draw(whole)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        data = draw(st.sampled_from(_ACCIDENTS))(draw, data, start, end)
    return data


def _flip(draw: st.DrawFn, data: bytes, start: int, end: int) -> bytes:
    if start == len(data):
        return data
    return data[:start] + bytes([data[start] ^ (1 << draw(st.integers(0, 7)))]) + data[start + 1 :]


def _truncate(draw: st.DrawFn, data: bytes, start: int, end: int) -> bytes:
    return data[:start]


def _insert(draw: st.DrawFn, data: bytes, start: int, end: int) -> bytes:
    return data[:start] + draw(st.binary(min_size=1, max_size=9)) + data[start:]


def _cut(draw: st.DrawFn, data: bytes, start: int, end: int) -> bytes:
    return data[:start] + data[end:]


def _repeat(draw: st.DrawFn, data: bytes, start: int, end: int) -> bytes:
    return data[:end] + data[start:]


def _swap(draw: st.DrawFn, data: bytes, start: int, end: int) -> bytes:
    third = draw(st.integers(end, len(data)))
    return data[:start] + data[end:third] + data[start:end] + data[third:]


def _write_word(draw: st.DrawFn, data: bytes, start: int, end: int) -> bytes:
    """Over a whole word: the offsets, lengths and numbers of an ABI encoding."""
    place = start // 32 * 32
    word = draw(st.sampled_from([edge for edge in EDGES if edge < 1 << 256]) | st.integers(0, 40))
    return data[:place] + word.to_bytes(32) + data[place + 32 :]


_ACCIDENTS = [_flip, _truncate, _insert, _cut, _repeat, _swap, _write_word]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
"""Values that canonical JSON can hold."""

_NUMBERS = [
    *(str(edge) for edge in EDGES),
    *(str(-edge) for edge in EDGES),
    *("-0", "01", "1.0", "1e3", "1E400", "-1e400", "1e-400", "1e999999999", "0x1", "+1", ".5", "1."),
    *("NaN", "Infinity", "-Infinity", "9" * 5_000),
]
_WORDS = ["null", "true", "false", "True", "undefined", "", '"']
_STRINGS = [
    *(f'"{edge}"' for edge in EDGES),
    *('"0x"', '"0X01"', '"0x1"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\\/"'),
    *('"\x00"', '"\x1b[2J"', '"\\u001b[2J"', '"\\u202e"', '"\\n"', '"[[[["', '"\\"', "'a'"),
]
_LEAVES = st.sampled_from(_NUMBERS) | st.sampled_from(_WORDS) | st.sampled_from(_STRINGS)
_KEYS = st.sampled_from(
    ['"a"', '"b"', '"a\\n"', '"\\u0061"', '"\\ud800"', '"\x1b"', '"__proto__"', "a", "1", '""']
)


def _written_list(items: list[str]) -> str:
    return f"[{','.join(items)}]"


def _written_object(members: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{key}:{value}" for key, value in members) + "}"


JSON_TEXT = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(_written_list)
        | st.lists(st.tuples(_KEYS, inner), max_size=3).map(_written_object)
        | st.tuples(inner, st.integers(1, 90)).map(lambda deep: "[" * deep[1] + deep[0] + "]" * deep[1])
    ),
    max_leaves=6,
).map(str.encode)
"""What looks like JSON: keys twice, numbers of any size, half characters, deep nesting, words of other languages."""
