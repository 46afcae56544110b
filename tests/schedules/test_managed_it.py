"""A managed-IT schedule and the cases its clocks must get right, from the desk's own files to money.

Hours are Monday to Friday, 9 to 17 in London; P1 counts round the clock. Each case is a client of its own. What is not
met costs 10 % of the month's 1 000.00, and 25 % where less than half is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metering.cells import cells
from metering.engine import Engine
from metering.measuring import Measuring
from metering.residency import Homes
from record.terms import load_terms
from tests.schedules.agreed import UNTIL, Agreed, calendar, indicator, source, terms, uptime

MONTHLY = {"start": "2027-03-01T00:00:00", "every": "1 month", "periods": "8", "zone": "Europe/London"}
HEADER = "number,changed,entry,client,state,priority,team,opened"
COLUMNS = {
    "ticket": "number",
    "time": "changed",
    "sequence": "entry",
    "client": "client",
    "state": "state",
    "priority": "priority",
    "group": "team",
    "opened": "opened",
}
RESPONSE = {
    "measure": "adherence",
    "clock": {"stopping": ["active", "held", "resolved", "closed"], "reopening": "stays stopped"},
    "limits": {
        "P1": {"within": "15 minutes"},
        "P2": {"within": "1 hour", "hours": "office"},
        "P3": {"within": "4 hours", "hours": "office"},
    },
}
RESOLUTION = {
    "measure": "adherence",
    "clock": {"pausing": "held", "stopping": ["resolved", "closed"]},
    "limits": {
        "P1": {"within": "4 hours"},
        "P2": {"within": "8 hours", "hours": "office"},
        "P3": {"within": "3 business days", "hours": "office"},
    },
    "escalation": {
        "P1": [{"to": "account director", "after": "30 minutes"}],
        "P2": [{"to": "senior engineer", "after": "2 hours"}],
        "P3": [{"to": "team lead", "after": "1 business day"}],
    },
}
MET, MISSED = 0, 25_000
MARCH, SEPTEMBER = 0, 6

Log = tuple[tuple[str, str], ...]
"""(time in UTC, what the entry says: a state, and perhaps a priority)."""


def friday(answered: str) -> Log:
    return (("2027-03-05T16:30:00Z", "new P3"), (answered, "active"))


def held(resolved: str) -> Log:
    """Six hours on Friday, a hold until Monday 10:00: two hours are left."""
    return (
        ("2027-03-05T10:00:00Z", "active P2"),
        ("2027-03-05T16:00:00Z", "held"),
        ("2027-03-08T10:00:00Z", "active"),
        (resolved, "resolved"),
    )


def half_a_year(resolved: str) -> Log:
    """An hour before the hold, six after it on 1 September in summer time, one on the next day."""
    return (
        ("2027-03-01T10:00:00Z", "active P2"),
        ("2027-03-01T11:00:00Z", "held"),
        ("2027-09-01T10:00:00Z", "active"),
        (resolved, "resolved"),
    )


def reopened(again: str) -> Log:
    return (
        ("2027-03-06T20:00:00Z", "active P1"),
        ("2027-03-06T23:00:00Z", "resolved"),
        ("2027-03-14T03:00:00Z", "active"),
        (again, "closed"),
    )


RESPONSES: Mapping[str, tuple[Log, dict[int, int]]] = {
    # 4 h from Friday 16:30: half an hour on Friday, 3:30 on Monday. A published calculator prints 11:30.
    "after 11:30": (friday("2027-03-08T11:31:00Z"), {MARCH: MET}),
    "at 12:30": (friday("2027-03-08T12:30:00Z"), {MARCH: MET}),
    "after 12:30": (friday("2027-03-08T12:30:01Z"), {MARCH: MISSED}),
    "P1 at night": ((("2027-03-07T02:00:00Z", "new P1"), ("2027-03-07T02:15:00Z", "active")), {MARCH: MET}),
    "P1 late": ((("2027-03-07T02:00:00Z", "new P1"), ("2027-03-07T02:15:01Z", "active")), {MARCH: MISSED}),
    "P2 over night": ((("2027-03-08T16:30:00Z", "new P2"), ("2027-03-09T09:30:00Z", "held")), {MARCH: MET}),
    "P2 late": ((("2027-03-08T16:30:00Z", "new P2"), ("2027-03-09T09:30:01Z", "held")), {MARCH: MISSED}),
    # Nobody answers: it is missed in the month in which the fourth hour is over.
    "unanswered": ((("2027-03-31T14:30:00Z", "new P3"),), {MARCH + 1: MISSED}),
    "given once": (
        (
            ("2027-03-08T10:00:00Z", "new P2"),
            ("2027-03-08T10:30:00Z", "active"),
            ("2027-03-08T11:00:00Z", "new"),
        ),
        {MARCH: MET},
    ),
}
RESOLUTIONS: Mapping[str, tuple[Log, dict[int, int]]] = {
    # Adding the 66 hours of the hold to the time of creation, or counting the weekend again, would allow until 17:00.
    "held": (held("2027-03-08T12:00:00Z"), {MARCH: MET}),
    "held too long": (held("2027-03-08T12:00:01Z"), {MARCH: MISSED}),
    "six months": (half_a_year("2027-09-02T09:00:00Z"), {SEPTEMBER: MET}),
    "six months and a second": (half_a_year("2027-09-02T09:00:01Z"), {SEPTEMBER: MISSED}),
    # P3 for five hours, P1 from then on: its four are over. P1 for five hours, P3 from then on: it has three days.
    "raised": (
        (
            ("2027-03-08T10:00:00Z", "active P3"),
            ("2027-03-08T15:00:00Z", "active P1"),
            ("2027-03-08T15:01:00Z", "resolved"),
        ),
        {MARCH: MISSED},
    ),
    "lowered": (
        (
            ("2027-03-08T10:00:00Z", "active P1"),
            ("2027-03-08T15:00:00Z", "active P3"),
            ("2027-03-11T17:00:00Z", "resolved"),
        ),
        {MARCH: MET},
    ),
    "third business day": (
        (("2027-03-08T10:00:00Z", "active P3"), ("2027-03-12T09:00:01Z", "resolved")),
        {MARCH: MISSED},
    ),
    "reopened": (reopened("2027-03-14T04:00:00Z"), {MARCH: MET}),
    "reopened too long": (reopened("2027-03-14T04:00:01Z"), {MARCH: MISSED}),
    # Met in March; reopened in April for longer than what was left, which is April's.
    "reopened later": (
        (
            ("2027-03-30T20:00:00Z", "active P1"),
            ("2027-03-30T23:00:00Z", "resolved"),
            ("2027-04-01T03:00:00Z", "active"),
            ("2027-04-01T05:00:00Z", "resolved"),
        ),
        {MARCH: MET, MARCH + 1: MISSED},
    ),
}


def lines(client: str, log: Log, number: str = "") -> list[str]:
    opened = log[0][0]
    found = []
    for entry, (time, says) in enumerate(log):
        state, _, priority = says.partition(" ")
        found.append(f"{number or client},{time},{entry},{client},{state},{priority},desk,{opened}")
    return found


def agreed(measure: Mapping[str, Any]) -> str:
    office = calendar("Europe/London")
    office["spec"]["hours"] = {"monday-friday": "09:00-17:00"}
    return terms(
        [office, source("tickets", COLUMNS), indicator("in time", "tickets", **measure)],
        [uptime("adherence", "in time", ("100%", "10%"), ("50%", "25%"))],
        MONTHLY,
        charge={"fixed": "1000.00"},
    )


@pytest.mark.parametrize(("measure", "cases"), [(RESPONSE, RESPONSES), (RESOLUTION, RESOLUTIONS)])
def test_managed_it__every_clock_case__costs_what_its_month_deserves(
    tmp_path: Path,
    engine: Engine,
    measure: Mapping[str, Any],
    cases: Mapping[str, tuple[Log, dict[int, int]]],
) -> None:
    rows = [line for client, (log, _) in cases.items() for line in lines(client, log)]
    found = Agreed(agreed(measure), tmp_path, {"tickets": [HEADER, *rows]}, engine)
    cents: dict[str, dict[int, int]] = {client: {} for client in cases}
    for one, amount in zip(found.measured(0, ["client"]), found.paid(0, ["client"]), strict=True):
        cents[one.dimension["client"]][one.cell.period] = amount

    assert cents == {client: expected for client, (_, expected) in cases.items()}


def test_managed_it__one_of_four_late__costs_the_first_tier(tmp_path: Path, engine: Engine) -> None:
    """75 %; the one that is still open and in time, and the cancelled one, are in no number."""
    logs = [held("2027-03-08T12:00:00Z")] * 3
    logs += [held("2027-03-08T12:00:01Z"), (("2027-03-31T15:00:00Z", "active P2"),)]
    rows = [line for number, log in enumerate(logs) for line in lines("all", log, f"T{number}")]
    rows += lines("all", (("2027-03-01T10:00:00Z", "active P2"), ("2027-03-02T16:00:00Z", "cancelled")), "T9")
    clock = {"pausing": "held", "stopping": ["resolved", "closed"], "cancelling": "cancelled"}
    measure = RESOLUTION | {"clock": clock}
    found = Agreed(agreed(measure), tmp_path, {"tickets": [HEADER, *rows]}, engine)

    march = found.measured(0)[0]
    assert (march.numerator, march.denominator, march.excluded) == (3, 4, 1)
    assert found.paid(0)[0] == 10_000


def test_managed_it__breached__tells_whom_when(tmp_path: Path, engine: Engine) -> None:
    """P1 half an hour after 14:00, P2 two after the opening that follows 17:00, P3 when the next business day opens."""
    logs: dict[str, Log] = {
        "P1": (("2027-03-06T10:00:00Z", "active P1"),),
        "P2": (("2027-03-08T09:00:00Z", "active P2"),),
        "P3": (("2027-03-08T10:00:00Z", "active P3"), ("2027-03-12T11:00:00Z", "resolved")),
    }
    document = load_terms(agreed(RESOLUTION))
    folder = tmp_path / "files" / "tickets"
    folder.mkdir(parents=True)
    rows = [line for name, log in logs.items() for line in lines(name, log)]
    (folder / "records.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    measuring = Measuring(tmp_path / "files", Homes(tmp_path / "lake"), engine, UNTIL)
    months = cells(document, 0, UNTIL, by_day=False)
    told = {row["ticket"]: row for row in measuring.explained(document.obligations[0].indicator, months)}

    def at(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    names = ("verdict", "due", "breached_at", "escalation")
    assert {ticket: tuple(row[name] for name in names) for ticket, row in told.items()} == {
        "P1": (
            "bad",
            at("2027-03-06T14:00"),
            at("2027-03-06T14:00"),
            "account director: 2027-03-06 14:30:00, reached",
        ),
        "P2": (
            "bad",
            at("2027-03-08T17:00"),
            at("2027-03-09T09:00"),
            "senior engineer: 2027-03-09 11:00:00, reached",
        ),
        # Resolved before the next business day opens, on Monday: nobody is told any more.
        "P3": ("bad", at("2027-03-11T17:00"), at("2027-03-12T09:00"), "team lead: not due"),
    }
