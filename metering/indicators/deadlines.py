"""Orders and faults by their deadlines: decided, for good, in the cell in which the deadline lies."""

from __future__ import annotations

from metering.attained import Question
from metering.engine import Engine, Table, cases, coalesce, ifelse, literal
from metering.indicators.dates import DateTable
from record.terms.measures.days import Deadline
from record.terms.measures.parts import LONGEST_SECONDS


def decided(
    engine: Engine, records: Table, deadline: Deadline, question: Question, due: str, done: str
) -> Table:
    """The records whose deadline lies in a cell and has passed: with ``cell``, ``decided`` (its last second), ``met``
    and ``counts``.

    Days of which every second is excluded are not counted on the way to a deadline in dates. One by the second that
    falls into excluded time does not count.
    """
    if deadline.dates is None:
        ending = records.mutate(decided=records[due] + deadline.seconds)
    else:
        ending = _ending(engine, records, deadline, question, due)
    placed = question.pieces.of_moments(ending.filter(ending.decided < question.until), "decided", 1)
    if deadline.dates is not None:
        placed = placed.mutate(counts=literal(True), excluded_by=literal(""))
    return placed.mutate(met=coalesce(placed[done] <= placed.decided, literal(False)))


def verdict(placed: Table) -> Table:
    """The same, each with its ``verdict``."""
    return placed.mutate(
        verdict=cases((~placed.counts, "excluded"), (placed.met, "good"), else_="bad"),
    )


def tallied(placed: Table, question: Question) -> Table:
    """By cell and dimensions: ``met`` of ``number`` that count, and ``excluded``."""
    return placed.group_by(["cell", *question.dimensions]).agg(
        met=ifelse(placed.counts & placed.met, 1, 0).sum(),
        number=ifelse(placed.counts, 1, 0).sum(),
        excluded=ifelse(placed.counts, 0, 1).sum(),
    )


def _ending(engine: Engine, records: Table, deadline: Deadline, question: Question, due: str) -> Table:
    assert deadline.dates is not None
    start, end = max(0, question.cells[0].start - LONGEST_SECONDS), question.cells[-1].end
    table = DateTable(engine, deadline.dates, start, max(start, end) + 1, question.excluded)
    columns = {}
    for group in table.groups:
        places = table.after(group, deadline.days.business, deadline.days.number)
        columns[group] = {
            "decided": [None if place is None else table.dates[place].end - 1 for place in places]
        }
    return table.joined(question.grouped(records), due, columns)
