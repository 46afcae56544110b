"""Indicators of faults against a reference that looks at one fault, and one second or minute, after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.engine import Engine, open_engine
from record.terms.measures.days import Dates, DayCount, Deadline
from record.terms.measures.faults import FaultTime, RepairedWithin, RepairTime, RepeatFaults
from record.terms.measures.statistic import Statistic
from sla.calendars import Calendar
from tests.unit.metering.asking import (
    answered,
    at,
    local_date,
    midnight,
    numbers,
    question,
    storm,
    table,
    told,
)

YORK = "America/New_York"
HOURS = Calendar(YORK, (((32_400, 61_200),),) * 5 + ((), ()))
"""9 to 17 on weekdays."""
BOUNDS = [at(YORK, text) for text in ("2027-03-08", "2027-03-14", "2027-03-15 12:00", "2027-03-22")]
"""Clocks go forward on 14 March."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


minutes = st.integers((BOUNDS[0] - 5 * 86_400) // 60, (BOUNDS[-1] + 86_400) // 60).map(
    lambda minute: minute * 60
)
moments = minutes | st.sampled_from(BOUNDS)
faults = st.lists(
    st.builds(
        lambda start, lasts, subject, client: {
            "start": start,
            "end": None if lasts is None else start + lasts,
            "subject": subject,
            "client": client,
        },
        moments,
        st.none() | st.integers(0, 5_000).map(lambda minutes: minutes * 60),
        st.sampled_from(["line 1", "line 2"]),
        st.sampled_from(["", "acme"]),
    ),
    min_size=5,
    max_size=40,
)


def rows_of(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"fault": f"{number:03}", **each} for number, each in enumerate(seen)]


def cell_of(moment: int, until: int) -> int | None:
    within = [place for place in range(3) if BOUNDS[place] <= moment < BOUNDS[place + 1] and moment < until]
    return within[0] if within else None


def worked(start: int, end: int, is_office: bool) -> int:
    """Seconds of whole minutes in which the office is open, minute by minute."""
    if not is_office:
        return end - start
    zone = ZoneInfo(YORK)
    clocks = (datetime.fromtimestamp(minute, zone) for minute in range(start, end, 60))
    return sum(60 for clock in clocks if clock.weekday() < 5 and 9 <= clock.hour < 17)


@given(seen=faults, until=moments, is_office=st.booleans())
@settings(max_examples=3, deadline=None)
def test_repair_time__any_faults__is_counted_minute_by_minute(
    engine: Engine, seen: list[dict[str, Any]], until: int, is_office: bool
) -> None:
    cells: list[list[int]] = [[], [], []]
    for each in seen:
        cell = None if each["end"] is None else cell_of(each["end"], until)
        if cell is not None:
            cells[cell].append(worked(each["start"], each["end"], is_office))
    records, asked = table(engine, "faults", rows_of(seen)), question(engine, BOUNDS, until=until)

    def found(name: str, share: int = 0) -> list[int | None]:
        measure = RepairTime(Statistic(name, share), 3_600, HOURS if is_office else None)
        return numbers(engine, records, measure, asked)

    assert found("mean") == [ceil(Fraction(sum(cell), len(cell) * 3_600)) if cell else None for cell in cells]
    assert found("max") == [ceil(Fraction(max(cell), 3_600)) if cell else None for cell in cells]
    assert found("percentile", 900_000) == [
        ceil(Fraction(sorted(cell)[ceil(Fraction(9, 10) * len(cell)) - 1], 3_600)) if cell else None
        for cell in cells
    ]


