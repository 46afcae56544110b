"""Measures of faults, surveys, readings and counts as they are written."""

from __future__ import annotations

import pytest

from record.terms.levels import RATIO, Unit
from record.terms.measures import LateDays
from record.terms.measures.days import Dates, DayCount, Deadline
from record.terms.measures.faults import FaultTime, RepairedWithin, RepairTime, RepeatFaults
from record.terms.measures.readings import GaugeLevel, ReadingsWithin
from record.terms.measures.statistic import Statistic
from record.terms.measures.surveys import Score, ScoreShare
from record.terms.measures.volumes import Loss, Throughput
from tests.unit.record.measuring import office, refused, written


@pytest.mark.parametrize(
    ("kind", "text", "measure", "unit"),
    [
        (
            "faults",
            "measure: repair-time, unit: hours, statistic: mean, calendar: office",
            RepairTime(Statistic("mean"), 3_600, office().calendar),
            "hours",
        ),
        (
            "faults",
            "measure: repaired-within, within: 5 days, zone: Europe/Dublin",
            RepairedWithin(Deadline(Dates("Europe/Dublin"), DayCount(5))),
            "ppm",
        ),
        ("faults", "measure: repeat-faults, within: 28 days", RepeatFaults(28 * 86_400), "faults"),
        ("faults", "measure: fault-time, unit: hours, rounded: down", FaultTime(3_600, False), "hours"),
        (
            "faults",
            "measure: late-days, unit: days, lateDay: missed, zone: UTC",
            LateDays(Dates("UTC"), False, True),
            "days",
        ),
        ("surveys", "measure: score", Score(1), "thousandths"),
        ("surveys", 'measure: score-share, atLeast: "4.5", fewest: 30', ScoreShare(4_500, 30), "ppm"),
        (
            "readings",
            "measure: reading, unit: kilobits, per: 1000, statistic: percentile, share: 5%, rounded: down",
            GaugeLevel(Statistic("percentile", 50_000), "kilobits", 1_000, False),
            "kilobits",
        ),
        (
            "readings",
            "measure: reading, unit: megabits, statistic: max, rounded: up, every: 5 minutes",
            GaugeLevel(Statistic("max"), "megabits", 10**6, True, 300),
            "megabits",
        ),
        (
            "readings",
            'measure: readings-within, atLeast: "-0.000001", atMost: "93.5"',
            ReadingsWithin(-1, 93_500_000),
            "ppm",
        ),
        (
            "counts",
            "measure: throughput, unit: requests, statistic: min, every: 1 minute, empty: unknown",
            Throughput(Statistic("min"), "requests", 60, False),
            "requests",
        ),
        ("counts", "measure: loss", Loss(), "ppm"),
    ],
)
def test_measure__as_written__means_one_thing(kind: str, text: str, measure: object, unit: str) -> None:
    counted, found = written(kind, text)

    assert counted.measure == measure
    assert found == (RATIO if unit == "ppm" else Unit(unit))


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        ("faults", "measure: repair-time, unit: days, statistic: mean", "unit: 'days' is not known here"),
        ("faults", "measure: repair-time, unit: hours, statistic: min", "statistic: 'min' is not known here"),
        (
            "faults",
            "measure: repair-time, unit: hours, statistic: max, hours: office",
            "hours: 'office' cannot cut what this counts",
        ),
        ("faults", "measure: repaired-within", "within: is missing"),
        ("faults", "measure: repeat-faults, within: 0 days", "within: '0 days' is out of range"),
        ("faults", "measure: repeat-faults, within: 400 days", "within: '400 days' is out of range"),
        ("faults", "measure: fault-time, unit: hours, rounded: off", "rounded: 'off' is not known here"),
        ("surveys", 'measure: score-share, atLeast: "4.0001"', "has 4 decimals where 3 can be kept"),
        ("surveys", "measure: score-share", "atLeast: is missing"),
        ("surveys", 'measure: score-share, atLeast: "--1"', "is not a plain decimal number"),
        (
            "readings",
            "measure: reading, unit: bits per second, statistic: max, rounded: up",
            "unit: 'bits per second' is not a unit",
        ),
        (
            "readings",
            "measure: reading, unit: bits, statistic: max, rounded: up, per: 0",
            "per: '0' makes no unit",
        ),
        ("readings", "measure: readings-within", "has no bound"),
        ("readings", "measure: readings-within, atLeast: 2, atMost: 1", "atMost: '1' lies below atLeast"),
        (
            "counts",
            "measure: throughput, unit: Bytes, statistic: min, every: 1 minute, empty: zero",
            "unit: 'Bytes' is not a unit",
        ),
        (
            "counts",
            "measure: throughput, unit: bytes, statistic: max, every: 1 minute, empty: zero",
            "statistic: 'max' is not known here",
        ),
        ("counts", "measure: loss, every: 1 minute", "every: is not a known field"),
    ],
)
def test_measure__that_cannot_be_meant__is_refused_at_its_field(kind: str, text: str, why: str) -> None:
    assert why in refused(kind, text)
