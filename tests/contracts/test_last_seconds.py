"""Deadlines on a bare EVM, to the second: where a random history seldom stands."""

from __future__ import annotations

from sla.report import Report
from tests.contracts.life_world import LifeWorld
from tests.contracts.world import BAD, CHARGE, CLAIM, MONTH, RULE, START, UPTIME, WORSE, WORST

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


def test_report__at_the_ruling_deadline_of_a_dispute__is_too_late() -> None:
    """R5: a second before it is not."""
    world = LifeWorld()
    agreement = world.opened()
    report = Report(world.id_of(agreement), 0, UPTIME, 1, WORST, CHARGE)
    world.disputed(agreement, WORSE, BAD)
    deadline = world.now + RULE
    proof = world.post(report).proof(report)
    world.chain.travel(deadline)
    with world.refused("DisputeOver", deadline, deadline):
        world.claim(agreement, report, proof)
    world.chain.travel(deadline - 1)
    world.claim(agreement, report, proof)
