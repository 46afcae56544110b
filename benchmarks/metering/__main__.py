"""``python -m benchmarks.metering``: all in one run, as ratios; ``--json`` for machines, ``--small`` to try it."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.metering.beside_sql import Beside, beside_sql
from benchmarks.metering.growth import Size, measured
from benchmarks.metering.lakes import write_probes
from benchmarks.metering.landed import land_csv
from benchmarks.metering.questions import PROBES, TICKETS
from benchmarks.metering.ticket_logs import write_tickets
from benchmarks.metering.with_pandas import beside_pandas
from benchmarks.metering.with_spark import OnSpark, on_spark
from metering.lake import Lake

OUTPUT = Path(__file__).resolve().parents[2] / "build" / "bench" / "metering.json"
TARGET_RATIO = 1.15
TARGET_BYTES = 4 << 30

_BYTES_PER_ROW = {"probes": 8, "tickets": 40}


def main(*given: str) -> None:
    """Write lakes, measure, print the tables, write build/bench/metering.json."""
    options = _options(given)
    say = print if not options.json else _silent
    need = options.probes * _BYTES_PER_ROW["probes"] * 3 // 2 + options.events * _BYTES_PER_ROW["tickets"]
    free = shutil.disk_usage(options.folder or Path.cwd()).free
    if free < need + (2 << 30):
        sys.exit(
            f"The lakes need {need >> 30} GiB and 2 to spare, {free >> 30} are free: name another --folder."
        )
    with TemporaryDirectory(prefix="makegood-bench-", dir=options.folder) as name:
        found = _measured(Path(name), options, say)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps(found, indent=2) + "\n")
    if options.json:
        print(json.dumps(found, indent=2))


def _options(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.metering", description=__doc__)
    parser.add_argument(
        "--probes", type=int, default=100_000_000, help="rows beside SQL, and of the largest size"
    )
    parser.add_argument("--events", type=int, default=10_000_000, help="entries of tickets")
    parser.add_argument("--spark-rows", type=int, default=10_000_000, help="probes on Spark; 0: no Spark")
    parser.add_argument(
        "--pandas-rows", type=int, default=1_000_000, help="probes in pandas, and landed from CSV"
    )
    parser.add_argument("--turns", type=int, default=3, help="of which the fastest counts")
    parser.add_argument("--folder", type=Path, help="where the lakes are written, and removed again")
    parser.add_argument("--small", action="store_true", help="20 000 rows of each, once, without Spark")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    options = parser.parse_args(given)
    if options.small:
        options.probes = options.events = options.pandas_rows = 20_000
        options.spark_rows, options.turns = 0, 1
    return options


def _measured(folder: Path, options: argparse.Namespace, say: Any) -> dict[str, Any]:
    sizes = sorted({options.probes // 100, options.probes // 10, options.probes})
    rows = sorted({*sizes, options.pandas_rows, *filter(None, [options.spark_rows])})
    lakes = {each: write_probes(folder / f"probes-{each}", each) for each in rows}
    log = write_tickets(folder / "tickets", options.events)
    say(
        f"{'beside SQL by hand':<34}{'rows':>13}{'ours s':>9}{'hand s':>9}{'ratio':>8}{'scan s':>9}{'ratio':>8}"
    )
    beside: list[Beside] = []
    for asked in (*PROBES, *TICKETS):
        lake = log if asked.source == "tickets" else lakes[options.probes]
        one = beside_sql(lake, asked, options.turns)
        beside.append(one)
        say(
            f"{one.name:<34}{one.rows:>13,}{one.ours:>9.2f}{one.by_hand:>9.2f}{one.ratio:>8.2f}"
            f"{one.scan:>9.2f}{one.ours / one.scan:>8.2f}"
        )
    say(f"target: at most {TARGET_RATIO} times the time of SQL by hand\n")
    growth = [measured(lakes[each], each) for each in sizes]
    _print_growth(growth, say)
    ours, pandas = beside_pandas(lakes[options.pandas_rows])
    say(
        f"pandas, {options.pandas_rows:,} rows: {pandas:.2f} s, ours {ours:.2f} s, ratio {ours / pandas:.2f}\n"
    )
    landing = land_csv(lakes[options.pandas_rows], options.pandas_rows, folder)
    speed = options.pandas_rows / landing
    say(f"landing {options.pandas_rows:,} probes from CSV: {landing:.1f} s, {speed:,.0f} a second\n")
    on_both = _on_spark(lakes, log, options, say)
    return {
        "beside_sql": [asdict(one) | {"ratio": one.ratio} for one in beside],
        "growth": [asdict(one) for one in growth],
        "pandas": {"rows": options.pandas_rows, "ours": ours, "pandas": pandas},
        "landing": {"rows": options.pandas_rows, "seconds": landing},
        "spark": [asdict(one) for one in on_both],
    }


def _on_spark(lakes: dict[int, Lake], log: Lake, options: argparse.Namespace, say: Any) -> list[OnSpark]:
    if not options.spark_rows:
        return []
    by_source = {"probes": (lakes[options.spark_rows], options.spark_rows), "tickets": (log, options.events)}
    found = on_spark(by_source, (*PROBES, *TICKETS))
    say(f"{'on Spark, two executors':<34}{'rows':>13}{'duckdb s':>9}{'spark s':>9}  the same hash")
    for one in found:
        say(f"{one.name:<34}{one.rows:>13,}{one.duckdb:>9.2f}{one.spark:>9.2f}  {one.hash[:16]}")
    return found


def _print_growth(growth: Sequence[Size], say: Any) -> None:
    say(f"{'growth, all questions of probes':<34}{'rows':>13}{'s':>9}{'ns a row':>10}{'peak MiB':>10}")
    for one in growth:
        each = one.seconds / one.rows * 1e9
        say(f"{'':<34}{one.rows:>13,}{one.seconds:>9.2f}{each:>10.1f}{one.peak_bytes >> 20:>10,}")
    say(f"target: linear in time, at most {TARGET_BYTES >> 20:,} MiB\n")


def _silent(*_: object) -> None:
    """Says nothing."""


if __name__ == "__main__":
    main(*sys.argv[1:])
