"""What is left of a day when its raw records go: how often each thing was seen, by the hour.

Of probes that is exact for what is asked of them later: how many were good, and what share was answered within so many
whole milliseconds. Records of the other kinds are few, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as parquet

from metering.days import date_of
from metering.engine import Engine, Table, _, floor_div
from metering.lake import Lake, LakeError
from metering.lake.files import beside, keep_as_content
from record.landing.kinds import DIMENSIONS, PROBES
from sla.civil import DAY

_HOUR_MS = 3_600_000


def hourly_probes(probes: Table) -> Table:
    """By dimensions, hour (``time``, seconds UTC), ``known``, ``status`` and ``latency_ms`` (rounded up): how many
    ``looks``."""
    hour = (floor_div(_.time_ms, _HOUR_MS) * (_HOUR_MS // 1_000)).name("time")
    latency = floor_div(_.latency_us + 999, 1_000).name("latency_ms")
    keyed = probes.mutate(time=hour, latency_ms=latency)
    return keyed.group_by([*DIMENSIONS, "time", "known", "status", "latency_ms"]).agg(looks=_.count())


def roll_up(
    lake: Lake, engine: Engine, source: str, day: int, summed: Callable[[Table], Table] | None = None
) -> Path:
    """Writes what a day's raw records come to, next to them; returns the file.

    ``summed``: the expression; by default ``hourly_probes`` for probes, all records as they are for other kinds.
    Records that land later make the day's roll-up void: roll it up again.
    """
    kind = lake.kind(source)
    with lake.landing(source, kind):
        state = lake.day(source, day)
        table = lake.read(engine, [source], day * DAY, (day + 1) * DAY).drop("source")
        if summed is None and kind is PROBES:
            summed = hourly_probes
        folder = lake.day_folder(source, day)
        part = beside(folder, "rolled-up")
        try:
            result = engine.collect(table if summed is None else summed(table))
            parquet.write_table(result, part, compression="zstd")
            name = keep_as_content(part, "rolled-up")
        finally:
            part.unlink(missing_ok=True)
        lake.set_day(source, replace(state, rolled_up=name))
    return folder / name


def rolled_up(lake: Lake, engine: Engine, source: str, days: Sequence[int]) -> Table:
    """What was rolled up of these days, all by the same expression. LakeError for a day of which nothing was."""
    files = []
    for day in days:
        name = lake.day(source, day).rolled_up
        if name is None:
            raise LakeError(
                f"{source} was not rolled up on {date_of(day)}", "roll it up while its records are there"
            )
        files.append(lake.day_folder(source, day) / name)
    if not files:
        raise LakeError("no day to read", "name at least one")
    return engine.from_parquet(files, parquet.read_schema(files[0]).names)
