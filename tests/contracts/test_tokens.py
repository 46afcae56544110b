"""Tokens that misbehave: what they fail to move becomes withdrawable, and nobody else is harmed (R17, R18, P1, P9)."""

from __future__ import annotations

import pytest

from chain.token import Token
from record.events import Compensated, InArrears, TransferWithheld
from sla.agreement import ZERO_ADDRESS
from tests.contracts.fast_chain import CallFailed
from tests.contracts.life_world import KEY, LifeWorld, encoded
from tests.contracts.world import (
    BAD,
    BOND,
    CLAIM,
    COLLATERAL,
    FEE,
    GOOD,
    KEYS,
    MONTH,
    PAYS,
    RULE,
    START,
    WINDOW,
    WORSE,
    WORST,
    World,
)

ADDRESS = {name: key.address for name, key in KEYS.items()}
FAILING = [
    ("ReturnsFalse", 0),
    ("ReturnsTwo", 0),
    ("ReturnsOneByte", 0),
    ("Reverts", 0),
    ("RevertsWithBomb", 350_000),
    ("ReturnsBomb", 350_000),
    ("BurnsGas", 0),
    ("Works", 299_000),
]
"""Moods in which nothing moves, or too slowly: bombs as large as 300 000 gas pay for, more work than they pay for."""


@pytest.fixture(scope="module")
def one() -> LifeWorld:
    return LifeWorld()


@pytest.fixture
def life(one: LifeWorld) -> LifeWorld:
    one.reset()
    return one


@pytest.mark.parametrize(("mood", "size"), FAILING)
def test_settle__transfer_that_fails__becomes_withdrawable_and_harms_nobody_else(
    life: LifeWorld, mood: str, size: int
) -> None:
    """R17, P1, P8: the claim is settled all the same; another agreement of the token keeps all it has."""
    agreement = life.opened()
    other = life.opened(formation={"document": bytes(32)})
    life.due(agreement, WORSE)
    life.mood(transfer=mood, size=size)
    before = life.balance("customer")
    life.settle(agreement, [KEY])

    assert [event for event in life.events() if isinstance(event, TransferWithheld)] == [
        TransferWithheld(life.token, ADDRESS["customer"], PAYS[WORSE])
    ]
    assert life.balance("customer") == before
    assert life.withdrawable("customer") == PAYS[WORSE]
    assert life.collateral(agreement) == COLLATERAL - PAYS[WORSE]
    assert life.collateral(other) == COLLATERAL
    assert life.balance(life.escrow) == life.booked([agreement, other]) == 2 * COLLATERAL
    life.mood()
    life.withdraw(life.token, ADDRESS["customer"], ADDRESS["customer"])
    assert life.balance("customer") == before + PAYS[WORSE]


@pytest.mark.parametrize("mood", ["ReturnsNothing", "Works"])
def test_settle__token_that_works_hard_or_returns_nothing__pays(life: LifeWorld, mood: str) -> None:
    """R17, R18: 200 000 gas of work are still a good transfer."""
    agreement = life.opened()
    life.due(agreement, WORSE)
    life.mood(transfer=mood, size=200_000)
    before = life.balance("customer")
    life.settle(agreement, [KEY])
    assert life.balance("customer") == before + PAYS[WORSE]
    assert life.withdrawable("customer") == 0


@pytest.mark.parametrize("mood", ["ReturnsFalse", "ReturnsTwo", "ReturnsOneByte", "Reverts", "BurnsGas"])
def test_pull__that_fails__is_refused_and_changes_nothing(life: LifeWorld, mood: str) -> None:
    """Collateral, deposit and bond: what does not arrive is not booked."""
    agreement = life.opened()
    life.claimed(agreement, WORSE)
    life.mood(pull=mood)
    for act in (
        lambda: life.opened(service={"start": START + MONTH}, formation={"open_by": START + 3 * MONTH}),
        lambda: life.deposit(agreement, 5),
        lambda: life.dispute(agreement, KEY, (BAD, 1_000_000), "provider"),
    ):
        with pytest.raises(CallFailed):
            act()
    assert life.balance(life.escrow) == life.booked([agreement]) == COLLATERAL
    assert life.pending(agreement) == (PAYS[WORSE], 1)


