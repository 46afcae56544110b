"""`link`: what an account has room for. What does not fit into 96 bits goes the other way, whole."""

from __future__ import annotations

import pytest

from tests.contracts.life_world import LifeWorld
from tests.contracts.world import KEYS, PAYS, WORSE

MOST = 2**96 - 1


@pytest.mark.parametrize(("room", "fits"), [(PAYS[WORSE], True), (PAYS[WORSE] - 1, False), (0, False)])
def test_back_to_back__no_room_below__pays_the_customer(room: int, fits: bool) -> None:
    """R14, R10: to the last base unit."""
    world = LifeWorld()
    world.chain.call("MoodyToken", world.token, "mint", KEYS["customer"].address, MOST)
    parties = {"provider": KEYS["customer"].address, "customer": KEYS["stranger"].address}
    below = world.agreement(parties=parties, formation={"collateral": MOST - room})
    world.open_with(below, "customer", "stranger")
    agreement = world.opened(stake={"downstream": world.id_of(below)})
    world.link(agreement, below)
    before = world.balance("customer")

    world.due(agreement, WORSE)
    world.settle(agreement, [(0, 0)])

    assert world.balance("customer") == before + PAYS[WORSE] * (not fits)
    assert world.collateral(below) == MOST - room + PAYS[WORSE] * fits
