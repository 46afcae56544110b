"""A real service desk's log: our verdicts beside those counted here from its rows, its own beside ours by class."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scripts.servicenow.__main__ import main
from scripts.servicenow.compare import out_of_order
from sla.ticket_log import Entry

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
LOG = DATA / "servicenow_incident_events.csv"
HOLDS = "the log ran on while the incident was awaiting something"
CLOSING = "the log ran on from the resolution to the closing"


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M")


def office(start: datetime, end: datetime) -> timedelta:
    """Of Monday to Friday, 9 to 17, day by day."""
    total, day = timedelta(), start.replace(hour=0, minute=0)
    while day < end:
        if day.weekday() < 5:
            opens, closes = day + timedelta(hours=9), day + timedelta(hours=17)
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return total


def allowed(priority: str, opened: datetime) -> timedelta:
    if priority == "1 - Critical":
        return timedelta(hours=4)
    if priority == "2 - High":
        return timedelta(hours=8)
    left, day = {"3 - Moderate": 3, "4 - Low": 5}[priority], opened.replace(hour=17, minute=0)
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return office(opened, day)


def ran(rows: list[dict[str, str]], opened: datetime, held: bool, stopping: tuple[str, ...]) -> timedelta:
    """How long the clock of an incident ran that is over."""
    priority = rows[-1]["priority"]
    total, since, state = timedelta(), opened, "New"
    for row in rows:
        if state not in stopping and not (held and state.startswith("Awaiting")):
            now = moment(row["sys_updated_at"])
            total += now - since if priority == "1 - Critical" else office(since, now)
        since, state = moment(row["sys_updated_at"]), row["incident_state"]
    return total


def counted() -> dict[str, dict[str, Counter[str]]]:
    """Straight from the rows, by priority: how many met their limit by each clock, and by the log."""
    incidents: dict[str, list[dict[str, str]]] = defaultdict(list)
    with LOG.open(newline="") as file:
        for row in csv.DictReader(file):
            if moment(row["sys_updated_at"]) >= moment(row["opened_at"]):
                incidents[row["number"]].append(row)
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for rows in incidents.values():
        rows.sort(key=lambda row: (moment(row["sys_updated_at"]), int(row["sys_mod_count"])))
        opened, priority = moment(rows[0]["opened_at"]), rows[-1]["priority"]
        assert rows[-1]["incident_state"] == "Closed"
        within = allowed(priority, opened)
        ours = ran(rows, opened, True, ("Resolved", "Closed")) <= within
        theirs = rows[-1]["made_sla"] == "TRUE"
        found[priority]["verdicts"].update(incidents=1, ours=ours, theirs=theirs)
        if ours and not theirs:
            holds = ran(rows, opened, False, ("Resolved", "Closed")) > within
            closing = ran(rows, opened, True, ("Closed",)) > within
            found[priority]["classes"][HOLDS if holds else CLOSING if closing else "neither"] += 1
        elif theirs and not ours:
            found[priority]["classes"]["stricter"] += 1
    return found


@pytest.mark.skipif(not LOG.is_file(), reason="the shared data are not on this machine")
def test_replay__of_the_whole_log__gives_the_rows_adherence_and_classes_every_disagreement(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--data", str(DATA), "--json"]) == 0

    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    expected = counted()
    assert {line["priority"] for line in said["lines"]} == set(expected)
    for line in said["lines"]:
        verdicts, classes = expected[line["priority"]]["verdicts"], expected[line["priority"]]["classes"]
        assert [line[name] for name in ("incidents", "ours", "theirs")] == [
            verdicts[name] for name in ("incidents", "ours", "theirs")
        ]
        disagreements = dict(line["disagreements"])
        assert (disagreements.pop(HOLDS, 0), disagreements.pop(CLOSING, 0)) == (
            classes[HOLDS],
            classes[CLOSING],
        )
        assert (sum(disagreements.values()), classes["neither"]) == (classes["stricter"], 0)
        assert line["agree"] == verdicts["incidents"] - sum(classes.values())
    # 3 of 15, 13 of 33, 578 of 757, 76 of 85: 670 of 890.
    assert said["attainedPpm"] == 752_808
    assert said["unexplained"] == 0
    assert said["quarantined"] == {
        "records refused, out of order: opened is more than time": 5,
        "records kept apart, another of the same number says otherwise": 0,
        "incidents whose entries' numbers and times are in different orders": 1,
        "incidents without a verdict": 0,
    }


@pytest.mark.parametrize(("times", "is_so"), [((1, 2, 2), False), ((1, 3, 2), True)])
def test_out_of_order__times_beside_numbers__are_compared(times: tuple[int, ...], is_so: bool) -> None:
    entries = [Entry(time, number, "New", "", "") for number, time in enumerate(times)]

    assert out_of_order(entries[::-1]) is is_so


def test_main__no_data__says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="servicenow_incident_events"):
        main(["--data", str(tmp_path)])
