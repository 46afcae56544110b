"""`exit`: the customer leaves with the next period after enough paid breaches, near each other (DESIGN §4)."""

from __future__ import annotations

import pytest

from chain.escrow import Account, AccountState, ClaimStatus
from chain.messages import agreement_argument, terms_argument
from record.eip712 import formation_hash, obligations_hash
from record.events import AgreementExited
from sla.agreement import Agreement
from tests.contracts.world import (
    BAD,
    COLLATERAL,
    GOOD,
    KEYS,
    MONTH,
    PAYS,
    REPAIR,
    START,
    UPTIME,
    WINDOW,
    WORSE,
    World,
    changed,
    refused,
)

PENDING, DISPUTED, RULED, SETTLED = 1, 2, 3, 4


def breached(world: World, *periods: int, breaches: int = 2) -> Agreement:
    """An agreement that may be left after two paid periods within three, or as many as said; with paid ones."""
    agreement = world.opened(formation={"exit_breaches": breaches, "exit_periods": 3})
    for period in periods:
        world.paid(agreement, WORSE, period)
    return agreement


def test_exit__after_enough_paid_breaches__takes_effect_with_the_next_period(world: World) -> None:
    """R13: the same cut as an amendment's, by the customer alone."""
    agreement = breached(world, 0, 1)
    agreement_id = world.escrow.id_of(agreement)
    world.exit(agreement, 3, (0, UPTIME), (1, UPTIME))

    left = COLLATERAL - 2 * PAYS[WORSE]
    assert world.escrow.account_of(agreement_id) == Account(left, 0, 0, 3, AccountState.OPEN)
    assert world.events(AgreementExited) == [AgreementExited(agreement_id, 3, ((0, UPTIME), (1, UPTIME)))]

    world.paid(agreement, WORSE, 2)
    world.land(START + 4 * MONTH)
    report = world.report(agreement, WORSE, 3)
    with refused("PeriodUnknown", period=3, count=3):
        world.claim(agreement, report, world.post(report))


@pytest.mark.parametrize("by", ["provider", "arbiter", "operator", "stranger"])
def test_exit__by_anyone_but_the_customer__is_refused(world: World, by: str) -> None:
    agreement = breached(world, 0, 1)
    with refused("CallerInvalid", caller=KEYS[by].address.lower()):
        world.exit(agreement, 3, (0, UPTIME), (1, UPTIME), by=by)


# Which period is the next


def test_exit__in_the_first_and_the_last_second_of_a_period__names_the_next(world: World) -> None:
    agreement = breached(world, 0, 1)
    breaches = ((0, UPTIME), (1, UPTIME))
    third = START + 3 * MONTH
    customer = KEYS["customer"]
    with refused("PeriodNotNext", boundary=third, time=third - 1):
        world.at(third - 1).exit(customer, agreement, 4, breaches)
    world.at(third - 1).exit(customer, agreement, 3, breaches)
    with refused("PeriodBegun", boundary=third, time=third):
        world.at(third).exit(customer, agreement, 3, breaches)
    world.at(third).exit(customer, agreement, 4, breaches)
    with refused("PeriodNotNext", boundary=START + 4 * MONTH, time=third):
        world.at(third).exit(customer, agreement, 5, breaches)


def test_exit__in_the_last_period__has_nothing_to_cut(world: World) -> None:
    agreement = breached(world, 0, 1)
    world.terminate(agreement, 3)
    with refused("NothingToCut", count=3, current=3):
        world.exit(agreement, 3, (0, UPTIME), (1, UPTIME))


def test_exit__from_a_version_that_was_succeeded__is_refused(world: World) -> None:
    """Breaches count under the terms that are to be left."""
    agreement = breached(world, 0, 1)
    head = world.amended(agreement, 5)
    ids = [world.escrow.id_of(version) for version in (agreement, head)]
    with refused("NotHead", id=ids[0], head=ids[1]):
        world.exit(agreement, 3, (0, UPTIME), (1, UPTIME))
    with refused("BreachNotFinal", period=0, obligation=UPTIME, status=0):
        world.exit(head, 0, (0, UPTIME), (1, UPTIME))


def test_exit__of_an_agreement_that_is_not_open__is_refused(world: World) -> None:
    agreement = world.agreement(formation={"exit_breaches": 2, "exit_periods": 3})
    with refused("AgreementUnknown", id=world.escrow.id_of(agreement)):
        world.exit(agreement, 3, (0, UPTIME), (1, UPTIME))


# Which breaches count


def test_exit__without_an_exit_rule__is_refused(world: World) -> None:
    agreement = world.opened()
    world.paid(agreement, WORSE)
    with refused("ExitRuleMissing"):
        world.exit(agreement, 2, (0, UPTIME))
    with refused("ExitRuleMissing"):
        world.exit(agreement, 2)


