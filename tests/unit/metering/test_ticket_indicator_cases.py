"""Indicators of tickets, case by case: what gives a priority, what does not count, what is not known, who is told."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.cells import Cell
from metering.engine import Engine, open_engine
from metering.excluding import Allowed, Excluding
from metering.measuring import Measuring
from metering.residency import Homes
from record.terms.indicators import read_source
from record.terms.measures.statistic import Statistic
from record.terms.measures.ticket_clocks import TicketClock
from record.terms.measures.tickets import Adherence, BacklogAge, UpdateTime
from record.terms.yaml_reading import read_documents
from sla.calendars import ALWAYS, Calendar
from sla.classification import Condition, Rule, RuleBook, RuleSet
from sla.clock_rules import Begins, ClockRules, OnPriority, OnReopening
from sla.exclusions import CUSTOMER, Exclusion, ExclusionKind, Way
from sla.major_events import MajorEvent, under_major_events
from sla.targets import Limit, Target
from sla.ticket_log import Entry
from tests.reference.ticket_cells import Ticket, decisions
from tests.reference.wall_time import wall
from tests.unit.metering.asking import answered, at, question, table, told
from tests.unit.metering.engine_indicators import indicators

HOUR = 3_600
RULES = ClockRules(frozenset({"held"}), frozenset({"resolved", "closed"}), frozenset({"cancelled"}))
LIMITS = (
    ("P1", Limit(Target(seconds=4 * HOUR), ALWAYS)),
    ("P2", Limit(Target(seconds=8 * HOUR), ALWAYS)),
)
PLAIN = Adherence(TicketClock(RULES), LIMITS)
MONDAY = at("UTC", "2027-03-01 00:00")
"""Of a month whose days are the cells."""
DAYS = [MONDAY + 24 * HOUR * day for day in range(6)]


SOURCE = """\
apiVersion: openslo/v1
kind: DataSource
metadata: {name: tickets}
spec:
  type: records
  connectionDetails:
    kind: tickets
    format: csv
    columns:
      ticket: ticket
      time: {column: time, format: "%Y-%m-%d %H:%M:%S", zone: Europe/Rome, twice: earlier}
      sequence: sequence
      state: state
      priority: priority
      group: group
      opened: {column: opened, format: seconds}
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def log(
    name: str, *says: tuple[float, str], opened: float | None = None, **more: str
) -> list[dict[str, Any]]:
    """Entries at hours since Monday, each a state and perhaps a priority."""
    rows = []
    for number, (hour, text) in enumerate(says):
        state, _, priority = text.partition(" ")
        rows.append(
            {
                "ticket": name,
                "time": MONDAY + int(hour * HOUR),
                "sequence": number,
                "state": state,
                "priority": priority,
                "opened": MONDAY + int((says[0][0] if opened is None else opened) * HOUR),
                **more,
            }
        )
    return rows


def verdicts(
    engine: Engine, rows: Sequence[dict[str, Any]], measure: Adherence = PLAIN
) -> set[tuple[str, int, str]]:
    found = told(engine, table(engine, "tickets", rows), measure, question(engine, DAYS))
    return {(row["ticket"], row["cell"], row["verdict"]) for row in found}


def test_adherence__what_is_not_known__is_missing_once_it_is_over(engine: Engine) -> None:
    """No limit, no priority, two times of opening; the last may turn out to be right again, but not what it owed."""
    rows = [
        *log("no limit", (1, "new P3"), (30, "resolved")),
        *log("still open", (1, "new P3")),
        *log("no priority", (1, "new"), (2, "closed")),
        *log("two openings", (1, "new P1"), (2, "resolved")),
        *log("two openings", (26, "closed"), opened=0)[:1],
    ]
    rows[-1]["sequence"] = 9

    assert verdicts(engine, rows) == {
        ("no limit", 1, "missing"),
        ("no priority", 0, "missing"),
        ("two openings", 0, "good"),
        ("two openings", 1, "missing"),
    }


