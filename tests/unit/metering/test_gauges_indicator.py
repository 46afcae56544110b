"""Indicators of readings, surveys and counted volumes against references that look at one record after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.engine import Engine, open_engine
from record.terms.measures.readings import GaugeLevel, ReadingsWithin
from record.terms.measures.statistic import Statistic
from record.terms.measures.surveys import Score, ScoreShare
from record.terms.measures.volumes import Loss, Throughput
from tests.unit.metering.asking import answered, numbers, question, table, told

START = 1_800_000_000
BOUNDS = [START, START + 3_600, START + 3_600 + 1_000]
"""An hour, and 1 000 seconds, of which the last interval of 300 s is cut short."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


times = st.integers(START - 400, BOUNDS[-1] + 400) | st.sampled_from(BOUNDS)


def by_cell(seen: list[dict[str, Any]], until: int) -> list[list[dict[str, Any]]]:
    return [
        [each for each in seen if start <= each["time"] < min(end, until)] for start, end in pairwise(BOUNDS)
    ]


def exactly(statistic: str, values: list[int]) -> Fraction:
    if statistic == "mean":
        return Fraction(sum(values), len(values))
    rank = {"min": 1, "max": len(values), "percentile": ceil(Fraction(95, 100) * len(values))}[statistic]
    return Fraction(sorted(values)[rank - 1])


readings = st.lists(
    st.builds(
        lambda time, value, whose: {"time": time, "value_micro": value, "component": whose},
        times,
        st.integers(-5_000_000, 5_000_000) | st.sampled_from([0, 1, -1, 1_000_000, 10**15, -(10**15)]),
        st.sampled_from(["left", "right"]),
    ),
    min_size=5,
    max_size=80,
    unique_by=lambda each: (each["time"], each["component"]),
)


@given(seen=readings, until=times, statistic=st.sampled_from(["mean", "min", "max", "percentile"]))
@settings(max_examples=4, deadline=None)
def test_readings__any__are_weighed_one_by_one(
    engine: Engine, seen: list[dict[str, Any]], until: int, statistic: str
) -> None:
    records, asked = table(engine, "readings", seen), question(engine, BOUNDS, until=until)
    share = 950_000 if statistic == "percentile" else 0
    for round_up, rounded in ((True, ceil), (False, floor)):
        expected: list[int | None] = []
        for cell in by_cell(seen, until):
            values = [each["value_micro"] for each in cell]
            expected.append(rounded(exactly(statistic, values) / 1_000) if values else None)

        measure = GaugeLevel(Statistic(statistic, share), "kilobits", 1_000, round_up)

        assert numbers(engine, records, measure, asked) == expected
    within = answered(engine, records, ReadingsWithin(0, 1_000_000), asked)
    assert [(each.numerator, each.denominator) for each in within] == [
        (sum(0 <= each["value_micro"] <= 1_000_000 for each in cell), len(cell))
        for cell in by_cell(seen, until)
    ]


@pytest.mark.parametrize(("number", "attained"), [(6, 1_000_000), (5, None)])
def test_readings_within__less_than_half_of_what_was_due__say_nothing(
    engine: Engine, number: int, attained: int | None
) -> None:
    """One every five minutes makes twelve an hour."""
    rows = [{"time": START + 300 * place, "value_micro": 7_000_000} for place in range(number)]
    records, asked = table(engine, "readings", rows), question(engine, BOUNDS[:2])

    (share,) = answered(engine, records, ReadingsWithin(5_000_000, None, 300), asked)
    (least,) = numbers(
        engine, records, GaugeLevel(Statistic("min"), "megabits", 1_000_000, False, 300), asked
    )

    assert (share.attained, share.missing) == (attained, 12 - number)
    assert least == (None if attained is None else 7)