def test_exit__fewer_breaches_than_agreed__is_refused(world: World) -> None:
    agreement = breached(world, 0, 1)
    with refused("BreachesTooFew", breaches=1, needed=2):
        world.exit(agreement, 3, (0, UPTIME))
    with refused("BreachesTooFew", breaches=0, needed=2):
        world.exit(agreement, 3)


def test_exit__the_same_period_twice_or_out_of_order__is_refused(world: World) -> None:
    """Distinct periods: two obligations of one period are one."""
    agreement = breached(world, 0, 1)
    world.paid(agreement, 500, 1, REPAIR)
    with refused("BreachesNotAscending", period=1, before=1):
        world.exit(agreement, 3, (1, UPTIME), (1, REPAIR))
    with refused("BreachesNotAscending", period=0, before=1):
        world.exit(agreement, 3, (1, UPTIME), (0, UPTIME))
    world.exit(agreement, 3, (0, UPTIME), (1, REPAIR))


def test_exit__breaches_too_far_apart__is_refused(world: World) -> None:
    """Within three periods: the third after the first is the last that counts."""
    agreement = breached(world, 0, 2, 3)
    with refused("BreachesTooFarApart", first=0, last=3, within=3):
        world.exit(agreement, 5, (0, UPTIME), (3, UPTIME))
    with world.undone():
        world.exit(agreement, 5, (2, UPTIME), (3, UPTIME))
    world.exit(agreement, 5, (0, UPTIME), (2, UPTIME))


def test_exit__more_breaches_than_agreed__is_as_good(world: World) -> None:
    agreement = breached(world, 0, 1, 2, breaches=1)
    world.exit(agreement, 4, (0, UPTIME), (1, UPTIME), (2, UPTIME))


@pytest.mark.parametrize("state", ["none", "pending", "due", "disputed", "ruled"])
def test_exit__a_breach_that_is_not_settled__does_not_count(world: World, state: str) -> None:
    """None is under dispute, none may still be."""
    agreement = breached(world, 0)
    status = {"none": 0, "pending": PENDING, "due": PENDING, "disputed": DISPUTED, "ruled": RULED}[state]
    if state == "none":
        world.travel(START + 2 * MONTH)
    else:
        world.claimed(agreement, WORSE, 1)
    if state == "due":
        world.travel(world.now + WINDOW)
    if state in ("disputed", "ruled"):
        world.dispute(agreement, "provider", BAD, 1)
    if state == "ruled":
        world.rule(agreement, BAD, period=1)
    with refused("BreachNotFinal", period=1, obligation=UPTIME, status=status):
        world.exit(agreement, 3, (0, UPTIME), (1, UPTIME))


def test_exit__a_breach_corrected_away__does_not_count(world: World) -> None:
    agreement = breached(world, 0, 1)
    world.claimed(agreement, GOOD, 1, revision=1)
    with refused("BreachNotFinal", period=1, obligation=UPTIME, status=PENDING):
        world.exit(agreement, 3, (0, UPTIME), (1, UPTIME))
    world.travel(world.now + WINDOW)
    world.settle(agreement, (1, UPTIME))
    with refused("BreachNotFinal", period=1, obligation=UPTIME, status=SETTLED):
        world.exit(agreement, 3, (0, UPTIME), (1, UPTIME))


def test_exit__a_breach_that_was_ruled_and_settled__counts(world: World) -> None:
    agreement = breached(world, 0)
    world.claimed(agreement, WORSE, 1)
    world.dispute(agreement, "provider", BAD, 1)
    world.rule(agreement, BAD, period=1)
    world.settle(agreement, (1, UPTIME))
    assert world.escrow.claim_of(world.escrow.id_of(agreement), 1, UPTIME).status == ClaimStatus.FINAL
    world.exit(agreement, 3, (0, UPTIME), (1, UPTIME))


def test_exit__a_breach_still_in_arrears__counts(world: World) -> None:
    """It is settled; that the collateral is gone is no reason to stay."""
    agreement = world.opened(formation={"exit_breaches": 1, "exit_periods": 1, "collateral": 0})
    world.paid(agreement, WORSE)
    world.exit(agreement, 2, (0, UPTIME))


# Which rule


def test_exit__with_another_formation_than_was_signed__is_refused(world: World) -> None:
    """P10: the customer cannot bring a kinder rule."""
    agreement = breached(world, 0)
    kinder = changed(agreement, formation={"exit_breaches": 1}).formation
    call = world.escrow.contract.functions.exit(
        terms_argument(agreement),
        obligations_hash(agreement.obligations),
        agreement_argument(changed(agreement, formation={"exit_breaches": 1}))[3],
        2,
        [(0, UPTIME)],
    )
    given, signed = formation_hash(kinder), formation_hash(agreement.formation)
    with refused("FormationMismatch", given=given, signed=signed):
        world.escrow.send(KEYS["customer"], call)
