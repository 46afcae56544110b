"""Late days: each date on which an order, or a repair, was late, in the cell in which it passed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import islice

import pyarrow as pa

from metering.attained import Attained, Question, Row, answers
from metering.engine import Engine, Table, cases, coalesce, greatest, ifelse, least, literal, range_of
from metering.excluding import GROUP
from metering.indicators.dates import DateTable
from metering.indicators.pieces import Piece
from record.terms.measures.days import LONGEST_DAYS
from record.terms.measures.late_days import LateDays
from record.terms.measures.parts import LONGEST_SECONDS

_OWN = ("excluded_by", "date", "late", "weight", "counts")


def late_days(engine: Engine, records: Table, measure: LateDays, question: Question) -> list[Attained]:
    """What the late days weigh; ``denominator`` counts the late orders or faults, ``excluded`` plain days."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        cell, weight, late = question.cells[index], row["weight"], row["late"]
        return Attained(cell, dimension, weight, weight, late, row["excluded"], 0, "late days")

    found = late_dates(engine, records, measure, question)
    name = _columns(records)[0]
    expression = found.group_by(["cell", *question.dimensions]).agg(
        weight=ifelse(found.counts, found.weight, 0).sum(),
        late=found[name].nunique(where=found.counts),
        excluded=ifelse(found.counts, 0, 1).sum(),
    )
    return answers(engine, expression, question, finish)


def explained(engine: Engine, records: Table, measure: LateDays, question: Question) -> Table:
    """A row for each late ``date``, or where all count when done for each late order: it was the so-many-th ``late``
    day and adds so much ``weight``. Verdicts are bad and excluded, ``excluded_by`` what took the whole date."""
    found = late_dates(engine, records, measure, question)
    verdict = cases((found.counts, "bad"), else_="excluded")
    return found.mutate(verdict=verdict).select("cell", "verdict", *_OWN[:-1], *records.columns)


def late_dates(engine: Engine, records: Table, measure: LateDays, question: Question) -> Table:
    """The records, each as often as it has late days in the cells: with ``cell``, ``date``, ``late``, ``weight`` and
    ``counts``."""
    _, due, done = _columns(records)
    start = max(0, question.cells[0].start - LONGEST_SECONDS)
    # What is not known before the cells' end, or by when the records end, has not happened.
    horizon = min(question.cells[-1].end, question.until)
    table = DateTable(engine, measure.dates, start, max(horizon, start) + 1, question.excluded)
    grouped = question.grouped(records).mutate(
        reached=greatest(least(coalesce(records[done], horizon), horizon), start)
    )
    begun = table.joined(grouped, due, {group: _begins(table, measure, group) for group in table.groups})
    ends = table.joined(begun, "reached", {group: _ends(table, measure, group) for group in table.groups})
    if measure.when_done:
        return _when_done(engine, ends, measure, question, records.columns, (due, done))
    return _daily(engine, ends, table, measure, question, (horizon, records.columns))


def _daily(
    engine: Engine,
    records: Table,
    table: DateTable,
    measure: LateDays,
    question: Question,
    bounds: tuple[int, Sequence[str]],
) -> Table:
    horizon, columns = bounds
    passing = _passing(engine, table, measure, question, horizon)
    first = min((int(each) for each in passing["number"].to_pylist()), default=0)
    since = greatest(records.due_number + 1, first)
    late = records.mutate(since=since).filter(lambda each: each.since <= each.done_number)
    each = late.mutate(number=range_of(late.since, late.done_number + 1, 1).unnest())
    dated = each.join(engine.from_arrow(passing), ["number", GROUP])
    dated = dated.mutate(late=dated.counted_number - dated.due_counted).filter(
        lambda each: each.day - each.due_day <= LONGEST_DAYS
    )
    weighed = dated.left_join(_weights(engine, measure), "late")
    weight = ifelse(weighed.counts, coalesce(weighed.adds, 0), 0)
    return weighed.mutate(weight=weight).select("cell", *_OWN, *columns)


