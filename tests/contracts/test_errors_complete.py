"""Every custom error of the escrow and the committee has a test that provokes it, or a reason why nobody can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chain.artifacts import abis_of

HERE = Path(__file__).resolve()

UNREACHABLE = {
    "InvalidShortString": "the domain's name and version are constants of fewer than 32 bytes",
    "StringTooLong": "the domain's name and version are constants of fewer than 32 bytes",
    "AddressEmptyCode": "a multicall delegates to the escrow itself, which has code",
    "SafeCastOverflowedIntDowncast": "open bounds what all periods owe together below 2^96, so `due` fits an int104",
}
"""OpenZeppelin's own, in the ABI because the code that could raise them is."""


def errors(contract: str) -> set[str]:
    """Its own, and those of the libraries it is linked to."""
    return {entry["name"] for abi in abis_of(contract) for entry in abi if entry["type"] == "error"}


def named_in_tests() -> set[str]:
    """What the tests beside this one name: `refused("Name")`, a row of a table of refusals, a selector's signature."""
    files = [file for file in HERE.parent.glob("test_*.py") if file != HERE]
    return {name for file in files for name in re.findall(r'"([A-Z]\w+)(?:\(\))?"', file.read_text())}


@pytest.mark.parametrize(
    ("contract", "error"), [(c, e) for c in ("SLAEscrow", "Committee") for e in sorted(errors(c))]
)
def test_error__of_the_abi__has_a_test_or_cannot_happen(contract: str, error: str) -> None:
    assert (error in named_in_tests()) != (error in UNREACHABLE)


def test_unreachable__every_one__is_still_in_an_abi() -> None:
    known = errors("SLAEscrow") | errors("Committee")
    assert set(UNREACHABLE) <= known
