"""Late days against a reference that walks every order's dates, one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.engine import Engine, open_engine
from record.terms.measures import LateDays
from record.terms.measures.days import Dates, DayCount
from record.terms.measures.late_days import Step
from sla.calendars import Calendar
from tests.unit.metering.asking import (
    answered,
    at,
    days_from,
    local_date,
    midnight,
    numbers,
    question,
    storm,
    table,
    told,
)

LONDON = "Europe/London"
EASTER = {date(2027, 3, 26), date(2027, 3, 29)}
"""Good Friday and Easter Monday; clocks go forward on the Sunday between them."""
EPOCH = date(1970, 1, 1)
OFFICE = Calendar(
    LONDON, (((32_400, 61_200),),) * 5 + ((), ()), frozenset((day - EPOCH).days for day in EASTER)
)
DATES = Dates(LONDON, OFFICE)
BOUNDS = [at(LONDON, text) for text in ("2027-03-01", "2027-03-28", "2027-04-01", "2027-05-01")]
OPENREACH = (Step(12, 1), Step(15, 2, since=12))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def order(name: str, due: str, done: str | None = None, **more: Any) -> dict[str, Any]:
    return {"order": name, "due": at(LONDON, due), "done": at(LONDON, done) if done else None, **more}


def is_day(day: date, business: bool) -> bool:
    return not business or (day.weekday() < 5 and day not in EASTER)


def weigh(late: int, steps: tuple[Step, ...]) -> int:
    """What so many late days weigh, read off the steps."""
    total = 0
    for day in range(1, late + 1):
        for step in steps:
            if day > step.beyond:
                reached = step
        if day <= steps[0].beyond:
            continue
        total = total + reached.each if reached.since is None else reached.each * (day - reached.since)
    return total


def walked(measure: LateDays, due: int, done: int | None, horizon: int) -> Iterator[tuple[int, int]]:
    """(the moment at which it counts, what it adds) of each late date of one order."""
    first = local_date(LONDON, due)
    left, late = measure.grace.number, 0
    for day in days_from(first)[:400]:
        begins, ends = midnight(LONDON, day), midnight(LONDON, day + timedelta(days=1))
        if day > first and left and is_day(day, measure.grace.business):
            left -= 1
            continue
        if left or not is_day(day, measure.business):
            continue
        if measure.missed:
            moment, is_late = ends - 1, done is None or done >= ends
            if day == first and measure.grace.number:
                continue
        else:
            moment, is_late = begins, done is None or done >= begins
            if day == first:
                continue
        if not is_late or moment >= horizon:
            return
        late += 1
        yield moment, weigh(late, measure.steps) - weigh(late - 1, measure.steps)


moments = st.integers(BOUNDS[0] - 60 * 86_400, BOUNDS[-1] + 20 * 86_400) | st.sampled_from(
    [bound + offset for bound in BOUNDS for offset in (-1, 0, 1)]
)
orders = st.lists(st.tuples(moments, st.none() | moments), min_size=20, max_size=60)
measures = st.builds(
    LateDays,
    dates=st.just(DATES),
    business=st.booleans(),
    missed=st.booleans(),
    grace=st.builds(DayCount, st.sampled_from([0, 0, 1, 2, 5]), st.booleans()),
    steps=st.sampled_from([(Step(0, 1),), OPENREACH, (Step(0, 3), Step(2, 5))]),
)


@given(seen=orders, measure=measures, until=moments)
@settings(max_examples=5, deadline=None)
def test_late_days__any_orders__are_walked_date_by_date(
    engine: Engine, seen: list[tuple[int, int | None]], measure: LateDays, until: int
) -> None:
    expected = [0, 0, 0]
    for due, done in seen:
        for moment, adds in walked(measure, due, done, min(until, BOUNDS[-1])):
            for cell in range(3):
                if BOUNDS[cell] <= moment < BOUNDS[cell + 1]:
                    expected[cell] += adds
    rows = [{"order": str(number), "due": due, "done": done} for number, (due, done) in enumerate(seen)]

    records = table(engine, "deliveries", rows[::-1])

    assert numbers(engine, records, measure, question(engine, BOUNDS, until=until)) == expected


@given(seen=orders, measure=measures)
@settings(max_examples=1, deadline=None)
def test_late_days__asked_cell_by_cell_or_told_line_by_line__are_the_same(
    engine: Engine, seen: list[tuple[int, int | None]], measure: LateDays
) -> None:
    rows = [{"order": str(number), "due": due, "done": done} for number, (due, done) in enumerate(seen)]
    records = table(engine, "deliveries", rows)
    together = numbers(engine, records, measure, question(engine, BOUNDS))
    by_cell: dict[int, int] = defaultdict(int)
    for row in told(engine, records, measure, question(engine, BOUNDS)):
        by_cell[row["cell"]] += row["weight"]

    apart = [
        numbers(engine, records, measure, question(engine, BOUNDS[place : place + 2]))[0]
        for place in range(3)
    ]

    assert together == apart == [by_cell[place] for place in range(3)]


EVERY_DAY = LateDays(Dates(LONDON), business=False, missed=True)


@pytest.mark.parametrize(
    ("done", "days"),
    [("2027-04-14 23:59:59", 0), ("2027-04-15 00:00", 1), ("2027-04-15 18:00", 1), ("2027-04-16 08:00", 2)],
)
def test_late_days__due_on_a_wednesday__are_those_a_provider_publishes(
    engine: Engine, done: str, days: int
) -> None:
    """A provider's own example of the scheme: due on Wednesday and active on Thursday pays one day, the missed one; on
    Friday, two."""
    records = table(engine, "deliveries", [order("1", "2027-04-14 12:00", done)])
    assert numbers(engine, records, EVERY_DAY, question(engine, BOUNDS[2:])) == [days]


def test_late_days__of_a_repair__come_after_two_full_working_days(engine: Engine) -> None:
    """Reported on Maundy Thursday: Tuesday and Wednesday are the two working days, Thursday 1 April is late."""
    repair = replace(EVERY_DAY, dates=DATES, grace=DayCount(2, business=True))
    fault = {"fault": "1", "start": at(LONDON, "2027-03-25 10:00")}
    for end, expected in (("2027-03-31 23:59", 0), ("2027-04-01 09:00", 0), ("2027-04-02 09:00", 1)):
        records = table(engine, "faults", [fault | {"end": at(LONDON, end)}])
        assert numbers(engine, records, repair, question(engine, BOUNDS)) == [0, 0, expected]


@pytest.mark.parametrize(
    ("day", "units"), [(12, 0), (13, 1), (14, 2), (15, 3), (16, 8), (17, 10), (19, 14), (60, 96)]
)
def test_late_days__openreach_steps__reach_back(engine: Engine, day: int, units: int) -> None:
    """Days 13 to 15 £2, beyond day 15 £4 from day 13 on: day 15 is £6, day 19 £28, in units of £2."""
    measure = LateDays(Dates("UTC"), business=False, missed=False, steps=OPENREACH)
    placed = at("UTC", "2027-01-04 09:00")
    records = table(engine, "deliveries", [{"order": "1", "due": placed, "done": placed + day * 86_400}])
    months = [at("UTC", f"2027-0{month}-01") for month in range(1, 6)]

    found = numbers(engine, records, measure, question(engine, months))
    whole = numbers(engine, records, replace(measure, when_done=True), question(engine, months))

    assert sum(number or 0 for number in found) == units
    month = (placed + day * 86_400 >= months[1]) + (placed + day * 86_400 >= months[2])
    assert whole == [units if place == month else 0 for place in range(4)]


def test_late_days__effective_dates__split_what_straddles_them(engine: Engine) -> None:
    """Due on 30 March, done on 3 April: 30 and 31 March at the old rate, 1 and 2 April at the new one."""
    april = (date(2027, 4, 1) - EPOCH).days
    records = table(engine, "deliveries", [order("1", "2027-03-30 12:00", "2027-04-03 12:00")])
    quarter = question(engine, [at(LONDON, "2027-02-01"), at(LONDON, "2027-05-01")])

    assert numbers(engine, records, replace(EVERY_DAY, before=april), quarter) == [2]
    assert numbers(engine, records, replace(EVERY_DAY, since=april), quarter) == [2]


def test_late_days__force_majeure__takes_whole_dates_of_its_region_and_no_part_of_one(engine: Engine) -> None:
    """From 2 April at noon to the end of the 4th: the 3rd and the 4th are gone, of the 2nd there is some left."""
    rows = [
        order(region, "2027-04-02 09:00", "2027-04-06 09:00", region=region) for region in ("coast", "inland")
    ]
    records = table(engine, "deliveries", rows)
    excluding = storm(engine, records, "coast", at(LONDON, "2027-04-02 12:00"), at(LONDON, "2027-04-05"))
    asked = question(engine, BOUNDS[2:], dimensions=["region"], excluding=excluding)

    found = answered(engine, records, EVERY_DAY, asked)

    assert [(each.dimension["region"], each.attained, each.excluded) for each in found] == [
        ("coast", 2, 2),
        ("inland", 4, 0),
    ]
    gone = [row for row in told(engine, records, EVERY_DAY, asked) if row["verdict"] == "excluded"]
    assert [(row["date"], row["excluded_by"]) for row in gone] == [
        ("2027-04-03", "storm"),
        ("2027-04-04", "storm"),
    ]


def test_late_days__a_date_that_is_gone__is_no_day_of_grace_nor_one_that_steps_count(engine: Engine) -> None:
    """Due on 1 April, done on the 4th, and the 2nd is gone: without it two days are late, the second of which makes
    both weigh five. After a day of grace, the 3rd, one is left."""
    records = table(
        engine, "deliveries", [order("1", "2027-04-01 09:00", "2027-04-04 09:00", region="coast")]
    )
    excluding = storm(engine, records, "coast", at(LONDON, "2027-04-02"), at(LONDON, "2027-04-03"))
    asked = question(engine, BOUNDS[2:], excluding=excluding)
    stepped = replace(EVERY_DAY, missed=False, steps=(Step(0, 1), Step(1, 5, since=0)))

    assert numbers(engine, records, stepped, asked) == [10]
    assert numbers(engine, records, replace(stepped, grace=DayCount(1)), asked) == [1]


@pytest.mark.parametrize(
    ("until", "missed", "begun"),
    [
        ("2027-04-01 23:59:59", 0, 0),
        ("2027-04-02 00:00:00", 1, 0),
        ("2027-04-02 00:00:01", 1, 1),
        ("2027-04-03 06:00:00", 2, 2),
    ],
)
def test_late_days__not_done_yet__count_up_to_what_is_known(
    engine: Engine, until: str, missed: int, begun: int
) -> None:
    """Due on 1 April. What happens at the very end of what is known, has not happened."""
    records = table(engine, "deliveries", [order("1", "2027-04-01 12:00")])
    asked = question(engine, BOUNDS[2:], until=at(LONDON, until))

    (answer,) = answered(engine, records, EVERY_DAY, asked)

    assert (answer.attained, answer.denominator) == (missed, int(missed > 0))
    assert numbers(engine, records, replace(EVERY_DAY, missed=False), asked) == [begun]


def test_late_days__never_done__end_with_the_399th_day_whatever_is_asked(engine: Engine) -> None:
    """Due on 5 March 2026; 399 days later it is 8 April 2027."""
    records = table(engine, "deliveries", [order("1", "2026-03-05 12:00")])

    assert numbers(engine, records, EVERY_DAY, question(engine, BOUNDS)) == [27, 4, 8]
    assert numbers(engine, records, EVERY_DAY, question(engine, BOUNDS[2:])) == [8]


def test_late_days__by_dimension__are_told_apart(engine: Engine) -> None:
    rows = [
        order("1", "2027-04-01", "2027-04-03", region="north"),
        order("2", "2027-04-01", "2027-04-02", region="south"),
        order("3", "2027-04-01", "2027-04-01", region="west"),
    ]
    asked = question(engine, BOUNDS[2:], dimensions=["region"])

    found = answered(engine, table(engine, "deliveries", rows), EVERY_DAY, asked)

    assert [(each.dimension["region"], each.attained) for each in found] == [("north", 2), ("south", 1)]


def test_late_days__told__name_each_date(engine: Engine) -> None:
    records = table(engine, "deliveries", [order("1", "2027-04-01", "2027-04-03 10:00")])

    rows = told(engine, records, EVERY_DAY, question(engine, BOUNDS[2:]))

    assert [(row["date"], row["late"], row["weight"], row["verdict"], row["order"]) for row in rows] == [
        ("2027-04-01", 1, 1, "bad", "1"),
        ("2027-04-02", 2, 1, "bad", "1"),
    ]
