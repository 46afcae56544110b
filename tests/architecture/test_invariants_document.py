"""`docs/invariants.md` and the tests speak of the same rules and promises, and each is shown by tests that cite it.
What the threat model names exists as well."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = [f"R{number}" for number in range(1, 23)] + [f"P{number}" for number in range(1, 14)]
CITED = re.compile(r"\b[RP][1-9]\d?\b")
TESTS = re.compile(r"`(tests/[\w/.]+)::(\w+)`")


@cache
def sections() -> dict[str, str]:
    """What the document says of each, by its name."""
    text = (ROOT / "docs" / "invariants.md").read_text()
    parts = re.split(r"^### ", text, flags=re.M)[1:]
    return {part.split(maxsplit=1)[0]: re.split(r"^## ", part, flags=re.M)[0] for part in parts}


@cache
def comments(path: Path) -> dict[int, str]:
    """The comments of a file by their lines."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def citing(path: Path, test: ast.FunctionDef, module: str) -> set[str]:
    """What a test cites: in its docstring, in a comment within or just above it, or for all of its file."""
    first = min([test.lineno, *(decorator.lineno for decorator in test.decorator_list)])
    said = comments(path)
    while first - 1 in said:
        first -= 1
    beside = [text for line, text in said.items() if first <= line <= (test.end_lineno or first)]
    return set(CITED.findall(" ".join([module, ast.get_docstring(test) or "", *beside])))


@cache
def cited_in(path: Path) -> dict[str, set[str]]:
    """The tests of a Python file and what each cites."""
    tree = ast.parse(path.read_text())
    module = ast.get_docstring(tree) or ""
    return {
        node.name: citing(path, node, module)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_document__sections__are_of_every_rule_and_promise_in_order() -> None:
    assert list(sections()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_section__of_a_rule__names_tests_that_exist_and_cite_it(name: str) -> None:
    named = TESTS.findall(sections()[name])
    assert named
    for path, test in named:
        found = cited_in(ROOT / path)
        assert test in found, f"{name}: {path} has no {test}"
        assert name in found[test], f"{test} does not cite {name}"
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", NAMES)
def test_section__of_a_rule__names_the_place_that_keeps_it(name: str) -> None:
    kept = re.search(r"^Kept by (.+?)\n\n", sections()[name], re.M | re.S)
    assert kept
    code = "\n".join(path.read_text() for path in (ROOT / "contracts").rglob("*.sol"))
    for place in re.findall(r"`([\w/.]+)`", kept[1]):
        if "/" in place:
            assert (ROOT / place).exists(), f"{name}: there is no {place}"
        else:
            for word in place.removesuffix(".sol").split("."):
                assert re.search(rf"\b{word}\b", code), f"{name}: {word} is not in the contracts"


def test_tests__whatever_they_cite__has_a_section() -> None:
    files = [path for ending in ("py", "sol") for path in (ROOT / "tests").rglob(f"*.{ending}")]
    cited = {name for path in files for name in CITED.findall(path.read_text())}

    assert len(cited) >= len(NAMES)
    assert cited - set(sections()) == set()


def test_threat_model__tests_rules_and_places_it_names__exist() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text()
    named = TESTS.findall(text)
    assert len(named) > 20
    assert [f"{path}::{test}" for path, test in named if test not in cited_in(ROOT / path)] == []
    assert set(CITED.findall(text)) <= set(sections())
