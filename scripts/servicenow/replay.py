"""The log lands and is measured: the number it comes to, every incident behind them, and what was quarantined."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metering.attained import Attained
from metering.cells import Cell
from metering.engine import open_engine
from metering.landing import Landed, notes
from metering.measuring import Measuring
from metering.residency import Homes
from scripts.servicenow.terms import FOLDER, resolution
from sla.civil import DAY, days_from_date
from sla.ticket_log import Entry

START, END = (days_from_date(*date) * DAY for date in ((2016, 1, 1), (2017, 12, 31)))
"""The log's first day is in February 2016, its last in February 2017. Two years are one cell."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """``incidents`` are the explained rows by their number, ``logs`` what landed of each. ``why``: what was refused,
    by its reason."""

    attained: Attained
    incidents: Mapping[str, Mapping[str, Any]]
    logs: Mapping[str, Sequence[Entry]]
    landed: Landed
    why: Mapping[str, int]


def replay(log: Path, folder: Path) -> Replayed:
    """Everything is written below ``folder``, which is empty."""
    files = folder / "data" / FOLDER
    files.mkdir(parents=True)
    shutil.copy(log, files)
    homes = Homes(folder / "lake")
    cells = [Cell(0, "", START, END)]
    with open_engine() as engine:
        measuring = Measuring(folder / "data", homes, engine, END)
        indicator = resolution()
        (attained,) = measuring.attained(indicator, cells)
        incidents = {row["ticket"]: row for row in measuring.explained(indicator, cells)}
        landed = measuring.landed(indicator.source)
        rows = engine.collect(homes.read(engine, ["servicenow"], 0, END)).to_pylist()
    logs: dict[str, list[Entry]] = {}
    for row in rows:
        entry = Entry(row["time"], row["sequence"], row["state"], row["priority"], row["group"])
        logs.setdefault(row["ticket"], []).append(entry)
    reasons = Counter(
        f"{note.reason}: {note.detail}"
        for lake in homes.lakes().values()
        for note in notes(lake, "servicenow")
    )
    return Replayed(attained, incidents, logs, landed, dict(sorted(reasons.items())))
