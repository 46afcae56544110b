"""Availability by time: a state holds until the next one of its subject."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from metering.attained import Attained, Question, Row, answers, ratio
from metering.cells import Cell
from metering.engine import Engine, Table, _, cases, coalesce, least, window
from metering.excluding import GROUP
from metering.indicators.pieces import Pieces
from record.landing.kinds import DIMENSIONS
from record.terms.measures import Uptime
from sla.agreement import PPM


def uptime(engine: Engine, records: Table, measure: Uptime, question: Question) -> list[Attained]:
    """Every subject heard of by a cell's end was due in all of the cell, whether or not it was heard of in it."""
    heard = watched(engine, records, question)
    seconds = cache(question.pieces.counted_seconds)

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        cell = question.cells[index]
        due = PPM * sum(
            seconds(group).get(index, 0) * number for group, number in heard(cell, dimension).items()
        )
        return ratio(
            cell,
            dimension,
            row["numerator"],
            row["denominator"],
            excluded=row["excluded"] * PPM,
            missing=due - row["denominator"],
            counts="microseconds",
            minimum_known_ppm=question.minimum_known_ppm,
        )

    expression = up_seconds(records, measure, question.pieces, question.dimensions, question.until)
    return answers(engine, expression, question, finish)


def up_seconds(
    states: Table, measure: Uptime, pieces: Pieces, dimensions: Sequence[str], until: int
) -> Table:
    """By cell: ``numerator`` is the sum of seconds, each weighted by its level in ppm, ``denominator`` that of known
    seconds in ppm too, ``excluded`` plain seconds. ``until`` is when the records end: no state holds beyond it."""
    spans = held(states, measure.levels, measure.holds_for_seconds, until)
    return up_time(spans, pieces, dimensions)


def up_time(spans: Table, pieces: Pieces, dimensions: Sequence[str], per_second: int = 1) -> Table:
    """The same of spans that have a ``level`` in ppm; with their times in milliseconds, so are the numbers."""
    cut = pieces.of_spans(spans, per_second)
    seconds = cut.end - cut.start
    counted = cut.counts.ifelse(seconds, 0)
    return (
        cut.mutate(numerator=counted * cut.level, known=counted, excluded=seconds - counted)
        .group_by(["cell", *dimensions])
        .agg(numerator=_.numerator.sum(), denominator=(_.known * PPM).sum(), excluded=_.excluded.sum())
    )


def explained(engine: Engine, records: Table, measure: Uptime, question: Question) -> Table:
    """Each state as far as it was believed within a cell, from ``start`` to ``end``, with its ``level`` in ppm, and by
    what it is excluded."""
    spans = held(records, measure.levels, measure.holds_for_seconds, question.until)
    cut = question.pieces.of_spans(spans.select("start", "end", "level", "state", "subject", *DIMENSIONS))
    verdict = cases(
        (~cut.counts, "excluded"), (cut.level == PPM, "good"), (cut.level == 0, "bad"), else_="partial"
    )
    own = ("start", "end", "subject", "state", "level", *DIMENSIONS)
    return cut.mutate(verdict=verdict).select("cell", "verdict", "excluded_by", *own)


def held(states: Table, levels: Sequence[tuple[str, int]], holds_for_seconds: int, until: int) -> Table:
    """The states with what they are worth (``level``, ppm), and from when to when they are believed (``start``,
    ``end``). States that are worth nothing said are unknown, and left out."""
    following = states.time.lead().over(window(group_by=["subject", *DIMENSIONS], order_by="time"))
    end = least(coalesce(following, until), states.time + holds_for_seconds, until)
    level = cases(*((states.state == state, ppm) for state, ppm in levels))
    spans = states.mutate(start=states.time, end=end, level=level)
    return spans.filter((spans.start < spans.end) & spans.level.notnull())


def watched(
    engine: Engine, states: Table, question: Question
) -> Callable[[Cell, Mapping[str, str]], dict[int, int]]:
    """How many subjects were heard of by a cell's end, by the group of their records; one where there was none."""
    each = question.grouped(states.group_by(["subject", *DIMENSIONS]).agg(first=_.time.min()))
    found: dict[tuple[str, ...], dict[int, list[int]]] = {}
    for row in engine.collect(each).to_pylist():
        subjects = found.setdefault(tuple(row[name] for name in question.dimensions), {})
        subjects.setdefault(row[GROUP], []).append(row["first"])
    first = {key: {group: sorted(times) for group, times in by.items()} for key, by in found.items()}

    def heard(cell: Cell, dimension: Mapping[str, str]) -> dict[int, int]:
        since = first.get(tuple(dimension.values()), {})
        numbers = {group: bisect_left(times, cell.end) for group, times in since.items()}
        return numbers if any(numbers.values()) else {question.pieces.group_of(dimension): 1}

    return heard
