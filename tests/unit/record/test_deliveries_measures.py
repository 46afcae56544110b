"""Measures of orders as they are written: each means one thing, or is refused at its field."""

from __future__ import annotations

import pytest

from record.terms.levels import RATIO, Unit
from record.terms.measures import LateDays
from record.terms.measures.days import Dates, DayCount, Deadline
from record.terms.measures.deliveries import LateOrders, LeadTime, MissedAppointments, OnTime, RightFirstTime
from record.terms.measures.late_days import Step
from record.terms.measures.statistic import Statistic
from tests.unit.record.measuring import office, refused, written

ROME = Dates("Europe/Rome")
OFFICE = Dates("Europe/Rome", office().calendar)
APRIL = 20_909
"""1 April 2027, in days since 1970."""

LATE = "measure: late-days, unit: days, lateDay: missed, zone: Europe/Rome"
BUSINESS = "measure: late-days, unit: business days, lateDay: begun, calendar: office"


@pytest.mark.parametrize(
    ("text", "measure", "unit"),
    [
        (LATE, LateDays(ROME, business=False, missed=True), "days"),
        (f"{LATE}, grace: 2 days", LateDays(ROME, False, True, DayCount(2)), "days"),
        (
            "measure: late-days, unit: days, lateDay: missed, calendar: office, grace: 1 business day",
            LateDays(OFFICE, False, True, DayCount(1, business=True)),
            "days",
        ),
        (
            f"{BUSINESS}, steps: [{{beyond: 12 business days, each: 1}}, "
            "{beyond: 15 business days, each: 2, from: 12 business days}], counted: when done",
            LateDays(OFFICE, True, False, steps=(Step(12, 1), Step(15, 2, 12)), when_done=True),
            "business days",
        ),
        (
            f'{LATE}, from: "2027-04-01", before: "2027-04-02", counted: daily',
            LateDays(ROME, False, True, since=APRIL, before=APRIL + 1),
            "days",
        ),
        ("measure: on-time", OnTime(Deadline()), "ppm"),
        ("measure: on-time, within: 4 hours", OnTime(Deadline(seconds=14_400)), "ppm"),
        ("measure: on-time, zone: Europe/Rome", OnTime(Deadline(ROME)), "ppm"),
        (
            "measure: on-time, calendar: office, within: 3 business days",
            OnTime(Deadline(OFFICE, DayCount(3, business=True))),
            "ppm",
        ),
        (
            "measure: late-orders, byShare: [{below: 90%, each: 1}, {below: 80%, each: 2}]",
            LateOrders(Deadline(), ((900_000, 1), (800_000, 2))),
            "orders",
        ),
        ("measure: right-first-time", RightFirstTime(), "ppm"),
        ("measure: missed-appointments", MissedAppointments(), "appointments"),
        (
            'measure: missed-appointments, zone: Europe/Rome, from: "2027-04-01"',
            MissedAppointments("Europe/Rome", since=APRIL),
            "appointments",
        ),
        (
            "measure: lead-time, unit: business days, calendar: office, statistic: percentile, share: 95%",
            LeadTime(OFFICE, True, Statistic("percentile", 950_000)),
            "business days",
        ),
    ],
)
def test_measure__as_written__means_one_thing(text: str, measure: object, unit: str) -> None:
    counted, found = written("deliveries", text)

    assert counted.measure == measure
    assert found == (RATIO if unit == "ppm" else Unit(unit))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("measure: late-days, unit: days, lateDay: missed", "zone: is missing"),
        (f"{LATE}, calendar: office", "zone: 'Europe/Rome' is said by the calendar"),
        (LATE.replace("Europe/Rome", "Rome"), "zone: 'Rome' is no time zone"),
        (LATE.replace("unit: days", "unit: hours"), "unit: 'hours' is no kind of day"),
        (LATE.replace("unit: days", "unit: business days"), "unit: 'business days' speaks of no calendar"),
        (f"{LATE}, grace: 2 business days", "grace: '2 business days' speaks of no calendar"),
        (f"{LATE}, grace: 400 days", "up to 399"),
        (f"{LATE}, grace: 2 hours", "grace: '2 hours' is no number of days"),
        (LATE.replace("missed", "late"), "lateDay: 'late' is not known here"),
        (f"{LATE}, hours: office", "hours: 'office' cannot cut what this counts"),
        (f'{LATE}, from: "2027-02-30"', "from: '2027-02-30' is not in the calendar"),
        (f'{LATE}, from: "1 April"', "from: '1 April' is not a date"),
        (f'{LATE}, from: "2027-04-01", before: "2027-04-01"', "before: '2027-04-01' leaves no day"),
        (f'{LATE}, from: "2027-04-01", counted: when done', "cuts what is counted as a whole"),
        (
            f"{LATE}, steps: [{{beyond: 2 days, each: 1}}, {{beyond: 2 days, each: 2}}]",
            "steps[1].beyond: '2 days' is not beyond the step before it",
        ),
        (
            f"{LATE}, steps: [{{beyond: 2 days, each: 1, from: 3 days}}]",
            "steps[0].from: '3 days' is beyond where the step begins",
        ),
        (
            f"{LATE}, steps: [{{beyond: 0 days, each: 5}}, {{beyond: 10 days, each: 1, from: 0 days}}]",
            "steps[1].each: '1' makes a later day cheaper than those before it",
        ),
        (f"{BUSINESS}, steps: [{{beyond: 2 days, each: 1}}]", "steps[0].beyond: '2 days' is in other days"),
        (
            f"{LATE}, steps: [{', '.join(f'{{beyond: {day} days, each: 1}}' for day in range(17))}]",
            "steps[16].beyond: '16 days' is one step too many",
        ),
        ("measure: on-time, within: 2 days", "within: '2 days' does not say whose days"),
        ("measure: on-time, within: 600 weeks", "within: '600 weeks' is too long"),
        ("measure: on-time, zone: UTC, within: 4 hours", "within: '4 hours' is no number of days"),
        (
            "measure: late-orders, byShare: [{below: 80%, each: 1}, {below: 90%, each: 2}]",
            "byShare[1].below: '90%' is not below the share before it",
        ),
        (
            "measure: late-orders, byShare: [{below: 90%, each: 2}, {below: 80%, each: 1}]",
            "byShare[1].each: '1' pays less for a worse share",
        ),
        ('measure: missed-appointments, from: "2027-04-01"', "zone: is missing"),
        (
            "measure: lead-time, unit: days, zone: UTC, statistic: mean, share: 5%",
            "share: '5%' says nothing of mean",
        ),
        (
            "measure: lead-time, unit: days, zone: UTC, statistic: percentile, share: 0%",
            "share: '0%' is no share",
        ),
        (
            "measure: repair-time",
            "measure: 'repair-time' does not measure deliveries; use on-time, late-orders,",
        ),
    ],
)
def test_measure__that_cannot_be_meant__is_refused_at_its_field(text: str, why: str) -> None:
    assert why in refused("deliveries", text)


def test_steps__of_openreach__weigh_what_is_published() -> None:
    """In units of £2: day 15 is £6, day 19 £28."""
    measure = LateDays(OFFICE, True, False, steps=(Step(12, 1), Step(15, 2, 12)))
    assert [measure.units(day) for day in (0, 12, 13, 15, 16, 19)] == [0, 0, 1, 3, 8, 14]


def test_steps__that_do_not_reach_back__leave_what_was() -> None:
    """Ten days at 1, then 3 each."""
    measure = LateDays(ROME, False, True, steps=(Step(0, 1), Step(10, 3)))
    assert [measure.units(day) for day in (10, 11, 13)] == [10, 13, 19]
