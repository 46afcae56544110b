"""Indicators of counts: how much went through, and how much of it was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache, partial

from metering.attained import Attained, Question, Row, answered, answers
from metering.engine import Engine, Table, cases, floor_div, ifelse, wide_sum
from record.terms.measures.volumes import Loss, Throughput
from sla.agreement import PPM


def throughput(engine: Engine, records: Table, measure: Throughput, question: Question) -> list[Attained]:
    """The rate a second, rounded down; ``denominator`` counts the known intervals, ``numerator`` is the smallest rate
    or, of a mean, the total. How long an interval is depends on what is excluded of the answer's own dimensions."""
    lengths = cache(partial(_intervals, measure, question))
    carried: dict[tuple[int | str, ...], dict[int, int]] = {}
    keys = ["cell", *question.dimensions]
    for row in engine.collect(totals(records, measure, question)).to_pylist():
        carried.setdefault(tuple(row[name] for name in keys), {})[row["interval"]] = row["total"]

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        due = lengths(question.pieces.group_of(dimension)).get(index, {})
        seen = {
            each: total
            for each, total in carried.get((index, *dimension.values()), {}).items()
            if each in due
        }
        empty = len(due) - len(seen)
        zero = empty if measure.empty_is_zero else 0
        known = len(seen) + zero
        enough = known > 0 and known * PPM >= len(due) * question.minimum_known_ppm
        if measure.statistic.name == "min":
            slowest = min((total // due[each] for each, total in seen.items()), default=0)
            numerator = value = 0 if zero else slowest
        else:
            numerator = sum(seen.values())
            value = numerator // max(1, sum(due[each] for each in (due if measure.empty_is_zero else seen)))
        return Attained(
            question.cells[index],
            dimension,
            value if enough else None,
            numerator,
            known,
            0,
            empty - zero,
            "intervals",
        )

    return answered([dict(zip(keys, key, strict=True)) for key in carried], question, finish)


def totals(records: Table, measure: Throughput, question: Question) -> Table:
    """By cell, dimensions and ``interval``, the ``total`` that went through and counts."""
    placed = _in_intervals(records, measure, question)
    keys = ["cell", *question.dimensions, "interval"]
    return placed.group_by(keys).agg(total=placed.total.sum())


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


def _intervals(measure: Throughput, question: Question, group: int) -> dict[int, dict[int, int]]:
    """By cell, of the intervals of which something counts for a group, how many seconds do."""
    found: dict[int, Counter[int]] = {}
    for piece in question.pieces.of(group):
        start = question.cells[piece.cell].start
        begin = piece.start
        while piece.counts and begin < piece.end:
            number = (begin - start) // measure.every_seconds
            end = min(piece.end, start + (number + 1) * measure.every_seconds)
            found.setdefault(piece.cell, Counter())[number] += end - begin
            begin = end
    return {cell: dict(intervals) for cell, intervals in found.items()}
