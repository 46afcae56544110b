"""From typed records to attainments, by whichever family measures them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from metering.attained import Attained, Question
from metering.engine import Engine, Table
from metering.indicators import requests, states
from record.terms.measures import Intervals, Measure, Percentile, Requests, Uptime


@dataclass(frozen=True, slots=True)
class Family:
    """How a measure is evaluated, and how its answers are explained: a table of the records, each with the ``cell`` it
    is of and its ``verdict`` (good, bad, partial, excluded or missing)."""

    attained: Callable[[Engine, Table, Any, Question], list[Attained]]
    explained: Callable[[Engine, Table, Any, Question], Table]


FAMILIES: Mapping[type, Family] = {
    Requests: Family(requests.requests, requests.explained),
    Intervals: Family(requests.intervals, requests.explained),
    Percentile: Family(requests.percentile, requests.explained),
    Uptime: Family(states.uptime, states.explained),
}


def attained(engine: Engine, records: Table, measure: Measure, question: Question) -> list[Attained]:
    """In the order of cells and dimensions. A cell of which there is no record at all is there as well, where no
    dimension is asked for."""
    return FAMILIES[type(measure)].attained(engine, records, measure, question)


def explained(engine: Engine, records: Table, measure: Measure, question: Question) -> Table:
    """The records behind the answers, each with its ``cell`` and ``verdict``."""
    return FAMILIES[type(measure)].explained(engine, records, measure, question)
