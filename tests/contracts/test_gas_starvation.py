"""R17: whoever calls with little gas gets a revert, never a good transfer that was made to fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chain.messages import terms_argument
from record.eip712 import obligations_hash
from sla.agreement import Agreement
from sla.report import Report
from tests.contracts.fast_chain import GAS, CallFailed
from tests.contracts.fast_world import FastWorld
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    CLAIM,
    COLLATERAL,
    KEYS,
    MONTH,
    MOODS,
    PAYS,
    RULE,
    START,
    UPTIME,
    WINDOW,
    WORSE,
    WORST,
    World,
)

HEAVY = 270_000
"""Gas of work in every transfer of a good token, in a real transaction that finds it cold."""

Act = Callable[[int], None]
Gains = dict[str, int]


def claimed(world: FastWorld, agreement: Agreement, *periods: int) -> list[tuple[Report, tuple[bytes, ...]]]:
    """A breach in each period, attested and brought unless the window is zero."""
    agreement_id = world.open(agreement)
    world.chain.travel(START + (max(periods) + 1) * MONTH)
    reports = [Report(agreement_id, period, UPTIME, 0, WORSE, CHARGE) for period in periods]
    others = [Report(agreement_id, 11, UPTIME, 1, 0, 0)]
    tree = world.post(*reports, *others)
    brought = [(report, tree.proof(report)) for report in reports]
    if agreement.stake.dispute_window:
        for report, proof in brought:
            world.claim(agreement, report, proof)
    return brought


def settling(world: FastWorld) -> tuple[Act, Gains]:
    """Three transfers: the pay, and a bond to each party."""
    agreement = world.agreement()
    claimed(world, agreement, 0, 1)
    world.dispute(agreement, (0, UPTIME), (BAD, CHARGE), "provider")
    world.dispute(agreement, (1, UPTIME), (WORST, CHARGE), "customer")
    world.chain.travel(world.now + RULE)
    keys = [(0, UPTIME), (1, UPTIME)]
    return (
        lambda gas: world.settle(agreement, keys, gas=gas),
        {"customer": 2 * PAYS[WORSE] + BOND, "provider": BOND},
    )


def claiming(world: FastWorld) -> tuple[Act, Gains]:
    agreement = world.agreement(stake={"dispute_window": 0})
    ((report, proof),) = claimed(world, agreement, 0)
    return lambda gas: world.claim(agreement, report, proof, gas=gas), {"customer": PAYS[WORSE]}


def depositing(world: FastWorld) -> tuple[Act, Gains]:
    """Arrears that a deposit pays."""
    agreement = world.agreement(formation={"collateral": 0})
    claimed(world, agreement, 0)
    world.chain.travel(world.now + WINDOW)
    world.settle(agreement, [(0, UPTIME)])
    return (
        lambda gas: world.deposit(agreement, PAYS[WORSE], "stranger", gas),
        {"customer": PAYS[WORSE]},
    )


def ruling(world: FastWorld) -> tuple[Act, Gains]:
    agreement = world.agreement()
    claimed(world, agreement, 0)
    world.dispute(agreement, (0, UPTIME), (BAD, CHARGE), "provider")
    return (
        lambda gas: world.rule(agreement, (0, UPTIME), (BAD, CHARGE), gas=gas),
        {"arbiter": agreement.stake.arbiter_fee, "provider": BOND - agreement.stake.arbiter_fee},
    )


def releasing(world: FastWorld) -> tuple[Act, Gains]:
    agreement = world.agreement()
    world.open(agreement)
    world.chain.travel(START + 12 * MONTH + CLAIM)
    return lambda gas: world.release(agreement, gas=gas), {"provider": COLLATERAL}


def withdrawing(world: FastWorld) -> tuple[Act, Gains]:
    agreement = world.agreement()
    claimed(world, agreement, 0)
    world.moods(world.token, transfer=MOODS["Reverts"])
    world.chain.travel(world.now + WINDOW)
    world.settle(agreement, [(0, UPTIME)])
    customer = KEYS["customer"].address
    return (
        lambda gas: world.withdraw(world.token, customer, customer, gas=gas),
        {"customer": PAYS[WORSE]},
    )


CASES = {case.__name__: case for case in (settling, claiming, depositing, ruling, releasing, withdrawing)}


def heaviest(world: FastWorld, act: Act, gains: Gains) -> int:
    """The most work, to 20 gas, in a token whose transfers still succeed when the caller brings plenty."""
    good, bad = 0, 300_000
    while bad - good > 20:
        work = (good + bad) // 2
        with world.chain.undone():
            world.moods(world.token, transfer=MOODS["Works"], size=work)
            before = {who: world.balance(who) for who in gains}
            try:
                act(GAS)
                fits = all(world.balance(who) > before[who] for who in gains)
            except CallFailed:
                fits = False
        good, bad = (work, bad) if fits else (good, work)
    return good


@pytest.mark.parametrize("heavy", [False, True], ids=["light", "heaviest"])
@pytest.mark.parametrize("name", list(CASES))
def test_gas__of_any_limit__either_reverts_the_call_or_pays_all(name: str, heavy: bool) -> None:
    """R17, P9: every 10 000 gas, then closer, down to every single unit around the limit from which it works; with a
    plain token, and with one whose transfers need all they may use."""
    world = FastWorld()
    act, gains = CASES[name](world)
    world.moods(world.token)
    if heavy:
        work = heaviest(world, act, gains)
        assert 250_000 < work < 300_000
        world.moods(world.token, transfer=MOODS["Works"], size=work)

    def succeeds(gas: int) -> bool:
        """Whether the call went through; if so, everything reached everyone."""
        with world.chain.undone():
            before = {who: world.balance(who) for who in gains}
            withheld = {who: world.withdrawable(who) for who in gains}
            try:
                act(gas)
            except CallFailed:
                return False
            gained = {who: world.balance(who) - before[who] for who in gains}
            # Only what a withdrawal takes may change what is withdrawable.
            for who in gains:
                assert world.withdrawable(who) <= withheld[who], (gas, who)
            assert gained == gains, gas
            return True

    # Each round looks closer at the last stretch before it works; more gas never hurts.
    steps = range(20_000, 1_600_000, 10_000)
    for step in (10_000, 200, 10, 1):
        outcomes = [succeeds(gas) for gas in steps]
        assert sorted(outcomes) == outcomes
        assert set(outcomes) == {True, False}
        edge = steps[outcomes.index(True)]
        steps = range(edge - step, edge + 1, {10_000: 200, 200: 10, 10: 1, 1: 1}[step])
    # The refusal is ours, with what was there and what is needed, in the last stretch before it works.
    assert refusal_below(world, act, edge - 1) == "GasTooLow"


def refusal_below(world: FastWorld, act: Act, gas: int) -> str:
    with world.chain.undone():
        with pytest.raises(CallFailed) as failure:
            act(gas)
        name, values = world.chain.refusal("SLAEscrow", failure.value)
        assert values[0] < values[1] == 300_000 * 64 // 63 + 60_000
        return name


@pytest.mark.parametrize("mood", ["BurnsGas", "ReturnsBomb", "RevertsWithBomb"])
def test_gas__of_any_limit_and_a_hostile_token__either_reverts_or_withholds_all(mood: str) -> None:
    """R17, P1: what the token eats, and what it answers, leave enough to write down what is owed."""
    world = FastWorld()
    act, gains = settling(world)
    world.moods(world.token, transfer=MOODS[mood], size=350_000)
    outcomes = []
    for gas in (*range(20_000, 1_800_000, 10_000), 3_000_000, 6_000_000, 20_000_000):
        with world.chain.undone():
            try:
                act(gas)
            except CallFailed:
                outcomes.append(False)
                continue
            outcomes.append(True)
            assert {who: world.withdrawable(who) for who in gains} == gains, gas
    assert sorted(outcomes) == outcomes
    assert outcomes[-1]


def test_gas__of_any_limit_in_real_transactions__either_reverts_or_pays(world: World) -> None:
    """R17 once more with cold accounts and slots, as a transaction finds them: `settle` by a stranger."""
    agreement = world.opened(world.moody_address)
    world.claimed(agreement, WORSE)
    world.moods(transfer="Works", size=HEAVY)
    world.travel(world.now + WINDOW)
    data = bytes.fromhex(
        str(
            world.escrow.contract.encode_abi(
                "settle",
                [terms_argument(agreement), obligations_hash(agreement.obligations), [(0, UPTIME)]],
            )
        )[2:]
    )
    customer = KEYS["customer"].address
    before = world.balance(customer, world.moody_address)
    outcomes = []
    for gas in (40_000, 200_000, *range(360_000, 480_000, 4_000), 1_000_000):
        with world.undone():
            mined = world.mine(world.escrow.address, data, gas)
            outcomes.append(mined)
            gained = world.balance(customer, world.moody_address) - before
            assert gained == (PAYS[WORSE] if mined else 0), gas
            assert world.escrow.withdrawable(world.moody_address, customer) == 0
    assert sorted(outcomes) == outcomes
    assert {True, False} == set(outcomes)
