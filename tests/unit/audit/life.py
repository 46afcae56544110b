"""The whole life of an agreement: arrears, a credit downstream, a concession, a case, corrections, silence, an
amendment, a termination, an exit. Each event the escrow can emit for them stands in this history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from audit.folder import read_folder
from sla.agreement import Agreement, Parties
from tests.unit.audit.story import Story
from tests.unit.audit.world import (
    CHARGE,
    DAY,
    KEYS,
    PERIOD,
    REPAIR,
    RULE,
    START,
    UPTIME,
    WINDOW,
    World,
    embedded_world,
)

GOOD, BAD = [1_000_000] * 4, [995_000] * 4
UNKNOWN = [None] * 4
"""Uptimes that cost nothing, and 10 % of the charge of 1 000 000; and what nobody could measure."""

AMENDED_AT, TERMINATED_AT, EXITED_AT = 3, 6, 2
COLLATERAL = 150_000


def downstream_of(world: World) -> Agreement:
    """In which the customer is the provider of a stranger, who may leave after one breach."""
    agreement = world.agreement(UPTIME)
    parties = Parties(*(KEYS[name].address for name in ("customer", "stranger", "arbiter")))
    formation = replace(agreement.formation, exit_breaches=1, exit_periods=2)
    return replace(agreement, parties=parties, formation=formation)


def live_long(world: World) -> Mapping[str, Agreement]:
    """Let it happen."""
    escrow = world.escrow
    below = downstream_of(world)
    world.open(below, "customer", "stranger")
    upper = world.agreement(UPTIME, REPAIR, collateral=COLLATERAL, downstream=escrow.id_of(below))
    world.open(upper)
    escrow.link(KEYS["stranger"], upper, below)
    _first_period(world, upper, below)
    escrow.exit(KEYS["stranger"], below, EXITED_AT, [(0, 0)])
    later = world.successor(upper, AMENDED_AT, collateral=500_000)
    world.amend(later, upper, AMENDED_AT)
    _second_period(world, upper)
    world.terminate(later, TERMINATED_AT, START + 4 * PERIOD)
    return {"upper": upper, "later": later, "below": below}


def _first_period(world: World, upper: Agreement, below: Agreement) -> None:
    """An allegation is conceded and leaves arrears, paid from a deposit; a case is ruled; the downstream pays."""
    escrow = world.escrow
    world.travel(world.end_of(upper, 0))
    tree = world.post((upper, 0, 0, BAD), (upper, 0, 1, UNKNOWN), (below, 0, 0, BAD))
    for agreement, obligation in ((upper, 0), (upper, 1), (below, 0)):
        world.claim(agreement, tree, 0, obligation)
    escrow.dispute(KEYS["customer"], upper, 0, 0, 980_000, CHARGE)
    escrow.concede(KEYS["provider"], upper, 0, 0, 300_000)
    escrow.rule(KEYS["arbiter"], upper, 0, 1, 72, CHARGE)
    world.settle(upper, (0, 0), (0, 1))
    escrow.deposit(KEYS["provider"], upper, 200_000)
    world.travel(world.end_of(upper, 0) + WINDOW + DAY)
    world.settle(below, (0, 0))


def _second_period(world: World, upper: Agreement) -> None:
    """A report is missing, is brought after all, and stands as nobody rules; another is corrected after it was settled,
    to less than was paid."""
    escrow = world.escrow
    world.travel(world.end_of(upper, 1))
    world.report(upper, [100] * 4, 1, 1)
    world.travel(world.end_of(upper, 1) + WINDOW + DAY)
    world.settle(upper, (1, 1))
    world.report(upper, [72] * 4, 1, 1, revision=1)
    escrow.dispute(KEYS["customer"], upper, 1, 0, 980_000, CHARGE)
    world.report(upper, GOOD, 1, 0)
    world.travel(world.end_of(upper, 1) + WINDOW + DAY + RULE + DAY)
    world.settle(upper, (1, 0), (1, 1))


def make_life(folder: Path) -> Story:
    """Let it happen on a chain of its own; the pack lies in ``folder``."""
    world = embedded_world()
    agreements = live_long(world)
    roots = world.export(folder / "pack")
    return Story(world, agreements, folder / "pack", read_folder(folder / "pack"), roots)
