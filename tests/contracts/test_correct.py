"""`claim` once more: a strictly higher revision replaces what waits, moves only the difference of what was settled, and
never what was ruled (R5)."""

from __future__ import annotations

import pytest

from chain.escrow import NO_DISPUTE, Claim, ClaimStatus
from record.events import BondReturned, Claimed, Compensated, Settled
from sla.agreement import Agreement
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    CLAIM,
    COLLATERAL,
    DAY,
    GOOD,
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
    refused,
)

KEY = (0, UPTIME)
DEADLINE = START + MONTH + CLAIM
"""From here on the first period cannot be claimed."""
PENDING, DISPUTED, RULED, FINAL = 1, 2, 3, 5


def claim_of(world: World, agreement: Agreement) -> Claim:
    return world.escrow.claim_of(world.escrow.id_of(agreement), *KEY)


def correct(world: World, agreement: Agreement, attained: int, revision: int) -> None:
    world.claimed(agreement, attained, revision=revision)


# Before settlement


@pytest.mark.parametrize("attained", [GOOD, BAD, WORST])
def test_correct__what_is_pending__is_replaced_with_a_full_window(world: World, attained: int) -> None:
    """Whatever it pays, also nothing."""
    agreement = world.opened()
    correct(world, agreement, WORSE, 0)
    world.travel(world.now + WINDOW - 10)
    correct(world, agreement, attained, 1)

    end = world.now + WINDOW
    assert claim_of(world, agreement) == Claim(PAYS[attained], 0, end, 1, ClaimStatus.PENDING)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).open_claims == 1
    (_, event) = world.events(Claimed)
    assert (event.compensation, event.status, event.deadline) == (PAYS[attained], PENDING, end)

    before = world.balance("customer")
    world.at(end - 1).settle(KEYS["stranger"], agreement, [KEY])
    assert claim_of(world, agreement).status == ClaimStatus.PENDING
    world.travel(end)
    world.settle(agreement)
    assert world.balance("customer") == before + PAYS[attained]
    assert world.escrow.account_of(world.escrow.id_of(agreement)).open_claims == 0


def test_correct__the_window_over_but_not_settled__is_still_possible(world: World) -> None:
    agreement = world.opened()
    correct(world, agreement, WORSE, 0)
    world.travel(world.now + WINDOW)
    correct(world, agreement, BAD, 1)
    assert claim_of(world, agreement) == Claim(PAYS[BAD], 0, world.now + WINDOW, 1, ClaimStatus.PENDING)
    world.at(world.now + WINDOW - 1).dispute(KEYS["provider"], agreement, *KEY, GOOD, CHARGE)


@pytest.mark.parametrize("settled", [False, True])
def test_correct__with_a_revision_no_higher__is_refused(world: World, settled: bool) -> None:
    """R11: conflicting leaves of one revision: the first brought stands."""
    agreement = world.opened()
    correct(world, agreement, WORSE, 5)
    if settled:
        world.travel(world.now + WINDOW)
        world.settle(agreement)
    for revision in (0, 4, 5):
        with refused("RevisionNotHigher", revision=revision, claimed=5):
            correct(world, agreement, WORST, revision)
    correct(world, agreement, WORST, 2**16 - 1)
    with refused("RevisionNotHigher", revision=2**16 - 1, claimed=2**16 - 1):
        correct(world, agreement, GOOD, 2**16 - 1)


@pytest.mark.parametrize("settled", [False, True])
def test_correct__until_the_claim_deadline__and_not_from_then_on(world: World, settled: bool) -> None:
    agreement = world.opened()
    correct(world, agreement, WORSE, 0)
    report = world.report(agreement, WORST, revision=1)
    proof = world.post(report).proof(report)
    if settled:
        world.travel(world.now + WINDOW)
        world.settle(agreement)
    world.at(DEADLINE - 1).claim(KEYS["operator"], agreement, report, proof)
    with refused("ClaimTooLate", time=DEADLINE, claimDeadline=DEADLINE):
        world.at(DEADLINE).claim(KEYS["operator"], agreement, report, proof)


# After settlement


@pytest.mark.parametrize(
    ("first", "then"), [(BAD, WORSE), (BAD, WORST), (WORSE, BAD), (WORST, GOOD), (BAD, 994_000)]
)
def test_correct__what_was_settled__moves_the_difference(world: World, first: int, then: int) -> None:
    """R4, R5: up is paid, down is an overpayment on record, kept for what is owed next. 994 000 pays as 995 000."""
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    before = world.balance("customer")
    world.paid(agreement, first)
    correct(world, agreement, then, 1)
    pays = PAYS.get(then, 100_000)
    change = pays - PAYS[first]

    assert world.balance("customer") == before + PAYS[first], "it waits for its window"
    claim = Claim(pays, PAYS[first], world.now + WINDOW, 1, ClaimStatus.PENDING)
    assert claim_of(world, agreement) == claim
    world.travel(world.now + WINDOW)
    world.settle(agreement)

    assert claim_of(world, agreement) == Claim(0, pays, claim.window_end, 1, ClaimStatus.SETTLED)
    assert world.balance("customer") == before + PAYS[first] + max(0, change)
    account = world.escrow.account_of(agreement_id)
    assert account.due == min(0, change)
    assert account.collateral == COLLATERAL - PAYS[first] - max(0, change)
    assert world.events(Settled)[-1] == Settled(agreement_id, 0, UPTIME, pays, change)
    assert world.escrow.settled_total_of(agreement_id, 0) == pays


