"""The same rows by Spark, two executors on this machine: how long it takes, and that its answers have the same hash."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass

from benchmarks.metering.lakes import END, START
from benchmarks.metering.questions import Asked
from metering.engine import Engine, EngineError, open_engine
from metering.engine.opening import CLUSTER_SPARK
from metering.lake import Lake
from scripts import spark


@dataclass(frozen=True, slots=True)
class OnSpark:
    """Seconds of both engines; ``hash`` is that of the answer, which is the same."""

    name: str
    rows: int
    duckdb: float
    spark: float
    hash: str


def on_spark(lakes: dict[str, tuple[Lake, int]], questions: tuple[Asked, ...]) -> list[OnSpark]:
    """Each question on both engines, from a lake and its rows by source; EngineError when hashes differ."""
    if not spark.is_current():
        raise EngineError(
            "Spark and its Java are not in build/tools", "bring them by python -m scripts.tools --spark"
        )
    os.environ.update(spark.environment())
    sys.path.insert(0, str(spark.PACKAGES))
    found = []
    with open_engine() as duckdb, open_engine("spark", master=CLUSTER_SPARK) as cluster:
        for asked in questions:
            lake, rows = lakes[asked.source]
            wanted, ours = _hashed(duckdb, lake, asked)
            got, theirs = _hashed(cluster, lake, asked)
            if wanted != got:
                raise EngineError(
                    f"{asked.name}: Spark's answer is {got}, not {wanted}", "mend the expression"
                )
            found.append(OnSpark(asked.name, rows, ours, theirs, wanted))
    return found


def _hashed(engine: Engine, lake: Lake, asked: Asked) -> tuple[str, float]:
    start = time.perf_counter()
    records = lake.read(engine, [asked.source], START, END)
    answer = engine.compare_hash(asked.ask(engine, records)).hex()
    return answer, time.perf_counter() - start
