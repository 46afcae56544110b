"""Indicators of orders against a reference that looks at one order after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.engine import Engine, open_engine
from record.terms.measures.days import Dates, DayCount, Deadline
from record.terms.measures.deliveries import LateOrders, LeadTime, MissedAppointments, OnTime, RightFirstTime
from record.terms.measures.statistic import Statistic
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

ROME = "Europe/Rome"
HOLIDAYS = {date(2027, 3, 29), date(2027, 4, 5)}
OFFICE = Calendar(
    ROME, (((32_400, 61_200),),) * 5 + ((), ()), frozenset((day - date(1970, 1, 1)).days for day in HOLIDAYS)
)
BOUNDS = [at(ROME, text) for text in ("2027-03-01", "2027-03-28", "2027-04-01", "2027-05-01")]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def is_business(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


moments = st.integers(BOUNDS[0] - 40 * 86_400, BOUNDS[-1] + 20 * 86_400) | st.sampled_from(
    [bound + offset for bound in BOUNDS for offset in (-1, 0, 1)]
)
orders = st.lists(
    st.fixed_dictionaries(
        {
            "due": moments,
            "done": st.none() | moments,
            "right_first_time": st.sampled_from([True, False, None]),
            "missed_appointments": st.integers(0, 3),
        }
    ),
    min_size=10,
    max_size=80,
)


def cell_of(moment: int, until: int) -> int | None:
    within = [place for place in range(3) if BOUNDS[place] <= moment < BOUNDS[place + 1] and moment < until]
    return within[0] if within else None


def last_second(deadline: Deadline, due: int) -> int:
    """Of the deadline, found by going from date to date."""
    if deadline.dates is None:
        return due + deadline.seconds
    left = deadline.days.number
    for day in days_from(local_date(ROME, due)):
        if day > local_date(ROME, due) and (is_business(day) or not deadline.days.business):
            left -= 1
        if left <= 0:
            return midnight(ROME, day + timedelta(days=1)) - 1
    raise AssertionError(deadline)


def rows_of(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"order": str(number), **each} for number, each in enumerate(seen)]


@given(
    seen=orders,
    deadline=st.sampled_from(
        [
            Deadline(),
            Deadline(seconds=4 * 3_600),
            Deadline(Dates(ROME)),
            Deadline(Dates(ROME, OFFICE), DayCount(3, business=True)),
            Deadline(Dates(ROME, OFFICE), DayCount(2)),
        ]
    ),
    until=moments,
)
@settings(max_examples=5, deadline=None)
def test_on_time__any_orders__are_judged_one_by_one(
    engine: Engine, seen: list[dict[str, Any]], deadline: Deadline, until: int
) -> None:
    expected = [[0, 0] for _ in range(3)]
    for each in seen:
        last = last_second(deadline, each["due"])
        cell = cell_of(last, until)
        if cell is not None:
            expected[cell][0] += each["done"] is not None and each["done"] <= last
            expected[cell][1] += 1
    records = table(engine, "deliveries", rows_of(seen))

    found = answered(engine, records, OnTime(deadline), question(engine, BOUNDS, until=until))
    late = numbers(engine, records, LateOrders(deadline), question(engine, BOUNDS, until=until))

    assert [[each.numerator, each.denominator] for each in found] == expected
    assert [each.attained for each in found] == [
        good * 1_000_000 // number if number else None for good, number in expected
    ]
    assert late == [number - good for good, number in expected]


@given(seen=orders, until=moments)
@settings(max_examples=2, deadline=None)
def test_what_is_done__any_orders__counts_in_the_cell_of_the_later_of_due_and_done(
    engine: Engine, seen: list[dict[str, Any]], until: int
) -> None:
    done = [each for each in seen if each["done"] is not None]
    cells: list[list[dict[str, Any]]] = [[], [], []]
    for each in done:
        cell = cell_of(max(each["due"], each["done"]), until)
        if cell is not None:
            cells[cell].append(each)
    records, asked = table(engine, "deliveries", rows_of(seen)), question(engine, BOUNDS, until=until)
    right = answered(engine, records, RightFirstTime(), asked)
    said = [[each["right_first_time"] for each in cell] for cell in cells]

    assert numbers(engine, records, MissedAppointments(), asked) == [
        sum(each["missed_appointments"] for each in cell) for cell in cells
    ]
    assert [(each.numerator, each.denominator, each.missing) for each in right] == [
        (cell.count(True), len(cell) - cell.count(None), cell.count(None)) for cell in said
    ]
    for name in ("mean", "max", "percentile"):
        days = LeadTime(Dates(ROME, OFFICE), True, Statistic(name, 800_000 if name == "percentile" else 0))
        assert numbers(engine, records, days, asked) == [lead(cell, name) for cell in cells]


def lead(cell: list[dict[str, Any]], name: str) -> int | None:
    """The business days that orders took, counted on the fingers."""
    took = []
    for each in cell:
        first, last = (local_date(ROME, each[time]) for time in ("due", "done"))
        took.append(sum(first < day <= last and is_business(day) for day in days_from(first)))
    if not took:
        return None
    if name == "mean":
        return ceil(Fraction(sum(took), len(took)))
    return max(took) if name == "max" else sorted(took)[ceil(Fraction(8, 10) * len(took)) - 1]


@pytest.mark.parametrize(("late", "weighed"), [(0, 0), (1, 0), (2, 2), (3, 6), (9, 18)])
def test_late_orders__by_share__count_as_the_share_says(engine: Engine, late: int, weighed: int) -> None:
    """Of 10 orders: 9 on time are 90 %, no less; 8 and 7 are below 90 % (once each) or below 80 % (twice)."""
    due = at(ROME, "2027-04-06 12:00")
    rows = [
        {"order": str(number), "due": due, "done": due + 86_400 if number < late else due}
        for number in range(10)
    ]
    measure = LateOrders(Deadline(Dates(ROME)), ((900_000, 1), (800_000, 2)))

    assert numbers(engine, table(engine, "deliveries", rows), measure, question(engine, BOUNDS[2:])) == [
        weighed
    ]


def test_missed_appointments__effective_dates__go_by_the_day_the_order_was_due(engine: Engine) -> None:
    april = (date(2027, 4, 1) - date(1970, 1, 1)).days
    rows = [
        {
            "order": "1",
            "due": at(ROME, "2027-03-31 23:59"),
            "done": at(ROME, "2027-04-02"),
            "missed_appointments": 1,
        },
        {
            "order": "2",
            "due": at(ROME, "2027-04-01 00:00"),
            "done": at(ROME, "2027-04-02"),
            "missed_appointments": 2,
        },
    ]
    records, asked = table(engine, "deliveries", rows), question(engine, BOUNDS[2:])

    assert numbers(engine, records, MissedAppointments(ROME, before=april), asked) == [1]
    assert numbers(engine, records, MissedAppointments(ROME, since=april), asked) == [2]


@pytest.mark.parametrize(
    ("within", "since", "until", "done", "verdict"),
    [
        # Of the due date itself nothing is left: the next date takes its place.
        (0, "2027-04-06", "2027-04-07", "2027-04-07 20:00", "good"),
        (0, "2027-04-06", "2027-04-07", "2027-04-08 00:00", "bad"),
        # The day granted after it is gone.
        (1, "2027-04-07", "2027-04-08", "2027-04-08 20:00", "good"),
        # A part of the last date makes no difference, not even its end.
        (0, "2027-04-06 20:00", "2027-04-07 02:00", "2027-04-06 19:00", "good"),
        (0, "2027-04-06 20:00", "2027-04-07 02:00", "2027-04-07 01:00", "bad"),
    ],
)
def test_on_time__dates_that_are_excluded_whole__move_the_deadline(
    engine: Engine, within: int, since: str, until: str, done: str, verdict: str
) -> None:
    row = {"order": "1", "due": at(ROME, "2027-04-06 12:00"), "done": at(ROME, done), "region": "coast"}
    records = table(engine, "deliveries", [row])
    excluding = storm(engine, records, "coast", at(ROME, since), at(ROME, until))
    measure = OnTime(Deadline(Dates(ROME), DayCount(within)))

    found = told(engine, records, measure, question(engine, BOUNDS[2:], excluding=excluding))

    assert [each["verdict"] for each in found] == [verdict]


def test_on_time__a_deadline_by_the_second_within_excluded_time__is_excluded(engine: Engine) -> None:
    due = at(ROME, "2027-04-06 12:00")
    records = table(engine, "deliveries", [{"order": "1", "due": due, "done": due + 60, "region": "coast"}])
    excluding = storm(engine, records, "coast", due - 60, due + 60)

    (found,) = answered(
        engine, records, OnTime(Deadline()), question(engine, BOUNDS[2:], excluding=excluding)
    )

    assert (found.attained, found.denominator, found.excluded) == (None, 0, 1)


def test_orders__done_at_the_very_end_of_what_is_known__are_not_done(engine: Engine) -> None:
    done = at(ROME, "2027-04-06 12:00")
    row = {"order": "1", "due": done - 60, "done": done, "right_first_time": True, "missed_appointments": 2}
    records = table(engine, "deliveries", [row])

    for until, right, missed in ((done, None, 0), (done + 1, 1_000_000, 2)):
        asked = question(engine, BOUNDS[2:], until=until)
        assert numbers(engine, records, RightFirstTime(), asked) == [right]
        assert numbers(engine, records, MissedAppointments(), asked) == [missed]


def test_orders__told__have_their_verdicts(engine: Engine) -> None:
    due = at(ROME, "2027-04-06 12:00")
    rows = [
        {"order": "a", "due": due, "done": due, "right_first_time": True},
        {"order": "b", "due": due, "done": due + 1, "right_first_time": False, "missed_appointments": 1},
        {"order": "c", "due": due, "done": due + 2},
        {"order": "d", "due": due},
    ]
    records, asked = table(engine, "deliveries", rows), question(engine, BOUNDS[2:])

    def verdicts(measure: Any) -> dict[str, str]:
        return {row["order"]: row["verdict"] for row in told(engine, records, measure, asked)}

    assert verdicts(OnTime(Deadline())) == {"a": "good", "b": "bad", "c": "bad", "d": "bad"}
    assert verdicts(RightFirstTime()) == {"a": "good", "b": "bad", "c": "missing"}
    assert verdicts(MissedAppointments()) == {"a": "good", "b": "bad", "c": "good"}
    assert verdicts(LeadTime(Dates(ROME), False, Statistic("max"))) == dict.fromkeys("abc", "good")
