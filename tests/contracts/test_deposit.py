"""`deposit`: more collateral, arrears first."""

from __future__ import annotations

from typing import Any

import pytest

from chain.messages import terms_argument
from record.eip712 import obligations_hash
from record.events import Compensated, Deposited
from sla.agreement import UINT96_MAX, Agreement
from tests.contracts.world import (
    COLLATERAL,
    KEYS,
    PAYS,
    REPAIR_OBLIGATION,
    WINDOW,
    WORSE,
    World,
    changed,
    fails,
    refused,
)


def collateral(world: World, agreement: Agreement) -> int:
    return world.escrow.account_of(world.escrow.id_of(agreement)).collateral


@pytest.mark.parametrize("by", ["provider", "customer", "stranger"])
def test_deposit__by_anyone__raises_the_collateral_by_the_callers_tokens(world: World, by: str) -> None:
    """R16: pulled from the caller, whoever the provider is and whatever others allowed."""
    agreement = world.opened()
    before = {who: world.balance(who) for who in ("provider", "customer", "stranger")}

    world.escrow.deposit(KEYS[by], agreement, 1_234)

    assert collateral(world, agreement) == COLLATERAL + 1_234
    assert {who: before[who] - world.balance(who) for who in before} == {
        who: 1_234 if who == by else 0 for who in before
    }
    (event,) = world.events(Deposited)
    assert (event.sender, event.amount) == (KEYS[by].address, 1_234)


def test_deposit__of_nothing__changes_nothing(world: World) -> None:
    agreement = world.opened()
    world.escrow.deposit(KEYS["arbiter"], agreement, 0)
    assert collateral(world, agreement) == COLLATERAL


def test_deposit__token_that_keeps_a_fee__counts_what_arrived(world: World) -> None:
    """R18."""
    agreement = world.opened(world.moody_address)
    world.moods(fee_ppm=100_000)
    world.escrow.deposit(KEYS["provider"], agreement, 1_000)
    assert collateral(world, agreement) == COLLATERAL + 900
    assert world.events(Deposited)[0].amount == 900


def test_deposit__while_there_are_arrears__pays_them_first(world: World) -> None:
    """R4, P2: arrears are recorded, never lost, and paid from any deposit, whoever makes it."""
    agreement = world.opened(formation={"collateral": 50_000})
    agreement_id = world.escrow.id_of(agreement)
    world.claimed(agreement, WORSE)
    world.travel(world.now + WINDOW)
    before = world.balance("customer")
    world.settle(agreement)
    account = world.escrow.account_of(agreement_id)
    assert (account.collateral, account.due) == (0, PAYS[WORSE] - 50_000)
    assert world.balance("customer") - before == 50_000

    world.escrow.deposit(KEYS["stranger"], agreement, 100_000)
    account = world.escrow.account_of(agreement_id)
    assert (account.collateral, account.due) == (0, PAYS[WORSE] - 150_000)

    world.escrow.deposit(KEYS["provider"], agreement, 200_000)
    account = world.escrow.account_of(agreement_id)
    assert (account.collateral, account.due) == (50_000, 0)
    assert world.balance("customer") - before == PAYS[WORSE]
    assert [event.amount for event in world.events(Compensated)] == [50_000, 100_000, 150_000]


def test_deposit__arrears_on_internal_agreement__go_straight_to_the_customer(world: World) -> None:
    """R4, R20: with zero collateral all compensation is arrears until somebody pays."""
    agreement = world.opened(formation={"collateral": 0})
    world.claimed(agreement, WORSE)
    world.travel(world.now + WINDOW)
    world.settle(agreement)
    before = world.balance("customer")
    world.escrow.deposit(KEYS["provider"], agreement, PAYS[WORSE] + 7)
    assert world.balance("customer") == before + PAYS[WORSE]
    assert collateral(world, agreement) == 7


@pytest.mark.parametrize(
    "parts",
    [
        {"parties": {"customer": KEYS["stranger"].address}},
        {"service": {"count": 13}},
        {"stake": {"dispute_window": 0}},
        {"formation": {"collateral": 0}},
    ],
)
def test_deposit__terms_that_were_never_opened__are_unknown(
    world: World, parts: dict[str, dict[str, Any]]
) -> None:
    """P10, R2: nobody can call in other terms' name."""
    other = changed(world.opened(), **parts)
    with refused("AgreementUnknown", id=world.escrow.id_of(other)):
        world.escrow.deposit(KEYS["provider"], other, 1)


def test_deposit__with_the_hash_of_other_obligations__is_unknown(world: World) -> None:
    agreement = world.opened()
    call = world.escrow.contract.functions.deposit
    with refused("AgreementUnknown"):
        world.connection.send(
            KEYS["provider"], call(terms_argument(agreement), obligations_hash((REPAIR_OBLIGATION,)), 1)
        )


def test_deposit__more_than_the_caller_has_or_allows__fails(world: World) -> None:
    agreement = world.opened()
    with fails():
        world.escrow.deposit(KEYS["operator"], agreement, 1)
    with fails():
        world.escrow.deposit(KEYS["provider"], agreement, 10**12)
    assert collateral(world, agreement) == COLLATERAL


def test_deposit__more_than_a_uint96__is_refused_not_truncated(world: World) -> None:
    """R10: casts are checked."""
    agreement = world.opened()
    world.token.mint(KEYS["operator"], KEYS["stranger"].address, 2**100)
    world.token.approve(KEYS["stranger"], world.escrow.address, 2**100)
    with refused("SafeCastOverflowedUintDowncast", bits=96, value=2**96):
        world.escrow.deposit(KEYS["stranger"], agreement, 2**96)
    with refused("SafeCastOverflowedUintDowncast", bits=96, value=2**96):
        world.escrow.deposit(KEYS["stranger"], agreement, UINT96_MAX - COLLATERAL + 1)
    world.escrow.deposit(KEYS["stranger"], agreement, UINT96_MAX - COLLATERAL)
    assert collateral(world, agreement) == UINT96_MAX