def test_adherence__judged_in_one_cell__is_not_changed_by_what_comes_later(engine: Engine) -> None:
    """Breached on Monday as P1; lowered on Tuesday, in time then; over on Wednesday."""
    rows = log("T", (1, "new P1"), (25, "active P2"), (25.5, "held"), (49, "resolved P3"))
    lowered = Adherence(TicketClock(RULES), (*LIMITS, ("P3", Limit(Target(seconds=30 * HOUR), ALWAYS))))

    assert verdicts(engine, rows, lowered) == {("T", 0, "bad"), ("T", 2, "good")}
    assert verdicts(engine, rows[:3], lowered) == {("T", 0, "bad")}


def test_adherence__breached_before_its_first_entry__stays_so_under_another_priority(engine: Engine) -> None:
    """Six hours as P1 before anybody wrote; P2 has all of its eight hours for itself."""
    rows = log("T", (7, "held P1"), (8, "active P2"), (9, "resolved"), opened=1)
    each = Adherence(TicketClock(replace(RULES, priority=OnPriority.EACH_FOR_ITSELF)), LIMITS)

    assert verdicts(engine, rows, each) == {("T", 0, "bad")}
    assert verdicts(engine, rows) == {("T", 0, "good")}


def test_adherence__stopped_for_good_before_it_began__is_missing(engine: Engine) -> None:
    rules = replace(RULES, begins=Begins.AT_PRIORITY, reopening=OnReopening.STAYS_STOPPED)
    rows = log("T", (1, "resolved"), (2, "new"))

    assert verdicts(engine, rows, Adherence(TicketClock(rules), LIMITS)) == {("T", 0, "missing")}


def test_adherence__opened_at_the_beginning_of_time__is_measured_all_the_same(engine: Engine) -> None:
    """Eight office hours from Thursday 1970-01-01 00:00: over when it closes, too many from Friday 09:00 on."""
    office = Calendar("UTC", (((9 * HOUR, 17 * HOUR),),) * 5 + ((), ()))
    measure = Adherence(TicketClock(RULES), (("P1", Limit(Target(seconds=8 * HOUR), office)),))
    rows = log("T", (1, "new P1"), (2, "closed"))
    for row in rows:
        row["opened"] = 0
    (found,) = told(engine, table(engine, "tickets", rows), measure, question(engine, DAYS))

    assert (found["verdict"], found["due"], found["breached_at"]) == ("bad", 17 * HOUR, (24 + 9) * HOUR)


def test_adherence__by_region__is_told_apart_by_the_last_record(engine: Engine) -> None:
    rows = [
        *log("N", (1, "new P1"), (2, "resolved"), region="north"),
        *log("S", (1, "new P1"), (6, "resolved"), region="south"),
        *log("M", (1, "new P1"), region="north"),
        *log("M", (3, "cancelled"), opened=1, region="south"),
    ]
    asked = question(engine, DAYS[:2], dimensions=["region"])
    found = answered(engine, table(engine, "tickets", rows), PLAIN, asked)

    assert [(a.dimension["region"], a.numerator, a.denominator, a.excluded) for a in found] == [
        ("north", 1, 1, 0),
        ("south", 0, 1, 1),
    ]


def test_adherence__no_record_at_all__is_unknown_in_every_cell(engine: Engine) -> None:
    found = answered(engine, table(engine, "tickets", []), PLAIN, question(engine, DAYS))

    assert [(each.attained, each.denominator) for each in found] == [(None, 0)] * 5


def test_classification__ordered_versioned_rules__give_the_priority_and_are_on_record(engine: Engine) -> None:
    """What no rule of the version fits keeps the priority its record says; the version is that of the opening."""
    outage = Rule("outage", "P1", (Condition("component", words=("system down",)),))
    gold = Rule(
        "gold", "P2", (Condition("tier", values=("gold",)), Condition("area", values=("it",), holds=False))
    )
    book = RuleBook(
        (RuleSet("1", MONDAY, (outage,)), RuleSet("2", MONDAY + 24 * HOUR, (outage, gold), otherwise="P3"))
    )
    measure = Adherence(TicketClock(RULES, book), LIMITS)
    rows = [
        *log("down", (1, "new"), (6, "resolved"), component="The SYSTEM is... System down!", tier="gold"),
        *log("own", (1, "new P2"), (6, "resolved"), component="download", tier="gold"),
        *log("gold", (25, "new P1"), (30, "resolved"), tier="gold"),
        *log("other", (25, "new P1"), (26, "resolved"), tier="gold", area="it"),
        *log("early", (-2, "new P1"), (0.5, "resolved"), component="system down"),
    ]
    found = told(engine, table(engine, "tickets", rows), measure, question(engine, DAYS))

    names = ("verdict", "priority", "rule", "rules_version")
    assert {row["ticket"]: tuple(row[name] for name in names) for row in found} == {
        "down": ("bad", "P1", "outage", "1"),
        "own": ("good", "P2", "", "1"),
        "gold": ("good", "P2", "gold", "2"),
        "other": ("missing", "P3", "", "2"),
        "early": ("good", "P1", "", ""),
    }


