"""JSON from a stranger: read, or refused, whatever the process's recursion limit."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from record.json_text import MAX_DEPTH, TooDeep, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
@example(['"[' * 100, "\\"])
@example([{"[{\\": ["]"] * 100}])
def test_read_json__whatever_json_writes__is_read(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=300))
@example(b"NaN")
@example(b"1" * 5_000)
def test_read_json__arbitrary_bytes__are_read_or_a_value_error(data: bytes) -> None:
    try:
        read_json(data)
    except ValueError:
        return


@pytest.mark.parametrize("opening", ["[", '{"":', '[{"":'])
def test_read_json__at_the_limit_of_depth__is_read_and_beyond_it_refused(opening: str) -> None:
    closing = opening.replace('"":', "")[::-1].translate(str.maketrans("[{", "]}"))
    levels = MAX_DEPTH // len(closing)

    read_json((opening * levels + "1" + closing * levels).encode())
    with pytest.raises(TooDeep, match="nested deeper than 64 levels"):
        read_json((opening * (levels + 1) + "1" + closing * (levels + 1)).encode())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1, "a": 2}', "a key occurs twice"),
        ('[{"b": {"a": 1, "a": 1}}]', "a key occurs twice"),
        ("NaN", "NaN is no number"),
        ("[-Infinity]", "-Infinity is no number"),
    ],
)
def test_read_json__what_readers_disagree_about__is_refused(text: str, problem: str) -> None:
    for data in (text, text.encode()):
        with pytest.raises(ValueError, match=problem):
            read_json(data)


def test_read_json__numbers_made_by_the_caller__are_as_they_were_written() -> None:
    assert read_json("[1, 0.30, 1e400]", whole=str, fraction=str) == ["1", "0.30", "1e400"]


def test_read_json__brackets_in_texts__are_no_depth() -> None:
    assert read_json(json.dumps(["[" * 1_000]).encode()) == ["[" * 1_000]


def test_read_json__depth_that_would_end_the_process__is_refused() -> None:
    """With web3 imported the limit is 100 000 levels, more than the stack holds; hence a process of its own."""
    code = (
        "import chain.connection\nfrom record.json_text import read_json\n"
        "try:\n    read_json(b'[' * 99_000)\nexcept ValueError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout) == (0, "nested deeper than 64 levels\n")