@pytest.mark.parametrize("mood", ["ReturnsNothing", "Works"])
def test_pull__token_that_works_hard_or_returns_nothing__is_booked(life: LifeWorld, mood: str) -> None:
    life.mood(pull=mood, size=200_000)
    agreement = life.opened()
    life.deposit(agreement, 5)
    assert life.balance(life.escrow) == life.collateral(agreement) == COLLATERAL + 5


def test_settle__customer_whom_the_token_blocks__delays_nobody_else(life: LifeWorld) -> None:
    """R17: pay withheld, the provider's bond paid back in the same call."""
    agreement = life.opened()
    life.disputed(agreement, WORSE, BAD)
    life.blocked("customer")
    before = life.balance("provider")
    life.chain.travel(life.now + RULE)
    life.settle(agreement, [KEY])
    assert life.balance("provider") - before == BOND
    assert life.withdrawable("customer") == PAYS[WORSE]


def test_rule__arbiter_whom_the_token_blocks__rules_all_the_same(life: LifeWorld) -> None:
    agreement = life.opened()
    life.disputed(agreement, WORSE, BAD)
    life.blocked("arbiter")
    before = life.balance("provider")
    life.rule(agreement, KEY, (BAD, 1_000_000))
    assert life.balance("provider") - before == BOND - FEE
    assert life.withdrawable("arbiter") == FEE


def test_concede__disputer_whom_the_token_blocks__has_the_bond_withheld(life: LifeWorld) -> None:
    """The opponent's concession counts, and the money of the claim is not delayed."""
    agreement = life.opened()
    life.disputed(agreement, WORSE, BAD)
    life.blocked("provider")
    life.concede(agreement, KEY, PAYS[BAD], "customer")
    assert life.withdrawable("provider") == BOND
    before = life.balance("customer")
    life.settle(agreement, [KEY])
    assert life.balance("customer") - before == PAYS[BAD]


def test_release__provider_whom_the_token_blocks__is_withheld(life: LifeWorld) -> None:
    agreement = life.opened()
    life.blocked("provider")
    life.chain.travel(START + 12 * MONTH + CLAIM)
    life.release(agreement)
    assert life.withdrawable("provider") == COLLATERAL
    assert life.collateral(agreement) == 0


def test_withheld__twice__adds_up(life: LifeWorld) -> None:
    agreement = life.opened()
    life.mood(transfer="Reverts")
    for period in (0, 1):
        life.claimed(agreement, WORSE, period=period)
    life.chain.travel(life.now + WINDOW)
    life.settle(agreement, [(0, 0)])
    life.settle(agreement, [(1, 0)])
    assert life.withdrawable("customer") == 2 * PAYS[WORSE]


def test_rule__transfers_that_fail__are_withheld_for_arbiter_and_winner(life: LifeWorld) -> None:
    """R8, R17: the ruling stands."""
    agreement = life.opened()
    life.disputed(agreement, WORSE, BAD)
    life.mood(transfer="Reverts")
    life.rule(agreement, KEY, (BAD, 1_000_000))
    assert life.withdrawable("arbiter") == FEE
    assert life.withdrawable("provider") == BOND - FEE
    assert life.balance(life.escrow) == COLLATERAL + BOND


def test_settle__bonds_and_pay_that_all_fail__are_withheld_each(life: LifeWorld) -> None:
    """R17: three bombs in one call."""
    agreement = life.opened()
    life.disputed(agreement, WORSE, BAD, "provider", 0)
    life.disputed(agreement, WORSE, WORST, "customer", 1)
    life.mood(transfer="RevertsWithBomb", size=350_000)
    life.chain.travel(life.now + RULE)
    life.settle(agreement, [(0, 0), (1, 0)])
    assert life.withdrawable("customer") == 2 * PAYS[WORSE] + BOND
    assert life.withdrawable("provider") == BOND


