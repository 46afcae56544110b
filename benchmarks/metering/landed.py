"""Landing: from CSV as a monitor writes it to the lake, each record read, typed, sorted, written."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow.csv as csv
import pyarrow.parquet as parquet

from benchmarks.metering.lakes import END, START
from metering.engine import EngineError
from metering.lake import Lake
from metering.landing import Declaration, Number, Text, Time, Truth, land
from metering.residency import Homes
from record.landing.declaration import How

_COLUMNS: dict[str, How] = {
    "time_ms": Time("time_ms", "milliseconds"),
    "known": Truth("known"),
    "status": Number("status"),
    "latency_us": Number("latency_us"),
    "service": Text("service"),
    "region": Text("region"),
}


def land_csv(lake: Lake, rows: int, folder: Path) -> float:
    """Seconds to land the lake's probes from CSV files of a day each."""
    (folder / "csv").mkdir()
    for number, path in enumerate(lake.files("probes", START, END)):
        csv.write_csv(parquet.read_table(path, columns=list(_COLUMNS)), folder / "csv" / f"{number}.csv")
    declaration = Declaration("probes", "probes", "csv", _COLUMNS)
    start = time.perf_counter()
    landed = land(folder / "csv", declaration, Homes(folder / "landed"), END)
    seconds = time.perf_counter() - start
    if landed.new != rows:
        raise EngineError(f"of {rows} records {landed.new} landed", "mend the declaration")
    return seconds
