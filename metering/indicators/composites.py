"""A whole made of parts over time: the parts' spans from the engine, combined moment by moment.

What is excluded of a part is no evidence about it. Of the time in which some part is excluded, that counts in which the
whole is certainly good or bad all the same, and the rest is excluded: another part's outage is not forgiven because
this one rests, and an agreed rest costs nothing. What nobody knows of the remaining time is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import lcm

import pyarrow as pa

from metering.attained import Attained, Question, ratio
from metering.engine import Engine, Table, _
from metering.excluding import GROUP
from metering.indicators.pieces import Piece
from metering.indicators.states import held
from record.landing.kinds import DIMENSIONS
from record.terms.measures import CompositeUptime
from sla.agreement import PPM
from sla.apportioning import apportion
from sla.composite_spans import Moment, Span, TimeAttained, attained_over, moments, worst_of
from sla.composites import Component, components
from sla.span_sets import Window, merged, shared, without

Values = tuple[str, ...]
Told = Mapping[Component, Sequence[Span]]
Series = tuple[int, int]
"""A group of records, and when the first of them came."""


def composite(engine: Engine, records: Table, measure: CompositeUptime, question: Question) -> list[Attained]:
    """Counted are microseconds, or the parts of a second in which everything is whole where weights or several degraded
    parts ask for finer ones."""
    judging = _Judging(engine, records, measure, question)
    return [judging.answer(index, values) for index, values in judging.asked()]


def explained(engine: Engine, records: Table, measure: CompositeUptime, question: Question) -> Table:
    """Each part in each stretch of time in which nothing changed: its ``level``, how much of the whole was certainly
    good and bad then (ppm, floored), and the ``fault`` it bears in microseconds; those of a cell add up to the
    answer's."""
    judging = _Judging(engine, records, measure, question)
    rows = [row for index, values in judging.asked() for row in judging.rows(index, values)]
    texts = ("verdict", "excluded_by", "part", "source")
    names = ("cell", *texts, "start", "end", "level", "whole_good", "whole_bad", "fault")
    columns = {
        name: pa.array([row[name] for row in rows], pa.string() if name in texts else pa.int64())
        for name in names
    }
    return engine.from_arrow(pa.table(columns))


