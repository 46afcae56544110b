"""``python -m scripts.upptime --data FOLDER``: a monitor's log through the oracle, beside what the monitor published.

Exit 0 when the oracle's minutes are those of the log's rows, 1 when they are not, 2 when the replay could not run.
Minutes of the published numbers that no row accounts for are printed and counted.
"""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console

from scripts.upptime.explain import Line, explain, finding
from scripts.upptime.records import DAY, Records, day_start, read_records
from scripts.upptime.replay import DAYS, HOLDS_FOR, Replay
from scripts.upptime.show import as_json, show
from sla.errors import MakegoodError

LOG, SUMMARY = "upptime_status_changes.csv", "upptime_summary.json"
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Nothing of a replay is kept, and memory is quicker than the disk."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay, compare, print."""
    parser = ArgumentParser(
        prog="python -m scripts.upptime", description="Replay a monitor's log through the oracle."
    )
    parser.add_argument("--data", type=Path, default=DATA, help=f"the folder of {LOG} and {SUMMARY}")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    records = read_records(options.data / LOG, options.data / SUMMARY)
    if not options.json:
        print(
            f"{len(records.services)} services, {len(DAYS)} days, four nodes: about half a minute.",
            flush=True,
        )
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        replayed = Replay(options.data / LOG, records.services, Path(folder)).run()
    lines = list(_lines(records, replayed.attained))
    found, notes = finding(lines), list(_notes(records))
    if options.json:
        print(json.dumps(as_json(lines, found, notes, replayed.paid, replayed.rounds), indent=2))
    else:
        show(lines, found, notes, Console(width=200 if not sys.stdout.isatty() else None))
    return 0 if all(line.is_of_the_rows for line in lines) else 1


def _lines(records: Records, attained: Mapping[tuple[str, date], int | None]) -> Iterator[Line]:
    for service in records.services:
        for day in DAYS:
            start = day_start(day)
            known = records.known_seconds(service, start, start + DAY, HOLDS_FOR)
            yield explain(records, service, day, _seconds_down(attained[service, day], known))
    # Published minutes of services and days that the log does not have are not to be lost.
    for service, day in sorted(records.published):
        if service not in records.services or day not in DAYS:
            yield explain(records, service, day, None)


def _seconds_down(attained: int | None, known: int) -> int | None:
    """The seconds down that a report says. The level is floored to a millionth of the known time, less than a second of
    a day: only one whole number of seconds gives it."""
    if attained is None:
        return None
    return known - -(-attained * known // 1_000_000)


def _notes(records: Records) -> Iterator[str]:
    """What the log's own beginning and end mean for the days they lie in."""
    last_row = records.rows[-1]
    beginnings: dict[int, list[str]] = {}
    for service in records.services:
        beginnings.setdefault(records.of(service)[0].time // DAY, []).append(service)
    for services in beginnings.values():
        first = records.of(services[0])[0].time
        part = 100 * (DAY - first % DAY) // DAY
        yield (
            f"{len(services)} services begin on {datetime.fromtimestamp(first, UTC):%Y-%m-%d at %H:%M}, with {part} % "
            f"of the day left: it is {'measured by that part' if part >= 50 else 'unknown, like all days before'} "
            f"({', '.join(services)})."
        )
    yield (
        f"The last row is line {last_row.line}, {datetime.fromtimestamp(last_row.time, UTC):%Y-%m-%d %H:%M:%S}: "
        f"{DAYS[-1]} has no row of its own, and each service's last status holds, as the terms believe it for two days."
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (MakegoodError, RuntimeError, OSError, KeyError, ValueError) as error:
        print(f"The replay could not run: {error}", file=sys.stderr)
        sys.exit(2)
