"""Indicators of requests: probes, each good or not, and how long its answer took; or counts of others' requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import (
    Column,
    Engine,
    Table,
    _,
    cases,
    cumulative_window,
    floor_div,
    ifelse,
    literal,
    window,
)
from metering.indicators.pieces import Pieces
from record.terms.measures import Intervals, Percentile, Requests
from record.terms.ratios import Ratio
from sla.agreement import PPM


def requests(engine: Engine, records: Table, measure: Requests, question: Question) -> list[Attained]:
    """Good per known requests. Where it is known how often a probe was due, what is short of that is missing."""
    seconds, every = question.pieces.counted_seconds(), question.every_ms

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        due = seconds.get(index, 0) * 1_000 // every if every else 0
        return ratio(
            question.cells[index],
            dimension,
            row["numerator"],
            row["denominator"],
            excluded=row["excluded"],
            missing=max(row["missing"], due - row["denominator"]),
            counts="requests",
        )

    expression = good_requests(records, measure.good, question.pieces, question.dimensions)
    return answers(engine, expression, question, finish)


def intervals(engine: Engine, records: Table, measure: Intervals, question: Question) -> list[Attained]:
    """Intervals of which no second counts, because all of it is excluded, are no intervals of the cell."""
    touched: dict[int, set[int]] = {}
    excluded: dict[int, set[int]] = {}
    for piece in question.pieces.pieces:
        start = question.cells[piece.cell].start
        numbers = range((piece.start - start) // measure.seconds, -(-(piece.end - start) // measure.seconds))
        (touched if piece.counts else excluded).setdefault(piece.cell, set()).update(numbers)

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        due = touched.get(index, set())
        empty = len(due) - row["seen"]
        return ratio(
            question.cells[index],
            dimension,
            row["share"] + empty * PPM * measure.empty_is_up,
            (row["seen"] + empty * measure.empty_is_up) * PPM,
            excluded=len(excluded.get(index, set()) - due) * PPM,
            missing=0 if measure.empty_is_up else empty * PPM,
            counts="millionths of intervals",
        )

    expression = up_intervals(records, measure, question.pieces, question.dimensions)
    return answers(engine, expression, question, finish)


def percentile(engine: Engine, records: Table, measure: Percentile, question: Question) -> list[Attained]:
    """The nearest rank among the answered."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        value = row["value"] if row["answered"] else None
        return Attained(
            question.cells[index], dimension, value, row["value"], row["answered"], 0, 0, "answers"
        )

    expression = nearest_rank(records, measure, question.pieces, question.dimensions)
    return answers(engine, expression, question, finish)


def good_requests(records: Table, good: Ratio | None, pieces: Pieces, dimensions: Sequence[str]) -> Table:
    """``numerator`` good of ``denominator`` known requests; ``excluded`` are known and do not count, ``missing`` came
    without knowing."""
    placed = _placed(records, good, pieces)
    counted = ifelse(placed.counts, placed.total, 0)
    return placed.group_by(["cell", *dimensions]).agg(
        numerator=ifelse(placed.counts, placed.good, 0).sum(),
        denominator=counted.sum(),
        excluded=(placed.total - counted).sum(),
        missing=ifelse(placed.counts, placed.unknown, 0).sum(),
    )


def up_intervals(records: Table, measure: Intervals, pieces: Pieces, dimensions: Sequence[str]) -> Table:
    """By cell: of the intervals with counted requests ``seen``, how many were up, times 1 000 000 (or their shares' sum
    in ppm), ``share``."""
    placed = _placed(records, measure.good, pieces)
    time = placed.moment_ms - placed.cell_start * 1_000
    each = (
        placed.filter(placed.counts & (placed.total > 0))
        .mutate(interval=floor_div(time, measure.seconds * 1_000))
        .group_by(["cell", "interval", *dimensions])
        .agg(good=_.good.sum(), total=_.total.sum())
    )
    share = floor_div(each.good * PPM, each.total)
    if measure.up_from_ppm is not None:
        share = ifelse(each.good * PPM >= each.total * measure.up_from_ppm, PPM, 0)
    return each.mutate(share=share).group_by(["cell", *dimensions]).agg(share=_.share.sum(), seen=_.count())


def nearest_rank(probes: Table, measure: Percentile, pieces: Pieces, dimensions: Sequence[str]) -> Table:
    """By cell: the nearest rank's ``value`` in milliseconds, of so many ``answered``."""
    placed = pieces.of_moments(probes, "time_ms", 1_000)
    answered = placed.filter(placed.counts & placed.known & (placed.status > 0))
    keys = ["cell", *dimensions]
    by_value = (
        answered.mutate(value=floor_div(answered.latency_us + 999, 1_000))
        .group_by([*keys, "value"])
        .agg(number=_.count())
    )
    ranked = by_value.mutate(
        up_to=_.number.sum().over(cumulative_window(group_by=keys, order_by="value")),
        answered=_.number.sum().over(window(group_by=keys)),
    )
    reached = ranked.filter(ranked.up_to * PPM >= ranked.answered * measure.share_ppm)
    return reached.group_by(keys).agg(value=_.value.min(), answered=_.answered.min())


def explained(
    engine: Engine, records: Table, measure: Requests | Intervals | Percentile, question: Question
) -> Table:
    """Each record with its ``cell`` and ``verdict``: good, bad, partial, excluded or missing."""
    good = getattr(measure, "good", None)
    if isinstance(measure, Percentile):
        good = Ratio("up", 600, None)
    placed = _placed(records, good, question.pieces)
    verdict = cases(
        (~placed.counts, "excluded"),
        (placed.unknown > 0, "missing"),
        (placed.good == placed.total, "good"),
        (placed.good == 0, "bad"),
        else_="partial",
    )
    return placed.mutate(verdict=verdict).select("cell", "verdict", *records.columns)


def is_good(probes: Table, good: Ratio) -> Column:
    """Whether a probe is good: answered with a status below the bound and, for "fast", in time."""
    answered = (probes.status > 0) & (probes.status < good.status_below)
    if good.max_latency_milliseconds is None:
        return answered
    return answered & (probes.latency_us <= good.max_latency_milliseconds * 1_000)


def _placed(records: Table, good: Ratio | None, pieces: Pieces) -> Table:
    """Probes or counts in their cells, alike: ``moment_ms``, ``good`` of ``total`` known requests, ``unknown`` ones."""
    if "status" not in records.columns:
        time, per_second = ("time_ms", 1_000) if "time_ms" in records.columns else ("time", 1)
        placed = pieces.of_moments(records, time, per_second)
        return placed.mutate(moment_ms=placed[time] * (1_000 // per_second), unknown=literal(0, "int64"))
    placed = pieces.of_moments(records, "time_ms", 1_000)
    is_known = placed.known
    counted = is_known & is_good(placed, good) if good is not None else is_known & (placed.status > 0)
    return placed.mutate(
        moment_ms=placed.time_ms,
        good=ifelse(counted, 1, 0).cast("int64"),
        total=ifelse(is_known, 1, 0).cast("int64"),
        unknown=ifelse(is_known, 0, 1).cast("int64"),
    )
