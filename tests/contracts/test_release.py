"""`release`: the provider has back what is left, when nothing can be claimed any more."""

from __future__ import annotations

import pytest

from chain.escrow import Account, AccountState
from record.events import AgreementAmended, Compensated, Released
from sla.agreement import ScheduleUnit
from tests.contracts.world import (
    BAD,
    CLAIM,
    COLLATERAL,
    DAY,
    KEYS,
    MONTH,
    PAYS,
    RULE,
    START,
    WINDOW,
    WORSE,
    World,
    refused,
)

DEADLINE = START + 12 * MONTH + CLAIM


@pytest.mark.parametrize("by", ["provider", "customer", "stranger"])
def test_release__after_the_last_claim_deadline_by_anyone__pays_the_provider(world: World, by: str) -> None:
    """R15."""
    agreement = world.opened()
    before = {who: world.balance(who) for who in KEYS}
    world.travel(DEADLINE)
    world.escrow.release(KEYS[by], agreement)
    gained = {who: world.balance(who) - before[who] for who in KEYS}
    assert gained == {who: COLLATERAL * (who == "provider") for who in KEYS}
    account = world.escrow.account_of(world.escrow.id_of(agreement))
    assert account == Account(0, 0, 0, 12, AccountState.RELEASED)
    assert world.events(Released) == [
        Released(world.escrow.id_of(agreement), KEYS["provider"].address, COLLATERAL)
    ]


def test_release__a_second_before_the_last_claim_deadline__is_refused(world: World) -> None:
    """R15: with the zone's lag; at the deadline nothing can be claimed, so it is free."""
    agreement = world.opened(service={"zone_lag_seconds": 3_600})
    deadline = DEADLINE + 3_600
    with refused("NotReleasable", time=deadline - 1, lastClaimDeadline=deadline, openClaims=0):
        world.at(deadline - 1).release(KEYS["provider"], agreement)
    world.at(deadline).release(KEYS["provider"], agreement)


def test_release__monthly_schedule__waits_for_the_calendar(world: World) -> None:
    """Three months from 15 January 2027 end on 15 April: 31 + 28 + 31 days."""
    agreement = world.opened(service={"unit": ScheduleUnit.MONTHS, "length": 1, "count": 3})
    deadline = START + 90 * 86_400 + CLAIM
    with refused("NotReleasable", time=deadline - 1, lastClaimDeadline=deadline, openClaims=0):
        world.at(deadline - 1).release(KEYS["provider"], agreement)
    world.at(deadline).release(KEYS["provider"], agreement)


@pytest.mark.parametrize("state", ["pending", "due", "disputed", "silent", "ruled"])
def test_release__while_a_claim_is_open__is_refused(world: World, state: str) -> None:
    """R15: also when it could be settled in the same second."""
    agreement = world.opened()
    world.land(DEADLINE - 5)
    report = world.report(agreement, WORSE, 11)
    world.claim(agreement, report, world.post(report))
    if state in ("disputed", "silent", "ruled"):
        world.dispute(agreement, "provider", 1_000_000, 11)
    if state == "ruled":
        world.escrow.rule(KEYS["arbiter"], agreement, 11, 0, WORSE, 1_000_000)
    world.travel(DEADLINE + {"due": WINDOW, "silent": RULE}.get(state, 0))
    with refused("NotReleasable", time=world.now, lastClaimDeadline=DEADLINE, openClaims=1):
        world.escrow.release(KEYS["provider"], agreement)

    world.travel(DEADLINE + RULE + WINDOW)
    world.settle(agreement, (11, 0))
    before = world.balance("provider")
    world.escrow.release(KEYS["provider"], agreement)
    assert world.balance("provider") - before == COLLATERAL - PAYS[WORSE]


def test_release__twice__pays_once(world: World) -> None:
    agreement = world.opened()
    other = world.opened(formation={"document": bytes(32)})
    world.travel(DEADLINE)
    for _ in range(2):
        world.escrow.release(KEYS["provider"], agreement)
    assert world.balance(world.escrow.address) == COLLATERAL
    assert world.escrow.account_of(world.escrow.id_of(other)).collateral == COLLATERAL
    assert [event.amount for event in world.events(Released)] == [COLLATERAL, 0]


def test_release__with_arrears__pays_nothing_and_keeps_them_on_record(world: World) -> None:
    """R4."""
    agreement = world.opened(formation={"collateral": 1})
    agreement_id = world.escrow.id_of(agreement)
    world.claimed(agreement, WORSE)
    world.travel(world.now + WINDOW)
    world.settle(agreement)
    world.travel(DEADLINE)
    world.escrow.release(KEYS["provider"], agreement)
    assert world.escrow.account_of(agreement_id).due == PAYS[WORSE] - 1
    world.escrow.deposit(KEYS["provider"], agreement, PAYS[WORSE])
    assert world.escrow.account_of(agreement_id).due == 0


def test_release__what_is_deposited_afterwards__can_be_released_again(world: World) -> None:
    """P8: nothing is ever stuck."""
    agreement = world.opened()
    world.travel(DEADLINE)
    world.escrow.release(KEYS["provider"], agreement)
    world.escrow.deposit(KEYS["stranger"], agreement, 5)
    world.escrow.release(KEYS["stranger"], agreement)
    assert world.balance(world.escrow.address) == 0


def test_release__agreement_that_is_not_open__is_unknown(world: World) -> None:
    with refused("AgreementUnknown"):
        world.escrow.release(KEYS["provider"], world.agreement())


