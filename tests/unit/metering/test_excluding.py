"""What is excluded of which records, against a reference that looks at every record and every second."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metering.attained import Question
from metering.engine import Engine, Table, open_engine
from metering.excluding import NOTHING, Allowed, Excluding
from metering.indicators import requests, states
from metering.indicators.pieces import Piece, Pieces
from record.landing.kinds import DIMENSIONS
from record.terms.measures import Intervals, Percentile, Requests, Uptime
from record.terms.ratios import Ratio
from sla.exclusions import Condition, Exclusion, ExclusionKind, Reason, Scope, Way
from tests.unit.metering.exclusion_drawing import (
    ALLOWED,
    CELLS,
    HOURS,
    MAINTENANCE,
    REGIONS,
    SERVICES,
    START,
    WHOLE,
    cell_of,
    excluded_seconds,
    exclusions,
    rows_table,
)

END = CELLS[-1].end
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing example is small as it is; shrinking it through an engine takes minutes."""
LOAD = Condition("load above 7", ((START + 20, START + 24), (START + 60, START + 61)))
LOADED = {LOAD.id: {*range(START + 20, START + 24), START + 60}}
GOOD = Requests(Ratio("up", 400, None))
PROBE = {"time_ms": pa.int64(), "known": pa.bool_(), "status": pa.int64(), "latency_us": pa.int64()}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def question(
    engine: Engine,
    records: Table,
    given: Sequence[Exclusion],
    hours: Sequence[Piece] = HOURS,
    dimensions: Sequence[str] = (),
    conditions: Sequence[Condition] = (),
    allowed: Allowed = ALLOWED,
) -> Question:
    excluding = Excluding(given, allowed, conditions, {}, START - 100, END)
    excluding.learn(engine, records)
    pieces = Pieces(engine, [cell.start for cell in CELLS], hours, excluding)
    return Question(CELLS, pieces, dimensions, END)


def expected_cause(
    one: dict[str, Any], given: Sequence[Exclusion], conditions: dict[str, set[int]] | None = None
) -> str:
    """What excludes the record, "" if it counts."""
    second = one["time_ms"] // 1_000
    if second < START + 10:
        return "hours"
    return excluded_seconds(given, one, conditions).get(second, "")


probes = st.lists(
    st.fixed_dictionaries(
        {
            "time_ms": st.integers(START * 1_000, END * 1_000 - 1),
            "known": st.just(True),
            "status": st.sampled_from([200, 500]),
            "latency_us": st.just(1),
            "region": st.sampled_from(REGIONS),
            "service": st.sampled_from(SERVICES),
        }
    ),
    max_size=60,
)


