"""Availability by time: a state holds until the next one of its subject."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import Engine, Table, _, cases, coalesce, least, window
from metering.indicators.pieces import Pieces
from record.landing.kinds import DIMENSIONS
from record.terms.measures import Uptime
from sla.agreement import PPM


def uptime(engine: Engine, records: Table, measure: Uptime, question: Question) -> list[Attained]:
    """Every subject heard of by a cell's end was due in all of the cell, whether or not it was heard of in it."""
    heard = _first_heard(engine, records, question.dimensions)
    seconds = question.pieces.counted_seconds()

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        cell = question.cells[index]
        watched = bisect_left(heard.get(tuple(dimension.values()), []), cell.end)
        due = seconds.get(index, 0) * PPM * max(watched, 1)
        return ratio(
            cell,
            dimension,
            row["numerator"],
            row["denominator"],
            excluded=row["excluded"] * PPM,
            missing=due - row["denominator"],
            counts="microseconds",
        )

    expression = up_seconds(records, measure, question.pieces, question.dimensions, question.until)
    return answers(engine, expression, question, finish)


def up_seconds(
    states: Table, measure: Uptime, pieces: Pieces, dimensions: Sequence[str], until: int
) -> Table:
    """By cell: ``numerator`` is the sum of seconds, each weighted by its level in ppm, ``denominator`` that of known
    seconds in ppm too, ``excluded`` plain seconds. ``until`` is when the records end: no state holds beyond it."""
    return up_time(_held(states, measure, until), pieces, dimensions)


def up_time(spans: Table, pieces: Pieces, dimensions: Sequence[str], per_second: int = 1) -> Table:
    """The same of spans that have a ``level`` in ppm; with their times in milliseconds, so are the numbers."""
    cut = pieces.of_spans(spans.select("start", "end", "level", *dimensions), per_second)
    seconds = cut.end - cut.start
    counted = cut.counts.ifelse(seconds, 0)
    return (
        cut.mutate(numerator=counted * cut.level, known=counted, excluded=seconds - counted)
        .group_by(["cell", *dimensions])
        .agg(numerator=_.numerator.sum(), denominator=(_.known * PPM).sum(), excluded=_.excluded.sum())
    )


def explained(engine: Engine, records: Table, measure: Uptime, question: Question) -> Table:
    """Each state as far as it was believed within a cell, from ``start`` to ``end``, with its ``level`` in ppm."""
    held = _held(records, measure, question.until)
    cut = question.pieces.of_spans(held.select("start", "end", "level", "state", "subject", *DIMENSIONS))
    verdict = cases(
        (~cut.counts, "excluded"), (cut.level == PPM, "good"), (cut.level == 0, "bad"), else_="partial"
    )
    own = ("start", "end", "subject", "state", "level", *DIMENSIONS)
    return cut.mutate(verdict=verdict).select("cell", "verdict", *own)


def _held(states: Table, measure: Uptime, until: int) -> Table:
    """The states with what they are worth, and from when to when they are believed."""
    following = states.time.lead().over(window(group_by=["subject", *DIMENSIONS], order_by="time"))
    end = least(coalesce(following, until), states.time + measure.holds_for_seconds, until)
    level = cases(*((states.state == state, ppm) for state, ppm in measure.levels))
    spans = states.mutate(start=states.time, end=end, level=level)
    return spans.filter((spans.start < spans.end) & spans.level.notnull())


def _first_heard(
    engine: Engine, states: Table, dimensions: Sequence[str]
) -> dict[tuple[str, ...], list[int]]:
    """When each subject was first heard of, ascending, by the dimensions asked for."""
    each = states.group_by(["subject", *DIMENSIONS]).agg(first=_.time.min())
    found: dict[tuple[str, ...], list[int]] = {}
    for row in engine.collect(each).to_pylist():
        found.setdefault(tuple(row[name] for name in dimensions), []).append(row["first"])
    return {key: sorted(times) for key, times in found.items()}
