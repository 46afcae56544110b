"""Indicators of requests: probes, each good or not, and how long its answer took; or counts of others' requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import (
    Column,
    Engine,
    Scalar,
    Table,
    _,
    cases,
    cumulative_window,
    floor_div,
    ifelse,
    literal,
    whole_div,
    window,
)
from metering.indicators.pieces import Pieces
from record.terms.measures import Intervals, Percentile, Requests
from record.terms.ratios import Ratio
from sla.agreement import PPM


def requests(engine: Engine, records: Table, measure: Requests, question: Question) -> list[Attained]:
    """Good per known requests. Where it is known how often a probe was due, what is short of that is missing."""
    every = measure.due_every_seconds

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        seconds = question.pieces.counted_seconds(question.pieces.group_of(dimension)) if every else {}
        due = seconds.get(index, 0) // every if every else 0
        return ratio(
            question.cells[index],
            dimension,
            row["numerator"],
            row["denominator"],
            excluded=row["excluded"],
            missing=max(row["missing"], due - row["denominator"]),
            counts="requests",
            minimum_known_ppm=question.minimum_known_ppm,
        )

    expression = good_requests(records, measure.good, question.pieces, question.dimensions)
    return answers(engine, expression, question, finish)


def intervals(engine: Engine, records: Table, measure: Intervals, question: Question) -> list[Attained]:
    """Intervals of which no second counts, because all of it is excluded, are no intervals of the cell."""
    numbered = cache(partial(intervals_of, measure.seconds, question))

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        touched, excluded = numbered(question.pieces.group_of(dimension))
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
            minimum_known_ppm=question.minimum_known_ppm,
        )

    expression = up_intervals(records, measure, question.pieces, question.dimensions)
    return answers(engine, expression, question, finish)


def intervals_of(
    seconds: int, question: Question, group: int
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """By cell, the numbers of the intervals of which something counts for a group, and of those that something is
    excluded of."""
    touched: dict[int, set[int]] = {}
    excluded: dict[int, set[int]] = {}
    for piece in question.pieces.of(group):
        start = question.cells[piece.cell].start
        numbers = range((piece.start - start) // seconds, -(-(piece.end - start) // seconds))
        (touched if piece.counts else excluded).setdefault(piece.cell, set()).update(numbers)
    return touched, excluded


def percentile(engine: Engine, records: Table, measure: Percentile, question: Question) -> list[Attained]:
    """The nearest rank among the answered."""
    excluded = _excluded_answers(engine, records, question)

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        value = row["value"] if row["answered"] else None
        left_out = excluded.get((index, *dimension.values()), 0)
        return Attained(
            question.cells[index], dimension, value, row["value"], row["answered"], left_out, 0, "answers"
        )

    expression = nearest_rank(records, measure, question.pieces, question.dimensions)
    return answers(engine, expression, question, finish)


def _excluded_answers(engine: Engine, probes: Table, question: Question) -> dict[tuple[int | str, ...], int]:
    """By cell and dimensions, how many answers do not count. Nothing is read where everything counts."""
    if question.pieces.is_whole:
        return {}
    placed = question.pieces.of_moments(probes, "time_ms", 1_000)
    answered = placed.filter(~placed.counts & placed.known & (placed.status > 0))
    keys = ["cell", *question.dimensions]
    rows = engine.collect(answered.group_by(keys).agg(number=_.count())).to_pylist()
    return {tuple(row[name] for name in keys): row["number"] for row in rows}


def good_requests(records: Table, good: Ratio | None, pieces: Pieces, dimensions: Sequence[str]) -> Table:
    """``numerator`` good of ``denominator`` known requests; ``excluded`` are known and do not count, ``missing`` came
    without knowing."""
    placed = _placed(records, good, pieces)
    if pieces.all_count:
        # An engine does not see by itself that there is nothing to ask.
        found = _by_cell(
            placed,
            dimensions,
            pieces,
            numerator=placed.good.sum(),
            denominator=placed.total.sum(),
            missing=placed.unknown.sum(),
        )
        return found.mutate(excluded=literal(0, "int64"))
    return _by_cell(
        placed,
        dimensions,
        pieces,
        numerator=ifelse(placed.counts, placed.good, 0).sum(),
        denominator=ifelse(placed.counts, placed.total, 0).sum(),
        missing=ifelse(placed.counts, placed.unknown, 0).sum(),
        excluded=ifelse(placed.counts, 0, placed.total).sum(),
    )


def up_intervals(records: Table, measure: Intervals, pieces: Pieces, dimensions: Sequence[str]) -> Table:
    """By cell: of the intervals with counted requests ``seen``, how many were up, times 1 000 000 (or their shares' sum
    in ppm), ``share``."""
    placed = _placed(records, measure.good, pieces)
    time = placed.moment_ms - placed.cell_start * 1_000
    are_probes = "known" in placed.columns
    heard = placed.known if are_probes else placed.total > 0
    counted = placed.filter(heard if pieces.all_count else placed.counts & heard)
    counted = counted.mutate(interval=whole_div(time, measure.seconds * 1_000))
    total = counted.count() if are_probes else counted.total.sum()
    each = _by_cell(counted, ["interval", *dimensions], pieces, good=counted.good.sum(), total=total)
    share = floor_div(each.good * PPM, each.total)
    if measure.up_from_ppm is not None:
        share = ifelse(each.good * PPM >= each.total * measure.up_from_ppm, PPM, 0)
    return each.mutate(share=share).group_by(["cell", *dimensions]).agg(share=_.share.sum(), seen=_.count())


def nearest_rank(probes: Table, measure: Percentile, pieces: Pieces, dimensions: Sequence[str]) -> Table:
    """By cell: the nearest rank's ``value`` in milliseconds, of so many ``answered``."""
    placed = pieces.of_moments(probes, "time_ms", 1_000)
    answered = placed.filter(placed.known & (placed.status > 0))
    if not pieces.all_count:
        answered = answered.filter(answered.counts)
    keys = ["cell", *dimensions]
    valued = answered.mutate(value=whole_div(answered.latency_us + 999, 1_000))
    by_value = _by_cell(valued, [*dimensions, "value"], pieces, number=valued.count())
    ranked = by_value.mutate(
        up_to=_.number.sum().over(cumulative_window(group_by=keys, order_by="value")),
        answered=_.number.sum().over(window(group_by=keys)),
    )
    reached = ranked.filter(ranked.up_to * PPM >= ranked.answered * measure.share_ppm)
    return reached.group_by(keys).agg(value=_.value.min(), answered=_.answered.min())


def explained(
    engine: Engine, records: Table, measure: Requests | Intervals | Percentile, question: Question
) -> Table:
    """Each record with its ``cell`` and ``verdict``: good, bad, partial, missing, or excluded and by what."""
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
    return placed.mutate(verdict=verdict).select("cell", "verdict", "excluded_by", *records.columns)


def _by_cell(placed: Table, keys: Sequence[str], pieces: Pieces, **numbers: Scalar) -> Table:
    """The numbers by cell and ``keys``. Where there is one cell only, an engine need not ask each record for it."""
    cell = pieces.only_cell
    if cell is None:
        return placed.group_by(["cell", *keys]).agg(**numbers)
    # Without keys there is always a row, of nulls if there are no records.
    found = placed.group_by(keys).agg(**numbers) if keys else placed.aggregate(**numbers)
    return found.mutate(cell=literal(cell, "int64"))


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
        # As many as there are probes are added up, and numbers of a byte are added fastest.
        good=counted.cast("int8"),
        total=is_known.cast("int8"),
        unknown=(~is_known).cast("int8"),
    )
