"""How an indicator is measured from its source's own files: landed, evaluated, explained. The oracle and
``makegood attain`` go this way alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from metering.attained import Attained, Question
from metering.attaining import attained, explained
from metering.cells import Cell
from metering.conditions import chosen, condition
from metering.engine import Engine, Table
from metering.excluding import NOTHING, Allowed, Excluding
from metering.indicators.pieces import HOURS, Piece, Pieces
from metering.landing import Landed, land
from metering.residency import Homes
from metering.sources.rows import inside
from record.terms.indicators import Counted, DataSource, Indicator
from record.terms.measures.parts import LONGEST_SECONDS
from record.terms.records import Records
from sla.calendars import Calendar, open_spans
from sla.errors import MeasurementError
from sla.exclusions import Condition, Exclusion, Uncounted
from sla.span_sets import without


class Measuring:
    """Sources of records in one folder, each landed once, and the questions put to them.

    ``until``: seconds UTC; what came later is not known yet. ``exclusions``: those put forward, their signatures
    verified. What of them counts is said by what an obligation lets be excluded, which comes with each question.
    Nothing is written but in ``homes``.
    """

    def __init__(
        self,
        folder: Path,
        homes: Homes,
        engine: Engine,
        until: int,
        exclusions: Sequence[Exclusion] = (),
    ) -> None:
        self._folder = folder
        self._homes = homes
        self._engine = engine
        self._until = until
        self._exclusions = exclusions
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
        self,
        indicator: Indicator,
        cells: Sequence[Cell],
        dimensions: Sequence[str] = (),
        allowed: Allowed = NOTHING,
    ) -> list[Attained]:
        """One for every cell and combination of the dimensions asked for."""
        counted, records, question, _ = self._asked(indicator, cells, dimensions, allowed)
        mark = self._complete_to(indicator)
        return [
            replace(each, complete=each.cell.end <= mark)
            for each in attained(self._engine, records, counted.measure, question)
        ]

    def explained(
        self, indicator: Indicator, cells: Sequence[Cell], allowed: Allowed = NOTHING
    ) -> Iterator[Mapping[str, Any]]:
        """The records behind the answers, each with its ``cell`` (the index), its ``verdict`` and what it says, in a
        fixed order. Those that are excluded say by what: an exclusion's id, a condition, or the hours."""
        counted, records, question, _ = self._asked(indicator, cells, (), allowed)
        table = explained(self._engine, records, counted.measure, question)
        yield from self._engine.collect(table).to_pylist()

    def in_vain(
        self, indicator: Indicator, cells: Sequence[Cell], allowed: Allowed = NOTHING
    ) -> tuple[Uncounted, ...]:
        """What was put forward for the time of the cells and excluded nothing, and why."""
        if not self._exclusions:
            return ()
        *_, excluding = self._asked(indicator, cells, (), allowed)
        return excluding.in_vain(cells[0].start, cells[-1].end)

    def _asked(
        self, indicator: Indicator, cells: Sequence[Cell], dimensions: Sequence[str], allowed: Allowed
    ) -> tuple[Counted, Table, Question, Excluding]:
        assert isinstance(indicator.metric, Counted)
        counted = indicator.metric
        # What began before the cells may still hold in them.
        start, end = max(0, cells[0].start - LONGEST_SECONDS), cells[-1].end
        records = chosen(self._read(indicator.source, start, end), counted.where)
        excluding = Excluding(
            self._exclusions, allowed, self._conditions(counted, start, end), dict(counted.where), start, end
        )
        excluding.learn(self._engine, records)
        starts = [cell.start for cell in cells]
        pieces = Pieces(self._engine, starts, pieces_of(cells, counted.hours), excluding)
        question = Question(
            cells, pieces, dimensions, self._until, minimum_known_ppm=counted.minimum_known_ppm
        )
        return counted, records, question, excluding

    def _read(self, source: DataSource, start: int, end: int) -> Table:
        self.landed(source)
        return self._homes.read(self._engine, [_records(source).declaration.source], start, end)

    def _conditions(self, counted: Counted, start: int, end: int) -> list[Condition]:
        terms = counted.only_while
        if terms is None:
            return []
        return [condition(self._engine, self._read(terms.source, start, end), terms, self._until)]

    def _complete_to(self, indicator: Indicator) -> int:
        """Up to when all that it is measured from is believed to be complete; -1 where nothing came."""
        assert isinstance(indicator.metric, Counted)
        sources = [indicator.source]
        if indicator.metric.only_while is not None:
            sources.append(indicator.metric.only_while.source)
        marks = [self.landed(source).watermark for source in sources]
        return min(self._until, *(-1 if mark is None else mark for mark in marks))


def pieces_of(cells: Sequence[Cell], hours: Calendar | None) -> Iterator[Piece]:
    """Each cell's time cut into what counts, the opening hours, and what does not."""
    for index, cell in enumerate(cells):
        whole = [(cell.start, cell.end)]
        opened = whole if hours is None else list(open_spans(hours, cell.start, cell.end))
        yield from (Piece(index, start, end) for start, end in opened)
        for start, end in without(whole, opened):
            yield Piece(index, start, end, counts=False, excluded_by=HOURS)


def _records(source: DataSource) -> Records:
    if not isinstance(source.connection, Records):
        raise MeasurementError(f"{source.name} has no files of records", "name a source of type records")
    return source.connection
