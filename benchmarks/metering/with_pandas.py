"""The same questions as a plain pandas script would ask them: all records in memory, a line or two each."""

from __future__ import annotations

import time

import pandas as pd  # type: ignore[import-untyped]
import pyarrow.parquet as parquet

from benchmarks.metering.lakes import END, START
from benchmarks.metering.questions import DAYS, PROBES
from metering.engine import EngineError, open_engine
from metering.lake import Lake


def beside_pandas(lake: Lake) -> tuple[float, float]:
    """Seconds of ours and of pandas, reading included. EngineError when the answers differ."""
    start = time.perf_counter()
    with open_engine() as engine:
        ours = [
            engine.collect(asked.ask(engine, lake.read(engine, [asked.source], START, END))).to_pylist()
            for asked in PROBES
        ]
    middle = time.perf_counter()
    theirs = _script(lake)
    end = time.perf_counter()
    month, days, intervals, percentile = ours
    found = (
        (month[0]["numerator"], month[0]["denominator"], month[0]["missing"]),
        {(row["cell"], row["service"]): (row["numerator"], row["denominator"]) for row in days},
        (intervals[0]["share"], intervals[0]["seen"]),
        percentile[0]["value"],
    )
    if found != theirs:
        raise EngineError("pandas has other answers", "mend one of them")
    return middle - start, end - middle


def _script(lake: Lake) -> tuple[object, ...]:
    columns = ["time_ms", "known", "status", "latency_us", "service"]
    files = lake.files("probes", START, END)
    table = pd.concat([parquet.read_table(path, columns=columns).to_pandas() for path in files])
    table = table[(table.time_ms >= START * 1_000) & (table.time_ms < END * 1_000)]
    good = table.known & (table.status > 0) & (table.status < 500) & (table.latency_us <= 400_000)
    month = (int(good.sum()), int(table.known.sum()), int((~table.known).sum()))

    starts = [cell.start * 1_000 for cell in DAYS] + [END * 1_000]
    table = table.assign(good=good, cell=pd.cut(table.time_ms, starts, right=False, labels=False))
    by_day = table.groupby(["cell", "service"]).agg(good=("good", "sum"), known=("known", "sum"))
    days = {(int(cell), name): (int(row.good), int(row.known)) for (cell, name), row in by_day.iterrows()}

    known = table[table.known]
    minutes = known.groupby((known.time_ms - START * 1_000) // 60_000).agg(
        good=("good", "sum"), total=("good", "size")
    )
    up = int((minutes.good * 1_000_000 >= minutes.total * 900_000).sum())

    answered = known[known.status > 0]
    milliseconds = ((answered.latency_us + 999) // 1_000).sort_values()
    rank = -(-len(milliseconds) * 990_000 // 1_000_000)
    return month, days, (up * 1_000_000, len(minutes)), int(milliseconds.iloc[rank - 1])