@given(seen=faults, until=moments, days=st.sampled_from([None, 0, 2]))
@settings(max_examples=3, deadline=None)
def test_faults__any__are_judged_repeated_and_added_up_one_by_one(
    engine: Engine, seen: list[dict[str, Any]], until: int, days: int | None
) -> None:
    within, repeated, lasted = [[0, 0] for _ in range(3)], [0, 0, 0], [0, 0, 0]
    rows = rows_of(seen)
    for row in rows:
        last = row["start"] + 4 * 3_600
        if days is not None:
            last = midnight(YORK, local_date(YORK, row["start"]) + timedelta(days=days + 1)) - 1
        cell = cell_of(last, until)
        if cell is not None:
            within[cell][0] += row["end"] is not None and row["end"] <= last
            within[cell][1] += 1
        cell = cell_of(row["start"], until)
        whose = (row["subject"], row["client"])
        if cell is not None:
            repeated[cell] += any(
                (other["subject"], other["client"]) == whose
                and (other["start"], other["fault"]) < (row["start"], row["fault"])
                and row["start"] - other["start"] <= 86_400
                for other in rows
            )
        for place in range(3):
            end = min(until, BOUNDS[place + 1], row["end"] if row["end"] is not None else until)
            lasted[place] += max(0, end - max(row["start"], BOUNDS[place]))
    records, asked = table(engine, "faults", rows[::-1]), question(engine, BOUNDS, until=until)
    deadline = Deadline(seconds=4 * 3_600) if days is None else Deadline(Dates(YORK), DayCount(days))

    judged = answered(engine, records, RepairedWithin(deadline), asked)

    assert [[each.numerator, each.denominator] for each in judged] == within
    assert numbers(engine, records, RepeatFaults(86_400), asked) == repeated
    assert numbers(engine, records, FaultTime(3_600, round_up=False), asked) == [
        each // 3_600 for each in lasted
    ]
    assert numbers(engine, records, FaultTime(60, round_up=True), asked) == [
        -(-each // 60) for each in lasted
    ]


def test_repair_time__excluded_time__does_not_count(engine: Engine) -> None:
    """Of a fault from 8 to 16 o'clock the hours from 10 to 13 are a storm's."""
    start, end = (at(YORK, f"2027-03-09 {hour}:00") for hour in ("08", "16"))
    records = table(engine, "faults", [{"fault": "1", "start": start, "end": end, "region": "east"}])
    excluding = storm(engine, records, "east", start + 2 * 3_600, start + 5 * 3_600)
    asked = question(engine, BOUNDS[:2], excluding=excluding)

    assert numbers(engine, records, RepairTime(Statistic("max"), 3_600), asked) == [5]
    (lasted,) = answered(engine, records, FaultTime(3_600, round_up=False), asked)
    assert (lasted.attained, lasted.excluded) == (5, 3 * 3_600)


def test_repair_time__ended_at_the_very_end_of_what_is_known__lasts_still(engine: Engine) -> None:
    start = at(YORK, "2027-03-09 08:00")
    records = table(engine, "faults", [{"fault": "1", "start": start, "end": start + 60}])

    for until, minutes in ((start + 60, None), (start + 61, 1)):
        asked = question(engine, BOUNDS[:2], until=until)
        assert numbers(engine, records, RepairTime(Statistic("max"), 60), asked) == [minutes]


@pytest.mark.parametrize(
    ("later", "client", "repeated"), [(3_600, "", 1), (3_601, "", 0), (0, "", 1), (60, "acme", 0)]
)
def test_repeat_faults__at_the_very_end_of_the_time__are_repeated(
    engine: Engine, later: int, client: str, repeated: int
) -> None:
    """Another client's line of the same name is another line."""
    start = at(YORK, "2027-03-09 08:00")
    rows = [
        {"fault": "1", "start": start, "subject": "line"},
        {"fault": "2", "start": start + later, "subject": "line", "client": client},
    ]
    asked = question(engine, BOUNDS[:2])

    assert numbers(engine, table(engine, "faults", rows), RepeatFaults(3_600), asked) == [repeated]


def test_faults__told__have_their_verdicts(engine: Engine) -> None:
    start = at(YORK, "2027-03-09 08:00")
    rows = [
        {"fault": "a", "start": start, "end": start + 60, "subject": "line"},
        {"fault": "b", "start": start + 120, "end": None, "subject": "line"},
    ]
    records, asked = table(engine, "faults", rows), question(engine, BOUNDS[:2])

    def verdicts(measure: Any) -> dict[str, str]:
        return {row["fault"]: row["verdict"] for row in told(engine, records, measure, asked)}

    assert verdicts(RepairedWithin(Deadline(seconds=60))) == {"a": "good", "b": "bad"}
    assert verdicts(RepeatFaults(3_600)) == {"a": "good", "b": "bad"}
    assert verdicts(RepairTime(Statistic("mean"), 60)) == {"a": "good"}
    assert verdicts(FaultTime(60, round_up=True)) == {"a": "bad", "b": "bad"}
