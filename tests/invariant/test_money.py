"""P1, P2, P7, P8, P9, P12 and every rule of the escrow and the committee, against a model of the whole protocol.

A sample of what `make soak` does at length: two worlds, every call compared with the model event for event, error for
error and base unit for base unit. MAKEGOOD_SEED repeats a run, MAKEGOOD_CALLS says how long it is.
"""

from __future__ import annotations

import os
import secrets

import pytest

from tests.invariant.soak import campaign

pytest.importorskip("pyrevm")

CALLS = int(os.environ.get("MAKEGOOD_CALLS", "9000"))
"""In one world. Enough that every kind makes up a hundredth: 127 versions of one agreement come first."""


@pytest.mark.parametrize("world", ["A", "B"])
def test_protocol__in_any_history__does_what_the_model_says(world: str) -> None:
    """P8 ends the world. Every kind makes up close to a hundredth, or the test proved too little; a soak, long enough
    for chance to even out, asks for the hundredth itself and for every single way and error.
    """
    seed = os.environ.get("MAKEGOOD_SEED") or str(secrets.randbits(32))
    print(f"MAKEGOOD_SEED={seed}, world {world}")
    census = campaign(f"{seed} {world}", CALLS)
    print(census.table())
    assert census.rare(per_mille=8) == []
