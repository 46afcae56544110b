"""Indicators of readings: gauges in millionths."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import Column, Engine, Table, _, cases, ifelse, literal
from metering.indicators.statistic import summed, taken
from record.landing.kinds import DIMENSIONS
from record.terms.measures.readings import GaugeLevel, ReadingsWithin


def reading(engine: Engine, records: Table, measure: GaugeLevel, question: Question) -> list[Attained]:
    """The statistic in the measure's unit; ``numerator`` is in millionths, of a mean their sum."""
    tallies = {
        (one.cell, tuple(one.dimension.values())): one
        for one in readings_within(
            engine, records, ReadingsWithin(None, None, measure.every_seconds), question
        )
    }

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        cell = question.cells[index]
        tally = tallies[cell, tuple(dimension.values())]
        value = taken(row, measure.statistic, measure.per, round_up=measure.round_up)
        return Attained(
            cell,
            dimension,
            None if tally.attained is None else value,
            row["value"],
            row["number"],
            tally.excluded,
            tally.missing,
            "readings",
        )

    placed = _placed(records, question)
    values = placed.filter(placed.counts).mutate(value=placed.value_micro)
    return answers(engine, summed(values, measure.statistic, question.dimensions), question, finish)


def readings_within(
    engine: Engine, records: Table, measure: ReadingsWithin, question: Question
) -> list[Attained]:
    """Readings within the bounds per reading. Where it is known how often one was due of each series seen in the cell,
    those that are short of it are missing."""
    seconds, every = cache(question.pieces.counted_seconds), measure.every_seconds

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        counted = seconds(question.pieces.group_of(dimension)).get(index, 0)
        due = max(1, row["series"]) * (counted // every) if every else 0
        return ratio(
            question.cells[index],
            dimension,
            row["good"],
            row["number"],
            excluded=row["excluded"],
            missing=max(0, due - row["number"]),
            counts="readings",
            minimum_known_ppm=question.minimum_known_ppm,
        )

    placed = _placed(records, question)
    each = placed.group_by(["cell", *DIMENSIONS]).agg(
        good=ifelse(placed.counts & _is_good(placed, measure), 1, 0).sum(),
        number=ifelse(placed.counts, 1, 0).sum(),
        excluded=ifelse(placed.counts, 0, 1).sum(),
    )
    expression = each.group_by(["cell", *question.dimensions]).agg(
        good=_.good.sum(), number=_.number.sum(), excluded=_.excluded.sum(), series=_.count()
    )
    return answers(engine, expression, question, finish)


def explained(
    engine: Engine, records: Table, measure: GaugeLevel | ReadingsWithin, question: Question
) -> Table:
    """Each reading; of a statistic none is bad by itself."""
    placed = _placed(records, question)
    good = _is_good(placed, measure) if isinstance(measure, ReadingsWithin) else literal(True)
    said = cases((~placed.counts, "excluded"), (good, "good"), else_="bad")
    return placed.mutate(verdict=said).select("cell", "verdict", "excluded_by", *records.columns)


def _is_good(placed: Table, measure: ReadingsWithin) -> Column:
    good = literal(True)
    if measure.least_micro is not None:
        good = good & (placed.value_micro >= measure.least_micro)
    if measure.most_micro is not None:
        good = good & (placed.value_micro <= measure.most_micro)
    return good


def _placed(records: Table, question: Question) -> Table:
    return question.pieces.of_moments(records.filter(records.time < question.until), "time", 1)
