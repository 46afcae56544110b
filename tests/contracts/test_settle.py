"""`settle`: what is due, all of it, once, to the customer; what is not due is skipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from chain.errors import Refused
from chain.escrow import ClaimStatus
from record.events import BondReturned, Compensated, InArrears, Settled
from sla.agreement import Agreement
from sla.compensation import entitlement
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    COLLATERAL,
    KEYS,
    MONTH,
    PAYS,
    REPAIR,
    RULE,
    START,
    UPTIME,
    WINDOW,
    WORSE,
    WORST,
    World,
    changed,
    refused,
)

KEY = (0, UPTIME)
CAP = 1_200_000


@pytest.mark.parametrize("by", ["provider", "customer", "arbiter", "stranger"])
def test_settle__after_the_window_by_anyone__pays_the_customer(world: World, by: str) -> None:
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    world.claimed(agreement, WORSE)
    before = {who: world.balance(who) for who in KEYS}
    world.land(world.now + WINDOW)
    world.settle(agreement, by=by)

    gained = {who: world.balance(who) - before[who] for who in KEYS}
    assert gained == {who: PAYS[WORSE] * (who == "customer") for who in KEYS}
    claim = world.escrow.claim_of(agreement_id, *KEY)
    assert (claim.pending, claim.settled, claim.status) == (0, PAYS[WORSE], ClaimStatus.SETTLED)
    account = world.escrow.account_of(agreement_id)
    assert (account.collateral, account.due, account.open_claims) == (COLLATERAL - PAYS[WORSE], 0, 0)
    assert world.view("SLAEscrow", world.escrow.address, "settledTotalOf", agreement_id, 0) == PAYS[WORSE]
    assert world.events(Settled, Compensated) == [
        Settled(agreement_id, 0, UPTIME, PAYS[WORSE], PAYS[WORSE]),
        Compensated(agreement_id, KEYS["customer"].address, PAYS[WORSE]),
    ]


def refuses(name: str, act: Callable[[], object]) -> bool:
    """Whether an action is refused, for this reason and no other."""
    try:
        act()
    except Refused as refusal:
        if refusal.name != name:
            raise
        return True
    return False


def status_at(world: World, agreement: Agreement, time: int) -> ClaimStatus:
    """After somebody tried to settle at exactly ``time``."""
    with world.undone():
        world.land(time)
        world.settle(agreement)
        return world.escrow.claim_of(world.escrow.id_of(agreement), *KEY).status


@pytest.mark.parametrize("offset", [-WINDOW + 1, -2, -1, 0, 1, RULE])
def test_claim__pending__can_be_either_disputed_or_settled_at_any_time(world: World, offset: int) -> None:
    """P7, on both sides of the window's end."""
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    end = world.now + WINDOW
    settled = status_at(world, agreement, end + offset) == ClaimStatus.SETTLED
    disputed = not refuses(
        "NotDisputable",
        lambda: world.at(end + offset).dispute(KEYS["provider"], agreement, *KEY, BAD, CHARGE),
    )
    assert disputed != settled
    assert settled == (offset >= 0)


@pytest.mark.parametrize("offset", [-RULE + 1, -1, 0, 1])
def test_claim__disputed__can_be_either_ruled_or_settled_at_any_time(world: World, offset: int) -> None:
    """The same for the ruling's deadline."""
    agreement = world.opened()
    world.disputed(agreement)
    deadline = world.now + RULE
    settled = status_at(world, agreement, deadline + offset) == ClaimStatus.SETTLED
    ruled = not refuses(
        "RulingTooLate",
        lambda: world.at(deadline + offset).rule(KEYS["arbiter"], agreement, *KEY, BAD, CHARGE),
    )
    assert ruled != settled
    assert settled == (offset >= 0)


@pytest.mark.parametrize(("by", "alleged"), [("provider", BAD), ("customer", WORST)])
def test_settle__when_the_arbiter_was_silent__the_report_stands_and_the_bond_returns(
    world: World, by: str, alleged: int
) -> None:
    """R8: silence costs the disputer nothing and gains nothing."""
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    before = {who: world.balance(who) for who in ("provider", "customer", "arbiter")}
    world.disputed(agreement) if by == "provider" else world.claimed(agreement, WORSE)
    if by == "customer":
        world.dispute(agreement, by, alleged)
    world.land(world.now + RULE)
    world.settle(agreement)

    gained = {who: world.balance(who) - before[who] for who in before}
    assert gained == {"provider": 0, "customer": PAYS[WORSE], "arbiter": 0}
    assert world.events(BondReturned) == [BondReturned(agreement_id, *KEY, KEYS[by].address, BOND)]
    assert world.balance(world.escrow.address) == COLLATERAL - PAYS[WORSE]


