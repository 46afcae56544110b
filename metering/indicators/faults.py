"""Indicators of faults, but for their late days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import pyarrow as pa

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import (
    Engine,
    Table,
    cases,
    coalesce,
    floor_div,
    ifelse,
    least,
    literal,
    wide_sum,
    window,
)
from metering.excluding import GROUP
from metering.indicators.deadlines import decided, tallied, verdict
from metering.indicators.statistic import summed, taken
from record.terms.measures.faults import FaultTime, RepairedWithin, RepairTime, RepeatFaults
from record.terms.measures.parts import LONGEST_SECONDS
from sla.calendars import Calendar, open_spans
from sla.civil import DAY
from sla.span_sets import Window, without


def repair_time(engine: Engine, records: Table, measure: RepairTime, question: Question) -> list[Attained]:
    """The time that faults lasted, in the measure's unit, rounded up; ``numerator`` is in seconds."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        value = taken(row, measure.statistic, measure.seconds, round_up=True)
        return Attained(question.cells[index], dimension, value, row["value"], row["number"], 0, 0, "faults")

    values = _lasted(engine, records, measure, question).mutate(value=lambda each: each.seconds)
    return answers(engine, summed(values, measure.statistic, question.dimensions), question, finish)


def explained_repair_time(engine: Engine, records: Table, measure: RepairTime, question: Question) -> Table:
    """Each fault that ended, with the ``seconds`` of it that count. None is bad by itself: all are of the number."""
    ended = _lasted(engine, records, measure, question)
    return ended.mutate(verdict=literal("good"), excluded_by=literal("")).select(
        "cell", "verdict", "excluded_by", "seconds", *records.columns
    )


def repaired_within(
    engine: Engine, records: Table, measure: RepairedWithin, question: Question
) -> list[Attained]:
    """Faults that ended by their deadline per fault whose deadline has come."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        return ratio(
            question.cells[index],
            dimension,
            row["met"],
            row["number"],
            excluded=row["excluded"],
            missing=0,
            counts="faults",
            minimum_known_ppm=question.minimum_known_ppm,
        )

    placed = decided(engine, records, measure.deadline, question, "start", "end")
    return answers(engine, tallied(placed, question), question, finish)


def explained_repaired_within(
    engine: Engine, records: Table, measure: RepairedWithin, question: Question
) -> Table:
    """Each fault whose deadline has come, with the last second of it, ``decided``."""
    placed = decided(engine, records, measure.deadline, question, "start", "end")
    return verdict(placed).select("cell", "verdict", "excluded_by", "decided", *records.columns)


def repeat_faults(
    engine: Engine, records: Table, measure: RepeatFaults, question: Question
) -> list[Attained]:
    """Their number; ``denominator`` counts all faults that began."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        number, cell = row["repeated"], question.cells[index]
        return Attained(cell, dimension, number, number, row["number"], row["excluded"], 0, "faults")

    placed = _begun(records, measure, question)
    expression = placed.group_by(["cell", *question.dimensions]).agg(
        repeated=ifelse(placed.counts & placed.repeated, 1, 0).sum(),
        number=ifelse(placed.counts, 1, 0).sum(),
        excluded=ifelse(placed.counts, 0, 1).sum(),
    )
    return answers(engine, expression, question, finish)


def explained_repeat_faults(
    engine: Engine, records: Table, measure: RepeatFaults, question: Question
) -> Table:
    """Each fault that began; a repeated one is bad."""
    placed = _begun(records, measure, question)
    said = cases((~placed.counts, "excluded"), (placed.repeated, "bad"), else_="good")
    return placed.mutate(verdict=said).select("cell", "verdict", "excluded_by", *records.columns)