class _Judging:
    """What the engine says of the parts, by cell and combination of dimensions."""

    def __init__(self, engine: Engine, records: Table, measure: CompositeUptime, question: Question) -> None:
        self._measure = measure
        self._question = question
        self._components = {one.name: one for one in components(measure.whole)}
        told = records.filter(records[measure.parts_by].isin(list(self._components)))
        spans = held(told, measure.levels, measure.holds_for_seconds, question.until)
        cut = question.pieces.of_spans(spans.mutate(part=spans[measure.parts_by]))
        columns = ["cell", "start", "end", "level", "counts", "part", *question.dimensions]
        self._spans: dict[tuple[int, Values], dict[Component, list[Span]]] = {}
        for row in engine.collect(cut.select(*columns)).to_pylist():
            of = self._spans.setdefault((row["cell"], self._values(row)), {})
            if row["counts"]:
                span = Span(row["start"], row["end"], row["level"])
                of.setdefault(self._components[row["part"]], []).append(span)
        self._series: dict[tuple[Values, Component], list[Series]] = {}
        keys = dict.fromkeys([measure.parts_by, *DIMENSIONS])
        first = question.grouped(told.group_by(list(keys)).agg(first=_.time.min()))
        for row in engine.collect(first).to_pylist():
            key = self._values(row), self._components[row[measure.parts_by]]
            self._series.setdefault(key, []).append((row[GROUP], row["first"]))
        self._uncounted = cache(self._uncounted_of)

    def asked(self) -> list[tuple[int, Values]]:
        """The cells by their index with their dimensions, in order: all cells where no dimension is asked for."""
        if not self._question.dimensions:
            return [(index, ()) for index in range(len(self._question.cells))]
        return sorted(self._spans)

    def answer(self, index: int, values: Values) -> Attained:
        counted, excused = self._attained(index, values)
        whole = counted + excused
        known = whole.good + whole.bad
        parts = lcm(
            PPM, *(each.denominator for each in (whole.good, known, counted.unknown, excused.unknown))
        )
        found = ratio(
            self._question.cells[index],
            self._dimension(values),
            int(whole.good * parts),
            int(known * parts),
            excluded=int(excused.unknown * parts),
            missing=int(counted.unknown * parts),
            counts="microseconds" if parts == PPM else f"seconds in {parts} parts",
            minimum_known_ppm=self._question.minimum_known_ppm,
        )
        return replace(found, faults=_by_name(whole))

    def rows(self, index: int, values: Values) -> Iterator[dict[str, int | str | None]]:
        told, away = self._told(index, values), self._away(index, values)
        cell = self._question.cells[index]
        edges = {cell.start, cell.end, *(edge for one in away for edge in one.edges)}
        cuts = sorted(edge for edge in edges if cell.start <= edge <= cell.end)
        found = list(moments(self._measure.whole, told, list(pairwise(cuts))))
        faults = _shared_out(_by_name(sum(self._attained(index, values), _NONE)), found)
        for place, moment in enumerate(found):
            for component, level, left_out in zip(
                self._components.values(), moment.levels_ppm, away, strict=True
            ):
                cause = left_out.cause(moment.start)
                yield {
                    "cell": index,
                    "verdict": _verdict(level, cause is not None),
                    "excluded_by": cause or "",
                    "part": component.name,
                    "source": str(component.source),
                    "start": moment.start,
                    "end": moment.end,
                    "level": level,
                    "whole_good": int(moment.verdict.level.good * PPM),
                    "whole_bad": int(moment.verdict.level.bad * PPM),
                    "fault": faults.get((component.name, place), 0),
                }

    def _attained(self, index: int, values: Values) -> tuple[TimeAttained, TimeAttained]:
        """In the time in which every part counts, and in that in which some part is excluded."""
        cell = self._question.cells[index]
        told = self._told(index, values)
        excused = merged(span for one in self._away(index, values) for span in one.spans)
        windows = without([(cell.start, cell.end)], excused)
        return (
            attained_over(self._measure.whole, told, windows),
            attained_over(self._measure.whole, told, excused),
        )

    def _told(self, index: int, values: Values) -> Told:
        found = self._spans.get((index, values), {})
        return {component: worst_of(found.get(component, ())) for component in self._components.values()}

    def _away(self, index: int, values: Values) -> list[_Away]:
        """Of each part, the time of a cell in which nothing of it counts: all series of it are excluded."""
        return [self._away_of(index, values, component) for component in self._components.values()]

    def _away_of(self, index: int, values: Values, component: Component) -> _Away:
        end = self._question.cells[index].end
        series = self._series.get((values, component), ())
        groups = sorted({group for group, first in series if first < end})
        if not groups:
            named = {"component": component.name} if self._measure.parts_by == "component" else {}
            groups = [self._question.pieces.group_of({**named, **self._dimension(values)})]
        pieces = [self._uncounted(group).get(index, []) for group in groups]
        spans = merged((each.start, each.end) for each in pieces[0])
        for others in pieces[1:]:
            spans = shared(spans, [(each.start, each.end) for each in others])
        return _Away(spans, pieces[0])

    def _uncounted_of(self, group: int) -> dict[int, list[Piece]]:
        found: dict[int, list[Piece]] = {}
        for piece in self._question.pieces.of(group):
            if not piece.counts:
                found.setdefault(piece.cell, []).append(piece)
        return found

    def _dimension(self, values: Values) -> dict[str, str]:
        return dict(zip(self._question.dimensions, values, strict=True))

    def _values(self, row: Mapping[str, str]) -> Values:
        return tuple(row[name] for name in self._question.dimensions)


@dataclass(frozen=True, slots=True)
class _Away:
    """The time of a cell in which nothing of a part counts, and the pieces that say why."""

    spans: Sequence[Window]
    pieces: Sequence[Piece]

    @property
    def edges(self) -> Iterator[int]:
        """Where something may change."""
        yield from (edge for span in self.spans for edge in span)
        yield from (edge for piece in self.pieces for edge in (piece.start, piece.end))

    def cause(self, instant: int) -> str | None:
        """What the second is excluded by; None if something of it counts."""
        if not any(start <= instant < end for start, end in self.spans):
            return None
        return next(each.excluded_by for each in self.pieces if each.start <= instant < each.end)


_NONE = TimeAttained(Fraction(0), Fraction(0), Fraction(0), ())


def _by_name(attained: TimeAttained) -> dict[str, int]:
    return {component.name: fault for component, fault in attained.apportioned().items() if fault}


def _shared_out(faults: Mapping[str, int], found: Sequence[Moment]) -> dict[tuple[str, int], int]:
    """Each component's fault among the moments, by their places, so that it adds up."""
    shares: dict[str, dict[int, Fraction]] = {}
    for place, moment in enumerate(found):
        for component, fault in moment.verdict.faults.items():
            shares.setdefault(component.name, {})[place] = (moment.end - moment.start) * fault
    return {
        (name, place): part
        for name, total in faults.items()
        for place, part in apportion(total, shares[name]).items()
    }


def _verdict(level: int | None, is_excluded: bool) -> str:
    if level is None:
        return "excluded" if is_excluded else "missing"
    return {PPM: "good", 0: "bad"}.get(level, "partial")