# After a cut


@pytest.mark.parametrize("count", [0, 1, 5])
def test_release__of_what_was_terminated__waits_for_the_last_period_kept(world: World, count: int) -> None:
    """R15: also when none was."""
    start = START + DAY
    agreement = world.opened(service={"start": start})
    world.terminate(agreement, count)
    deadline = start + count * MONTH + CLAIM
    with refused("NotReleasable", time=deadline - 1, lastClaimDeadline=deadline, openClaims=0):
        world.at(deadline - 1).release(KEYS["provider"], agreement)
    world.at(deadline).release(KEYS["provider"], agreement)


def test_release__of_an_amended_agreement__is_by_its_head(world: World) -> None:
    """R13, R15: the money of the first, on the head's word."""
    first = world.opened()
    second = world.amended(first, 6, formation={"collateral": 5})
    first_id, second_id = world.escrow.id_of(first), world.escrow.id_of(second)
    world.travel(DEADLINE)
    with refused("NotHead", id=first_id, head=second_id):
        world.escrow.release(KEYS["provider"], first)
    before = world.balance("provider")
    world.escrow.release(KEYS["provider"], second)
    assert world.balance("provider") == before + COLLATERAL + 5
    assert world.escrow.account_of(first_id).state == AccountState.RELEASED
    assert world.escrow.account_of(second_id).state == AccountState.VERSION
    assert world.events(Released) == [Released(first_id, KEYS["provider"].address, COLLATERAL + 5)]


def test_release__while_an_earlier_version_can_be_claimed__is_refused(world: World) -> None:
    """R15: the head may end, and stop being claimed, before the versions it took over from."""
    first = world.opened(stake={"claim_within": 300 * DAY})
    second = world.amended(first, 3, service={"count": 1, "length": DAY}, stake={"claim_within": 3 * DAY})
    third = world.amended(second, 1, service={"count": 1}, stake={"claim_within": 4 * DAY})
    deadline = START + 3 * MONTH + 300 * DAY
    assert deadline > START + 3 * MONTH + DAY + MONTH + 4 * DAY
    with refused("NotReleasable", time=deadline - 1, lastClaimDeadline=deadline, openClaims=0):
        world.at(deadline - 1).release(KEYS["provider"], third)
    world.at(deadline).release(KEYS["provider"], third)


def test_release__while_an_earlier_version_has_an_open_claim__is_refused(world: World) -> None:
    """R15: they are counted together."""
    first = world.opened()
    second = world.amended(first, 1, service={"count": 1, "length": DAY})
    deadline = START + MONTH + DAY + CLAIM
    world.land(START + MONTH + CLAIM - 5)
    report = world.report(first, WORSE)
    world.claim(first, report, world.post(report))
    world.dispute(first, "provider", BAD)
    with refused("NotReleasable", time=deadline, lastClaimDeadline=deadline, openClaims=1):
        world.at(deadline).release(KEYS["provider"], second)
    world.travel(world.now + RULE)
    world.settle(first)
    world.escrow.release(KEYS["provider"], second)


def test_release__in_arrears__pays_what_there_is_and_leaves_it_open(world: World) -> None:
    """R4: what is owed stays owed, of any version; R15: until then nothing is released."""
    first = world.opened(formation={"collateral": 0})
    second = world.amended(first, 1)
    world.paid(second, WORSE)
    world.travel(DEADLINE)
    world.escrow.release(KEYS["provider"], second)
    first_id = world.escrow.id_of(first)
    assert world.escrow.account_of(first_id) == Account(0, PAYS[WORSE], 0, 1, AccountState.OPEN)
    assert world.events(Released, Compensated) == []

    before = world.balance("customer")
    world.escrow.deposit(KEYS["provider"], second, PAYS[WORSE] - 7)
    world.escrow.release(KEYS["provider"], second)
    assert world.escrow.account_of(first_id) == Account(0, 7, 0, 1, AccountState.OPEN)
    world.escrow.deposit(KEYS["provider"], second, 7 + 5)
    assert world.balance("customer") == before + PAYS[WORSE]
    assert [event.id for event in world.events(Compensated)] == [first_id] * 2
    world.escrow.release(KEYS["provider"], second)
    assert world.events(Released) == [Released(first_id, KEYS["provider"].address, 5)]
    assert world.escrow.account_of(first_id) == Account(0, 0, 0, 1, AccountState.RELEASED)
    assert world.balance(world.escrow.address) == 0


def test_released__nothing__can_be_begun_again(world: World) -> None:
    """Every period is over: claims, disputes, amendments and terminations run into their own limits."""
    agreement = world.opened()
    world.travel(DEADLINE)
    world.escrow.release(KEYS["provider"], agreement)
    report = world.report(agreement, WORSE, 11)
    tree = world.post(report)
    with refused("ClaimTooLate"):
        world.claim(agreement, report, tree)
    with refused("ClaimTooLate"):
        world.dispute(agreement, "customer", WORSE, 11)
    begins = START + 12 * MONTH
    service = {"length": 4 * MONTH, "count": 1}
    second = world.amendment(agreement, 12, formation={"open_by": world.now + DAY}, service=service)
    with refused("PeriodBegun", boundary=begins, time=world.now):
        world.amend(second, agreement, 12)
    with refused("PeriodBegun"):
        world.terminate(agreement, 11)
    with refused("AgreementExists", id=world.escrow.id_of(agreement)):
        world.open(agreement)
    assert world.events(AgreementAmended) == []
