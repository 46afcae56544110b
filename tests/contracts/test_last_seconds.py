"""Deadlines on a bare EVM, to the second: where a random history seldom stands."""

from __future__ import annotations

from tests.contracts.life_world import LifeWorld
from tests.contracts.world import BAD, CHARGE, CLAIM, MONTH, START, UPTIME

DEADLINE = START + MONTH + CLAIM
KEY = (0, UPTIME)


def test_leafless__at_the_claim_deadline__is_too_late() -> None:
    """R6: a second before it is not."""
    world = LifeWorld()
    agreement = world.opened()
    world.chain.travel(DEADLINE)
    with world.refused("ClaimTooLate", DEADLINE, DEADLINE):
        world.dispute(agreement, KEY, (BAD, CHARGE), "customer")
    world.chain.travel(DEADLINE - 1)
    world.dispute(agreement, KEY, (BAD, CHARGE), "customer")
