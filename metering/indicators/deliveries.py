"""Indicators of deliveries, but for their late days."""

from __future__ import annotations

from collections.abc import Mapping

from metering.attained import Attained, Question, Row, answers, ratio
from metering.engine import Engine, Table, cases, coalesce, greatest, ifelse, literal
from metering.indicators.dates import DateTable
from metering.indicators.deadlines import decided, tallied, verdict
from metering.indicators.statistic import summed, taken
from record.terms.measures.days import LONGEST_DAYS
from record.terms.measures.deliveries import LateOrders, LeadTime, MissedAppointments, OnTime, RightFirstTime
from record.terms.measures.parts import LONGEST_SECONDS
from record.terms.zones import instant_of
from sla.civil import DAY


def on_time(engine: Engine, records: Table, measure: OnTime, question: Question) -> list[Attained]:
    """Orders done by their deadline per order whose deadline has come."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        return _share(question, index, dimension, row["met"], row["number"], row["excluded"])

    placed = decided(engine, records, measure.deadline, question, "due", "done")
    return answers(engine, tallied(placed, question), question, finish)


def late_orders(engine: Engine, records: Table, measure: LateOrders, question: Question) -> list[Attained]:
    """Their number, each as often as the share of orders on time says; ``denominator`` counts all decided."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        met, number = row["met"], row["number"]
        late = (number - met) * measure.each(met, number)
        return Attained(
            question.cells[index], dimension, late, number - met, number, row["excluded"], 0, "orders"
        )

    placed = decided(engine, records, measure.deadline, question, "due", "done")
    return answers(engine, tallied(placed, question), question, finish)


def explained_by_deadline(
    engine: Engine, records: Table, measure: OnTime | LateOrders, question: Question
) -> Table:
    """Each order whose deadline has come, with the last second of it, ``decided``."""
    placed = decided(engine, records, measure.deadline, question, "due", "done")
    return verdict(placed).select("cell", "verdict", "excluded_by", "decided", *records.columns)


def right_first_time(
    engine: Engine, records: Table, measure: RightFirstTime, question: Question
) -> list[Attained]:
    """Orders right first time per order done."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        return _share(
            question, index, dimension, row["right"], row["number"], row["excluded"], row["missing"]
        )

    placed = _done(records, question)
    known = placed.right_first_time.notnull()
    expression = placed.group_by(["cell", *question.dimensions]).agg(
        right=ifelse(placed.counts & coalesce(placed.right_first_time, literal(False)), 1, 0).sum(),
        number=ifelse(placed.counts & known, 1, 0).sum(),
        missing=ifelse(placed.counts & ~known, 1, 0).sum(),
        excluded=ifelse(placed.counts, 0, 1).sum(),
    )
    return answers(engine, expression, question, finish)


def explained_right_first_time(
    engine: Engine, records: Table, measure: RightFirstTime, question: Question
) -> Table:
    """Each order that is done."""
    placed = _done(records, question)
    said = cases(
        (~placed.counts, "excluded"),
        (placed.right_first_time.isnull(), "missing"),
        (placed.right_first_time, "good"),
        else_="bad",
    )
    return placed.mutate(verdict=said).select("cell", "verdict", "excluded_by", *records.columns)


def missed_appointments(
    engine: Engine, records: Table, measure: MissedAppointments, question: Question
) -> list[Attained]:
    """Their sum; ``denominator`` counts the orders."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        missed = row["missed"]
        cell = question.cells[index]
        return Attained(cell, dimension, missed, missed, row["number"], row["excluded"], 0, "appointments")

    placed = _done(_bounded(records, measure), question)
    counted = ifelse(placed.counts, placed.missed_appointments, 0)
    expression = placed.group_by(["cell", *question.dimensions]).agg(
        missed=counted.sum(),
        number=ifelse(placed.counts, 1, 0).sum(),
        excluded=(placed.missed_appointments - counted).sum(),
    )
    return answers(engine, expression, question, finish)


def explained_missed_appointments(
    engine: Engine, records: Table, measure: MissedAppointments, question: Question
) -> Table:
    """Each order that is done."""
    placed = _done(_bounded(records, measure), question)
    said = cases((~placed.counts, "excluded"), (placed.missed_appointments == 0, "good"), else_="bad")
    return placed.mutate(verdict=said).select("cell", "verdict", "excluded_by", *records.columns)


def lead_time(engine: Engine, records: Table, measure: LeadTime, question: Question) -> list[Attained]:
    """The days that orders took, rounded up."""

    def finish(index: int, dimension: Mapping[str, str], row: Row) -> Attained:
        days = taken(row, measure.statistic, 1, round_up=True)
        return Attained(question.cells[index], dimension, days, row["value"], row["number"], 0, 0, "days")

    placed = _lead_times(engine, records, measure, question)
    values = placed.filter(placed.counts).mutate(value=placed.days)
    return answers(engine, summed(values, measure.statistic, question.dimensions), question, finish)


def explained_lead_time(engine: Engine, records: Table, measure: LeadTime, question: Question) -> Table:
    """Each order that is done, with the ``days`` it took. None is bad by itself: all are of the number."""
    placed = _lead_times(engine, records, measure, question)
    said = cases((placed.counts, "good"), else_="excluded")
    return placed.mutate(verdict=said).select("cell", "verdict", "excluded_by", "days", *records.columns)


def _done(records: Table, question: Question) -> Table:
    """The orders done and due, in the cell of the later of the two."""
    done = records.filter(records.done.notnull() & (records.done - records.due < LONGEST_SECONDS))
    placed = done.mutate(decided=greatest(done.due, done.done))
    return question.pieces.of_moments(placed.filter(placed.decided < question.until), "decided", 1)


def _bounded(records: Table, measure: MissedAppointments) -> Table:
    found = records
    if measure.since is not None:
        found = found.filter(found.due >= instant_of(measure.since * DAY, measure.zone))
    if measure.before is not None:
        found = found.filter(found.due < instant_of(measure.before * DAY, measure.zone))
    return found


def _lead_times(engine: Engine, records: Table, measure: LeadTime, question: Question) -> Table:
    start, end = max(0, question.cells[0].start - LONGEST_SECONDS), question.cells[-1].end
    table = DateTable(engine, measure.dates, start, max(start, end) + 1, question.excluded)
    placed = question.grouped(_done(records, question).mutate(ending=greatest(records.due, records.done)))
    for time, name in (("due", "due_number"), ("ending", "done_number")):
        columns = {
            group: {
                name: [*table.counted(group, measure.business)],
                f"{time}_day": [one.day for one in table.dates],
            }
            for group in table.groups
        }
        placed = table.joined(placed, time, columns)
    taken_days = placed.done_number - placed.due_number
    return placed.filter(placed.ending_day - placed.due_day <= LONGEST_DAYS).mutate(days=taken_days)


def _share(
    question: Question,
    index: int,
    dimension: Mapping[str, str],
    good: int,
    number: int,
    excluded: int,
    missing: int = 0,
) -> Attained:
    return ratio(
        question.cells[index],
        dimension,
        good,
        number,
        excluded=excluded,
        missing=missing,
        counts="orders",
        minimum_known_ppm=question.minimum_known_ppm,
    )
