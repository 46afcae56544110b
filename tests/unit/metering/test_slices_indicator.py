"""Slices of time against a reference that looks at every second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.attained import Question
from metering.attaining import attained, explained
from metering.cells import Cell
from metering.engine import Engine, Table, open_engine
from metering.indicators.pieces import Piece, Pieces
from record.landing.kinds import DIMENSIONS
from record.terms.measures import Slices

START = 1_800_000_000
CELLS = [Cell(0, "", START, START + 200), Cell(1, "", START + 200, START + 290)]
PIECES = [
    Piece(0, START, START + 100),
    Piece(0, START + 100, START + 130, counts=False),
    Piece(0, START + 130, START + 200),
    Piece(1, START + 200, START + 290),
]
LEVELS = {"up": 1_000_000, "slow": 300_000, "down": 0}
SUBJECTS = ("left", "right")

Changes = dict[tuple[int, str], str]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def table(engine: Engine, changes: Changes) -> Table:
    columns = {name: pa.array(["" for _ in changes], pa.string()) for name in DIMENSIONS}
    columns |= {
        "time": pa.array([time for time, _ in changes], pa.int64()),
        "subject": pa.array([subject for _, subject in changes], pa.string()),
        "state": pa.array(list(changes.values()), pa.string()),
    }
    return engine.from_arrow(pa.table(columns))


def level_at(changes: Changes, subject: str, second: int, holds_for: int) -> int | None:
    times = [time for time, whose in changes if whose == subject and time <= second]
    if not times or max(times) + holds_for <= second:
        return None
    return LEVELS[changes[max(times), subject]]


changes = st.dictionaries(
    st.tuples(st.integers(START - 50, START + 289), st.sampled_from(SUBJECTS)),
    st.sampled_from(list(LEVELS)),
    max_size=40,
)


@given(
    changes=changes,
    holds_for=st.sampled_from([1, 40, 1_000]),
    length=st.sampled_from([1, 7, 30, 60, 500]),
    up_from=st.sampled_from([1_000_000, 650_000, 1]),
)
@settings(max_examples=8, deadline=None)
def test_slices__any_changes__are_judged_slice_by_slice(
    engine: Engine, changes: Changes, holds_for: int, length: int, up_from: int
) -> None:
    worth: dict[tuple[int, int, str], list[int]] = defaultdict(list)
    due: dict[int, set[int]] = defaultdict(set)
    excluded: dict[int, set[int]] = defaultdict(set)
    for piece in PIECES:
        for second in range(piece.start, piece.end):
            number = (second - CELLS[piece.cell].start) // length
            (due if piece.counts else excluded)[piece.cell].add(number)
            for subject in SUBJECTS:
                level = level_at(changes, subject, second, holds_for)
                if piece.counts and level is not None:
                    worth[piece.cell, number, subject].append(level)
    up = {key: sum(levels) >= up_from * len(levels) for key, levels in worth.items()}
    measure = Slices(tuple(sorted(LEVELS.items())), holds_for, length, up_from)
    starts = [cell.start for cell in CELLS]
    question = Question(CELLS, Pieces(engine, starts, PIECES), (), START + 290)
    records = table(engine, changes)

    found = attained(engine, records, measure, question)

    for index, one in enumerate(found):
        heard = {subject for time, subject in changes if time < CELLS[index].end}
        known = [good for (cell, _, _), good in up.items() if cell == index]
        watched = max(1, len(heard))
        assert (one.numerator, one.denominator) == (sum(known), len(known))
        assert one.missing == len(due[index]) * watched - len(known)
        assert one.excluded == len(excluded[index] - due[index]) * watched
    rows = engine.collect(explained(engine, records, measure, question)).to_pylist()
    assert {
        (row["cell"], (row["start"] - starts[row["cell"]]) // length, row["subject"]): row["verdict"]
        for row in rows
        if row["verdict"] != "excluded"
    } == {key: "good" if good else "bad" for key, good in up.items()}
    assert sum(row["known"] for row in rows if row["verdict"] == "excluded") == sum(
        level_at(changes, subject, second, holds_for) is not None
        for subject in SUBJECTS
        for second in range(START + 100, START + 130)
    )


def test_slices__a_moment_of_downtime__costs_the_whole_minute(engine: Engine) -> None:
    """One second down at 59, one at 120: two of the first five minutes, when a minute must be up all of it."""
    changes = {(START, "left"): "up", (START + 59, "left"): "down", (START + 60, "left"): "up"}
    changes |= {(START + 120, "left"): "down", (START + 121, "left"): "up"}
    cell = Cell(0, "", START, START + 300)
    question = Question([cell], Pieces(engine, [START], [Piece(0, START, START + 300)]), (), START + 300)

    (found,) = attained(
        engine, table(engine, changes), Slices((("down", 0), ("up", 1_000_000)), 900, 60, 1_000_000), question
    )

    assert (found.attained, found.numerator, found.denominator, found.missing) == (600_000, 3, 5, 0)
