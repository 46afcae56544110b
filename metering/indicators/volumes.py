"""Indicators of counts: how much went through, and how much of it was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pyarrow as pa

from metering.attained import Attained, Question, Row, answers
from metering.engine import Engine, Table, _, cases, floor_div, ifelse, wide_sum
from record.terms.measures.volumes import Loss, Throughput
from sla.agreement import PPM


def throughput(engine: Engine, records: Table, measure: Throughput, question: Question) -> list[Attained]:
    """The rate a second, rounded down; ``denominator`` counts the known intervals, ``numerator`` is the smallest rate
    or, of a mean, the total."""
    due = Counter(cell for cell, _number, _seconds in _intervals(measure, question))
    seconds = question.pieces.counted_seconds()

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        empty = due[index] - row["seen"]
        zero = empty if measure.empty_is_zero else 0
        known = row["seen"] + zero
        enough = known > 0 and known * PPM >= due[index] * question.minimum_known_ppm
        if measure.statistic.name == "min":
            numerator = value = 0 if zero else row["least"]
        else:
            numerator = row["total"]
            value = numerator // max(1, seconds.get(index, 0) if measure.empty_is_zero else row["seconds"])
        return Attained(
            question.cells[index],
            dimension,
            value if enough else None,
            numerator,
            known,
            row["excluded"],
            empty - zero,
            "intervals",
        )

    return answers(engine, rates(engine, records, measure, question), question, finish)


def rates(engine: Engine, records: Table, measure: Throughput, question: Question) -> Table:
    """By cell and dimensions, of the intervals ``seen``: the ``least`` rate, their ``total`` and ``seconds``."""
    keys = ["cell", *question.dimensions]
    placed = _in_intervals(records, measure, question)
    each = placed.group_by([*keys, "interval"]).agg(total=placed.total.sum())
    timed = each.join(engine.from_arrow(_arrow(measure, question)), ["cell", "interval"])
    rated = timed.mutate(rate=floor_div(timed.total, timed.seconds))
    return rated.group_by(keys).agg(
        seen=_.count(), least=_.rate.min(), total=wide_sum(_.total), seconds=_.seconds.sum()
    )


def explained_throughput(engine: Engine, records: Table, measure: Throughput, question: Question) -> Table:
    """Each record, with the ``interval`` of its cell: none is bad by itself."""
    placed = _placed(records, question)
    said = cases(
        (~placed.counts, "excluded"), (placed.seconds > measure.every_seconds, "missing"), else_="good"
    )
    numbered = placed.mutate(
        verdict=said, interval=floor_div(placed.time - placed.cell_start, measure.every_seconds)
    )
    return numbered.select("cell", "verdict", "excluded_by", "interval", *records.columns)


def loss(engine: Engine, records: Table, measure: Loss, question: Question) -> list[Attained]:
    """What was lost per total, rounded up."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        lost, total = row["lost"], row["total"]
        value = -(-lost * PPM // total) if total else None
        return Attained(question.cells[index], dimension, value, lost, total, row["excluded"], 0, "requests")

    placed = _placed(records, question)
    expression = placed.group_by(["cell", *question.dimensions]).agg(
        lost=wide_sum(ifelse(placed.counts, placed.total - placed.good, 0)),
        total=wide_sum(ifelse(placed.counts, placed.total, 0)),
        excluded=wide_sum(ifelse(placed.counts, 0, placed.total)),
    )
    return answers(engine, expression, question, finish)


def explained_loss(engine: Engine, records: Table, measure: Loss, question: Question) -> Table:
    """Each record."""
    placed = _placed(records, question)
    said = cases(
        (~placed.counts, "excluded"),
        (placed.good == placed.total, "good"),
        (placed.good == 0, "bad"),
        else_="partial",
    )
    return placed.mutate(verdict=said).select("cell", "verdict", "excluded_by", *records.columns)


def _placed(records: Table, question: Question) -> Table:
    return question.pieces.of_moments(records.filter(records.time < question.until), "time", 1)


def _in_intervals(records: Table, measure: Throughput, question: Question) -> Table:
    placed = _placed(records.filter(records.seconds <= measure.every_seconds), question)
    time = placed.time - placed.cell_start
    return placed.filter(placed.counts).mutate(interval=floor_div(time, measure.every_seconds))


def _intervals(measure: Throughput, question: Question) -> Iterator[tuple[int, int, int]]:
    """(cell, interval, its seconds that count), of those that have any."""
    found: Counter[tuple[int, int]] = Counter()
    for piece in question.pieces.pieces:
        start = question.cells[piece.cell].start
        begin = piece.start
        while piece.counts and begin < piece.end:
            number = (begin - start) // measure.every_seconds
            end = min(piece.end, start + (number + 1) * measure.every_seconds)
            found[piece.cell, number] += end - begin
            begin = end
    yield from ((cell, number, seconds) for (cell, number), seconds in found.items())


def _arrow(measure: Throughput, question: Question) -> pa.Table:
    rows = list(_intervals(measure, question))
    return pa.table(
        {
            name: pa.array([row[place] for row in rows], pa.int64())
            for place, name in enumerate(("cell", "interval", "seconds"))
        }
    )