def fault_time(engine: Engine, records: Table, measure: FaultTime, question: Question) -> list[Attained]:
    """The time that faults lasted within the cell, in the measure's unit; the other numbers are seconds."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        seconds, cell = row["seconds"], question.cells[index]
        value = -(-seconds // measure.seconds) if measure.round_up else seconds // measure.seconds
        return Attained(cell, dimension, value, seconds, seconds, row["excluded"], 0, "seconds")

    cut = _out_of_order(records, question)
    seconds = cut.end - cut.start
    counted = ifelse(cut.counts, seconds, 0)
    expression = (
        cut.mutate(counted=counted, uncounted=seconds - counted)
        .group_by(["cell", *question.dimensions])
        .agg(seconds=lambda each: wide_sum(each.counted), excluded=lambda each: wide_sum(each.uncounted))
    )
    return answers(engine, expression, question, finish)


def explained_fault_time(engine: Engine, records: Table, measure: FaultTime, question: Question) -> Table:
    """Each fault as far as it lasted within a cell, from ``start`` to ``end``."""
    cut = _out_of_order(records, question)
    said = cases((cut.counts, "bad"), else_="excluded")
    return cut.mutate(verdict=said).select("cell", "verdict", "excluded_by", *records.columns)


def _out_of_order(faults: Table, question: Question) -> Table:
    lasting = faults.mutate(end=least(coalesce(faults.end, question.until), question.until))
    return question.pieces.of_spans(lasting.filter(lasting.start < lasting.end))


def _begun(faults: Table, measure: RepeatFaults, question: Question) -> Table:
    """The faults in the cells in which they began, with whether they are ``repeated``."""
    by_subject = window(group_by=["subject", "client"], order_by=["start", "fault"])
    before = faults.mutate(before=faults.start.lag().over(by_subject))
    repeated = coalesce(before.start - before.before <= measure.seconds, literal(False))
    begun = before.mutate(repeated=repeated).filter(before.start < question.until)
    return question.pieces.of_moments(begun, "start", 1)


def _lasted(engine: Engine, faults: Table, measure: RepairTime, question: Question) -> Table:
    """The faults that ended, in the cells in which they did, with the ``seconds`` of them that count."""
    ended = faults.filter(
        faults.end.notnull() & (faults.end < question.until) & (faults.end - faults.start < LONGEST_SECONDS)
    )
    placed = question.grouped(question.pieces.of_moments(ended, "end", 1))
    start, end = max(0, question.cells[0].start - LONGEST_SECONDS), question.cells[-1].end
    worked = _worked(engine, measure.calendar, start, max(start, end) + 1, question.excluded)
    for time in ("start", "end"):
        bucketed = placed.mutate(worked_bucket=floor_div(placed[time], DAY))
        met = bucketed.join(worked, ["worked_bucket", GROUP])
        within = (met[time] >= met.worked_start) & (met[time] < met.worked_end)
        since = ifelse(met.worked_open, met[time] - met.worked_start, 0)
        placed = met.filter(within).mutate(**{f"worked_at_{time}": met.worked_before + since})
        placed = placed.drop("worked_bucket", "worked_start", "worked_end", "worked_open", "worked_before")
    return placed.mutate(seconds=placed.worked_at_end - placed.worked_at_start)


def _worked(
    engine: Engine, calendar: Calendar | None, start: int, end: int, excluded: Mapping[int, Sequence[Window]]
) -> Table:
    """Time cut where it begins or ceases to count, and at each midnight UTC: how many seconds counted ``before``."""
    start, end = start // DAY * DAY, -(-end // DAY) * DAY
    opened = [(start, end)] if calendar is None else list(open_spans(calendar, start, end))
    rows = []
    for group, windows in (excluded or {0: ()}).items():
        before = 0
        for since, until, is_open in _stretches(without(opened, windows), start, end):
            rows.append((group, since // DAY, since, until, is_open, before))
            before += (until - since) * is_open
    names = (GROUP, "worked_bucket", "worked_start", "worked_end", "worked_open", "worked_before")
    return engine.from_arrow(
        pa.table(
            {
                name: pa.array([row[place] for row in rows], pa.bool_() if place == 4 else pa.int64())
                for place, name in enumerate(names)
            }
        )
    )


def _stretches(opened: Sequence[Window], start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    edges = sorted({start, end, *range(start, end, DAY), *(edge for span in opened for edge in span)})
    place = 0
    for since, until in pairwise(edges):
        while place < len(opened) and opened[place][1] <= since:
            place += 1
        yield since, until, place < len(opened) and opened[place][0] <= since