@given(
    seen=st.lists(
        st.builds(
            lambda time, score: {"time": time, "score_milli": score}, times, st.integers(-2_000, 5_000)
        ),
        min_size=1,
        max_size=60,
    ),
    fewest=st.sampled_from([1, 8]),
)
@settings(max_examples=3, deadline=None)
def test_surveys__any_responses__are_averaged_and_counted(
    engine: Engine, seen: list[dict[str, Any]], fewest: int
) -> None:
    rows = [{"response": str(number), **each} for number, each in enumerate(seen)]
    records, asked = table(engine, "surveys", rows), question(engine, BOUNDS)
    cells = [[each["score_milli"] for each in cell] for cell in by_cell(seen, BOUNDS[-1])]

    assert numbers(engine, records, Score(fewest), asked) == [
        floor(Fraction(sum(cell), len(cell))) if len(cell) >= fewest else None for cell in cells
    ]
    assert numbers(engine, records, ScoreShare(4_000, fewest), asked) == [
        floor(Fraction(1_000_000 * sum(score >= 4_000 for score in cell), len(cell)))
        if len(cell) >= fewest
        else None
        for cell in cells
    ]


counts = st.lists(
    st.builds(
        lambda time, seconds, total, lost, whose: {
            "time": time,
            "seconds": seconds,
            "total": total,
            "good": total - min(lost, total),
            "component": whose,
        },
        times,
        st.sampled_from([1, 60, 300, 301]),
        st.integers(0, 100_000) | st.just(10**15),
        st.integers(0, 100_000),
        st.sampled_from(["left", "right"]),
    ),
    min_size=5,
    max_size=80,
    unique_by=lambda each: (each["time"], each["component"]),
)


@given(seen=counts, is_mean=st.booleans(), empty_is_zero=st.booleans())
@settings(max_examples=5, deadline=None)
def test_volumes__any_counts__are_added_up_interval_by_interval(
    engine: Engine, seen: list[dict[str, Any]], is_mean: bool, empty_is_zero: bool
) -> None:
    expected: list[int | None] = []
    lost: list[int | None] = []
    for place, cell in enumerate(by_cell(seen, BOUNDS[-1])):
        start, end = BOUNDS[place], BOUNDS[place + 1]
        totals: dict[int, list[int]] = defaultdict(list)
        for each in cell:
            if each["seconds"] <= 300:
                totals[(each["time"] - start) // 300].append(each["total"])
        length = {number: min(300, end - start - 300 * number) for number in range(-(-(end - start) // 300))}
        if empty_is_zero:
            totals |= {number: [0] for number in length if number not in totals}
        known = [(sum(totals[number]), length[number]) for number in totals]
        if 2 * len(known) < len(length):
            expected.append(None)
        elif is_mean:
            expected.append(sum(total for total, _ in known) // sum(seconds for _, seconds in known))
        else:
            expected.append(min(total // seconds for total, seconds in known))
        total = sum(each["total"] for each in cell)
        missed = sum(each["total"] - each["good"] for each in cell)
        lost.append(ceil(Fraction(missed * 1_000_000, total)) if total else None)
    records, asked = table(engine, "counts", seen), question(engine, BOUNDS)
    measure = Throughput(Statistic("mean" if is_mean else "min"), "packets", 300, empty_is_zero)

    assert numbers(engine, records, measure, asked) == expected
    assert numbers(engine, records, Loss(), asked) == lost


def test_gauges__told__have_their_verdicts(engine: Engine) -> None:
    asked = question(engine, BOUNDS[:2])
    gauges = table(
        engine, "readings", [{"time": START, "value_micro": 1}, {"time": START + 1, "value_micro": 3}]
    )
    volumes = table(
        engine,
        "counts",
        [
            {"time": START + place, "seconds": seconds, "good": good, "total": 2}
            for place, (seconds, good) in enumerate([(60, 2), (60, 1), (60, 0), (600, 2)])
        ],
    )
    answers = table(engine, "surveys", [{"response": "a", "time": START, "score_milli": 4_000}])

    def verdicts(records: Any, measure: Any) -> list[str]:
        rows = sorted(told(engine, records, measure, asked), key=lambda row: row["time"])
        return [row["verdict"] for row in rows]

    assert verdicts(gauges, ReadingsWithin(None, 2)) == ["good", "bad"]
    assert verdicts(volumes, Loss()) == ["good", "partial", "bad", "good"]
    assert verdicts(volumes, Throughput(Statistic("min"), "packets", 300, True)) == ["good"] * 3 + ["missing"]
    assert verdicts(answers, ScoreShare(4_500, 1)) == ["bad"]