NORTH = (Condition("region", values=("north",)),)
entries = st.lists(
    st.tuples(
        st.integers(0, 110),
        st.sampled_from(["new", "active", "held", "resolved", "closed", "cancelled"]),
        st.sampled_from(["", "P1", "P2", "P3"]),
    ),
    min_size=1,
    max_size=6,
)
spans = st.tuples(st.integers(-5, 115), st.none() | st.integers(1, 60))


@given(logs=st.lists(entries, min_size=4, max_size=10), storms=st.lists(spans, min_size=1, max_size=2))
@settings(max_examples=5, deadline=None)
def test_major_events__any_logs__are_what_the_changed_logs_give(
    engine: Engine, logs: list[list[tuple[int, str, str]]], storms: list[tuple[int, int | None]]
) -> None:
    """Every other ticket is in the scope. Hours are hundredths here, so that much happens in a few days."""
    changes = ((("P2", "P1"), ("P3", "P2")), (("P3", "P1"),))
    events = tuple(
        MajorEvent(
            f"storm {place}",
            start,
            start,
            None if lasts is None else start + lasts * HOUR,
            NORTH,
            changes[place],
        )
        for place, (hour, lasts) in enumerate(storms)
        for start in (MONDAY + hour * HOUR,)
    )
    tickets, rows = [], []
    for number, lines in enumerate(logs):
        region = "north" if number % 2 else "south"
        own = [
            Entry(MONDAY + hour * HOUR, place, state, priority, "")
            for place, (hour, state, priority) in enumerate(lines)
        ]
        opened = min(entry.time for entry in own)
        changed = under_major_events(
            own, {"region": region}, events, DAYS[-1] - 1, RULES.stopping | RULES.cancelling
        )
        tickets.append(Ticket(f"t{number}", opened, changed))
        for entry in own:
            rows.append(
                {"ticket": f"t{number}", "time": entry.time, "sequence": entry.sequence, "state": entry.state}
                | {"priority": entry.priority, "opened": opened, "region": region}
            )

    assert verdicts(engine, rows, Adherence(TicketClock(RULES, None, events), LIMITS)) == decisions(
        tickets, PLAIN, list(pairwise(DAYS))
    )


def test_major_event__declared_late__hastens_what_is_open_and_leaves_what_is_over(engine: Engine) -> None:
    """A storm from 2 o'clock on, declared at 7: P2 is P1 for all of its time then, but not what was closed by 6."""
    storm = MajorEvent(
        "storm", MONDAY + 7 * HOUR, MONDAY + 2 * HOUR, MONDAY + 40 * HOUR, NORTH, (("P2", "P1"),)
    )
    rows = [
        *log("open", (1, "new P2"), (8, "resolved"), region="north"),
        *log("over", (1, "new P2"), (6, "resolved"), (9, "closed"), region="north"),
        *log("south", (1, "new P2"), (8, "resolved"), region="south"),
    ]

    assert verdicts(engine, rows, Adherence(TicketClock(RULES, None, (storm,)), LIMITS)) == {
        ("open", 0, "bad"),
        ("over", 0, "good"),
        ("south", 0, "good"),
    }


