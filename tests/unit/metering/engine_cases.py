"""Records of every kind over a change to summer time, and the indicators that measure them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet

from metering.cells import Cell
from metering.excluding import Allowed
from metering.schemas import arrow_schema
from record.landing.kinds import DIMENSIONS, KINDS
from sla.exclusions import Exclusion, ExclusionKind, Way

START = 1_774_566_000
"""2026-03-27 00:00 in Rome, a Friday; its clocks go forward on the 29th."""
HOURS = (24, 24, 23, 24)
END = START + sum(HOURS) * 3_600

Row = dict[str, Any]


def days() -> list[Cell]:
    """The local days, one of which lasts 23 hours."""
    starts = [START + sum(HOURS[:place]) * 3_600 for place in range(len(HOURS) + 1)]
    names = [str(date(2026, 3, 27) + timedelta(place)) for place in range(len(HOURS))]
    return [Cell(0, name, *bounds) for name, bounds in zip(names, pairwise(starts), strict=True)]


def write_records(folder: Path) -> None:
    """A folder of Parquet files for each kind of record."""
    for name, rows in _ROWS.items():
        schema = arrow_schema(KINDS[name])
        found = [dict.fromkeys(DIMENSIONS, "") | row for row in rows(Random(name))]
        (folder / name).mkdir()
        parquet.write_table(pa.Table.from_pylist(found, schema), folder / name / "records.parquet")


def maintenance() -> tuple[Exclusion, Allowed]:
    """Three hours of one region that do not count, and that this is agreed."""
    start = START + 30 * 3_600
    scope = (("region", ("eu",)),)
    one = Exclusion("m1", ExclusionKind.MAINTENANCE, scope, start, start + 10_800, 0, frozenset({"customer"}))
    return one, Allowed({ExclusionKind.MAINTENANCE: (Way(frozenset({"customer"})),)})


def _where(random: Random) -> Row:
    return {
        "region": random.choice(["eu", "us", "Zürich \U0001f3d4"]),
        "service": random.choice(["shop", "till"]),
        "component": random.choice(["", "db"]),
    }


def _moment(random: Random) -> int:
    """Also on the very seconds at which days and hours begin, and outside the days."""
    second = random.randrange(START - 7_200, END + 7_200)
    return second - second % 3_600 if random.random() < 0.2 else second


def _probes(random: Random) -> Iterator[Row]:
    for time_ms in random.sample(range(START * 1_000 - 10**6, END * 1_000 + 10**6), 2_500):
        known = random.random() < 0.97
        status = random.choice([0, 200, 200, 200, 302, 404, 503]) if known else 0
        took = random.choice([0, 1, 299_999, 300_000, 300_001, random.randrange(10**7)]) if status else 0
        yield _where(random) | {"time_ms": time_ms, "known": known, "status": status, "latency_us": took}


def _counts(random: Random) -> Iterator[Row]:
    for time in range(START - 600, END + 600, 300):
        total = random.choice([0, 7, random.randrange(10**15)])
        yield _where(random) | {
            "time": time,
            "seconds": 300,
            "good": total - random.randrange(total // 3 + 1),
            "total": total,
        }


def _states(random: Random) -> Iterator[Row]:
    where = [_where(random) for _ in range(6)]
    for place, time in enumerate(sorted(_moment(random) for _ in range(900))):
        subject = place % 6
        yield where[subject] | {
            "time": time,
            "subject": f"link {subject}",
            "state": random.choice(["up", "up", "slow", "down", "strange"]),
        }


def _readings(random: Random) -> Iterator[Row]:
    for time in range(START - 600, END + 600, 300):
        value = random.choice([-(10**15), 0, 10**15, random.randrange(-(10**9), 10**9)])
        yield _where(random) | {"component": "", "time": time, "value_micro": value}


def _tickets(random: Random) -> Iterator[Row]:
    for number in range(200):
        where, time = _where(random), _moment(random)
        opened, priority, group = time, random.choice(["P1", "P3"]), "desk"
        for sequence in range(random.randrange(1, 7)):
            state = random.choice(["active", "held", "resolved", "closed"]) if sequence else "new"
            yield where | {
                "ticket": f"INC{number:04d}",
                "time": time,
                "sequence": sequence,
                "state": "cancelled" if sequence > 4 and number % 5 == 0 else state,
                "priority": priority,
                "group": group,
                "opened": opened,
                "text": "Screen of a till",
                "origin": "phone",
            }
            time = min(time + random.choice([0, 59, 3_600, random.randrange(90_000)]), END + 7_200)
            priority = random.choice([priority, priority, "P1", "P3"])
            group = random.choice([group, "network"])


def _deliveries(random: Random) -> Iterator[Row]:
    for number in range(800):
        due = _moment(random)
        done = min(due + random.randrange(-90_000, 200_000), END) if random.random() < 0.8 else None
        right = None if done is None else random.choice([True, True, False, None])
        missed = random.choice([0, 0, 0, 1, 3])
        own = {"order": f"O{number}", "due": due, "done": done}
        yield _where(random) | own | {"right_first_time": right, "missed_appointments": missed}


def _faults(random: Random) -> Iterator[Row]:
    for number in range(600):
        start = _moment(random)
        end = (
            min(start + random.choice([0, 60, random.randrange(100_000)]), END + 7_200)
            if number % 9
            else None
        )
        own = {"fault": f"F{number}", "start": start, "end": end}
        yield _where(random) | own | {"subject": f"line {random.randrange(40)}"}


def _surveys(random: Random) -> Iterator[Row]:
    for number in range(800):
        score = random.choice([1_000, 2_500, 3_333, 5_000, -1_000])
        yield _where(random) | {"response": f"R{number}", "time": _moment(random), "score_milli": score}


_ROWS: dict[str, Callable[[Random], Iterator[Row]]] = {
    "probes": _probes,
    "counts": _counts,
    "states": _states,
    "readings": _readings,
    "tickets": _tickets,
    "deliveries": _deliveries,
    "faults": _faults,
    "surveys": _surveys,
}
