"""`withdraw`: what a failed transfer left, to the account, or where the account itself says."""

from __future__ import annotations

import pytest

from record.events import Withdrawn
from sla.agreement import Agreement
from tests.contracts.world import COLLATERAL, KEYS, PAYS, WINDOW, WORSE, World, refused

CUSTOMER = KEYS["customer"].address
STRANGER = KEYS["stranger"].address


def withheld(world: World) -> Agreement:
    """300 000 moody tokens that did not reach the customer; the token is well again."""
    agreement = world.opened(world.moody_address)
    world.claimed(agreement, WORSE)
    world.moods(transfer="Reverts")
    world.land(world.now + WINDOW)
    world.settle(agreement)
    world.moods()
    assert world.escrow.withdrawable(world.moody_address, CUSTOMER) == PAYS[WORSE]
    return agreement


@pytest.mark.parametrize("by", ["provider", "customer", "arbiter", "stranger"])
def test_withdraw__by_anyone__pays_the_account(world: World, by: str) -> None:
    """R17."""
    withheld(world)
    before = world.balance("customer", world.moody_address)
    world.escrow.withdraw(KEYS[by], world.moody_address, CUSTOMER, CUSTOMER)
    assert world.balance("customer", world.moody_address) - before == PAYS[WORSE]
    assert world.escrow.withdrawable(world.moody_address, CUSTOMER) == 0
    assert world.balance(world.escrow.address, world.moody_address) == COLLATERAL - PAYS[WORSE]
    assert world.events(Withdrawn) == [Withdrawn(world.moody_address, CUSTOMER, CUSTOMER, PAYS[WORSE])]


@pytest.mark.parametrize("by", ["provider", "arbiter", "stranger"])
def test_withdraw__to_another_by_another__is_refused(world: World, by: str) -> None:
    """R17, P9."""
    withheld(world)
    with refused("CallerInvalid", caller=KEYS[by].address.lower()):
        world.escrow.withdraw(KEYS[by], world.moody_address, CUSTOMER, KEYS[by].address)


def test_withdraw__to_another_by_the_account_itself__pays_there(world: World) -> None:
    """R17: a blocked account names a recipient that is not."""
    withheld(world)
    world.send("MoodyToken", world.moody_address, "setBlocked", CUSTOMER, True)
    before = world.balance("stranger", world.moody_address)
    with refused(
        "TransferFailed", token=world.moody_address.lower(), to=CUSTOMER.lower(), amount=PAYS[WORSE]
    ):
        world.escrow.withdraw(KEYS["stranger"], world.moody_address, CUSTOMER, CUSTOMER)
    world.escrow.withdraw(KEYS["customer"], world.moody_address, CUSTOMER, STRANGER)
    assert world.balance("stranger", world.moody_address) - before == PAYS[WORSE]
    assert world.events(Withdrawn) == [Withdrawn(world.moody_address, CUSTOMER, STRANGER, PAYS[WORSE])]


@pytest.mark.parametrize("mood", ["ReturnsFalse", "Reverts", "BurnsGas"])
def test_withdraw__transfer_that_fails_again__reverts_and_leaves_the_amount(world: World, mood: str) -> None:
    withheld(world)
    world.moods(transfer=mood)
    with refused(
        "TransferFailed", token=world.moody_address.lower(), to=CUSTOMER.lower(), amount=PAYS[WORSE]
    ):
        world.escrow.withdraw(KEYS["customer"], world.moody_address, CUSTOMER, CUSTOMER)
    assert world.escrow.withdrawable(world.moody_address, CUSTOMER) == PAYS[WORSE]


def test_withdraw__twice__pays_once(world: World) -> None:
    withheld(world)
    world.escrow.withdraw(KEYS["customer"], world.moody_address, CUSTOMER, CUSTOMER)
    with refused("NothingToWithdraw", token=world.moody_address.lower(), account=CUSTOMER.lower()):
        world.escrow.withdraw(KEYS["customer"], world.moody_address, CUSTOMER, CUSTOMER)


def test_withdraw__of_another_token_or_for_another_account__is_nothing(world: World) -> None:
    """Kept by token and account: the same escrow holds 20 000 000 of the other token."""
    withheld(world)
    world.token.mint(KEYS["operator"], world.escrow.address, COLLATERAL)
    with refused("NothingToWithdraw", token=world.token.address.lower(), account=CUSTOMER.lower()):
        world.escrow.withdraw(KEYS["customer"], world.token.address, CUSTOMER, CUSTOMER)
    with refused("NothingToWithdraw", token=world.moody_address.lower(), account=STRANGER.lower()):
        world.escrow.withdraw(KEYS["stranger"], world.moody_address, STRANGER, STRANGER)


def test_withdraw__before_anything_failed__is_nothing(world: World) -> None:
    with refused("NothingToWithdraw"):
        world.escrow.withdraw(KEYS["customer"], world.token.address, CUSTOMER, CUSTOMER)
