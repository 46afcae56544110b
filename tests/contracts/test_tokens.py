"""Tokens that misbehave: what they fail to move becomes withdrawable, and nobody else is harmed (R17, R18, P1, P9)."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils import function_signature_to_4byte_selector

from chain.artifacts import artifact
from chain.messages import agreement_argument, obligation_argument, terms_argument
from chain.token import Token
from record.eip712 import obligation_hash, obligations_hash
from record.events import TransferWithheld
from sla.agreement import ZERO_ADDRESS, Agreement
from tests.contracts.world import (
    BAD,
    BOND,
    CLAIM,
    COLLATERAL,
    FEE,
    KEYS,
    MONTH,
    PAYS,
    START,
    WINDOW,
    WORSE,
    World,
)

ADDRESS = {name: key.address for name, key in KEYS.items()}
GUARD = function_signature_to_4byte_selector("ReentrancyGuardReentrantCall()")
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


def held(world: World, who: str) -> int:
    return world.balance(ADDRESS.get(who, who), world.moody_address)


def withdrawable(world: World, who: str) -> int:
    return world.escrow.withdrawable(world.moody_address, ADDRESS[who])


@pytest.mark.parametrize(("mood", "size"), FAILING)
def test_settle__transfer_that_fails__becomes_withdrawable_and_harms_nobody_else(
    world: World, mood: str, size: int
) -> None:
    """R17, P1, P8: the claim is settled all the same; another agreement of the token keeps all it has."""
    agreement = world.opened(world.moody_address)
    other = world.opened(world.moody_address, formation={"document": bytes(32)})
    world.claimed(agreement, WORSE)
    world.moods(transfer=mood, size=size)
    world.land(world.now + WINDOW)
    before = held(world, "customer")
    world.settle(agreement)

    assert held(world, "customer") == before
    assert withdrawable(world, "customer") == PAYS[WORSE]
    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == COLLATERAL - PAYS[WORSE]
    assert world.escrow.account_of(world.escrow.id_of(other)).collateral == COLLATERAL
    assert held(world, world.escrow.address) == 2 * COLLATERAL
    assert world.events(TransferWithheld) == [
        TransferWithheld(world.moody_address, ADDRESS["customer"], PAYS[WORSE])
    ]
    world.moods()
    world.escrow.withdraw(KEYS["stranger"], world.moody_address, ADDRESS["customer"], ADDRESS["customer"])
    assert held(world, "customer") == before + PAYS[WORSE]


@pytest.mark.parametrize("mood", ["ReturnsNothing", "Works"])
def test_settle__token_that_works_hard_or_returns_nothing__pays(world: World, mood: str) -> None:
    """R17, R18: 200 000 gas of work are still a good transfer."""
    agreement = world.opened(world.moody_address)
    world.claimed(agreement, WORSE)
    world.moods(transfer=mood, size=200_000)
    world.land(world.now + WINDOW)
    before = held(world, "customer")
    world.settle(agreement)
    assert held(world, "customer") == before + PAYS[WORSE]
    assert withdrawable(world, "customer") == 0


def test_settle__customer_whom_the_token_blocks__delays_nobody_else(world: World) -> None:
    """R17: pay withheld, the provider's bond paid back in the same call."""
    agreement = world.opened(world.moody_address)
    world.claimed(agreement, WORSE)
    world.dispute(agreement, "provider", BAD)
    world.send("MoodyToken", world.moody_address, "setBlocked", ADDRESS["customer"], True)
    before = held(world, "provider")
    world.land(world.now + agreement.stake.rule_within)
    world.settle(agreement)
    assert held(world, "provider") - before == BOND
    assert withdrawable(world, "customer") == PAYS[WORSE]


def test_withheld__twice__adds_up(world: World) -> None:
    agreement = world.opened(world.moody_address)
    world.moods(transfer="Reverts")
    for period in (0, 1):
        world.claimed(agreement, WORSE, period)
    world.land(world.now + WINDOW)
    world.settle(agreement, (0, 0))
    world.settle(agreement, (1, 0))
    assert withdrawable(world, "customer") == 2 * PAYS[WORSE]


def test_rule__transfers_that_fail__are_withheld_for_arbiter_and_winner(world: World) -> None:
    """R8, R17: the ruling stands."""
    agreement = world.opened(world.moody_address)
    world.disputed(agreement)
    world.moods(transfer="Reverts")
    world.rule(agreement, BAD)
    assert withdrawable(world, "arbiter") == FEE
    assert withdrawable(world, "provider") == BOND - FEE
    assert held(world, world.escrow.address) == COLLATERAL + BOND


def test_settle__bonds_and_pay_that_all_fail__are_withheld_each(world: World) -> None:
    """R17: three bombs in one call."""
    agreement = world.opened(world.moody_address)
    for period, by, alleged in ((0, "provider", BAD), (1, "customer", 0)):
        world.claimed(agreement, WORSE, period)
        world.dispute(agreement, by, alleged, period)
    world.moods(transfer="RevertsWithBomb", size=350_000)
    world.land(world.now + agreement.stake.rule_within)
    world.settle(agreement, (0, 0), (1, 0))
    assert withdrawable(world, "customer") == 2 * PAYS[WORSE] + BOND
    assert withdrawable(world, "provider") == BOND


