"""Availability by time against a reference that looks at every second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.engine import Engine, open_engine
from metering.indicators.pieces import Piece, Pieces
from metering.indicators.states import up_seconds
from record.landing.kinds import DIMENSIONS
from record.terms.measures import Uptime

START = 1_800_000_000
PIECES = [
    Piece(0, START, START + 100),
    Piece(0, START + 100, START + 130, counts=False),
    Piece(0, START + 130, START + 200),
    Piece(1, START + 200, START + 300),
]
STARTS = [START, START + 200]
LEVELS = {"up": 1_000_000, "slow": 300_000, "down": 0}
UNTIL = START + 280
"""The records end before the last cell does. What a state "resting" is worth nobody has said."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


changes = st.dictionaries(
    st.tuples(st.integers(START - 50, UNTIL - 1), st.sampled_from(["left", "right"])),
    st.sampled_from([*LEVELS, "resting"]),
    max_size=60,
)


@given(changes=changes, holds_for=st.sampled_from([1, 40, 1_000]))
@settings(max_examples=10, deadline=None)
def test_uptime__any_changes__are_weighed_second_by_second(
    engine: Engine, changes: dict[tuple[int, str], str], holds_for: int
) -> None:
    expected: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for subject in ("left", "right"):
        times = sorted(time for time, whose in changes if whose == subject)
        for piece in PIECES:
            for second in range(piece.start, min(piece.end, UNTIL)):
                held = [time for time in times if time <= second < time + holds_for]
                level = (
                    LEVELS.get(changes[held[-1], subject])
                    if held and held[-1] == max(time for time in times if time <= second)
                    else None
                )
                if level is None:
                    continue
                tally = expected[piece.cell, subject]
                if piece.counts:
                    tally[0] += level
                    tally[1] += 1_000_000
                else:
                    tally[2] += 1
    rows = [{"time": time, "component": whose, "state": state} for (time, whose), state in changes.items()]
    columns = {name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in DIMENSIONS}
    columns |= {
        "time": pa.array([row["time"] for row in rows], pa.int64()),
        "subject": pa.array(["it" for _ in rows], pa.string()),
        "state": pa.array([row["state"] for row in rows], pa.string()),
    }
    measure = Uptime(tuple(sorted(LEVELS.items())), holds_for)

    found = up_seconds(
        engine.from_arrow(pa.table(columns)), measure, Pieces(engine, STARTS, PIECES), ["component"], UNTIL
    )

    names = ("numerator", "denominator", "excluded")
    assert {
        (row["cell"], row["component"]): [row[name] for name in names]
        for row in engine.collect(found).to_pylist()
    } == expected
