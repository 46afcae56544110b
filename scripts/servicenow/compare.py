"""Where our adherence and the log's ``made_sla`` differ, and which one change of the clock would make them agree.

``made_sla`` is the log's last word on an incident; by which limits and clock it was found is not in the log. So each
disagreement is put to the same incident's clock with one thing changed, then with two, in a fixed order: the first that
comes to the log's verdict names the class. These clocks only run longer than ours; where the log is content with what
we are not, its limit must be the longer one, unless its own entries are out of order. What is left is unexplained.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from scripts.servicenow.replay import END, Replayed
from scripts.servicenow.terms import PRIORITIES, measure
from sla.clock_rules import ClockRules
from sla.targets import Limit
from sla.ticket_log import Entry
from sla.tickets import read_ticket

UNEXPLAINED = "unexplained"
OUT_OF_ORDER = "the log contradicts itself: its entries' numbers and times are in different orders"
LONGER = "the log's limit is longer than ours: no clock runs less, and it still met it"


@dataclass(frozen=True, slots=True)
class Line:
    """One priority: how many incidents met their limit by us and by the log, and of how many both speak; those on which
    they differ, by class."""

    priority: str
    incidents: int
    ours: int
    theirs: int
    classes: Mapping[str, int]

    @property
    def agree(self) -> int:
        """On how many both say the same."""
        return self.incidents - sum(self.classes.values())


def made_sla(log: Path) -> dict[str, bool]:
    """The log's last word by incident, its entries taken by time and number."""
    with log.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows.sort(
        key=lambda row: (
            datetime.strptime(row["sys_updated_at"], "%d-%m-%Y %H:%M"),
            int(row["sys_mod_count"]),
        )
    )
    return {row["number"]: row["made_sla"] == "TRUE" for row in rows}


def compare(replayed: Replayed, theirs: Mapping[str, bool]) -> list[Line]:
    """A line a priority. An incident of which we know no verdict is a class of its own."""
    lines = []
    for priority in PRIORITIES:
        those = {name: row for name, row in replayed.incidents.items() if row["priority"] == priority}
        classes = Counter(
            _class(replayed.logs[name], row["opened"], theirs[name])
            for name, row in those.items()
            if (row["verdict"] == "good") is not theirs[name]
        )
        ours = sum(row["verdict"] == "good" for row in those.values())
        lines.append(
            Line(
                priority, len(those), ours, sum(theirs[name] for name in those), dict(sorted(classes.items()))
            )
        )
    return lines


def out_of_order(log: Sequence[Entry]) -> bool:
    """Whether an entry bears an earlier time than one of a lower number."""
    by_number = sorted(log, key=lambda entry: (entry.sequence, entry.time))
    return [entry.time for entry in by_number] != sorted(entry.time for entry in log)


def _class(log: Sequence[Entry], opened: int, is_met: bool) -> str:
    judged = measure()
    limits = dict(judged.limits)
    for name, rules in _other_clocks(judged.clock.rules):
        if _is_met(log, opened, rules, limits) is is_met:
            return name
    if out_of_order(log):
        return OUT_OF_ORDER
    return LONGER if is_met else UNEXPLAINED


def _other_clocks(rules: ClockRules) -> list[tuple[str, ClockRules]]:
    """Each with what it says of the log, if it agrees with it."""
    to_closing = replace(rules, stopping=frozenset({"Closed"}))
    return [
        ("the log ran on while the incident was awaiting something", replace(rules, pausing=frozenset())),
        ("the log ran on from the resolution to the closing", to_closing),
        ("the log ran on in both", replace(to_closing, pausing=frozenset())),
    ]


def _is_met(log: Sequence[Entry], opened: int, rules: ClockRules, limits: Mapping[str, Limit]) -> bool:
    return read_ticket(log, opened, rules, limits, END).breached_at is None
