"""`rule`: the arbiter, once, in time, within the bounds; the fee whoever wins, the rest of the bond to the winner."""

from __future__ import annotations

import pytest

from chain.escrow import NO_DISPUTE, ClaimStatus
from record.events import Claimed, Ruled, event_values
from sla.agreement import NO_DATA, Agreement
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    COLLATERAL,
    FEE,
    GOOD,
    KEYS,
    PAYS,
    REPAIR,
    RULE,
    UPTIME,
    WORSE,
    WORST,
    World,
    refused,
)

KEY = (0, UPTIME)
PEOPLE = ("provider", "customer", "arbiter")


def contested(world: World, by: str, alleged: int) -> Agreement:
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    world.dispute(agreement, by, alleged)
    return agreement


@pytest.mark.parametrize(
    ("by", "alleged", "ruling", "winner"),
    [
        ("provider", BAD, BAD, "provider"),
        ("provider", BAD, GOOD, "provider"),
        ("provider", GOOD, BAD, "provider"),
        ("provider", BAD, WORSE, "customer"),
        ("provider", BAD, WORST, "customer"),
        ("customer", WORST, WORST, "customer"),
        ("customer", WORST, 970_000, "provider"),
        ("customer", WORST, BAD, "provider"),
        ("customer", WORST, GOOD, "provider"),
    ],
)
def test_rule__in_time__replaces_the_pay_and_gives_the_bond_to_whom_it_moved_for(
    world: World, by: str, alleged: int, ruling: int, winner: str
) -> None:
    """R8. A ruling that leaves the pay as it was is the opponent's. 970 000 pays what 980 000 pays."""
    agreement = contested(world, by, alleged)
    agreement_id = world.escrow.id_of(agreement)
    before = {who: world.balance(who) for who in PEOPLE}
    pays = PAYS.get(ruling, 300_000)

    world.rule(agreement, ruling)

    claim = world.escrow.claim_of(agreement_id, *KEY)
    assert (claim.pending, claim.settled, claim.status) == (pays, 0, ClaimStatus.RULED)
    assert world.escrow.dispute_of(agreement_id, *KEY) == NO_DISPUTE
    gained = {who: world.balance(who) - before[who] for who in PEOPLE}
    assert gained == {who: FEE * (who == "arbiter") + (BOND - FEE) * (who == winner) for who in PEOPLE}
    assert world.balance(world.escrow.address) == COLLATERAL
    assert world.escrow.account_of(agreement_id).open_claims == 1
    assert world.events(Ruled) == [Ruled(agreement_id, 0, UPTIME, ruling, CHARGE, pays, KEYS[winner].address)]


@pytest.mark.parametrize("ruling", [GOOD, BAD, WORST])
def test_rule__then_settle__pays_the_ruling_at_once(world: World, ruling: int) -> None:
    """A ruling is final: no second window. One that pays 0 pays 0."""
    agreement = contested(world, "provider", BAD)
    world.rule(agreement, ruling)
    before = world.balance("customer")
    world.settle(agreement)

    assert world.balance("customer") == before + PAYS[ruling]
    claim = world.escrow.claim_of(world.escrow.id_of(agreement), *KEY)
    assert (claim.pending, claim.settled, claim.status) == (0, PAYS[ruling], ClaimStatus.FINAL)
    account = world.escrow.account_of(world.escrow.id_of(agreement))
    assert (account.collateral, account.open_claims) == (COLLATERAL - PAYS[ruling], 0)


@pytest.mark.parametrize("by", ["provider", "customer", "operator", "stranger"])
def test_rule__by_anyone_but_the_arbiter__is_refused(world: World, by: str) -> None:
    agreement = contested(world, "provider", BAD)
    with refused("CallerInvalid", caller=KEYS[by].address.lower()):
        world.rule(agreement, BAD, by)


