"""How an indicator is measured from its source's own files: landed, evaluated, explained. The oracle and
``makegood attain`` go this way alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import and_
from pathlib import Path
from typing import Any

from metering.attained import Attained, Question
from metering.attaining import attained, explained
from metering.cells import Cell
from metering.engine import Engine, Table
from metering.indicators.pieces import Piece, Pieces
from metering.landing import Landed, land
from metering.residency import Homes
from metering.sources.rows import inside
from record.terms.indicators import Counted, DataSource, Indicator
from record.terms.measures.parts import LONGEST_SECONDS
from record.terms.records import Records
from sla.calendars import Calendar, open_spans
from sla.errors import MeasurementError
from sla.span_sets import without


class Measuring:
    """Sources of records in one folder, each landed once, and the questions put to them.

    ``until``: seconds UTC; what came later is not known yet. Nothing is written but in ``homes``.
    """

    def __init__(self, folder: Path, homes: Homes, engine: Engine, until: int) -> None:
        self._folder = folder
        self._homes = homes
        self._engine = engine
        self._until = until
        self._landed: dict[str, Landed] = {}

    def landed(self, source: DataSource) -> Landed:
        """What came of landing the source's files, the first time it is asked for."""
        if source.name not in self._landed:
            records = _records(source)
            folder = inside(self._folder, records.files)
            self._landed[source.name] = land(folder, records.declaration, self._homes, self._until)
        return self._landed[source.name]

    def days(self, source: DataSource) -> list[int]:
        """The UTC days, since 1970, of which the source has records, in order."""
        self.landed(source)
        name = _records(source).declaration.source
        lakes = self._homes.lakes().values()
        return sorted({day for lake in lakes if name in lake.sources() for day in lake.days(name)})

    def attained(
        self, indicator: Indicator, cells: Sequence[Cell], dimensions: Sequence[str] = ()
    ) -> list[Attained]:
        """One for every cell and combination of the dimensions asked for."""
        counted, records, question = self._asked(indicator, cells, dimensions)
        return attained(self._engine, records, counted.measure, question)

    def explained(self, indicator: Indicator, cells: Sequence[Cell]) -> Iterator[Mapping[str, Any]]:
        """The records behind the answers, each with its ``cell`` (the index), its ``verdict`` and what it says, in a
        fixed order."""
        counted, records, question = self._asked(indicator, cells, ())
        table = explained(self._engine, records, counted.measure, question)
        yield from self._engine.collect(table).to_pylist()

    def _asked(
        self, indicator: Indicator, cells: Sequence[Cell], dimensions: Sequence[str]
    ) -> tuple[Counted, Table, Question]:
        assert isinstance(indicator.metric, Counted)
        counted, source = indicator.metric, indicator.source
        self.landed(source)
        # What began before the cells may still hold in them.
        start, end = max(0, cells[0].start - LONGEST_SECONDS), cells[-1].end
        records = self._homes.read(self._engine, [_records(source).declaration.source], start, end)
        if counted.where:
            conditions = [records[name].isin(values) for name, values in counted.where]
            records = records.filter(reduce(and_, conditions))
        pieces = Pieces(self._engine, [cell.start for cell in cells], pieces_of(cells, counted.hours))
        return counted, records, Question(cells, pieces, dimensions, self._until)


def pieces_of(cells: Sequence[Cell], hours: Calendar | None) -> Iterator[Piece]:
    """Each cell's time cut into what counts, the opening hours, and what does not."""
    for index, cell in enumerate(cells):
        whole = [(cell.start, cell.end)]
        opened = whole if hours is None else list(open_spans(hours, cell.start, cell.end))
        yield from (Piece(index, start, end) for start, end in opened)
        yield from (Piece(index, start, end, counts=False) for start, end in without(whole, opened))


def _records(source: DataSource) -> Records:
    if not isinstance(source.connection, Records):
        raise MeasurementError(f"{source.name} has no files of records", "name a source of type records")
    return source.connection
