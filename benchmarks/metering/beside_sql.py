"""An indicator beside SQL written by hand: the same engine, the same files, the same answer, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.metering.lakes import END, START
from benchmarks.metering.questions import Asked, by_hand
from metering.engine import EngineError, open_engine
from metering.engine.canonical import exact, hash_of
from metering.engine.duckdb_engine import DuckDbEngine
from metering.lake import Lake


@dataclass(frozen=True, slots=True)
class Beside:
    """Seconds, the least of the turns."""

    name: str
    rows: int
    ours: float
    by_hand: float
    scan: float

    @property
    def ratio(self) -> float:
        """How many times as long as by hand."""
        return self.ours / self.by_hand


def beside_sql(lake: Lake, asked: Asked, turns: int) -> Beside:
    """The three in turns. EngineError when the answers differ."""
    files = lake.files(asked.source, START, END)
    with open_engine() as engine:
        assert isinstance(engine, DuckDbEngine)
        names = ", ".join(f"'{path}'" for path in files)
        engine.sql(
            f"CREATE VIEW {asked.source} AS SELECT * FROM read_parquet([{names}], hive_partitioning = false)"
        )
        statement = by_hand(asked.sql)

        def ours() -> Any:
            return engine.collect(asked.ask(engine, lake.read(engine, [asked.source], START, END)))

        def hand() -> Any:
            return engine.sql(statement)

        found, wanted = ours(), hand()
        if hash_of(found) != hash_of(exact(wanted, found.schema)):
            raise EngineError(f"{asked.name}: the SQL by hand says {wanted}, not {found}", "mend one of them")
        seconds = _in_turns(turns, ours, hand, lambda: engine.sql(asked.scan))
        (rows,) = engine.sql(f"SELECT count(*) AS n FROM {asked.source}").to_pydict()["n"]
    return Beside(asked.name, rows, *seconds)


def _in_turns(turns: int, *each: Callable[[], object]) -> list[float]:
    best = [float("inf")] * len(each)
    for _ in range(turns):
        for place, run in enumerate(each):
            start = time.perf_counter()
            run()
            best[place] = min(best[place], time.perf_counter() - start)
    return best