def test_rule__by_the_arbiter_of_another_agreement__is_refused(world: World) -> None:
    """P10: the arbiter is in the terms; naming another names another agreement."""
    other = world.opened(parties={"arbiter": KEYS["stranger"].address})
    agreement = contested(world, "provider", BAD)
    with refused("CallerInvalid", caller=KEYS["stranger"].address.lower()):
        world.rule(agreement, BAD, "stranger")
    with refused("NotDisputed", status=0):
        world.rule(other, BAD, "stranger")


def test_rule__until_the_ruling_deadline__and_not_from_then_on(world: World) -> None:
    """Rule iff before the deadline."""
    agreement = contested(world, "provider", BAD)
    deadline = world.now + RULE
    key = (agreement, *KEY, BAD, CHARGE)
    world.at(deadline - 1).rule(KEYS["arbiter"], *key)
    with refused("RulingTooLate", time=deadline, rulingDeadline=deadline):
        world.at(deadline).rule(KEYS["arbiter"], *key)


def test_rule__without_a_dispute_or_twice__is_refused(world: World) -> None:
    agreement = world.opened()
    with refused("NotDisputed", status=0):
        world.rule(agreement, BAD)
    world.claimed(agreement, WORSE)
    with refused("NotDisputed", status=1):
        world.rule(agreement, BAD)
    world.dispute(agreement, "provider", BAD)
    world.rule(agreement, BAD)
    with refused("NotDisputed", status=3):
        world.rule(agreement, WORST)
    world.settle(agreement)
    with refused("NotDisputed", status=5):
        world.rule(agreement, WORST)


def test_rule__outside_the_sane_bounds_or_the_charge__is_refused(world: World) -> None:
    """R8, R21, R22: the arbiter is bounded by what both signed."""
    agreement = world.opened()
    world.claimed(agreement, 500, obligation=REPAIR)
    world.escrow.dispute(KEYS["provider"], agreement, 0, REPAIR, 48, CHARGE)
    for attained in (0, 1_001, NO_DATA):
        with refused("OutsideSaneBounds", attained=attained, min=1, max=1_000):
            world.escrow.rule(KEYS["arbiter"], agreement, 0, REPAIR, attained, CHARGE)
    for charge in (0, CHARGE + 1):
        with refused("ChargeMismatch", charge=charge, allowed=CHARGE):
            world.escrow.rule(KEYS["arbiter"], agreement, 0, REPAIR, 500, charge)


def test_rule__fee_of_the_whole_bond_or_of_nothing__leaves_the_rest(world: World) -> None:
    """R8: the fee comes from the bond; nothing is sent of nothing."""
    for fee in (0, BOND):
        with world.undone():
            agreement = world.opened(stake={"arbiter_fee": fee})
            world.disputed(agreement)
            before = {who: world.balance(who) for who in PEOPLE}
            world.rule(agreement, BAD)
            assert world.balance("arbiter") == before["arbiter"] + fee
            assert world.balance("provider") == before["provider"] + BOND - fee


def test_rule__bond_that_shrank_on_its_way__pays_the_fee_as_far_as_it_goes(world: World) -> None:
    """R18, P1: never from another's tokens."""
    agreement = world.opened(world.moody_address)
    world.claimed(agreement, WORSE)
    world.moods(fee_ppm=700_000)
    world.dispute(agreement, "provider", BAD)
    world.moods()
    before = {who: world.balance(who, world.moody_address) for who in PEOPLE}
    world.rule(agreement, BAD)
    gained = {who: world.balance(who, world.moody_address) - before[who] for who in PEOPLE}
    assert gained == {"arbiter": 150, "provider": 0, "customer": 0}
    assert world.balance(world.escrow.address, world.moody_address) == COLLATERAL


def test_rule__its_event__tells_all_that_it_changed(world: World) -> None:
    """P12: the events alone rebuild the state: a ruling changes nothing that its event does not say."""
    agreement = contested(world, "provider", BAD)
    world.rule(agreement, BAD)
    claim = world.escrow.claim_of(world.escrow.id_of(agreement), *KEY)
    (event,) = world.events(Ruled)
    (claimed,) = world.events(Claimed)
    assert claim.window_end in (claimed.deadline, *event_values(event).values())
