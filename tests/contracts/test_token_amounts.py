"""Tokens by their numbers: few and many decimals, supplies near 2**128, balances that grow and shrink by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from record.events import TransferWithheld
from sla.agreement import Tier
from tests.contracts.fast_chain import CallFailed
from tests.contracts.life_world import KEY, LifeWorld
from tests.contracts.world import COLLATERAL, KEYS, PAYS, START, UPTIME_OBLIGATION, WINDOW, WORSE

MOST = 2**96 - 1
"""The most an amount can be."""
ADDRESS = {name: key.address for name, key in KEYS.items()}


@pytest.fixture(scope="module")
def one() -> LifeWorld:
    return LifeWorld()


@pytest.fixture
def life(one: LifeWorld) -> LifeWorld:
    one.reset()
    return one


def rich(life: LifeWorld, amount: int = 2**128 - 1) -> None:
    """The provider holds nearly the whole of a huge supply, and the escrow may pull it."""
    life.chain.call("MoodyToken", life.token, "mint", ADDRESS["provider"], amount)


@pytest.mark.parametrize("decimals", [0, 2, 6, 8, 18])
def test_token__of_any_decimals__is_only_base_units(life: LifeWorld, decimals: int) -> None:
    """A charge of a thousand whole tokens pays 30 % below 99 %, to the last unit."""
    charge = 1_000 * 10**decimals
    rich(life)
    agreement = life.agreement(
        service={"charge": charge, "period_cap": 0}, formation={"collateral": 12 * charge}
    )
    agreement = replace(agreement, obligations=(UPTIME_OBLIGATION,))
    life.open(agreement)
    life.claimed(agreement, WORSE, charge=charge)
    life.chain.travel(life.now + WINDOW)
    before = life.balance("customer")
    life.settle(agreement, [KEY])
    assert life.balance("customer") - before == 300 * 10**decimals
    assert life.collateral(agreement) == 11_700 * 10**decimals


def test_collateral__of_the_most_an_amount_can_be__opens_pays_and_takes_no_more(life: LifeWorld) -> None:
    """2**96 - 1 base units of a token with a supply near 2**128; one more is refused by its name, not by a panic."""
    rich(life)
    charge = MOST // 12
    agreement = life.agreement(
        service={"charge": charge, "period_cap": 0}, formation={"collateral": MOST}, stake={"bond": MOST}
    )
    agreement = replace(agreement, obligations=(UPTIME_OBLIGATION,))
    life.open(agreement)
    assert life.collateral(agreement) == life.balance(life.escrow) == MOST
    for amount, value in ((1, MOST + 1), (MOST, 2 * MOST), (2**96, 2**96), (2**127, 2**127)):
        with pytest.raises(CallFailed) as failure:
            life.deposit(agreement, amount)
        refusal = life.chain.refusal("SLAEscrow", failure.value)
        assert refusal == ("SafeCastOverflowedUintDowncast", (96, value))
    life.claimed(agreement, 0, charge=charge)
    life.dispute(agreement, KEY, (1_000_000, charge), "provider")
    assert life.view("disputeOf", life.id_of(agreement), *KEY)[4] == MOST
    assert life.balance(life.escrow) == life.booked([agreement]) == 2 * MOST
    before = life.balance("customer")
    life.rule(agreement, KEY, (0, charge))
    life.settle(agreement, [KEY])
    assert life.balance("customer") - before == charge + MOST - agreement.stake.arbiter_fee
    life.deposit(agreement, charge)
    assert life.collateral(agreement) == MOST


def test_arrears__paid_by_a_deposit_of_the_most__leave_the_rest_as_collateral(life: LifeWorld) -> None:
    rich(life)
    agreement = life.opened(formation={"collateral": 0})
    life.due(agreement, WORSE)
    life.settle(agreement, [KEY])
    life.deposit(agreement, MOST)
    assert life.collateral(agreement) == MOST - PAYS[WORSE]


def test_withheld__of_several_agreements__is_more_than_an_amount(life: LifeWorld) -> None:
    """What waits for an account is summed in a whole word."""
    rich(life)
    agreements = []
    for number in range(3):
        obligation = replace(
            UPTIME_OBLIGATION,
            pay_unit=type(UPTIME_OBLIGATION.pay_unit).AMOUNT,
            tiers=(Tier(999_900, MOST, 0, 0),),
        )
        agreement = life.agreement(
            service={"count": 1, "period_cap": 0, "charge": 0},
            formation={"collateral": MOST, "document": bytes([number]) * 32},
        )
        agreement = replace(agreement, obligations=(obligation,))
        life.open(agreement)
        agreements.append(agreement)
    for agreement in agreements:
        life.claimed(agreement, 0, charge=0)
    life.chain.travel(life.now + WINDOW)
    life.blocked("customer")
    for agreement in agreements:
        life.settle(agreement, [KEY])
    assert life.withdrawable("customer") == 3 * MOST
    life.withdraw(life.token, ADDRESS["customer"], ADDRESS["operator"], by="customer")
    assert life.balance("operator") == 3 * MOST


# Tokens that rebase: unsafe for the agreements that use them, and for no others


def rebasing(life: LifeWorld) -> str:
    """A rebasing token that the provider holds and lets the escrow pull."""
    token = life.chain.deploy("RebasingToken")
    life.chain.call("RebasingToken", token, "mint", ADDRESS["provider"], 10 * COLLATERAL)
    life.chain.call("RebasingToken", token, "approve", life.escrow, 2**255, sender=ADDRESS["provider"])
    return token


def test_token_that_shrinks__withholds_what_is_not_there_and_harms_no_other_token(life: LifeWorld) -> None:
    """R18: documented as unsafe. Of two agreements in it the first is paid; the second's pay waits, and its release as
    well. An agreement in another token has all it ever had."""
    token = rebasing(life)
    first = life.opened(token)
    second = life.opened(token, formation={"document": bytes(32)})
    plain = life.opened()
    for agreement in (first, second, plain):
        life.claimed(agreement, WORSE)
    life.chain.travel(life.now + WINDOW)
    # All balances shrink to a hundredth: 400 000 are left of 40 000 000.
    life.chain.call("RebasingToken", token, "rebase", 10_000)
    life.settle(first, [KEY])
    assert life.balance("customer", token) == PAYS[WORSE]
    life.settle(second, [KEY])
    assert [event for event in life.events() if isinstance(event, TransferWithheld)] == [
        TransferWithheld(token, ADDRESS["customer"], PAYS[WORSE])
    ]
    before = life.balance("customer")
    life.settle(plain, [KEY])
    assert life.balance("customer") - before == PAYS[WORSE]
    assert life.balance(life.escrow) == life.booked([plain]) == COLLATERAL - PAYS[WORSE]

    # Whoever brings the missing tokens back makes it whole.
    life.chain.call("RebasingToken", token, "rebase", 1_000_000)
    life.withdraw(token, ADDRESS["customer"], ADDRESS["customer"])
    assert life.withdrawable("customer", token) == 0


def test_token_that_grows__leaves_the_surplus_to_nobody(life: LifeWorld) -> None:
    """The books go by what arrived; the surplus lies in the escrow as a donation does."""
    token = rebasing(life)
    agreement = life.opened(token)
    life.chain.call("RebasingToken", token, "rebase", 2_000_000)
    assert life.balance(life.escrow, token) == 2 * COLLATERAL
    life.due(agreement, WORSE)
    life.settle(agreement, [KEY])
    life.chain.travel(START + 400 * 86_400 + agreement.stake.claim_within)
    life.release(agreement)
    assert life.collateral(agreement) == 0
    assert life.balance("customer", token) == PAYS[WORSE]
    assert life.balance(life.escrow, token) == COLLATERAL
