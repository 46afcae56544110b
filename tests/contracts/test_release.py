"""`release`: the provider has back what is left, when nothing can be claimed any more."""

from __future__ import annotations

import pytest

from record.events import Released
from sla.agreement import ScheduleUnit
from tests.contracts.world import (
    CLAIM,
    COLLATERAL,
    KEYS,
    MONTH,
    PAYS,
    RULE,
    START,
    WINDOW,
    WORSE,
    World,
    refused,
)

DEADLINE = START + 12 * MONTH + CLAIM


@pytest.mark.parametrize("by", ["provider", "customer", "stranger"])
def test_release__after_the_last_claim_deadline_by_anyone__pays_the_provider(world: World, by: str) -> None:
    """R15."""
    agreement = world.opened()
    before = {who: world.balance(who) for who in KEYS}
    world.travel(DEADLINE)
    world.escrow.release(KEYS[by], agreement)
    gained = {who: world.balance(who) - before[who] for who in KEYS}
    assert gained == {who: COLLATERAL * (who == "provider") for who in KEYS}
    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == 0
    assert world.events(Released) == [
        Released(world.escrow.id_of(agreement), KEYS["provider"].address, COLLATERAL)
    ]


def test_release__a_second_before_the_last_claim_deadline__is_refused(world: World) -> None:
    """R15: with the zone's lag; at the deadline nothing can be claimed, so it is free."""
    agreement = world.opened(service={"zone_lag_seconds": 3_600})
    deadline = DEADLINE + 3_600
    with refused("NotReleasable", time=deadline - 1, lastClaimDeadline=deadline, openClaims=0):
        world.at(deadline - 1).release(KEYS["provider"], agreement)
    world.at(deadline).release(KEYS["provider"], agreement)


def test_release__monthly_schedule__waits_for_the_calendar(world: World) -> None:
    """Three months from 15 January 2027 end on 15 April: 31 + 28 + 31 days."""
    agreement = world.opened(service={"unit": ScheduleUnit.MONTHS, "length": 1, "count": 3})
    deadline = START + 90 * 86_400 + CLAIM
    with refused("NotReleasable", time=deadline - 1, lastClaimDeadline=deadline, openClaims=0):
        world.at(deadline - 1).release(KEYS["provider"], agreement)
    world.at(deadline).release(KEYS["provider"], agreement)


@pytest.mark.parametrize("state", ["pending", "due", "disputed", "silent", "ruled"])
def test_release__while_a_claim_is_open__is_refused(world: World, state: str) -> None:
    """R15: also when it could be settled in the same second."""
    agreement = world.opened()
    world.land(DEADLINE - 5)
    report = world.report(agreement, WORSE, 11)
    world.claim(agreement, report, world.post(report))
    if state in ("disputed", "silent", "ruled"):
        world.dispute(agreement, "provider", 1_000_000, 11)
    if state == "ruled":
        world.escrow.rule(KEYS["arbiter"], agreement, 11, 0, WORSE, 1_000_000)
    world.travel(DEADLINE + {"due": WINDOW, "silent": RULE}.get(state, 0))
    with refused("NotReleasable", time=world.now, lastClaimDeadline=DEADLINE, openClaims=1):
        world.escrow.release(KEYS["provider"], agreement)

    world.travel(DEADLINE + RULE + WINDOW)
    world.settle(agreement, (11, 0))
    before = world.balance("provider")
    world.escrow.release(KEYS["provider"], agreement)
    assert world.balance("provider") - before == COLLATERAL - PAYS[WORSE]


def test_release__twice__pays_once(world: World) -> None:
    agreement = world.opened()
    other = world.opened(formation={"document": bytes(32)})
    world.travel(DEADLINE)
    for _ in range(2):
        world.escrow.release(KEYS["provider"], agreement)
    assert world.balance(world.escrow.address) == COLLATERAL
    assert world.escrow.account_of(world.escrow.id_of(other)).collateral == COLLATERAL
    assert [event.amount for event in world.events(Released)] == [COLLATERAL, 0]


def test_release__with_arrears__pays_nothing_and_keeps_them_on_record(world: World) -> None:
    """R4."""
    agreement = world.opened(formation={"collateral": 1})
    agreement_id = world.escrow.id_of(agreement)
    world.claimed(agreement, WORSE)
    world.travel(world.now + WINDOW)
    world.settle(agreement)
    world.travel(DEADLINE)
    world.escrow.release(KEYS["provider"], agreement)
    assert world.escrow.account_of(agreement_id).due == PAYS[WORSE] - 1
    world.escrow.deposit(KEYS["provider"], agreement, PAYS[WORSE])
    assert world.escrow.account_of(agreement_id).due == 0


def test_release__what_is_deposited_afterwards__can_be_released_again(world: World) -> None:
    """P8: nothing is ever stuck."""
    agreement = world.opened()
    world.travel(DEADLINE)
    world.escrow.release(KEYS["provider"], agreement)
    world.escrow.deposit(KEYS["stranger"], agreement, 5)
    world.escrow.release(KEYS["stranger"], agreement)
    assert world.balance(world.escrow.address) == 0


def test_release__agreement_that_is_not_open__is_unknown(world: World) -> None:
    with refused("AgreementUnknown"):
        world.escrow.release(KEYS["provider"], world.agreement())
