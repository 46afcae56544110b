"""What is written is read back to the same, and has one form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from record.terms.section import Field, Listing, Node, Section, node_json
from record.terms.yaml_reading import read_documents
from record.terms.yaml_writing import LONGEST_KEY, written
from sla.errors import TermsError

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples").glob("*.yaml"))
ODD = [
    "null",
    "~",
    "yes",
    "1e3",
    "12:30",
    "2027-05-01",
    "- a",
    "a: b",
    "a #b",
    "#",
    "",
    " ",
    "'",
    '"',
    "\\",
    "|",
]
ODD += [
    "\n",
    "a\nb",
    "\t",
    "%",
    "@",
    "`",
    "?",
    "!tag",
    "&a",
    "*a",
    "{}",
    "[]",
    "---",
    "...",
    "é",
    "\U0001f600",
]
ODD += [
    "\u00a0",
    "\ufffe",
    "\ue000",
    "\U0010ffff",
    "99.99%",
    "at least 99.99%",
    "10% of charge",
    "=",
    "<<",
    "0x1",
]
UNSEEN = "\x85\xad\u200b\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\U000e0001"
TEXT = st.sampled_from(ODD) | st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Cn"], exclude_characters=UNSEEN),
    max_size=12,
)
TREES: st.SearchStrategy[Any] = st.recursive(
    TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=10
)


def node(value: Any) -> Node:
    if isinstance(value, str):
        return Field(value, "", 0)
    if isinstance(value, list):
        return Listing(tuple(node(each) for each in value), "", 0)
    return section(value)


def section(value: dict[str, Any]) -> Section:
    return Section({key: node(each) for key, each in value.items()}, "", 0)


@settings(max_examples=100)
@given(documents=st.lists(st.dictionaries(TEXT, TREES, min_size=1, max_size=4), min_size=1, max_size=3))
def test_written__any_documents__are_read_back_to_the_same(documents: list[dict[str, Any]]) -> None:
    text = written([section(each) for each in documents])
    back = read_documents(text)

    assert [node_json(each) for each in back] == documents
    assert [list(each.members) for each in back] == [list(each) for each in documents]
    assert written(back) == text


@given(documents=st.lists(st.dictionaries(TEXT, TREES, min_size=1, max_size=3), min_size=1, max_size=2))
def test_written__for_a_usual_reader__is_the_same_text(documents: list[dict[str, Any]]) -> None:
    """One who resolves types finds text as well: "1000.00" is no number there, "yes" no truth value."""
    assert list(yaml.safe_load_all(written([section(each) for each in documents]))) == documents


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda each: each.stem)
def test_written__an_example__reads_as_people_write_it(file: Path) -> None:
    documents = read_documents(file.read_text())
    text = written(documents)

    assert [node_json(each) for each in read_documents(text)] == [node_json(each) for each in documents]
    assert "\n  obligations:\n    - name: " in text
    assert not any(line.lstrip(" -").startswith(("{", "[")) for line in text.splitlines())


def test_written__a_key_that_is_too_long__is_refused() -> None:
    assert written([section({"k" * LONGEST_KEY: "v"})]) == f"{'k' * LONGEST_KEY}: v\n"
    with pytest.raises(TermsError, match="is a key of 201 characters; shorten it"):
        written([section({"k" * (LONGEST_KEY + 1): "v"})])