def test_adherence__time_that_is_excluded__runs_no_clock_of_its_region(engine: Engine) -> None:
    """Three of five hours are the customer's own: two hours ran in the north, five in the south."""
    rows = [
        row
        for region in ("north", "south")
        for row in log(region, (1, "new P1"), (6, "resolved"), region=region)
    ]
    rows += log("late", (1, "new P1"), (8.001, "resolved"), region="north")
    records = table(engine, "tickets", rows)
    own = Exclusion(
        "E1",
        ExclusionKind.FORCE_MAJEURE,
        (("region", ("north",)),),
        MONDAY + 2 * HOUR,
        MONDAY + 5 * HOUR,
        0,
        frozenset({CUSTOMER}),
    )
    allowed = Allowed({ExclusionKind.FORCE_MAJEURE: (Way(frozenset({CUSTOMER})),)})
    excluding = Excluding([own], allowed, start=0, end=DAYS[-1])
    excluding.learn(engine, records)
    found = told(engine, records, PLAIN, question(engine, DAYS, excluding=excluding))

    names = ("verdict", "elapsed", "excluded_seconds", "breached_at")
    assert {row["ticket"]: tuple(row[name] for name in names) for row in found} == {
        "north": ("good", 2 * HOUR, 3 * HOUR, None),
        "south": ("bad", 5 * HOUR, 0, MONDAY + 5 * HOUR),
        "late": ("bad", 4 * HOUR + 3, 3 * HOUR, MONDAY + 8 * HOUR),
    }


def test_backlog_age__nothing_open__is_0_once_there_was_a_ticket(engine: Engine) -> None:
    """Nobody knows of Monday; on Tuesday a ticket is 3 hours old when it is midnight, on Wednesday none is left."""
    records = table(engine, "tickets", log("T", (46, "new"), (47, "held"), (50, "closed"), opened=45))
    measure = BacklogAge(TicketClock(RULES), Statistic("max"))
    found = answered(engine, records, measure, question(engine, DAYS, until=DAYS[3]))

    assert [each.attained for each in found] == [None, 3 * HOUR, 0, None, None]


def test_update_time__silence__counts_as_long_as_it_is_so_far(engine: Engine) -> None:
    """Updated after 2 hours, silent for 30, then held: of the first day 21 hours, of the second 30."""
    rows = log("T", (1, "new"), (3, "active"), (33, "held"), (100, "closed"))
    measure = UpdateTime(TicketClock(RULES), ALWAYS, Statistic("max"))
    found = answered(engine, table(engine, "tickets", rows), measure, question(engine, DAYS))

    assert [each.attained for each in found] == [21 * HOUR, 30 * HOUR, None, None, None]


def test_tickets__same_records_in_another_order_cut_and_zone__come_to_the_same(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file in order; three files shuffled, each record twice, on a machine in Kathmandu."""
    random = Random(7)
    header = "ticket,time,sequence,state,priority,group,opened"
    lines = []
    for number in range(30):
        opened = MONDAY + random.randrange(0, 50 * HOUR)
        moments = sorted(opened + random.randrange(0, 40 * HOUR) for _ in range(6))
        for place, moment in enumerate(moments):
            state = random.choice(["new", "active", "held", "resolved", "closed"])
            priority = random.choice(["P1", "P3", ""])
            shown = wall("Europe/Rome", moment).strftime("%Y-%m-%d %H:%M:%S")
            lines.append(f"t{number},{shown},{place},{state},{priority},g,{opened}")
    again = random.sample(lines * 2, 2 * len(lines))
    parts = {"whole": [lines], "parts": [again[:100], again[100:110], again[110:]]}
    found = []
    for name, files in parts.items():
        folder = tmp_path / name / "tickets"
        folder.mkdir(parents=True)
        for place, part in enumerate(files):
            (folder / f"{place}.csv").write_text("\n".join([header, *part]) + "\n")
        monkeypatch.setitem(os.environ, "TZ", "Asia/Kathmandu" if name == "parts" else "UTC")
        time.tzset()
        found.append(landed(engine, tmp_path / name))
    monkeypatch.undo()
    time.tzset()

    assert found[0] == found[1]
    assert len({row["verdict"] for row in found[0]}) > 1


def landed(engine: Engine, folder: Path) -> list[dict[str, Any]]:
    """What explains the adherence of the folder's files."""
    (document,) = read_documents(SOURCE)
    named = next(each for each in indicators() if each.name == "tickets 0")
    measuring = Measuring(folder, Homes(folder / "lake"), engine, DAYS[-1])
    cells = [Cell(0, str(place), start, end) for place, (start, end) in enumerate(pairwise(DAYS))]
    return [dict(row) for row in measuring.explained(replace(named, source=read_source(document)), cells)]