def _when_done(
    engine: Engine,
    records: Table,
    measure: LateDays,
    question: Question,
    columns: Sequence[str],
    times: tuple[str, str],
) -> Table:
    due, done = times
    known = records.filter(records[done].notnull() & (records[done] < question.until))
    known = known.filter(known.done_day - known.due_day <= LONGEST_DAYS)
    known = known.mutate(
        decided=greatest(known[due], known[done]), late=known.done_counted - known.due_counted
    )
    placed = question.pieces.of_moments(known.filter(known.late > 0), "decided", 1)
    weighed = placed.join(_weights(engine, measure), "late")
    weighed = weighed.mutate(
        weight=weighed.total, date=literal(""), counts=literal(True), excluded_by=literal("")
    )
    return weighed.select("cell", *_OWN, *columns)


def _columns(records: Table) -> tuple[str, str, str]:
    return ("order", "due", "done") if "due" in records.columns else ("fault", "start", "end")


def _begins(table: DateTable, measure: LateDays, group: int) -> dict[str, list[int | None]]:
    """By due date: how many dates come before the first that can be late, and of them how many count."""
    every, counted = _numbers(table, measure, group)
    places = table.after(group, measure.grace.business, measure.grace.number)
    if measure.missed and not measure.grace.number:
        # The due date itself may be late: what comes before it does not.
        places = [place - 1 if place > 0 else None for place in range(len(table.dates))]
    return {
        "due_number": [None if place is None else every[place] for place in places],
        "due_counted": [None if place is None else counted[place] for place in places],
        "due_day": [one.day for one in table.dates],
    }


def _ends(table: DateTable, measure: LateDays, group: int) -> dict[str, list[int | None]]:
    """By the date of completion: how many dates can have been late by then, and of them how many count."""
    every, counted = _numbers(table, measure, group)
    if measure.missed:
        every, counted = [0, *every[:-1]], [0, *counted[:-1]]
    return {
        "done_number": [*every],
        "done_counted": [*counted],
        "done_day": [one.day for one in table.dates],
    }


def _numbers(table: DateTable, measure: LateDays, group: int) -> tuple[list[int], list[int]]:
    every = table.numbers(lambda one: table.is_of(one, measure.business))
    return every, table.counted(group, measure.business)


def _passing(
    engine: Engine, table: DateTable, measure: LateDays, question: Question, horizon: int
) -> pa.Table:
    """The dates that pass, or begin, in a cell."""
    starts = [cell.start for cell in question.cells]
    rows = []
    for group in table.groups:
        every, counted = _numbers(table, measure, group)
        for one, number, counted_number in zip(table.dates, every, counted, strict=True):
            moment = one.end - 1 if measure.missed else one.start
            place = bisect_right(starts, moment) - 1
            within = place >= 0 and moment < min(question.cells[place].end, horizon)
            after = measure.since is None or one.day >= measure.since
            before = measure.before is None or one.day < measure.before
            if within and after and before and table.is_of(one, measure.business):
                counts = not table.is_gone(one, group)
                cause = "" if counts else _cause(question.pieces.of(group), moment)
                rows.append((group, number, counted_number, place, one.day, one.text, counts, cause))
    names = (GROUP, "number", "counted_number", "cell", "day", "date", "counts", "excluded_by")
    types = {"date": pa.string(), "counts": pa.bool_(), "excluded_by": pa.string()}
    return pa.table(
        {
            name: pa.array([row[place] for row in rows], types.get(name, pa.int64()))
            for place, name in enumerate(names)
        }
    )


def _cause(pieces: Sequence[Piece], moment: int) -> str:
    return next((each.excluded_by for each in pieces if each.start <= moment < each.end), "")


def _weights(engine: Engine, measure: LateDays) -> Table:
    """By how many days late: what that day ``adds``, and the ``total`` so far."""
    adds = list(islice(measure.weights(), LONGEST_DAYS + 1))
    totals = [sum(adds[: place + 1]) for place in range(len(adds))]
    return engine.from_arrow(
        pa.table(
            {
                "late": pa.array(range(1, len(adds) + 1), pa.int64()),
                "adds": pa.array(adds, pa.int64()),
                "total": pa.array(totals, pa.int64()),
            }
        )
    )
