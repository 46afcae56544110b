"""Tokens that call back: while tokens move the escrow is closed, whichever action moves them and whichever is tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from eth_utils import function_signature_to_4byte_selector

from chain.artifacts import artifact
from chain.messages import agreement_argument, obligation_argument, terms_argument
from record.eip712 import agreement_preimage, obligation_hash, obligations_hash
from record.events import Claimed
from tests.contracts.life_world import KEY, LifeWorld, encoded
from tests.contracts.world import (
    BAD,
    CHARGE,
    CLAIM,
    GOOD,
    KEYS,
    MONTH,
    PAYS,
    START,
    WINDOW,
    WORSE,
    both_sign,
    changed,
)

GUARD = function_signature_to_4byte_selector("ReentrancyGuardReentrantCall()")
FOLLOWER = {"start": START + 2 * MONTH, "count": 2}
DURING = ("open", "amend", "deposit", "claim", "dispute", "concede", "rule", "settle", "release", "withdraw")
"""Every action that moves tokens."""


class Scene:
    """An agreement in a hostile token, at the moment before ``during``; ``act`` does it."""

    def __init__(self, world: LifeWorld, during: str) -> None:
        self.world = world
        stake = {"dispute_window": 0 if during == "claim" else WINDOW}
        self.agreement = world.opened(stake=stake)
        self.other = world.agreement(formation={"document": bytes(32)})
        predecessor = world.id_of(self.agreement)
        start = FOLLOWER["start"]
        formation = {"predecessor": predecessor, "collateral": 9, "open_by": start}
        self.follower = changed(self.agreement, service=FOLLOWER, formation=formation)
        self.act = self._prepared(during)

    def _prepared(self, during: str) -> Callable[[], object]:
        world, agreement = self.world, self.agreement
        if during == "open":
            return lambda: world.open(self.other)
        if during == "amend":
            return lambda: world.amend(self.follower, agreement, 2)
        if during == "deposit":
            return lambda: world.deposit(agreement, 5)
        if during == "claim":
            return lambda: world.claimed(agreement, WORSE)
        if during == "release":
            world.chain.travel(START + 12 * MONTH + CLAIM)
            return lambda: world.release(agreement)
        if during in ("dispute", "concede", "rule"):
            world.claimed(agreement, WORSE)
        if during == "dispute":
            return lambda: world.dispute(agreement, KEY, (BAD, CHARGE), "provider")
        if during == "concede":
            world.dispute(agreement, KEY, (BAD, CHARGE), "provider")
            return lambda: world.concede(agreement, KEY, PAYS[BAD], "customer")
        if during == "rule":
            world.dispute(agreement, KEY, (BAD, CHARGE), "provider")
            return lambda: world.rule(agreement, KEY, (BAD, CHARGE))
        world.due(agreement, WORSE)
        if during == "settle":
            return lambda: world.settle(agreement, [KEY])
        world.mood(transfer="Reverts")
        world.settle(agreement, [KEY])
        world.mood()
        customer = KEYS["customer"].address
        return lambda: world.withdraw(world.token, customer, customer)

    def call(self, action: str) -> bytes:
        """An action in the token's hands: well formed, so that only the guard stands in its way."""
        return encoded(action, *self._arguments(action))

    def _arguments(self, action: str) -> tuple[Any, ...]:
        world, agreement = self.world, self.agreement
        fixed = (terms_argument(agreement), obligations_hash(agreement.obligations))
        hashes = [obligation_hash(each) for each in agreement.obligations]
        one = (fixed[0], hashes, obligation_argument(agreement.obligations[0]))
        customer = KEYS["customer"].address
        if action in ("open", "amend"):
            new = self.other if action == "open" else self.follower
            signed = both_sign(agreement_preimage(new, world.domain))
            return (agreement_argument(new), *signed, *((*fixed, 2) if action == "amend" else ()))
        arguments: dict[str, tuple[Any, ...]] = {
            "terminate": (*fixed, 3, 2**39, b"", b""),
            "exit": (*fixed, agreement_argument(agreement)[3], 2, [KEY]),
            "link": (*fixed, *fixed),
            "deposit": (*fixed, 0),
            "claim": (*one, KEY, 1, (BAD, CHARGE), []),
            "dispute": (*one, KEY, (GOOD, CHARGE)),
            "concede": (*fixed, KEY, PAYS[BAD]),
            "submitEvidence": (*fixed, KEY, bytes(32), "uri"),
            "rule": (*one, KEY, (BAD, CHARGE)),
            "settle": (*fixed, [KEY]),
            "release": fixed,
            "withdraw": (world.token, customer, customer),
            "permit": (world.token, customer, 1, 2**40, 27, bytes(32), bytes(32)),
        }
        return ([self.call("settle")],) if action == "multicall" else arguments[action]