def test_release__transfer_that_fails__is_withheld_for_the_provider(world: World) -> None:
    agreement = world.opened(world.moody_address)
    world.moods(transfer="ReturnsFalse")
    world.travel(START + 12 * MONTH + CLAIM)
    world.escrow.release(KEYS["stranger"], agreement)
    assert withdrawable(world, "provider") == COLLATERAL
    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == 0


def test_deposit__arrears_whose_transfer_fails__are_withheld_and_no_longer_due(world: World) -> None:
    agreement = world.opened(world.moody_address, formation={"collateral": 0})
    world.claimed(agreement, WORSE)
    world.land(world.now + WINDOW)
    world.settle(agreement)
    world.moods(transfer="Reverts")
    world.escrow.deposit(KEYS["provider"], agreement, PAYS[WORSE])
    assert withdrawable(world, "customer") == PAYS[WORSE]
    assert world.escrow.account_of(world.escrow.id_of(agreement)).due == 0


def test_settle__token_that_never_had_code__owes_what_it_owes(world: World) -> None:
    """R20: an internal agreement without collateral; there is nothing to send, so all is arrears."""
    agreement = world.opened(ADDRESS["stranger"], formation={"collateral": 0})
    world.claimed(agreement, WORSE)
    world.land(world.now + WINDOW)
    world.settle(agreement)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).due == PAYS[WORSE]
    assert world.escrow.withdrawable(ADDRESS["stranger"], ADDRESS["customer"]) == 0


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


def test_settle__token_that_keeps_a_fee__costs_the_recipient_not_the_escrow(world: World) -> None:
    """R18, P1: the escrow's books lower by what left."""
    agreement = world.opened(world.moody_address)
    world.moods(fee_ppm=100_000)
    world.claimed(agreement, WORSE)
    world.land(world.now + WINDOW)
    before = held(world, "customer")
    world.settle(agreement)
    assert held(world, "customer") - before == PAYS[WORSE] * 9 // 10
    assert held(world, world.escrow.address) == COLLATERAL - PAYS[WORSE]


# Tokens that call back


def reentry(world: World, agreement: Agreement, action: str) -> bytes:
    """The calldata of an action that would be good at that moment, or good enough to reach the guard."""
    fixed = (terms_argument(agreement), obligations_hash(agreement.obligations))
    hashes = [obligation_hash(obligation) for obligation in agreement.obligations]
    one = (fixed[0], hashes, obligation_argument(agreement.obligations[0]))
    finding = (BAD, agreement.service.charge)
    arguments: dict[str, tuple[Any, ...]] = {
        "open": (agreement_argument(agreement), *world.signatures(agreement)),
        "deposit": (*fixed, 0),
        "claim": (*one, (0, 0), 0, finding, []),
        "dispute": (*one, (0, 0), finding),
        "rule": (*one, (0, 0), finding),
        "settle": (*fixed, [(0, 0)]),
        "release": fixed,
        "withdraw": (world.moody_address, ADDRESS["customer"], ADDRESS["customer"]),
    }
    return bytes.fromhex(str(world.escrow.contract.encode_abi(action, list(arguments[action])))[2:])


ACTIONS = ("open", "deposit", "claim", "dispute", "rule", "settle", "release", "withdraw")
REENTRIES = [
    *(("settle", action) for action in ACTIONS),
    *((during, action) for during in ("open", "deposit", "dispute") for action in ("settle", "withdraw")),
]


@pytest.mark.parametrize(("during", "action"), REENTRIES)
def test_token__that_calls_back_into_the_escrow__finds_it_closed(
    world: World, during: str, action: str
) -> None:
    """P1: in the middle of a transfer nothing can be moved, and the transfer itself is as any."""
    agreement = world.opened(world.moody_address)
    second = world.agreement(world.moody_address, formation={"document": bytes(32)})
    call = reentry(world, second if action == "open" else agreement, action)
    world.send("MoodyToken", world.moody_address, "setCall", world.escrow.address, call)
    if during in ("dispute", "settle"):
        world.claimed(agreement, WORSE)
    world.moods(transfer="Reenters", pull="Reenters")
    if during == "open":
        world.open(second)
    elif during == "deposit":
        world.escrow.deposit(KEYS["provider"], agreement, 5)
    elif during == "dispute":
        world.dispute(agreement, "provider", BAD)
    else:
        world.land(world.now + WINDOW)
        world.settle(agreement)

    assert world.view("MoodyToken", world.moody_address, "reentered") is False
    assert world.view("MoodyToken", world.moody_address, "answer") == GUARD
    expected = {"open": 2 * COLLATERAL, "deposit": COLLATERAL + 5, "dispute": COLLATERAL + BOND}
    assert held(world, world.escrow.address) == expected.get(during, COLLATERAL - PAYS[WORSE])


def test_actions__all_that_change_state__are_tried_from_within_a_transfer() -> None:
    """`submitEvidence` only emits an event; a new writer belongs into the list above."""
    writers = {
        entry["name"]
        for entry in artifact("SLAEscrow").abi
        if entry["type"] == "function" and entry["stateMutability"] == "nonpayable"
    }
    assert writers == {*ACTIONS, "submitEvidence"}
