"""`withdraw`: what a failed transfer left, to the account, or where the account itself says."""

from __future__ import annotations

import pytest

from record.events import TransferWithheld, Withdrawn
from sla.agreement import Agreement
from tests.contracts.life_world import KEY, LifeWorld, encoded
from tests.contracts.world import COLLATERAL, KEYS, PAYS, WINDOW, WORSE

CUSTOMER = KEYS["customer"].address
STRANGER = KEYS["stranger"].address


@pytest.fixture(scope="module")
def one() -> LifeWorld:
    return LifeWorld()


@pytest.fixture
def life(one: LifeWorld) -> LifeWorld:
    one.reset()
    return one


def withheld(life: LifeWorld) -> Agreement:
    """300 000 tokens that did not reach the customer; the token is well again."""
    agreement = life.opened()
    life.due(agreement, WORSE)
    life.mood(transfer="Reverts")
    life.settle(agreement, [KEY])
    life.mood()
    assert life.withdrawable("customer") == PAYS[WORSE]
    return agreement


@pytest.mark.parametrize("by", ["provider", "customer", "arbiter", "stranger"])
def test_withdraw__by_anyone__pays_the_account(life: LifeWorld, by: str) -> None:
    """R17."""
    withheld(life)
    before = life.balance("customer")
    life.withdraw(life.token, CUSTOMER, CUSTOMER, by)
    assert life.events() == [Withdrawn(life.token, CUSTOMER, CUSTOMER, PAYS[WORSE])]
    assert life.balance("customer") - before == PAYS[WORSE]
    assert life.withdrawable("customer") == 0
    assert life.balance(life.escrow) == COLLATERAL - PAYS[WORSE]


@pytest.mark.parametrize("by", ["provider", "arbiter", "stranger"])
def test_withdraw__to_another_by_another__is_refused(life: LifeWorld, by: str) -> None:
    """R17, P9."""
    withheld(life)
    with life.refused("CallerInvalid", KEYS[by].address.lower()):
        life.withdraw(life.token, CUSTOMER, KEYS[by].address, by)


def test_withdraw__to_another_by_the_account_itself__pays_there(life: LifeWorld) -> None:
    """R17: a blocked account names a recipient that is not."""
    withheld(life)
    life.blocked("customer")
    before = life.balance("stranger")
    with life.refused("TransferFailed", life.token.lower(), CUSTOMER.lower(), PAYS[WORSE]):
        life.withdraw(life.token, CUSTOMER, CUSTOMER)
    life.withdraw(life.token, CUSTOMER, STRANGER, "customer")
    assert life.events() == [Withdrawn(life.token, CUSTOMER, STRANGER, PAYS[WORSE])]
    assert life.balance("stranger") - before == PAYS[WORSE]


@pytest.mark.parametrize("mood", ["ReturnsFalse", "ReturnsTwo", "Reverts", "BurnsGas"])
def test_withdraw__transfer_that_fails_again__reverts_and_leaves_the_amount(
    life: LifeWorld, mood: str
) -> None:
    withheld(life)
    life.mood(transfer=mood)
    with life.refused("TransferFailed", life.token.lower(), CUSTOMER.lower(), PAYS[WORSE]):
        life.withdraw(life.token, CUSTOMER, CUSTOMER, "customer")
    assert life.withdrawable("customer") == PAYS[WORSE]


def test_withdraw__twice__pays_once(life: LifeWorld) -> None:
    withheld(life)
    life.withdraw(life.token, CUSTOMER, CUSTOMER, "customer")
    with life.refused("NothingToWithdraw", life.token.lower(), CUSTOMER.lower()):
        life.withdraw(life.token, CUSTOMER, CUSTOMER, "customer")


def test_withdraw__of_another_token_or_for_another_account__is_nothing(life: LifeWorld) -> None:
    """Kept by token and account: the same escrow holds 20 000 000 of the other token."""
    withheld(life)
    other = life.new_token()
    life.chain.call("MoodyToken", other, "mint", life.escrow, COLLATERAL)
    with life.refused("NothingToWithdraw", other.lower(), CUSTOMER.lower()):
        life.withdraw(other, CUSTOMER, CUSTOMER, "customer")
    with life.refused("NothingToWithdraw", life.token.lower(), STRANGER.lower()):
        life.withdraw(life.token, STRANGER, STRANGER)


def test_withdraw__before_anything_failed__is_nothing(life: LifeWorld) -> None:
    with life.refused("NothingToWithdraw", life.token.lower(), CUSTOMER.lower()):
        life.withdraw(life.token, CUSTOMER, CUSTOMER, "customer")


def test_withdraw__while_others_live_on__takes_only_what_is_withheld(life: LifeWorld) -> None:
    """P1, P9: with a second agreement and a running dispute of the same token, their tokens stay."""
    agreement = withheld(life)
    other = life.opened(formation={"document": bytes(32), "open_by": 2**39}, service={"start": life.now + 1})
    life.disputed(other, WORSE, 1_000_000)
    booked = life.booked([agreement, other])
    assert life.balance(life.escrow) == booked
    life.withdraw(life.token, CUSTOMER, CUSTOMER)
    assert life.balance(life.escrow) == life.booked([agreement, other]) == booked - PAYS[WORSE]


def test_keeper__settling_many_at_once__pays_all_others_when_one_recipient_is_blocked(
    life: LifeWorld,
) -> None:
    """One multicall over three agreements: the token refuses the first one's customer, and only theirs waits."""
    third = KEYS["operator"].address
    agreements = [
        life.agreement(formation={"document": bytes([number]) * 32}, parties={"customer": customer})
        for number, customer in enumerate((CUSTOMER, STRANGER, third))
    ]
    for agreement, customer in zip(agreements, ("customer", "stranger", "operator"), strict=True):
        life.open_with(agreement, "provider", customer)
    for agreement in agreements:
        life.claimed(agreement, WORSE)
    life.chain.travel(life.now + WINDOW)
    life.blocked("customer")
    before = {who: life.balance(who) for who in ("customer", "stranger", "operator")}
    calls = [encoded("settle", *life.fixed(agreement), [KEY]) for agreement in agreements]
    life.act("multicall", calls, by="operator")
    assert [event for event in life.events() if isinstance(event, TransferWithheld)] == [
        TransferWithheld(life.token, CUSTOMER, PAYS[WORSE])
    ]
    paid = {who: life.balance(who) - before[who] for who in before}
    assert paid == {"customer": 0, "stranger": PAYS[WORSE], "operator": PAYS[WORSE]}
    assert [life.collateral(agreement) for agreement in agreements] == [COLLATERAL - PAYS[WORSE]] * 3
