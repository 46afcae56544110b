"""Indicators of requests against a reference that looks at one probe after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.attained import Question
from metering.attaining import attained
from metering.cells import Cell
from metering.engine import Engine, Table, open_engine
from metering.indicators.pieces import Piece, Pieces
from metering.indicators.requests import good_requests, nearest_rank, up_intervals
from record.terms.measures import Intervals, Percentile, Requests
from record.terms.ratios import Ratio

START = 1_800_000_000
HOUR = 3_600
STARTS = [START, START + 2 * HOUR]
PIECES = [
    Piece(0, START, START + 1_000),
    Piece(0, START + 1_000, START + 1_777, counts=False),
    Piece(0, START + 1_777, START + 2 * HOUR),
    Piece(1, START + 2 * HOUR, START + 3 * HOUR),
]
"""Two cells, of two hours and of one; thirteen minutes of the first do not count."""
FAST = Ratio("fast", 400, 300)
UP = Ratio("up", 400, None)


@dataclass(frozen=True)
class Probe:
    time_ms: int
    known: bool
    status: int
    latency_us: int
    service: str

    def is_good(self, ratio: Ratio) -> bool:
        in_time = (
            ratio.max_latency_milliseconds is None
            or self.latency_us <= 1_000 * ratio.max_latency_milliseconds
        )
        return self.status not in (0, 400, 503) and in_time

    @property
    def piece(self) -> Piece | None:
        return next((one for one in PIECES if one.start * 1_000 <= self.time_ms < one.end * 1_000), None)


edges = [
    edge * 1_000 + offset for piece in PIECES for edge in (piece.start, piece.end) for offset in (-1, 0, 1)
]
probes = st.lists(
    st.builds(
        Probe,
        time_ms=st.sampled_from(edges)
        | st.integers(START * 1_000 - 5_000, (START + 3 * HOUR) * 1_000 + 5_000),
        known=st.sampled_from([True, True, True, False]),
        status=st.sampled_from([0, 200, 301, 400, 503]),
        latency_us=st.sampled_from([0, 1, 299_999, 300_000, 300_001, 999_000]) | st.integers(0, 10**6),
        service=st.sampled_from(["shop", "till"]),
    ),
    max_size=200,
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def table(engine: Engine, seen: Sequence[Probe]) -> Table:
    return engine.from_arrow(
        pa.table(
            {
                "time_ms": pa.array([one.time_ms for one in seen], pa.int64()),
                "known": pa.array([one.known for one in seen], pa.bool_()),
                "status": pa.array([one.status for one in seen], pa.int64()),
                "latency_us": pa.array([one.latency_us for one in seen], pa.int64()),
                "service": pa.array([one.service for one in seen], pa.string()),
            }
        )
    )


def counted(seen: Sequence[Probe]) -> list[tuple[int, Probe]]:
    """With their cells, the known ones that count."""
    return [(one.piece.cell, one) for one in seen if one.known and one.piece is not None and one.piece.counts]


@pytest.mark.parametrize("ratio", [UP, FAST])
@given(seen=probes)
@settings(max_examples=8, deadline=None)
def test_good_requests__any_probes__are_counted_one_by_one(
    engine: Engine, ratio: Ratio, seen: list[Probe]
) -> None:
    expected: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in seen:
        if one.piece is None:
            continue
        tally = expected[one.piece.cell, one.service]
        if one.known and one.piece.counts:
            tally[0] += one.is_good(ratio)
            tally[1] += 1
        elif one.known:
            tally[2] += 1
        elif one.piece.counts:
            tally[3] += 1

    pieces = Pieces(engine, STARTS, PIECES)
    rows = engine.collect(good_requests(table(engine, seen), ratio, pieces, ["service"])).to_pylist()

    names = ("numerator", "denominator", "excluded", "missing")
    assert {(row["cell"], row["service"]): [row[name] for name in names] for row in rows} == expected


@pytest.mark.parametrize("up_from", [None, 500_000, 1_000_000])
@given(seen=probes, seconds=st.sampled_from([1, 60, 300, 2 * HOUR]))
@settings(max_examples=8, deadline=None)
def test_intervals__any_probes__are_judged_one_by_one(
    engine: Engine, up_from: int | None, seen: list[Probe], seconds: int
) -> None:
    each: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for cell, one in counted(seen):
        each[cell, (one.time_ms - STARTS[cell] * 1_000) // (seconds * 1_000)].append(one.is_good(FAST))
    expected: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for (cell, _), outcomes in each.items():
        share = Fraction(sum(outcomes), len(outcomes))
        if up_from is None:
            expected[cell][0] += int(share * 1_000_000)
        else:
            expected[cell][0] += 1_000_000 * (share >= Fraction(up_from, 1_000_000))
        expected[cell][1] += 1

    measure = Intervals(FAST, seconds, up_from, empty_is_up=True)
    pieces = Pieces(engine, STARTS, PIECES)
    rows = engine.collect(up_intervals(table(engine, seen), measure, pieces, [])).to_pylist()

    assert {row["cell"]: [row["share"], row["seen"]] for row in rows} == expected


def test_requests__probes_that_were_due_and_did_not_come__are_missing(engine: Engine) -> None:
    """One was due every 10 seconds: in 7 200 s less 777 that do not count 642 times, in an hour 360 times."""
    seen = [
        Probe(START * 1_000 + late, True, status, 0, "shop") for late, status in ((0, 200), (10_000, 503))
    ]
    cells = [Cell(0, "", START, START + 2 * HOUR), Cell(1, "", START + 2 * HOUR, START + 3 * HOUR)]
    question = Question(cells, Pieces(engine, STARTS, PIECES), (), START + 3 * HOUR, minimum_known_ppm=1)

    found = attained(engine, table(engine, seen), Requests(UP, 10), question)

    assert [(one.numerator, one.denominator, one.missing) for one in found] == [(1, 2, 640), (0, 0, 360)]


@given(seen=probes, share=st.sampled_from([1, 500_000, 990_000, 999_999, 1_000_000]))
@settings(max_examples=8, deadline=None)
def test_percentile__any_probes__is_the_nearest_rank(engine: Engine, seen: list[Probe], share: int) -> None:
    each: dict[int, list[int]] = defaultdict(list)
    for cell, one in counted(seen):
        if one.status:
            each[cell].append(ceil(Fraction(one.latency_us, 1_000)))
    expected = {
        cell: (sorted(values)[ceil(Fraction(share, 1_000_000) * len(values)) - 1], len(values))
        for cell, values in each.items()
    }

    pieces = Pieces(engine, STARTS, PIECES)
    rows = engine.collect(nearest_rank(table(engine, seen), Percentile(share), pieces, [])).to_pylist()

    assert {row["cell"]: (row["value"], row["answered"]) for row in rows} == expected