@given(seen=probes, given_=exclusions(), conditions=st.sampled_from([(), (LOAD,)]))
@settings(max_examples=8, deadline=None, phases=NO_SHRINKING)
def test_requests__any_exclusions__are_counted_and_told_one_by_one(
    engine: Engine, seen: list[dict[str, Any]], given_: list[Exclusion], conditions: tuple[Condition, ...]
) -> None:
    records = rows_table(engine, seen, PROBE)
    asked = question(engine, records, given_, dimensions=("region",), conditions=conditions)
    loaded = LOADED if conditions else None
    causes = [expected_cause(one, given_, loaded) for one in seen]
    tally: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one, cause in zip(seen, causes, strict=True):
        told = tally[cell_of(one["time_ms"] // 1_000), one["region"]]
        told[0] += not cause and one["status"] == 200
        told[1] += not cause
        told[2] += bool(cause)

    found = requests.requests(engine, records, GOOD, asked)
    assert {
        (one.cell.period, one.dimension["region"]): [one.numerator, one.denominator, one.excluded]
        for one in found
    } == tally

    rows = engine.collect(requests.explained(engine, records, GOOD, asked)).to_pylist()
    assert Counter((row["time_ms"], row["region"], row["service"], row["excluded_by"]) for row in rows) == (
        Counter(
            (one["time_ms"], one["region"], one["service"], cause)
            for one, cause in zip(seen, causes, strict=True)
        )
    )
    assert all((row["verdict"] == "excluded") == bool(row["excluded_by"]) for row in rows)


STATE = {"time": pa.int64(), "subject": pa.string(), "state": pa.string()}
LEVELS = {"up": 1_000_000, "slow": 300_000, "down": 0}
UPTIME = Uptime(tuple(sorted(LEVELS.items())), 30)

SUBJECTS = [("a", "eu", "shop"), ("b", "eu", "till"), ("c", "us", "shop"), ("c", "", "shop")]
changes = st.dictionaries(
    st.tuples(st.integers(START - 40, END - 1), st.sampled_from(SUBJECTS)),
    st.sampled_from([*LEVELS, "resting"]),
    max_size=25,
)


@given(changes=changes, given_=exclusions())
@settings(max_examples=8, deadline=None, phases=NO_SHRINKING)
def test_uptime__any_exclusions__leave_each_second_to_one_cause(
    engine: Engine, changes: dict[tuple[int, tuple[str, str, str]], str], given_: list[Exclusion]
) -> None:
    rows = [
        {"time": time, "subject": who[0], "region": who[1], "service": who[2], "state": state}
        for (time, who), state in changes.items()
    ]
    records = rows_table(engine, rows, STATE)
    asked = question(engine, records, given_)
    told: dict[tuple[int, str, str], Counter[str]] = defaultdict(Counter)
    tally: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for who in {who for _, who in changes}:
        times = sorted(time for time, other in changes if other == who)
        excluded = excluded_seconds(given_, {"region": who[1], "service": who[2]})
        for second in range(START, END):
            cell = cell_of(second)
            last = max((time for time in times if time <= second), default=None)
            known = last is not None and second < last + 30
            level = LEVELS.get(changes[last, who]) if known and last is not None else None
            cause = "hours" if second < START + 10 else excluded.get(second, "")
            if times[0] < CELLS[cell].end:
                tally[cell][3] += 0 if cause else 1_000_000
            if level is None:
                continue
            told[second, who[0], who[1]][cause] += 1
            tally[cell][0] += 0 if cause else level
            tally[cell][1] += 0 if cause else 1_000_000
            tally[cell][2] += 1_000_000 if cause else 0

    found = states.uptime(engine, records, UPTIME, asked)
    for index, one in enumerate(found):
        numerator, denominator, excluded_us, due = tally[index]
        assert [one.numerator, one.denominator, one.excluded] == [numerator, denominator, excluded_us]
        if due or denominator:
            assert one.missing == due - denominator

    seconds: dict[tuple[int, str, str], Counter[str]] = defaultdict(Counter)
    for row in engine.collect(states.explained(engine, records, UPTIME, asked)).to_pylist():
        for second in range(row["start"], row["end"]):
            seconds[second, row["subject"], row["region"]][row["excluded_by"]] += 1
    assert seconds == told


@given(seen=probes)
@settings(max_examples=5, deadline=None, phases=NO_SHRINKING)
def test_moments__one_piece__are_placed_as_among_many(engine: Engine, seen: list[dict[str, Any]]) -> None:
    records = rows_table(engine, seen, PROBE)
    found = []
    for hours in (WHOLE[:1], WHOLE):
        asked = question(engine, records, [], hours=hours)
        rows = engine.collect(requests.explained(engine, records, GOOD, asked)).to_pylist()
        found.append([row for row in rows if row["cell"] == 0])

    assert found[0] == found[1]
    assert Counter(row["time_ms"] for row in found[0]) == Counter(
        one["time_ms"] for one in seen if one["time_ms"] < CELLS[0].end * 1_000
    )


@given(seen=probes, given_=exclusions(), data=st.data())
@settings(max_examples=5, deadline=None, phases=NO_SHRINKING)
def test_exclusions__order_and_repetition__change_nothing(
    engine: Engine, seen: list[dict[str, Any]], given_: list[Exclusion], data: st.DataObject
) -> None:
    records = rows_table(engine, seen, PROBE)
    shuffled = data.draw(st.permutations([*given_, *given_[:2]]))
    asked = [question(engine, records, each, dimensions=("service",)) for each in (given_, shuffled)]

    one, other = (requests.requests(engine, records, GOOD, each) for each in asked)
    assert one == other
    one_told, other_told = (
        engine.compare_hash(requests.explained(engine, records, GOOD, each)) for each in asked
    )
    assert one_told == other_told


def signed(name: str, start: int, end: int, scope: Scope = (), *roles: str) -> Exclusion:
    return Exclusion(
        name, MAINTENANCE, scope, START + start, START + end, 0, frozenset(roles or {"customer"})
    )


def probe(second: int, **dimensions: str) -> dict[str, Any]:
    return {"time_ms": (START + second) * 1_000, "known": True, "status": 200, "latency_us": 1, **dimensions}


def test_scopes__more_than_a_number_has_bits__are_told_apart(engine: Engine) -> None:
    regions = [f"r{number:03}" for number in range(70)]
    given = [
        signed(f"0x{number:03}", number % 20 + 10, number % 20 + 11, (("region", (region,)),))
        for number, region in enumerate(regions)
    ]
    seen = [probe(second, region=region) for region in regions for second in (10, 29)]
    records = rows_table(engine, seen, PROBE)
    asked = question(engine, records, given)

    rows = engine.collect(requests.explained(engine, records, GOOD, asked)).to_pylist()
    assert {
        (row["region"], row["time_ms"] // 1_000 - START, row["excluded_by"])
        for row in rows
        if row["excluded_by"]
    } == {
        (region, number % 20 + 10, f"0x{number:03}")
        for number, region in enumerate(regions)
        if number % 20 in (0, 19)
    }


def test_groups__what_is_measured_lies_wholly_in_a_scope__is_covered_as_a_whole(engine: Engine) -> None:
    eu: Scope = (("region", ("eu", "us")),)
    records = rows_table(engine, [], PROBE)
    for where, covered in (({}, False), ({"region": ("eu",)}, True), ({"region": ("eu", "asia")}, False)):
        excluding = Excluding([signed("0x1", 20, 30, eu)], ALLOWED, (), where, START, END)
        excluding.learn(engine, records)
        assert bool(excluding.trace(excluding.group_of({})).excluded) is covered
        assert excluding.trace(excluding.group_of({"region": "us"})).excluded
        assert not excluding.trace(excluding.group_of({"region": "asia"})).excluded


def test_in_vain__each_reason__is_told_once_and_only_where_nothing_was_excluded(engine: Engine) -> None:
    eu: Scope = (("region", ("eu",)),)
    given = [
        signed("0x1", 20, 30, eu),
        signed("0x2", 20, 30, (("region", ("mars",)),)),
        signed("0x3", 40, 60, (), "provider"),
        Exclusion("0x4", ExclusionKind.DEPENDENCY, (), START + 1, START + 9, 0, frozenset({"customer"})),
        signed("0x5", 25, 35, ()),
        replace(signed("0x6", 36, 38, (("service", ("till",)),)), approvers=frozenset()),
    ]
    records = rows_table(engine, [probe(3, region="eu"), probe(4, region="us")], PROBE)
    excluding = Excluding(given, ALLOWED, (), {}, START - 100, END)
    excluding.learn(engine, records)

    assert [
        (each.id, each.start - START, each.end - START, each.reason)
        for each in excluding.in_vain(START, START + 50)
    ] == [
        ("0x4", 1, 9, Reason.NOT_AGREED),
        ("0x2", 20, 30, Reason.OUT_OF_SCOPE),
        ("0x6", 36, 38, Reason.NOT_APPROVED),
    ]
    assert [
        (each.id, each.start - START, each.end - START, each.reason)
        for each in excluding.in_vain(START + 50, END)
    ] == [("0x3", 51, 60, Reason.OVER_ALLOWANCE)]


def test_allowance__spent_before_the_cells__is_not_there_any_more(engine: Engine) -> None:
    """A window that began before the cells: what was excluded then counts against it."""
    way = {MAINTENANCE: (Way(frozenset({"provider"}), allowance_seconds=10),)}
    allowed = Allowed(way, lambda start, end: ((START - 50, END),))
    given = [signed("0x1", -30, -22, (), "provider"), signed("0x2", 15, 30, (), "provider")]
    records = rows_table(engine, [probe(second) for second in range(90)], PROBE)

    asked = question(engine, records, given, allowed=allowed)
    found = requests.requests(engine, records, GOOD, asked)
    assert [(one.denominator, one.excluded) for one in found] == [(38, 12), (40, 0)]


def test_nothing_allowed__nothing_is_excluded_whoever_signed(engine: Engine) -> None:
    records = rows_table(engine, [probe(20)], PROBE)
    asked = question(engine, records, [signed("0x1", 0, 90)], allowed=NOTHING)

    assert requests.requests(engine, records, GOOD, asked)[0].excluded == 0


def test_question__asked_for_excluded_time__gives_it_by_group_and_before_the_cells(engine: Engine) -> None:
    records = rows_table(engine, [probe(3, region="eu"), probe(4, region="us")], PROBE)
    given = [signed("0x1", -50, -40), signed("0x2", 20, 30, (("region", ("eu",)),)), signed("0x3", 30, 31)]
    asked = question(engine, records, given)

    grouped = engine.collect(asked.grouped(records.select("time_ms", *DIMENSIONS))).to_pylist()
    by_region = {row["region"]: asked.excluded[row["exclusion_group"]] for row in grouped}
    assert by_region == {
        "eu": ((START - 50, START - 40), (START + 20, START + 31)),
        "us": ((START - 50, START - 40), (START + 30, START + 31)),
    }


def test_intervals__wholly_excluded_for_a_region__are_none_of_its_own(engine: Engine) -> None:
    """Intervals of 10 seconds, of 50: from 20 to 35 the region's do not count, so that one is excluded wholly."""
    seen = [probe(second, region=region) for region in ("eu", "us") for second in (5, 22, 33, 37)]
    records = rows_table(engine, seen, PROBE)
    given = [signed("0x1", 20, 35, (("region", ("eu",)),))]
    asked = question(engine, records, given, WHOLE, ["region"])
    measure = Intervals(GOOD.good, 10, None, empty_is_up=False)

    eu, us = (one for one in requests.intervals(engine, records, measure, asked) if one.cell.period == 0)
    assert [number // 1_000_000 for number in (eu.denominator, eu.excluded, eu.missing)] == [2, 1, 2]
    assert [number // 1_000_000 for number in (us.denominator, us.excluded, us.missing)] == [3, 0, 2]


@pytest.mark.parametrize(("minimum", "attained"), [(250_000, 1_000_000), (250_001, None)])
def test_minimum_known__one_of_four_known__decides_for_requests_and_intervals(
    engine: Engine, minimum: int, attained: int | None
) -> None:
    seen = [probe(1), *({**probe(second), "known": False, "status": 0} for second in (2, 3, 4))]
    records = rows_table(engine, seen, PROBE)
    asked = replace(question(engine, records, [], WHOLE), minimum_known_ppm=minimum)

    assert requests.requests(engine, records, GOOD, asked)[0].attained == attained
    quarters = Intervals(GOOD.good, 13, None, empty_is_up=False)
    assert requests.intervals(engine, records, quarters, asked)[0].attained == attained


def test_percentile__answers_that_are_excluded__are_counted_as_such(engine: Engine) -> None:
    mixed = [(10, "eu"), (20, "eu"), (34, "eu"), (25, "us"), (15, "")]
    seen = [{**probe(second, region=region), "latency_us": second * 1_000} for second, region in mixed]
    records = rows_table(engine, seen, PROBE)
    asked = question(engine, records, [signed("0x1", 20, 35, (("region", ("eu",)),))], WHOLE)

    found = requests.percentile(engine, records, Percentile(1_000_000), asked)[0]
    assert (found.attained, found.denominator, found.excluded) == (25, 3, 2)
