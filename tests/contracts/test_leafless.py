"""`dispute` without a report: the committee is silent, or says nothing was wrong (R6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chain.escrow import NO_DISPUTE, Claim, ClaimStatus, Dispute, Disputer
from record.events import BondReturned, Claimed, Disputed, Settled
from sla.agreement import NO_DATA, Agreement, MissingData
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    CLAIM,
    COLLATERAL,
    FEE,
    GOOD,
    KEYS,
    MONTH,
    PAYS,
    REPAIR,
    REPAIR_OBLIGATION,
    REPORT,
    RULE,
    START,
    UPTIME,
    UPTIME_OBLIGATION,
    WINDOW,
    WORSE,
    WORST,
    World,
    refused,
)

KEY = (0, UPTIME)
END = START + MONTH
OVERDUE, DEADLINE = END + REPORT, END + CLAIM
"""A leafless dispute may begin from the one until the other."""
DISPUTED = 2
WORST_REPAIR = 770_000
"""1 000 hours are 36 whole days beyond 120: 50 000 + 36 * 20 000; below the cap of 900 000."""


def agreed(world: World, policy: MissingData) -> Agreement:
    """The usual agreement, its uptime under the policy."""
    agreement = world.agreement()
    obligations = (replace(UPTIME_OBLIGATION, missing_data=policy), REPAIR_OBLIGATION)
    agreement = replace(agreement, obligations=obligations)
    world.open(agreement)
    return agreement


def overdue(world: World, by: str = "customer", alleged: int = WORSE) -> Agreement:
    """A dispute without a report, of an obligation whose missing data are ignored."""
    agreement = world.opened()
    world.travel(OVERDUE)
    world.dispute(agreement, by, alleged)
    return agreement


def claim_of(world: World, agreement: Agreement, obligation: int = UPTIME) -> Claim:
    return world.escrow.claim_of(world.escrow.id_of(agreement), 0, obligation)


# Opening


def test_leafless__by_the_customer__contests_nothing_and_holds_the_bond(world: World) -> None:
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    before = world.balance("customer")
    world.travel(OVERDUE)
    world.dispute(agreement, "customer", WORSE)

    deadline = world.now + RULE
    assert claim_of(world, agreement) == Claim(0, 0, 0, 0, ClaimStatus.DISPUTED)
    assert world.escrow.dispute_of(agreement_id, *KEY) == Dispute(
        0, PAYS[WORSE], deadline, Disputer.CUSTOMER, BOND
    )
    assert world.escrow.account_of(agreement_id).open_claims == 1
    assert world.balance("customer") == before - BOND
    party = KEYS["customer"].address
    assert world.events(Disputed) == [
        Disputed(agreement_id, *KEY, party, WORSE, CHARGE, PAYS[WORSE], 0, BOND, deadline)
    ]


def test_leafless__from_the_report_deadline_to_the_claim_deadline__and_not_outside(world: World) -> None:
    """R6."""
    agreement = world.opened()
    call = (agreement, *KEY, WORSE, CHARGE)
    customer = KEYS["customer"]
    with refused("NotOverdue", time=OVERDUE - 1, overdueFrom=OVERDUE):
        world.at(OVERDUE - 1).dispute(customer, *call)
    world.at(OVERDUE).dispute(customer, *call)
    world.at(DEADLINE - 1).dispute(customer, *call)
    with refused("ClaimTooLate", time=DEADLINE, claimDeadline=DEADLINE):
        world.at(DEADLINE).dispute(customer, *call)


def test_leafless__in_a_zone_that_lags__waits_for_its_midnight(world: World) -> None:
    agreement = world.opened(service={"zone_lag_seconds": 3_600})
    with refused("NotOverdue", time=OVERDUE + 3_599, overdueFrom=OVERDUE + 3_600):
        world.at(OVERDUE + 3_599).dispute(KEYS["customer"], agreement, *KEY, WORSE, CHARGE)
    world.at(OVERDUE + 3_600).dispute(KEYS["customer"], agreement, *KEY, WORSE, CHARGE)


@pytest.mark.parametrize("by", ["arbiter", "operator", "stranger"])
def test_leafless__by_anyone_but_the_parties__is_refused(world: World, by: str) -> None:
    agreement = world.opened()
    world.travel(OVERDUE)
    with refused("CallerInvalid", caller=KEYS[by].address.lower()):
        world.dispute(agreement, by, WORSE)


@pytest.mark.parametrize("alleged", [GOOD, BAD, WORST])
def test_leafless__by_the_provider__has_nothing_to_lower(world: World, alleged: int) -> None:
    """Nothing is pending: less than nothing cannot be alleged."""
    agreement = world.opened()
    world.travel(OVERDUE)
    with refused("AllegationUseless", alleged=PAYS[alleged], pending=0):
        world.dispute(agreement, "provider", alleged)


def test_leafless__what_pays_nothing__is_useless(world: World) -> None:
    agreement = world.opened()
    world.travel(OVERDUE)
    with refused("AllegationUseless", alleged=0, pending=0):
        world.dispute(agreement, "customer", GOOD)


@pytest.mark.parametrize("attained", [0, 1_001, NO_DATA])
def test_leafless__outside_the_sane_bounds__is_refused(world: World, attained: int) -> None:
    agreement = world.opened()
    world.travel(OVERDUE)
    with refused("OutsideSaneBounds", attained=attained, min=1, max=1_000):
        world.escrow.dispute(KEYS["customer"], agreement, 0, REPAIR, attained, CHARGE)


def test_leafless__of_a_period_beyond_the_last__is_unknown(world: World) -> None:
    agreement = world.opened()
    world.terminate(agreement, 1)
    world.travel(OVERDUE + MONTH)
    with refused("PeriodUnknown", period=1, count=1):
        world.dispute(agreement, "customer", WORSE, 1)


def test_leafless__one_only__is_taken(world: World) -> None:
    """R6: until it is ruled or settled, and after that there is a claim."""
    agreement = overdue(world)
    for by in ("customer", "provider"):
        with refused("NotDisputable", status=DISPUTED, time=world.now, windowEnd=0):
            world.dispute(agreement, by, WORST)
    world.travel(world.now + RULE)
    world.settle(agreement)
    with refused("NotDisputable", status=4, time=world.now, windowEnd=0):
        world.dispute(agreement, "customer", WORST)


# Silence


@pytest.mark.parametrize(
    ("policy", "pays"), [(MissingData.IGNORE, 0), (MissingData.BREACH, 1_000_000), (MissingData.ARBITER, 0)]
)
def test_leafless__nobody_says_anything__pays_what_the_policy_says(
    world: World, policy: MissingData, pays: int
) -> None:
    """R6, P8: neither oracle nor arbiter is needed. An uptime of 0 would pay the whole charge."""
    agreement = agreed(world, policy)
    agreement_id = world.escrow.id_of(agreement)
    before = world.balance("customer")
    world.travel(OVERDUE)
    world.dispute(agreement, "customer", WORSE)
    deadline = world.now + RULE
    assert claim_of(world, agreement).pending == pays
    assert world.events(Disputed)[0].standing == pays

    world.at(deadline - 1).settle(KEYS["stranger"], agreement, [KEY])
    assert claim_of(world, agreement).status == ClaimStatus.DISPUTED
    world.travel(deadline)
    world.settle(agreement)

    assert claim_of(world, agreement) == Claim(0, pays, 0, 0, ClaimStatus.SETTLED)
    assert world.balance("customer") == before + pays
    assert world.events(BondReturned) == [BondReturned(agreement_id, *KEY, KEYS["customer"].address, BOND)]
    assert world.escrow.dispute_of(agreement_id, *KEY) == NO_DISPUTE
    assert world.escrow.account_of(agreement_id).open_claims == 0


def test_leafless__silence_about_what_is_at_most__counts_the_other_end(world: World) -> None:
    """R22: the worst sane repair time is the longest."""
    agreement = world.opened()
    before = world.balance("customer")
    world.travel(OVERDUE)
    world.escrow.dispute(KEYS["customer"], agreement, 0, REPAIR, 100, CHARGE)
    assert claim_of(world, agreement, REPAIR).pending == WORST_REPAIR
    world.travel(world.now + RULE)
    world.settle(agreement, (0, REPAIR))
    assert world.balance("customer") == before + WORST_REPAIR


def test_leafless__under_a_metered_charge__counts_the_charge_alleged(world: World) -> None:
    """R21: at most the maximum."""
    agreement = world.agreement(service={"charge": 0, "charge_max": CHARGE})
    breach = replace(UPTIME_OBLIGATION, missing_data=MissingData.BREACH)
    agreement = replace(agreement, obligations=(breach, REPAIR_OBLIGATION))
    world.open(agreement)
    world.travel(OVERDUE)
    with refused("ChargeMismatch", charge=CHARGE + 1, allowed=CHARGE):
        world.escrow.dispute(KEYS["customer"], agreement, *KEY, WORSE, CHARGE + 1)
    world.escrow.dispute(KEYS["customer"], agreement, *KEY, WORSE, 5_000)
    assert claim_of(world, agreement).pending == 5_000


# Answers


@pytest.mark.parametrize("attained", [GOOD, BAD, WORST])
@pytest.mark.parametrize("revision", [0, 3])
def test_leafless__answered_by_a_report__stands_when_nobody_rules(
    world: World, attained: int, revision: int
) -> None:
    """R6: anyone may answer, also with a report that pays 0."""
    agreement = overdue(world)
    deadline = world.now + RULE
    contest = world.escrow.dispute_of(world.escrow.id_of(agreement), *KEY)
    before = world.balance("customer")
    world.claimed(agreement, attained, revision=revision)
    assert claim_of(world, agreement) == Claim(PAYS[attained], 0, deadline, revision, ClaimStatus.DISPUTED)
    assert world.escrow.dispute_of(world.escrow.id_of(agreement), *KEY) == contest
    (event,) = world.events(Claimed)
    assert (event.compensation, event.status, event.deadline) == (PAYS[attained], DISPUTED, deadline)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).open_claims == 1

    world.travel(deadline)
    world.settle(agreement)
    assert world.balance("customer") == before + BOND + PAYS[attained]


def test_leafless__answered_twice__keeps_the_highest_revision(world: World) -> None:
    agreement = overdue(world)
    deadline = world.now + RULE
    world.claimed(agreement, WORST, revision=0)
    with refused("RevisionNotHigher", revision=0, claimed=0):
        world.claimed(agreement, GOOD, revision=0)
    world.claimed(agreement, BAD, revision=1)
    world.travel(deadline)
    world.settle(agreement)
    assert claim_of(world, agreement).settled == PAYS[BAD]


def test_leafless__answered_too_late__is_settled_first(world: World) -> None:
    agreement = overdue(world)
    deadline = world.now + RULE
    report = world.report(agreement, WORST)
    proof = world.post(report).proof(report)
    world.at(deadline - 1).claim(KEYS["stranger"], agreement, report, proof)
    with refused("DisputeOver", time=deadline, rulingDeadline=deadline):
        world.at(deadline).claim(KEYS["stranger"], agreement, report, proof)


# Rulings


@pytest.mark.parametrize(
    ("ruling", "winner"), [(GOOD, "provider"), (BAD, "customer"), (WORSE, "customer"), (WORST, "customer")]
)
@pytest.mark.parametrize("answer", [None, GOOD, WORST])
def test_leafless__ruled__gives_the_bond_to_the_customer_iff_something_is_owed(
    world: World, ruling: int, winner: str, answer: int | None
) -> None:
    """R8: measured against nothing, whatever was answered meanwhile."""
    agreement = overdue(world)
    if answer is not None:
        world.claimed(agreement, answer)
    before = {who: world.balance(who) for who in ("provider", "customer", "arbiter")}
    world.rule(agreement, ruling)
    gained = {who: world.balance(who) - before[who] for who in before}
    assert gained == {
        "arbiter": FEE,
        "provider": (BOND - FEE) * (winner == "provider"),
        "customer": (BOND - FEE) * (winner == "customer"),
    }
    world.settle(agreement)
    assert claim_of(world, agreement).settled == PAYS[ruling]
    assert claim_of(world, agreement).status == ClaimStatus.FINAL


def test_leafless__conceded__pays_what_was_alleged(world: World) -> None:
    agreement = overdue(world)
    before = world.balance("customer")
    world.concede(agreement, "provider", PAYS[WORSE])
    world.settle(agreement)
    assert world.balance("customer") == before + BOND + PAYS[WORSE]
    assert claim_of(world, agreement).status == ClaimStatus.FINAL


# A late first report


@pytest.mark.parametrize("attained", [GOOD, BAD])
def test_late_report__after_a_silent_dispute__moves_the_difference(world: World, attained: int) -> None:
    """R9: valid until the claim deadline unless ruled; there was no report before, so any revision will do."""
    agreement = agreed(world, MissingData.BREACH)
    agreement_id = world.escrow.id_of(agreement)
    world.travel(OVERDUE)
    world.dispute(agreement, "customer", WORSE)
    world.travel(world.now + RULE)
    world.settle(agreement)
    before = world.balance("customer")

    world.claimed(agreement, attained, revision=0)
    assert claim_of(world, agreement) == Claim(
        PAYS[attained], PAYS[WORST], world.now + WINDOW, 0, ClaimStatus.PENDING
    )
    world.travel(world.now + WINDOW)
    world.settle(agreement)
    assert world.balance("customer") == before
    assert world.escrow.account_of(agreement_id).due == PAYS[attained] - PAYS[WORST]
    assert world.events(Settled)[-1].entitlement_change == PAYS[attained] - PAYS[WORST]
    with refused("RevisionNotHigher", revision=0, claimed=0):
        world.claimed(agreement, WORST, revision=0)


def test_late_report__when_the_claim_deadline_is_over__is_refused(world: World) -> None:
    agreement = overdue(world)
    report = world.report(agreement, WORST)
    proof = world.post(report).proof(report)
    world.travel(world.now + RULE)
    world.settle(agreement)
    world.at(DEADLINE - 1).claim(KEYS["stranger"], agreement, report, proof)
    with refused("ClaimTooLate", time=DEADLINE, claimDeadline=DEADLINE):
        world.at(DEADLINE).claim(KEYS["stranger"], agreement, report, proof)


def test_report__of_what_was_never_disputed__still_must_pay(world: World) -> None:
    """R5: a report that pays 0 is for corrections and answers."""
    agreement = world.opened()
    world.travel(OVERDUE)
    report = world.report(agreement, GOOD)
    with refused("NothingOwed", attained=GOOD):
        world.claim(agreement, report, world.post(report))
    assert world.balance(world.escrow.address) == COLLATERAL
