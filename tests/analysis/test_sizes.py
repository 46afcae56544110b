"""No contract is larger than a chain takes (EIP-170, EIP-3860), compiled as it is deployed."""

from __future__ import annotations

import pytest

from chain.artifacts import artifact
from scripts.setup import ROOT

RUNTIME_LIMIT = 24_576
CREATION_LIMIT = 49_152

NAMES = sorted(
    path.stem for path in (ROOT / "contracts").rglob("*.sol") if path.stem not in ("Types", "Books")
)


@pytest.mark.parametrize("name", NAMES)
def test_contract__as_deployed__is_within_the_limits(name: str) -> None:
    compiled = artifact(name)

    # A library's place is as long as its address, also before it is linked.
    assert len(compiled.deployed_bytecode) // 2 - 1 <= RUNTIME_LIMIT
    assert len(compiled.bytecode) // 2 - 1 <= CREATION_LIMIT


def test_sizes__of_the_escrow_and_its_parts__are_of_code_and_not_of_nothing() -> None:
    escrow = artifact("SLAEscrow")
    for name in ("SLAEscrow", "Committee", *escrow.libraries):
        assert len(artifact(name).deployed_bytecode) // 2 > 1_000, name
