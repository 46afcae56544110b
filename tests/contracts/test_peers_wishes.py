"""What users of such systems ask for, where it concerns the chain: one test a wish."""

from __future__ import annotations

from dataclasses import replace

import pytest

from record.merkle import MerkleTree
from sla.agreement import ScheduleUnit
from sla.report import Report
from tests.contracts.life_world import KEY, LifeWorld
from tests.contracts.world import (
    BAD,
    CHARGE,
    GOOD,
    MONTH,
    PAYS,
    START,
    UPTIME,
    UPTIME_OBLIGATION,
    WINDOW,
    WORSE,
    WORST,
)

PENDING, DISPUTED, SETTLED = 1, 2, 4


@pytest.fixture(scope="module")
def one() -> LifeWorld:
    return LifeWorld()


@pytest.fixture
def life(one: LifeWorld) -> LifeWorld:
    one.reset()
    return one


# What users of such systems ask for


@pytest.mark.parametrize("unit", list(ScheduleUnit))
def test_users__periods__touch_and_never_overlap(life: LifeWorld, unit: ScheduleUnit) -> None:
    """Exact UTC boundaries: each second belongs to one period; a report counts for its own period only."""
    length = MONTH if unit == ScheduleUnit.SECONDS else 1
    agreement = life.opened(service={"unit": unit, "length": length, "count": 2})
    first_end = START + (30 if unit == ScheduleUnit.SECONDS else 31) * 86_400
    second_end = START + (60 if unit == ScheduleUnit.SECONDS else 59) * 86_400
    for period, end in ((0, first_end), (1, second_end)):
        report = Report(life.id_of(agreement), period, UPTIME, 0, WORSE, CHARGE)
        life.chain.travel(end - 1)
        tree = life.post(report)
        with life.refused("RootTooEarly", end - 1, end):
            life.claim(agreement, report, tree.proof(report))
        life.chain.travel(end)
        again = replace(report, revision=1)
        tree = life.post(again)
        with life.refused("RootNotAttested"):
            other = replace(again, period=1 - period, revision=2)
            life.claim(agreement, other, MerkleTree([again]).proof(again))
        life.claim(agreement, again, tree.proof(again))


def test_users__recurring_corrections__end_where_the_last_one_says(life: LifeWorld) -> None:
    """Datadog's recurring corrections, and hold times that drift when they are accumulated (osTicket 3034, helpdesk PRs
    2449 and 3776, erpnext PR 49414, glpi 6902): here a revision says the whole, so nothing adds up twice."""
    agreement = life.at_once(UPTIME_OBLIGATION)
    paid = [
        life.brought(agreement, attained, revision=revision)
        for revision, attained in enumerate((BAD, WORST, WORSE, GOOD, BAD, WORSE, WORST, WORSE))
    ]
    assert paid == [100_000, 900_000, 0, 0, 0, 0, 0, 0]
    _, due, _, _, _ = life.view("accountOf", life.id_of(agreement))
    assert sum(paid) + due == PAYS[WORSE]


@pytest.mark.parametrize("by", ["operator", "stranger", "provider"])
def test_users__credits__come_before_the_customer_asks(life: LifeWorld, by: str) -> None:
    """Credits must be claimed by the customer elsewhere. Here anybody brings the report and settles it."""
    agreement = life.opened()
    life.chain.travel(START + MONTH)
    report = Report(life.id_of(agreement), 0, UPTIME, 0, WORSE, CHARGE)
    before = life.balance("customer")
    life.claim(agreement, report, life.post(report).proof(report), by=by)
    life.chain.travel(life.now + WINDOW)
    life.settle(agreement, [KEY], by=by)
    assert life.balance("customer") - before == PAYS[WORSE]


def test_users__a_clock_that_lags__moves_every_deadline_by_as_much(life: LifeWorld) -> None:
    """Clock skew and zones: an agreement that ends its days later than UTC waits for them."""
    lag = 14 * 3_600
    agreement = life.opened(service={"zone_lag_seconds": lag})
    report = Report(life.id_of(agreement), 0, UPTIME, 0, WORSE, CHARGE)
    life.chain.travel(START + MONTH + lag - 1)
    tree = life.post(report)
    with life.refused("RootTooEarly", START + MONTH + lag - 1, START + MONTH + lag):
        life.claim(agreement, report, tree.proof(report))
    life.chain.travel(START + MONTH + lag)
    later = replace(report, revision=1)
    life.claim(agreement, later, life.post(later).proof(later))
    assert life.pending(agreement) == (PAYS[WORSE], PENDING)
