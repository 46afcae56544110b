"""What is asked, once as a measure and once as SQL written by hand, which must give the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.metering.lakes import END, START
from metering.attained import Question
from metering.cells import Cell
from metering.engine import Engine, Table
from metering.indicators import requests, tickets
from metering.indicators.pieces import Pieces
from metering.measuring import pieces_of
from record.terms.measures import Adherence, Intervals, Percentile
from record.terms.measures.ticket_clocks import TicketClock
from record.terms.ratios import Ratio
from sla.calendars import ALWAYS, Calendar
from sla.clock_rules import ClockRules
from sla.targets import Limit, Target

_SPRING = START + 28 * 86_400
"""The day that has 23 hours begins."""

MONTH = [Cell(0, "", START, END)]
DAYS = [
    Cell(0, str(day), start, start + (82_800 if start == _SPRING else 86_400))
    for day, start in enumerate(START + day * 86_400 - (3_600 if day > 28 else 0) for day in range(31))
]

OFFICE = Calendar("Europe/Rome", (((28_800, 64_800),),) * 5 + ((),) * 2)
"""Working days from 08:00 to 18:00."""

ADHERENCE = Adherence(
    TicketClock(ClockRules(frozenset({"held"}), frozenset({"resolved", "closed"}), frozenset({"cancelled"}))),
    (
        ("P1", Limit(Target(seconds=4 * 3_600), ALWAYS)),
        ("P2", Limit(Target(seconds=8 * 3_600), OFFICE)),
        ("P3", Limit(Target(seconds=30 * 3_600), OFFICE)),
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """``expression``: the engine's part of the measure. ``sql``: the file beside this one that says the same; ``scan``
    reads the same columns and does nothing. ``source``: of which records."""

    name: str
    source: str
    expression: Callable[[Engine, Table, Question], Table]
    cells: Sequence[Cell]
    dimensions: tuple[str, ...]
    sql: str
    scan: str

    def ask(self, engine: Engine, records: Table) -> Table:
        """The expression over the records: what ``Measuring`` asks, without anything excluded."""
        pieces = Pieces(engine, [cell.start for cell in self.cells], pieces_of(self.cells, None))
        return self.expression(engine, records, Question(self.cells, pieces, self.dimensions, END))


def by_hand(name: str) -> str:
    """The text of a file of SQL."""
    return Path(__file__).with_name(f"{name}.sql").read_text()


_FAST = Ratio("fast", 500, 400)
_EVERY = Intervals(_FAST, 60, 900_000, empty_is_up=True)

_LOOKS = "SELECT count(*), max(time_ms), count_if(known), sum(status), sum(latency_us) FROM probes"
_REQUESTS = Asked(
    "requests, a month",
    "probes",
    lambda _engine, probes, question: requests.good_requests(
        probes, _FAST, question.pieces, question.dimensions
    ),
    MONTH,
    (),
    "requests",
    _LOOKS,
)
_INTERVALS = Asked(
    "intervals of a minute, a month",
    "probes",
    lambda _engine, probes, question: requests.up_intervals(
        probes, _EVERY, question.pieces, question.dimensions
    ),
    MONTH,
    (),
    "intervals",
    _LOOKS,
)
_PERCENTILE = Asked(
    "99th percentile, a month",
    "probes",
    lambda _engine, probes, question: requests.nearest_rank(
        probes, Percentile(990_000), question.pieces, question.dimensions
    ),
    MONTH,
    (),
    "percentile",
    _LOOKS,
)

PROBES = (
    _REQUESTS,
    replace(
        _REQUESTS,
        name="requests, by day and service",
        cells=DAYS,
        dimensions=("service",),
        sql="requests_by_day",
        scan=_LOOKS.replace("count(*)", "count(*), max(service)"),
    ),
    _INTERVALS,
    _PERCENTILE,
)

TICKETS = (
    Asked(
        "adherence, a month",
        "tickets",
        lambda engine, log, question: tickets.verdicts(engine, log, ADHERENCE, question),
        MONTH,
        (),
        "adherence",
        "SELECT count(*), max(ticket), max(time), max(sequence), max(state), max(priority), max(opened) FROM tickets",
    ),
)