GUARDED = (
    "open", "amend", "terminate", "exit", "link", "deposit", "claim", "dispute", "concede", "submitEvidence", "rule",
    "settle", "release", "withdraw", "permit", "multicall",
)  # fmt: skip


@pytest.fixture(scope="module")
def one() -> LifeWorld:
    return LifeWorld()


@pytest.fixture
def life(one: LifeWorld) -> LifeWorld:
    one.reset()
    return one


@pytest.mark.parametrize("during", DURING)
def test_token__that_calls_back__finds_the_escrow_closed_and_moves_as_any_other(
    life: LifeWorld, during: str
) -> None:
    """P1: each action of the escrow is tried from within each that moves tokens. What happens besides, every event and
    every balance, is what happens with a plain token."""
    scene = Scene(life, during)
    time, outcomes = life.now, []
    for action in (None, *GUARDED):
        life.chain.travel(time)
        with life.chain.undone():
            if action is not None:
                life.mood(transfer="Reenters", pull="Reenters")
                life.chain.call("MoodyToken", life.token, "setCall", life.escrow, scene.call(action))
            scene.act()
            events = [event for event in life.events() if not isinstance(event, Claimed)]
            held = {who: life.balance(who) for who in (*KEYS, life.escrow)}
            outcomes.append((events, held, life.collateral(scene.agreement)))
            if action is not None:
                assert life.chain.view("MoodyToken", life.token, "reentered") is False, action
                assert life.chain.view("MoodyToken", life.token, "answer") == GUARD, action
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert outcomes[0][0], "the action did something"


def test_token__that_calls_back_from_its_permit__finds_the_escrow_closed(life: LifeWorld) -> None:
    """`permit` moves nothing, and is no way in either; what follows it in the same call goes on."""
    scene = Scene(life, "settle")
    before = life.balance("customer")
    life.mood(pull="Reenters")
    for action in GUARDED:
        with life.chain.undone():
            life.chain.call("MoodyToken", life.token, "setCall", life.escrow, scene.call(action))
            life.act("multicall", [scene.call("permit"), scene.call("settle")], by="stranger")
            assert life.chain.view("MoodyToken", life.token, "reentered") is False, action
            assert life.chain.view("MoodyToken", life.token, "answer") == GUARD, action
            assert life.balance("customer") - before == PAYS[WORSE], action


def test_actions__all_that_change_state__are_tried_from_within_a_transfer() -> None:
    """A new writer belongs into the list above."""
    writers = {
        entry["name"]
        for entry in artifact("SLAEscrow").abi
        if entry["type"] == "function" and entry["stateMutability"] in ("nonpayable", "payable")
    }
    assert writers == set(GUARDED)


def test_functions__none__is_payable() -> None:
    """R16: multicall is no exception, so one value can never count twice."""
    entries = [entry for name in ("SLAEscrow", "Committee") for entry in artifact(name).abi]
    assert not [entry for entry in entries if entry.get("stateMutability") == "payable"]
