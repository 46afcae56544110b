"""What `make bench` measures is the same thing on either side; how long it takes is no test's business."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.metering.beside_sql import beside_sql
from benchmarks.metering.lakes import END, START, write_probes
from benchmarks.metering.landed import land_csv
from benchmarks.metering.questions import DAYS, PROBES, TICKETS, Asked
from benchmarks.metering.ticket_logs import write_tickets
from benchmarks.metering.with_pandas import beside_pandas
from metering.engine import _, open_engine
from metering.lake import Lake

ROWS = 20_000


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lake]:
    folder = tmp_path_factory.mktemp("lakes")
    return {
        "probes": write_probes(folder / "probes", ROWS),
        "tickets": write_tickets(folder / "tickets", ROWS),
    }


@pytest.mark.parametrize("asked", [*PROBES, *TICKETS], ids=lambda asked: asked.sql)
def test_benchmark__sql_by_hand__gives_the_same(lakes: dict[str, Lake], asked: Asked) -> None:
    """It raises where the answers differ."""
    assert beside_sql(lakes[asked.source], asked, 1).rows == ROWS


def test_benchmark__pandas__gives_the_same(lakes: dict[str, Lake]) -> None:
    assert min(beside_pandas(lakes["probes"])) > 0


def test_benchmark__its_lake__is_as_landing_leaves_one(lakes: dict[str, Lake], tmp_path: Path) -> None:
    """Landed from CSV, every record of it is new, and the lake has the same records."""
    land_csv(lakes["probes"], ROWS, tmp_path)

    with open_engine(threads=1) as engine:
        written, landed = (
            engine.compare_hash(lake.read(engine, ["probes"], START, END))
            for lake in (lakes["probes"], Lake(tmp_path / "landed"))
        )
        summary = (
            lakes["tickets"]
            .read(engine, ["tickets"], START, END)
            .aggregate(tickets=_.ticket.nunique(), states=_.state.nunique())
        )
        assert engine.collect(summary).to_pylist() == [{"tickets": ROWS // 4, "states": 6}]
    assert written == landed


def test_benchmark__its_days__are_those_of_rome() -> None:
    lengths = [cell.end - cell.start for cell in DAYS]
    assert (DAYS[0].start, DAYS[-1].end, sorted(set(lengths))) == (START, END, [82_800, 86_400])
    assert all(one.end == other.start for one, other in pairwise(DAYS))
