"""A lake of made-up tickets: opened, held, resolved, some reopened, some cancelled, their priorities raised."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.metering.lakes import END, START, mixed, words, write_day
from metering.lake import Lake
from record.landing.kinds import TICKETS
from sla.civil import DAY

_STATES = ("new", "active", "held", "resolved", "closed", "cancelled")
_WAYS = np.array([[0, 1, 3, 4], [0, 1, 2, 3], [0, 2, 1, 3], [0, 1, 3, 1], [0, 1, 2, 5], [0, 1, 1, 3]])
"""By ticket, the states of its four entries."""


def write_tickets(root: Path, rows: int) -> Lake:
    """So many entries, four a ticket."""
    lake = Lake(root)
    columns = _entries(rows // 4)
    days = columns["time"] // DAY
    order = np.lexsort((columns["sequence"], columns["time"], columns["ticket"], days))
    bounds = np.searchsorted(days[order], np.arange(START // DAY, END // DAY + 2))
    with lake.landing("tickets", TICKETS):
        for place, (start, stop) in enumerate(pairwise(bounds)):
            if stop > start:
                write_day(
                    lake,
                    TICKETS,
                    START // DAY + place,
                    lambda first, last: _records(columns, order[first:last]),
                    int(start),
                    int(stop),
                )
    return lake


def _entries(tickets: int) -> dict[str, Any]:
    """By column, of all tickets; opened within the first four weeks."""
    ticket = np.arange(tickets)
    opened = START + mixed(ticket, 1) % (28 * DAY)
    way = _WAYS[mixed(ticket, 2) % len(_WAYS)]
    priority = mixed(ticket, 3) % 3
    time = opened.copy()
    found: dict[str, list[Any]] = {
        name: [] for name in ("ticket", "time", "sequence", "state", "priority", "opened")
    }
    for step in range(4):
        if step:
            time = np.minimum(time + mixed(ticket, 10 + step) % (DAY if step % 2 else 3_600), END - 1)
        raised = np.where((mixed(ticket, 20) % 20 == 0) & (step > 1), 0, priority)
        values = (ticket, time, np.full(tickets, step), way[:, step], raised, opened)
        for name, value in zip(found, values, strict=True):
            found[name].append(value)
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _records(columns: dict[str, Any], rows: Any) -> dict[str, Any]:
    numbers = pc.utf8_lpad(pa.array(columns["ticket"][rows]).cast(pa.string()), 9, "0")
    ticket = pc.binary_join_element_wise("INC", numbers, "")
    return {
        "ticket": ticket,
        "time": pa.array(columns["time"][rows]),
        "sequence": pa.array(columns["sequence"][rows]),
        "state": words(columns["state"][rows], *_STATES),
        "priority": words(columns["priority"][rows], "P1", "P2", "P3"),
        "group": words(np.zeros(len(rows), np.int32), "desk"),
        "opened": pa.array(columns["opened"][rows]),
        "text": words(np.zeros(len(rows), np.int32), ""),
        "origin": words(np.zeros(len(rows), np.int32), ""),
    }