def test_settle__many_in_one_call__pays_the_due_in_one_transfer_and_skips_the_rest(world: World) -> None:
    """R2: due, not due, disputed and due or not, ruled, settled, never claimed, named twice, unknown."""
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    for period in range(4):
        world.claimed(agreement, BAD, period)
    world.dispute(agreement, "provider", 1_000_000, period=3)
    world.claimed(agreement, BAD, 4)
    world.dispute(agreement, "customer", WORST, period=4)
    world.escrow.rule(KEYS["arbiter"], agreement, 4, UPTIME, WORSE, CHARGE)
    world.settle(agreement, (0, UPTIME))
    world.land(START + 6 * MONTH)
    for period in (5,):
        world.claimed(agreement, BAD, period)
        world.dispute(agreement, "provider", 1_000_000, period=period)
    report = world.report(agreement, 500, 5, REPAIR)
    world.claim(agreement, report, world.post(report))
    before = {who: world.balance(who) for who in ("provider", "customer")}
    keys = [(5, REPAIR), (0, 0), (1, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (99, 0), (1, 255)]

    world.settle(agreement, *keys)

    assert world.balance("customer") - before["customer"] == 3 * PAYS[BAD] + PAYS[WORSE]
    assert world.balance("provider") - before["provider"] == BOND
    statuses = [world.escrow.claim_of(agreement_id, period, UPTIME).status for period in range(6)]
    settled, final = ClaimStatus.SETTLED, ClaimStatus.FINAL
    assert statuses == [settled] * 4 + [final, ClaimStatus.DISPUTED]
    assert world.escrow.claim_of(agreement_id, 5, REPAIR).status == ClaimStatus.PENDING
    assert world.escrow.account_of(agreement_id).open_claims == 2
    assert [event.amount for event in world.events(Compensated)] == [PAYS[BAD], 3 * PAYS[BAD] + PAYS[WORSE]]


def test_settle__of_nothing__changes_nothing(world: World) -> None:
    agreement = world.opened()
    world.escrow.settle(KEYS["stranger"], agreement, [])
    world.settle(agreement)
    assert world.events(Settled, Compensated) == []


def test_settle__bonds_of_both_parties__return_to_each(world: World) -> None:
    """R8."""
    agreement = world.opened()
    for period, by, alleged in ((0, "provider", BAD), (1, "customer", WORST), (2, "customer", WORST)):
        world.claimed(agreement, WORSE, period)
        world.dispute(agreement, by, alleged, period)
    before = {who: world.balance(who) for who in ("provider", "customer")}
    world.land(world.now + RULE)
    world.settle(agreement, (0, 0), (1, 0), (2, 0))
    assert world.balance("provider") - before["provider"] == BOND
    assert world.balance("customer") - before["customer"] == 2 * BOND + 3 * PAYS[WORSE]


# The joint cap of a period


def three_obligations(world: World) -> Agreement:
    usual = world.agreement()
    return replace(usual, obligations=(*usual.obligations, usual.obligations[UPTIME]))


FOUND = ((0, UPTIME, WORST), (0, REPAIR, 500), (0, 2, WORSE))
COMPENSATIONS = {UPTIME: 1_000_000, REPAIR: 350_000, 2: 300_000}


@pytest.mark.parametrize(
    ("order", "calls"),
    [
        *((order, "each") for order in permutations(range(3))),
        ((2, 0, 1), "one"),
        ((1, 0, 2), "one"),
        ((0, 2, 1), "mixed"),
    ],
    ids=str,
)
def test_settle__in_any_order_and_grouping__pays_the_period_up_to_its_cap(
    world: World, order: tuple[int, ...], calls: str
) -> None:
    """R3, P2: 1 000 000 + 350 000 + 300 000 under a cap of 1 200 000."""
    agreement = three_obligations(world)
    agreement_id = world.open(agreement)
    for period, obligation, attained in FOUND:
        world.claimed(agreement, attained, period, obligation)
    before = world.balance("customer")
    world.land(world.now + WINDOW)
    keys = [(0, index) for index in order]
    groups = {"one": [keys], "each": [[key] for key in keys], "mixed": [keys[:2], keys[2:]]}[calls]
    for group in groups:
        world.settle(agreement, *group)

    assert world.balance("customer") - before == CAP
    assert world.escrow.account_of(agreement_id).due == 0
    assert world.escrow.account_of(agreement_id).collateral == COLLATERAL - CAP
    total = 0
    for index, event in zip(order, world.events(Settled), strict=True):
        change = entitlement(CAP, total + COMPENSATIONS[index]) - entitlement(CAP, total)
        total += COMPENSATIONS[index]
        assert (event.compensation, event.entitlement_change) == (COMPENSATIONS[index], change)
    settled = world.view("SLAEscrow", world.escrow.address, "settledTotalOf", agreement_id, 0)
    assert settled == sum(COMPENSATIONS.values())


def test_settle__without_a_joint_cap__pays_the_sum(world: World) -> None:
    """R3: a cap of 0 means none."""
    agreement = changed(three_obligations(world), service={"period_cap": 0})
    world.open(agreement)
    for period, obligation, attained in FOUND:
        world.claimed(agreement, attained, period, obligation)
    before = world.balance("customer")
    world.land(world.now + WINDOW)
    world.settle(agreement, *((0, index) for index in range(3)))
    assert world.balance("customer") - before == sum(COMPENSATIONS.values())


def test_settle__two_periods__each_have_their_own_cap(world: World) -> None:
    agreement = three_obligations(world)
    world.open(agreement)
    for period in (0, 1):
        for _, obligation, attained in FOUND:
            world.claimed(agreement, attained, period, obligation)
    before = world.balance("customer")
    world.land(world.now + WINDOW)
    world.settle(agreement, *((period, index) for index in range(3) for period in (0, 1)))
    assert world.balance("customer") - before == 2 * CAP


# Who is meant


def test_settle__collateral_that_is_too_small__is_all_paid_and_the_rest_recorded(world: World) -> None:
    """R4, P2: no more than was deposited."""
    agreement = world.opened(formation={"collateral": 100_000})
    rich = world.opened()
    world.claimed(agreement, WORSE)
    before = world.balance("customer")
    world.land(world.now + WINDOW)
    world.settle(agreement)
    account = world.escrow.account_of(world.escrow.id_of(agreement))
    assert world.balance("customer") - before == 100_000
    assert (account.collateral, account.due) == (0, PAYS[WORSE] - 100_000)
    assert world.events(InArrears) == [InArrears(world.escrow.id_of(agreement), PAYS[WORSE] - 100_000)]
    assert world.escrow.account_of(world.escrow.id_of(rich)).collateral == COLLATERAL
    assert world.balance(world.escrow.address) == COLLATERAL


@pytest.mark.parametrize(
    "parts",
    [
        {"parties": {"customer": KEYS["stranger"].address}},
        {"service": {"period_cap": 0}},
        {"stake": {"token": KEYS["stranger"].address}},
    ],
)
def test_settle__terms_with_another_recipient_cap_or_token__are_unknown(
    world: World, parts: dict[str, dict[str, Any]]
) -> None:
    """R2: recipient and token come only from the signed terms."""
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    world.travel(world.now + WINDOW)
    with refused("AgreementUnknown"):
        world.settle(changed(agreement, **parts))


@pytest.mark.parametrize("state", ["pending", "disputed", "ruled", "withheld"])
def test_agreement__in_any_state__can_be_brought_to_its_end_by_a_stranger(world: World, state: str) -> None:
    """P8: without the oracle, the arbiter or the parties, within the windows of the terms."""
    agreement = world.opened(world.moody_address)
    agreement_id = world.escrow.id_of(agreement)
    world.claimed(agreement, WORSE, 11)
    if state in ("disputed", "ruled"):
        world.dispute(agreement, "provider", BAD, 11)
    if state == "ruled":
        world.escrow.rule(KEYS["arbiter"], agreement, 11, UPTIME, WORSE, CHARGE)
    if state == "withheld":
        world.moods(transfer="Reverts")
    world.land(world.now + max(WINDOW, RULE) + 1)
    world.settle(agreement, (11, UPTIME))
    world.land(START + 12 * MONTH + agreement.stake.claim_within)
    world.clock.time += 1
    world.escrow.release(KEYS["stranger"], agreement)

    account = world.escrow.account_of(agreement_id)
    assert (account.collateral, account.due, account.open_claims) == (0, 0, 0)
    end = ClaimStatus.FINAL if state == "ruled" else ClaimStatus.SETTLED
    assert world.escrow.claim_of(agreement_id, 11, UPTIME).status == end
    owed = world.escrow.withdrawable(world.moody_address, KEYS["customer"].address)
    assert owed == (PAYS[WORSE] if state == "withheld" else 0)


def test_settle__among_many_agreements__costs_what_it_costs_alone(world: World) -> None:
    """P11."""
    costs = []
    for number in range(12):
        agreement = world.opened(
            formation={"document": bytes([number]) * 32}, stake={"dispute_window": WINDOW + number}
        )
        if number in (0, 11):
            with world.undone():
                world.claimed(agreement, WORSE)
                world.land(world.now + WINDOW + number)
                receipt = world.escrow.settle(KEYS["stranger"], agreement, [(0, UPTIME)])
                assert receipt is not None
                costs.append(receipt["gasUsed"])
    assert abs(costs[0] - costs[1]) < 300  # calldata with more or fewer zero bytes
