"""Qualifying conditions of an indicator, from the readings of their source."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import and_

from metering.engine import Engine, Table, _, coalesce, window
from record.landing.kinds import DIMENSIONS
from record.readable import harmless
from record.terms.chosen import Where
from record.terms.qualifying import OnlyWhile
from sla.errors import MeasurementError
from sla.exclusions import Condition
from sla.qualifying import load_above


def chosen(records: Table, where: Where) -> Table:
    """The records whose dimensions have one of the values of each of ``where``."""
    if not where:
        return records
    return records.filter(reduce(and_, [records[name].isin(values) for name, values in where]))


def condition(engine: Engine, readings: Table, terms: OnlyWhile, until: int) -> Condition:
    """The time in which the load was above the agreed one, by what was read before ``until``. MeasurementError where
    the readings are of several gauges: which of them was meant?"""
    told = chosen(readings, terms.where)
    told = told.filter(told.time < until)
    gauges = engine.collect(told.select(*DIMENSIONS).distinct().limit(2)).to_pylist()
    if len(gauges) > 1:
        raise MeasurementError(
            f"{terms.source.name} has readings of several gauges: {' and '.join(_shown(gauges))}",
            "choose one by the where of onlyWhile",
        )
    before = told.value_micro.lag().over(window(order_by="time"))
    # Of a long time below the bound only its first reading matters: it ends what was above.
    turning = (_.value_micro > terms.at_most_micro) | (_.before > terms.at_most_micro)
    ends = told.mutate(before=coalesce(before, terms.at_most_micro)).filter(turning)
    rows = engine.collect(ends.select("time", "value_micro")).to_pylist()
    found = load_above(
        terms.at_most_micro,
        [(row["time"], row["value_micro"]) for row in rows],
        terms.holds_for_seconds,
        terms.cause,
    )
    # What is read at the end is not known before it.
    return Condition(found.id, tuple((start, min(end, until)) for start, end in found.spans if start < until))


def _shown(gauges: Iterable[dict[str, str]]) -> list[str]:
    return [
        "("
        + ", ".join(f"{name} {harmless(value, 40)}" for name, value in sorted(gauge.items()) if value)
        + ")"
        for gauge in gauges
    ]