def test_deposit__arrears_whose_transfer_fails__are_withheld_and_no_longer_due(life: LifeWorld) -> None:
    agreement = life.opened(formation={"collateral": 0})
    life.due(agreement, WORSE)
    life.settle(agreement, [KEY])
    assert InArrears(life.id_of(agreement), PAYS[WORSE]) in life.events()
    life.mood(transfer="Reverts")
    life.deposit(agreement, PAYS[WORSE])
    assert life.withdrawable("customer") == PAYS[WORSE]
    assert life.view("accountOf", life.id_of(agreement))[1] == 0


def test_settle__token_that_never_had_code__owes_what_it_owes(life: LifeWorld) -> None:
    """R20: an internal agreement without collateral; there is nothing to send, so all is arrears."""
    agreement = life.opened(ADDRESS["stranger"], formation={"collateral": 0})
    life.due(agreement, WORSE)
    life.settle(agreement, [KEY])
    assert life.view("accountOf", life.id_of(agreement))[1] == PAYS[WORSE]
    assert life.view("withdrawable", ADDRESS["stranger"], ADDRESS["customer"]) == 0


def test_settle__token_that_keeps_a_fee__costs_the_recipient_not_the_escrow(life: LifeWorld) -> None:
    """R18, P1: what arrived was booked, and the books lower by what left."""
    life.mood(fee_ppm=100_000)
    agreement = life.opened()
    assert life.collateral(agreement) == COLLATERAL * 9 // 10
    life.deposit(agreement, 1_000)
    assert life.collateral(agreement) == COLLATERAL * 9 // 10 + 900
    life.disputed(agreement, WORSE, GOOD)
    assert life.view("disputeOf", life.id_of(agreement), *KEY)[4] == BOND * 9 // 10
    assert life.balance(life.escrow) == life.booked([agreement])
    before = {who: life.balance(who) for who in ("customer", "arbiter")}
    life.rule(agreement, KEY, (WORSE, 1_000_000))
    life.settle(agreement, [KEY])
    assert Compensated(life.id_of(agreement), ADDRESS["customer"], PAYS[WORSE]) in life.events()
    assert life.balance("arbiter") - before["arbiter"] == FEE * 9 // 10
    paid = PAYS[WORSE] * 9 // 10 + (BOND * 9 // 10 - FEE) * 9 // 10
    assert life.balance("customer") - before["customer"] == paid
    assert life.balance(life.escrow) == life.booked([agreement])


def test_permit__of_a_token_that_has_none_or_fails_at_it__is_tried_and_forgotten(life: LifeWorld) -> None:
    """R16: absent, reverting, or no contract at all: with an allowance the call goes on. Permits that work are in
    test_multicall_permit.py."""
    agreement = life.opened()
    deposit = encoded("deposit", *life.fixed(agreement), 5)
    without = life.chain.deploy("RebasingToken")
    for number, token in enumerate((without, life.token, ADDRESS["stranger"]), start=1):
        permit = encoded("permit", token, ADDRESS["provider"], 5, 2**40, 27, bytes(32), bytes(32))
        life.act("multicall", [permit, deposit], by="provider")
        assert life.collateral(agreement) == COLLATERAL + 5 * number
    life.mood(pull="Reverts")
    permit = encoded("permit", life.token, ADDRESS["provider"], 5, 2**40, 27, bytes(32), bytes(32))
    life.act("multicall", [permit], by="provider")
    assert life.events() == []


def test_settle__token_whose_code_is_gone__is_withheld(world: World) -> None:
    """R17: a call to an account without code succeeds and returns nothing, and is no transfer. Code can go: this token
    is an account that delegated to a token's (EIP-7702) and took that back."""
    token = ADDRESS["stranger"]
    world.delegate("stranger", world.moody_address)
    world.fund(Token(world.connection, token))
    agreement = world.opened(token)
    world.claimed(agreement, WORSE)
    assert world.balance(world.escrow.address, token) == COLLATERAL
    world.delegate("stranger", ZERO_ADDRESS)
    world.land(world.now + WINDOW)
    world.settle(agreement)
    assert world.escrow.withdrawable(token, ADDRESS["customer"]) == PAYS[WORSE]

    world.delegate("stranger", world.moody_address)
    before = world.balance("customer", token)
    world.escrow.withdraw(KEYS["arbiter"], token, ADDRESS["customer"], ADDRESS["customer"])
    assert world.balance("customer", token) == before + PAYS[WORSE]
