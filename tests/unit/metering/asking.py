"""Records of a kind as a table, and the question put to them, for tests of indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from metering.attained import Attained, Question
from metering.attaining import attained, explained
from metering.cells import Cell
from metering.engine import Engine, Table
from metering.excluding import Allowed, Excluding
from metering.indicators.pieces import Piece, Pieces
from metering.schemas import arrow_schema
from record.landing.kinds import DIMENSIONS, KINDS, Type
from record.terms.measures import Measure
from sla.exclusions import CUSTOMER, Exclusion, ExclusionKind, Way

FOREVER = 4_000_000_000


def table(engine: Engine, kind: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """The rows as records; what a row leaves out is empty, 0 or null."""
    blank: dict[str, Any] = {
        column.name: None if column.optional else "" if column.type is Type.TEXT else 0
        for column in KINDS[kind].columns
    }
    filled = [blank | dict.fromkeys(DIMENSIONS, "") | dict(row) for row in rows]
    return engine.from_arrow(pa.Table.from_pylist(filled, schema=arrow_schema(KINDS[kind])))


def question(
    engine: Engine,
    bounds: Sequence[int],
    *,
    until: int = FOREVER,
    dimensions: Sequence[str] = (),
    excluding: Excluding | None = None,
) -> Question:
    """Of the cells between the bounds, one after the other."""
    cells = [Cell(place, "", start, end) for place, (start, end) in enumerate(pairwise(bounds))]
    pieces = [Piece(place, cell.start, cell.end) for place, cell in enumerate(cells)]
    return Question(cells, Pieces(engine, list(bounds[:-1]), pieces, excluding), dimensions, until)


def storm(engine: Engine, records: Table, region: str, start: int, end: int) -> Excluding:
    """Force majeure in a region, which is agreed."""
    scope = (("region", (region,)),)
    kind, customer = ExclusionKind.FORCE_MAJEURE, frozenset({CUSTOMER})
    one = Exclusion("storm", kind, scope, start, end, 0, customer)
    found = Excluding([one], Allowed({kind: (Way(customer),)}), start=0, end=FOREVER)
    found.learn(engine, records)
    return found


def numbers(engine: Engine, records: Table, measure: Measure, asked: Question) -> list[int | None]:
    """What was attained, cell by cell."""
    return [each.attained for each in answered(engine, records, measure, asked)]


def answered(engine: Engine, records: Table, measure: Measure, asked: Question) -> list[Attained]:
    return attained(engine, records, measure, asked)


def told(engine: Engine, records: Table, measure: Measure, asked: Question) -> list[dict[str, Any]]:
    """The rows that explain the answers."""
    rows: list[dict[str, Any]] = engine.collect(explained(engine, records, measure, asked)).to_pylist()
    return rows


def at(zone: str, text: str) -> int:
    """The instant of a local time, as in 2027-03-01 09:00 or 2027-03-01."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return int(moment.timestamp())


def local_date(zone: str, instant: int) -> date:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).date()


def midnight(zone: str, day: date) -> int:
    """When a date begins."""
    return int(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).timestamp())


def days_from(day: date) -> list[date]:
    """The date and the 450 that follow it."""
    return [day + timedelta(days=number) for number in range(450)]
