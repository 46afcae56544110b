"""Whose the arbiter's fee is when a court rules: the one's who paid it, whatever the token does."""

from __future__ import annotations

import pytest

from tests.contracts.court_world import ALLEGED, GUARD, CourtWorld, calldata, court_refused
from tests.contracts.fast_chain import CallFailed
from tests.contracts.life_world import KEY
from tests.contracts.world import BAD, CHARGE, FEE, KEYS, WORST

ADDRESS = {name: key.address for name, key in KEYS.items()}
STRANGER = ADDRESS["stranger"]


@pytest.fixture(scope="module")
def one() -> CourtWorld:
    return CourtWorld()


@pytest.fixture
def world(one: CourtWorld) -> CourtWorld:
    one.reset()
    return one


def test_withdraw__by_others__pays_only_the_funder(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.give(number, ALLEGED)
    world.execute(number, agreement, WORST)
    with court_refused("CallerInvalid", ADDRESS["customer"].lower()):
        world.fetch(world.token, STRANGER, ADDRESS["customer"], by="customer")
    with court_refused("NothingToWithdraw", world.token.lower(), ADDRESS["customer"].lower()):
        world.fetch(world.token, ADDRESS["customer"])
    before = world.balance("arbiter")
    world.fetch(world.token, STRANGER, ADDRESS["arbiter"], by="stranger")
    assert world.balance("arbiter") - before == FEE
    with court_refused("NothingToWithdraw"):
        world.fetch(world.token, STRANGER)


def two_fees(world: CourtWorld) -> None:
    """Two disputes were ruled: the customer's fee arrived, the transfer of the stranger's failed."""
    first = world.court_agreement()
    second = world.court_agreement(formation={"document": bytes(32)})
    for agreement, by, mood in ((first, "customer", "Plain"), (second, "stranger", "Reverts")):
        world.disputed(agreement, BAD, WORST, "customer")
        number = world.request(agreement, by=by)
        world.give(number, ALLEGED)
        world.mood(transfer=mood)
        world.execute(number, agreement, WORST)
        world.mood()


@pytest.mark.parametrize("order", [("stranger", "customer"), ("customer", "stranger")])
@pytest.mark.parametrize("fetched_before", [False, True])
def test_fee__whose_transfer_failed__is_kept_for_its_funder_and_touches_nobody_elses(
    world: CourtWorld, fetched_before: bool, order: tuple[str, str]
) -> None:
    """Whoever fetches it from the escrow: it is the funder's, and what is kept for others stays theirs."""
    two_fees(world)
    assert world.fees(ADDRESS["customer"]) == (FEE, 0)
    assert world.fees(STRANGER) == (0, FEE)
    assert world.withdrawable(world.arbiter) == FEE
    before = {who: world.balance(who) for who in ("customer", "stranger")}
    if fetched_before:
        world.withdraw(world.token, world.arbiter, world.arbiter)
    else:
        # While the token fails, nobody is paid from somebody else's fee.
        world.mood(transfer="Reverts")
        with court_refused("TransferFailed"):
            world.fetch(world.token, STRANGER)
        world.mood()
    for who in order:
        world.fetch(world.token, ADDRESS[who])
        assert world.fees(ADDRESS[who]) == (0, 0)
    assert {who: world.balance(who) - before[who] for who in before} == {"customer": FEE, "stranger": FEE}


def test_fee__withheld_and_short_by_the_tokens_own_fee__is_no_loss_to_fees_kept(world: CourtWorld) -> None:
    """A token that keeps a tenth of each transfer: what fell short waits, and is never taken from another."""
    two_fees(world)
    world.mood(fee_ppm=100_000)
    before = world.balance("stranger")
    world.fetch(world.token, STRANGER)
    assert world.balance("stranger") - before == FEE * 9 // 10 * 9 // 10
    assert world.fees(STRANGER) == (0, FEE // 10)
    with court_refused("NothingToWithdraw"):
        world.fetch(world.token, STRANGER)
    world.mood()
    before = world.balance("customer")
    world.fetch(world.token, ADDRESS["customer"])
    assert world.balance("customer") - before == FEE


def test_funder__that_cannot_be_paid__delays_no_ruling(world: CourtWorld) -> None:
    """The fee waits; nothing is sent to the funder while the ruling is passed on."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.give(number, ALLEGED)
    world.blocked("stranger")
    world.execute(number, agreement, WORST)
    with pytest.raises(CallFailed):
        world.fetch(world.token, STRANGER)
    world.mood(transfer="ReturnsFalse")
    with court_refused("SafeERC20FailedOperation", world.token.lower()):
        world.fetch(world.token, STRANGER, ADDRESS["operator"], by="stranger")
    world.mood()
    assert world.fees(STRANGER) == (FEE, 0)
    world.fetch(world.token, STRANGER, ADDRESS["operator"], by="stranger")
    assert world.balance("operator") == FEE


@pytest.mark.parametrize("action", ["withdraw", "execute", "request"])
def test_token__that_calls_back_into_the_arbiter__finds_it_closed(world: CourtWorld, action: str) -> None:
    """While the escrow pays the fee, and while the funder is paid: what arrives is counted once."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.give(number, ALLEGED)
    part = world.with_uptime(agreement)
    calls = {
        "withdraw": ("withdraw", world.token, STRANGER, STRANGER),
        "execute": ("execute", number, *part, (WORST, CHARGE)),
        "request": ("request", *world.fixed(agreement), KEY),
    }
    call = calldata(*calls[action])
    world.chain.call("MoodyToken", world.token, "setCall", world.arbiter, call)
    world.mood(transfer="Reenters")
    for step in ("execute", "fetch"):
        if step == "execute":
            world.execute(number, agreement, WORST)
        else:
            world.fetch(world.token, STRANGER)
        assert world.chain.view("MoodyToken", world.token, "reentered") is False
        assert world.chain.view("MoodyToken", world.token, "answer") == GUARD
    assert world.fees(STRANGER) == (0, 0)
    assert world.balance(world.arbiter) == 0
