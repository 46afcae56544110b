"""Lakes of made-up records, the same for the same size: written as landing leaves them, without the way through it.

A month on the clocks of Rome, March 2026, one day of which has 23 hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from metering.lake import Day, Lake
from metering.lake.files import beside, keep_as_content
from metering.lake.merging import ROWS_PER_GROUP
from metering.schemas import arrow_schema
from record.landing.kinds import PROBES, Kind, Type
from sla.civil import DAY

START, END = 1_772_319_600, 1_774_994_400
"""2026-03-01 and 2026-04-01, 00:00 in Rome."""

SERVICES = ("shop", "till", "mail", "files", "voice")
REGIONS = ("eu", "us")


def write_probes(root: Path, rows: int) -> Lake:
    """So many probes in time order, no two at a time and place; days are UTC days."""
    lake = Lake(root)
    each = (END - START) * 1_000 / rows
    with lake.landing("probes", PROBES):
        place = 0
        for day in range(START // DAY, -(-END // DAY)):
            last = min(rows, int(((day + 1) * DAY - START) * 1_000 / each))
            if last > place:
                write_day(lake, PROBES, day, lambda start, stop: _probes(start, stop, each), place, last)
            place = max(place, last)
    return lake


def write_day(
    lake: Lake, kind: Kind, day: int, rows: Callable[[int, int], Mapping[str, Any]], start: int, stop: int
) -> None:
    """A day's file as landing would leave it, of the rows numbered from ``start`` up to ``stop``."""
    folder = lake.day_folder(kind.name, day)
    part = beside(folder, "records")
    texts = [column.name for column in kind.columns if column.type is Type.TEXT]
    first = last = None
    with parquet.ParquetWriter(
        part, arrow_schema(kind), compression="zstd", compression_level=1, use_dictionary=texts
    ) as file:
        for at in range(start, stop, ROWS_PER_GROUP):
            table = table_of(kind, rows(at, min(at + ROWS_PER_GROUP, stop)))
            file.write_table(table)
            times = table.column(kind.time.name).to_numpy()
            first = int(times.min()) if first is None else min(first, int(times.min()))
            last = int(times.max()) if last is None else max(last, int(times.max()))
    name = keep_as_content(part, "records")
    lake.set_day(kind.name, Day(day, name, stop - start, first, last))


def table_of(kind: Kind, columns: Mapping[str, Any]) -> Any:
    """Columns as records of a kind; texts that are not named are empty."""
    rows = len(next(iter(columns.values())))
    empty = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([""]))
    arrays = {name: columns.get(name, empty) for name in kind.names}
    return pa.table(arrays).cast(arrow_schema(kind))


def words(numbers: Any, *known: str) -> Any:
    """Texts by their numbers."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(known))


def mixed(numbers: Any, salt: int) -> Any:
    """Numbers from 0 up to 2**32, scattered by multiplying and shifting: the same on every machine and version."""
    found = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(
        salt * 0x2545F4914F6CDD1D % 2**64
    )
    found ^= found >> np.uint64(31)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    return (found >> np.uint64(32)).astype(np.int64)


def _probes(start: int, stop: int, each: float) -> dict[str, Any]:
    """99.6 % answer well; one in 300 is slow, one in 500 of no known outcome."""
    number = np.arange(start, stop)
    luck, took = mixed(number, 1), mixed(number, 2)
    known = luck % 500 != 0
    status = np.select([luck % 1_000 < 2, luck % 1_000 < 4], [503, 0], 200)
    status = np.where(known, status, 0)
    latency = 20_000 + took % 150_000 + np.where(took % 300 == 0, 400_000, 0)
    return {
        "time_ms": pa.array(START * 1_000 + (number * each).astype(np.int64)),
        "known": pa.array(known),
        "status": pa.array(status),
        "latency_us": pa.array(np.where(status == 0, 0, latency)),
        "service": words(mixed(number, 3) % len(SERVICES), *SERVICES),
        "region": words(mixed(number, 4) % len(REGIONS), *REGIONS),
    }