def test_correct__an_overpayment__is_netted_by_what_is_owed_next(world: World) -> None:
    """R4."""
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    world.paid(agreement, WORSE)
    world.claimed(agreement, BAD, revision=1)
    world.travel(world.now + WINDOW)
    world.settle(agreement)
    assert world.escrow.account_of(agreement_id).due == -200_000

    before = world.balance("customer")
    world.paid(agreement, WORSE, 1)
    assert world.balance("customer") == before + PAYS[WORSE] - 200_000
    assert world.escrow.account_of(agreement_id).due == 0
    paid = [event.amount for event in world.events(Compensated)]
    assert sum(paid) == PAYS[BAD] + PAYS[WORSE]


def test_correct__again_and_again__pays_what_the_last_says(world: World) -> None:
    agreement = world.opened()
    before = world.balance("customer")
    for revision, attained in enumerate((BAD, WORST, GOOD, WORSE, WORST)):
        correct(world, agreement, attained, revision)
        world.travel(world.now + WINDOW)
        world.settle(agreement)
    assert world.balance("customer") == before + PAYS[WORST]
    account = world.escrow.account_of(world.escrow.id_of(agreement))
    assert (account.due, account.collateral, account.open_claims) == (0, COLLATERAL - PAYS[WORST], 0)


def test_correct__under_the_joint_cap__moves_only_what_the_period_is_entitled_to(world: World) -> None:
    """R3: 770 000 and 1 000 000 are capped at 1 200 000; with 300 000 they are 1 070 000."""
    agreement = world.opened()
    before = world.balance("customer")
    world.paid(agreement, 1_000, obligation=REPAIR)
    world.paid(agreement, WORST)
    assert world.balance("customer") == before + 1_200_000
    correct(world, agreement, WORSE, 1)
    world.travel(world.now + WINDOW)
    world.settle(agreement)
    assert world.events(Settled)[-1].entitlement_change == -130_000
    assert world.escrow.account_of(world.escrow.id_of(agreement)).due == -130_000


def test_correct__with_a_window_of_zero__pays_the_difference_at_once(world: World) -> None:
    agreement = world.opened(stake={"dispute_window": 0})
    before = world.balance("customer")
    correct(world, agreement, BAD, 0)
    correct(world, agreement, WORST, 1)
    assert world.balance("customer") == before + PAYS[WORST]
    account = world.escrow.account_of(world.escrow.id_of(agreement))
    assert (account.open_claims, account.due) == (0, 0)
    assert [event.entitlement_change for event in world.events(Settled)] == [100_000, 900_000]


def test_correct__an_adapters_formula_that_paid_a_tenth__pays_the_rest(world: World) -> None:
    """PEERS.md: DSLA paid 1 485 013 where 14.85 M was owed, and repaired it by hand. Here the delta is paid."""
    agreement = world.opened(service={"charge": 14_850_130, "period_cap": 0})
    before = world.balance("customer")
    world.paid(agreement, BAD)
    assert world.balance("customer") == before + 1_485_013

    correct(world, agreement, WORST, 1)
    world.travel(world.now + WINDOW)
    world.settle(agreement)

    assert world.balance("customer") == before + 14_850_130
    assert [event.amount for event in world.events(Compensated)] == [1_485_013, 13_365_117]
    account = world.escrow.account_of(world.escrow.id_of(agreement))
    assert (account.due, account.collateral) == (0, COLLATERAL - 14_850_130)


def test_correct__beyond_the_collateral__is_arrears(world: World) -> None:
    """R4."""
    agreement = world.opened(formation={"collateral": 150_000})
    world.paid(agreement, BAD)
    correct(world, agreement, WORSE, 1)
    world.travel(world.now + WINDOW)
    world.settle(agreement)
    account = world.escrow.account_of(world.escrow.id_of(agreement))
    assert (account.collateral, account.due) == (0, 150_000)


