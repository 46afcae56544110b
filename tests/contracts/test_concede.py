"""`concede`: the disputer's opponent accepts exactly what was alleged; the arbiter is not needed (R7)."""

from __future__ import annotations

import pytest

from chain.escrow import NO_DISPUTE, ClaimStatus
from record.events import Conceded
from sla.agreement import Agreement
from tests.contracts.world import (
    BAD,
    BOND,
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
OPPONENT = {"provider": "customer", "customer": "provider"}


def contested(world: World, by: str = "provider", alleged: int = BAD) -> Agreement:
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    world.dispute(agreement, by, alleged)
    return agreement


@pytest.mark.parametrize(("by", "alleged"), [("provider", BAD), ("provider", GOOD), ("customer", WORST)])
def test_concede__by_the_opponent__pays_what_was_alleged_and_returns_the_bond(
    world: World, by: str, alleged: int
) -> None:
    """R7: the whole bond; the arbiter did nothing."""
    agreement = contested(world, by, alleged)
    agreement_id = world.escrow.id_of(agreement)
    before = {who: world.balance(who) for who in PEOPLE}
    world.concede(agreement, OPPONENT[by], PAYS[alleged])

    gained = {who: world.balance(who) - before[who] for who in PEOPLE}
    assert gained == {who: BOND * (who == by) for who in PEOPLE}
    assert world.escrow.claim_of(agreement_id, *KEY).status == ClaimStatus.RULED
    assert world.escrow.claim_of(agreement_id, *KEY).pending == PAYS[alleged]
    assert world.escrow.dispute_of(agreement_id, *KEY) == NO_DISPUTE
    assert world.events(Conceded) == [Conceded(agreement_id, *KEY, PAYS[alleged], KEYS[by].address, BOND)]

    world.settle(agreement)
    assert world.balance(world.escrow.address) == COLLATERAL - PAYS[alleged]
    assert world.escrow.claim_of(agreement_id, *KEY).status == ClaimStatus.FINAL
    assert world.escrow.account_of(agreement_id).open_claims == 0


@pytest.mark.parametrize("disputer", ["provider", "customer"])
@pytest.mark.parametrize("by", ["the disputer", "arbiter", "operator", "stranger"])
def test_concede__by_anyone_else__is_refused(world: World, disputer: str, by: str) -> None:
    """Nobody gives up for another, and nobody withdraws."""
    alleged = {"provider": BAD, "customer": WORST}[disputer]
    agreement = contested(world, disputer, alleged)
    caller = disputer if by == "the disputer" else by
    with refused("CallerInvalid", caller=KEYS[caller].address.lower()):
        world.concede(agreement, caller, PAYS[alleged])


@pytest.mark.parametrize("accepted", [0, PAYS[BAD] - 1, PAYS[BAD] + 1, PAYS[WORSE], 2**96 - 1])
def test_concede__another_amount_than_was_alleged__is_refused(world: World, accepted: int) -> None:
    """The disputer cannot change the allegation under the hands of who accepts it."""
    agreement = contested(world)
    with refused("AllegationDiffers", accepted=accepted, alleged=PAYS[BAD]):
        world.concede(agreement, "customer", accepted)


def test_concede__until_the_ruling_deadline__and_not_from_then_on(world: World) -> None:
    agreement = contested(world)
    deadline = world.now + RULE
    call = (KEYS["customer"], agreement, *KEY, PAYS[BAD])
    world.at(deadline - 1).concede(*call)
    with refused("RulingTooLate", time=deadline, rulingDeadline=deadline):
        world.at(deadline).concede(*call)


def test_concede__what_is_not_disputed__is_refused(world: World) -> None:
    """None, pending, conceded already, ruled, settled."""
    agreement = world.opened()
    with refused("NotDisputed", status=0):
        world.concede(agreement, "customer", 0)
    world.claimed(agreement, WORSE)
    with refused("NotDisputed", status=1):
        world.concede(agreement, "customer", PAYS[BAD])
    world.dispute(agreement, "provider", BAD)
    with refused("NotDisputed", status=0):
        world.escrow.concede(KEYS["customer"], agreement, 0, REPAIR, PAYS[BAD])
    world.concede(agreement, "customer", PAYS[BAD])
    with refused("NotDisputed", status=3):
        world.concede(agreement, "customer", PAYS[BAD])
    with refused("NotDisputed", status=3):
        world.rule(agreement, WORST)
    world.settle(agreement)
    with refused("NotDisputed", status=5):
        world.concede(agreement, "customer", PAYS[BAD])


def test_concede__after_another_report__still_accepts_what_was_alleged(world: World) -> None:
    """R7: the allegation, whatever was reported meanwhile."""
    agreement = contested(world)
    world.claimed(agreement, WORST, revision=1)
    world.concede(agreement, "customer", PAYS[BAD])
    before = world.balance("customer")
    world.settle(agreement)
    assert world.balance("customer") == before + PAYS[BAD]


def test_concede__a_bond_that_shrank_on_its_way__returns_what_arrived(world: World) -> None:
    """R18."""
    agreement = world.opened(world.moody_address)
    world.claimed(agreement, WORSE)
    world.moods(fee_ppm=100_000)
    world.dispute(agreement, "provider", BAD)
    world.moods()
    before = world.balance("provider", world.moody_address)
    world.concede(agreement, "customer", PAYS[BAD])
    assert world.balance("provider", world.moody_address) == before + BOND * 9 // 10
    assert FEE > 0


def test_concede__to_a_disputer_who_cannot_receive__still_concedes(world: World) -> None:
    """R17: what a failed transfer leaves can be withdrawn."""
    agreement = world.opened(world.moody_address)
    world.claimed(agreement, WORSE)
    world.dispute(agreement, "provider", BAD)
    provider = KEYS["provider"].address
    world.send("MoodyToken", world.moody_address, "setBlocked", provider, True)
    world.concede(agreement, "customer", PAYS[BAD])
    assert world.escrow.withdrawable(world.moody_address, provider) == BOND


def test_concede__never_opened__is_unknown(world: World) -> None:
    with refused("AgreementUnknown"):
        world.concede(world.agreement(), "customer", 0)
