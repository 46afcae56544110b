"""The glossary speaks the code's language, and the code the glossary's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("sla", "record", "chain", "metering", "oracle", "audit", "index", "api")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| word")
]


def solidity() -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / "contracts").rglob("*.sol")))


def python() -> str:
    return "\n".join(path.read_text() for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_glossary__each_name__stands_in_the_code(row: list[str]) -> None:
    for cell, text in ((row[2], solidity()), (row[3], python())):
        for name in re.findall(r"`(\w+)`", cell):
            assert re.search(rf"\b{name}\b", text), f"{row[0]}: {name} is not in the code"


def test_glossary__each_struct__has_an_entry() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    structs = re.findall(r"^ *(?:struct|enum) (\w+) ", (ROOT / "contracts" / "Types.sol").read_text(), re.M)

    assert len(structs) > 10
    assert [name for name in structs if f"`{name}`" not in text] == []