def test_correct__can_be_disputed_as_any_claim(world: World) -> None:
    """R5: a full window, also for what was settled before."""
    agreement = world.opened()
    world.paid(agreement, BAD)
    correct(world, agreement, WORST, 1)
    world.dispute(agreement, "provider", BAD)
    assert world.escrow.dispute_of(world.escrow.id_of(agreement), *KEY).contested == PAYS[WORST]
    world.rule(agreement, BAD)
    before = world.balance("customer")
    world.settle(agreement)
    assert world.balance("customer") == before
    assert claim_of(world, agreement).status == ClaimStatus.FINAL
    assert claim_of(world, agreement).settled == PAYS[BAD]


# While it is disputed, and after a ruling


def test_correct__during_a_dispute__is_recorded_and_moves_nothing(world: World) -> None:
    """R5: the ruling is still measured against what was contested."""
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    world.disputed(agreement, WORSE, BAD)
    contest = world.escrow.dispute_of(agreement_id, *KEY)
    before = {who: world.balance(who) for who in KEYS}
    correct(world, agreement, WORST, 1)

    assert claim_of(world, agreement) == Claim(
        PAYS[WORST], 0, contest.ruling_deadline, 1, ClaimStatus.DISPUTED
    )
    assert world.escrow.dispute_of(agreement_id, *KEY) == contest
    assert contest.contested == PAYS[WORSE]
    assert {who: world.balance(who) for who in KEYS} == before
    assert world.escrow.account_of(agreement_id).open_claims == 1
    event = world.events(Claimed)[-1]
    assert (event.status, event.deadline) == (DISPUTED, contest.ruling_deadline)

    world.rule(agreement, WORSE)
    assert world.balance("customer") - before["customer"] == BOND - 200
    world.settle(agreement)
    assert claim_of(world, agreement).settled == PAYS[WORSE]


@pytest.mark.parametrize("attained", [GOOD, BAD, WORST])
def test_correct__during_a_dispute__stands_when_nobody_rules(world: World, attained: int) -> None:
    """R5, R8: the highest revision, and the whole bond returns."""
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    before = {who: world.balance(who) for who in ("provider", "customer")}
    world.disputed(agreement, WORSE, BAD)
    deadline = world.now + RULE
    correct(world, agreement, BAD, 3)
    with refused("RevisionNotHigher", revision=3, claimed=3):
        correct(world, agreement, WORST, 3)
    correct(world, agreement, attained, 4)
    world.travel(deadline)
    world.settle(agreement)

    assert claim_of(world, agreement) == Claim(0, PAYS[attained], deadline, 4, ClaimStatus.SETTLED)
    assert world.balance("customer") == before["customer"] + PAYS[attained]
    assert world.balance("provider") == before["provider"]
    assert world.events(BondReturned) == [BondReturned(agreement_id, *KEY, KEYS["provider"].address, BOND)]
    assert world.escrow.dispute_of(agreement_id, *KEY) == NO_DISPUTE


def test_correct__during_a_dispute__until_its_ruling_deadline(world: World) -> None:
    """Then it is settled first, and is corrected as any settled claim until the claim deadline."""
    agreement = world.opened()
    world.disputed(agreement)
    deadline = world.now + RULE
    report = world.report(agreement, WORST, revision=1)
    proof = world.post(report).proof(report)
    world.at(deadline - 1).claim(KEYS["operator"], agreement, report, proof)
    with refused("DisputeOver", time=deadline, rulingDeadline=deadline):
        world.at(deadline).claim(KEYS["operator"], agreement, report, proof)
    world.settle(agreement)
    world.escrow.claim(KEYS["operator"], agreement, report, proof)
    assert claim_of(world, agreement).status == ClaimStatus.PENDING
    assert claim_of(world, agreement).settled == PAYS[WORSE]


def test_correct__during_a_dispute_beyond_the_claim_deadline__is_recorded(world: World) -> None:
    """The dispute's own deadline counts while it runs."""
    agreement = world.opened()
    world.land(DEADLINE - DAY)
    first, second = (world.report(agreement, WORSE), world.report(agreement, WORST, revision=1))
    tree = world.post(first, second)
    world.claim(agreement, first, tree)
    world.dispute(agreement, "provider", BAD)
    world.travel(DEADLINE + DAY)
    world.claim(agreement, second, tree)
    assert claim_of(world, agreement).pending == PAYS[WORST]


@pytest.mark.parametrize("how", ["ruled", "conceded"])
def test_correct__what_was_ruled_or_conceded__is_final(world: World, how: str) -> None:
    """R5: before its settlement and after."""
    agreement = world.opened()
    world.disputed(agreement, WORSE, BAD)
    if how == "ruled":
        world.rule(agreement, BAD)
    else:
        world.concede(agreement, "customer", PAYS[BAD])
    with refused("RulingFinal", status=RULED):
        correct(world, agreement, WORST, 1)
    world.settle(agreement)
    with refused("RulingFinal", status=FINAL):
        correct(world, agreement, WORST, 1)
