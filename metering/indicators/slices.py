"""Availability by time in slices: a minute in which a service was down for a moment may be a down minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import (
    Engine,
    Table,
    _,
    cases,
    floor_div,
    greatest,
    ifelse,
    least,
    literal,
    range_of,
    union,
)
from metering.indicators.pieces import Pieces
from metering.indicators.requests import intervals_of
from metering.indicators.states import held, watched
from record.landing.kinds import DIMENSIONS
from record.terms.measures import Slices

_SUBJECT = ("subject", *DIMENSIONS)


def slices(engine: Engine, records: Table, measure: Slices, question: Question) -> list[Attained]:
    """Every subject heard of by a cell's end was due in each slice of which a second counts for it."""
    heard = watched(engine, records, question)

    @cache
    def due_of(group: int) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
        return intervals_of(measure.seconds, question, group)

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        cell, due, excluded = question.cells[index], 0, 0
        for group, number in heard(cell, dimension).items():
            touched, left_out = (each.get(index, set()) for each in due_of(group))
            due += len(touched) * number
            excluded += len(left_out - touched) * number
        return ratio(
            cell,
            dimension,
            row["up"],
            row["known"],
            excluded=excluded,
            missing=due - row["known"],
            counts="slices",
            minimum_known_ppm=question.minimum_known_ppm,
        )

    judged = up_slices(records, measure, question.pieces, question.until)
    expression = judged.group_by(["cell", *question.dimensions]).agg(up=_.up.sum(), known=_.count())
    return answers(engine, expression, question, finish)


def up_slices(states: Table, measure: Slices, pieces: Pieces, until: int) -> Table:
    """A row for each subject's slice of which something is known and counts: its number in ``slice``, from ``start`` to
    ``end``, and whether it is ``up``, 1 or 0."""
    cut = pieces.of_spans(held(states, measure.levels, measure.holds_for_seconds, until))
    length = measure.seconds
    since, to = cut.start - cut.cell_start, cut.end - cut.cell_start
    each = cut.filter(cut.counts).mutate(
        slice=range_of(floor_div(since, length), floor_div(to - 1, length) + 1, 1).unnest()
    )
    start = greatest(each.start, each.cell_start + each.slice * length)
    end = least(each.end, each.cell_start + (each.slice + 1) * length)
    keys = ["cell", "cell_start", "slice", *_SUBJECT]
    worth = (
        each.mutate(known=end - start)
        .mutate(worth=_.known * _.level)
        .group_by(keys)
        .agg(worth=_.worth.sum(), known=_.known.sum())
    )
    return worth.mutate(
        up=ifelse(worth.worth >= worth.known * measure.up_from_ppm, 1, 0).cast("int64"),
        start=worth.cell_start + worth.slice * length,
        end=worth.cell_start + (worth.slice + 1) * length,
    )


def explained(engine: Engine, records: Table, measure: Slices, question: Question) -> Table:
    """Each subject's slice: how many of its seconds are ``known``, and what they are ``worth`` in ppm-seconds; and the
    states that are excluded, as far as they are, by what."""
    spans = held(records, measure.levels, measure.holds_for_seconds, question.until)
    cut = question.pieces.of_spans(spans)
    left_out = cut.filter(~cut.counts).mutate(verdict=literal("excluded"), known=_.end - _.start)
    left_out = left_out.mutate(worth=_.known * _.level)
    judged = up_slices(records, measure, question.pieces, question.until)
    judged = judged.mutate(verdict=cases((judged.up == 1, "good"), else_="bad"), excluded_by=literal(""))
    own: Sequence[str] = ("cell", "verdict", "excluded_by", "start", "end", "known", "worth", *_SUBJECT)
    return union(judged.select(*own), left_out.select(*own))
