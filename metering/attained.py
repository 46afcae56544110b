"""What is asked of records, and what comes of it: one answer for every cell and combination of dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metering.cells import Cell
from metering.engine import Engine, Table
from metering.indicators.pieces import Pieces
from record.terms.measures import MINIMUM_KNOWN_PPM as MINIMUM_KNOWN_PPM
from sla.agreement import PPM
from sla.span_sets import Window

Row = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Attained:
    """What was attained in a cell by one combination of dimensions.

    ``attained`` is in the indicator's unit, ppm for ratios, floored; None where too little is known. Of what counts
    ``numerator`` of ``denominator`` was good; ``excluded`` does not count, ``missing`` was due and is not known. The
    four are numbers of what ``counts`` names: requests, microseconds. ``complete``: whether the watermark of what it
    was measured from has passed the cell's end; else more may still come. ``faults``: of a composite, the microseconds
    it fell short by, rounded up, among the components at fault.
    """

    cell: Cell
    dimension: Mapping[str, str]
    attained: int | None
    numerator: int
    denominator: int
    excluded: int
    missing: int
    counts: str
    complete: bool = False
    faults: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the records of one obligation.

    ``until``: when the records end, seconds UTC: a cell is judged by what was known at its end, or then if that is
    earlier. ``dimensions``: by which the answers are told apart. ``minimum_known_ppm``: with less of what was due
    known, nothing is said.
    """

    cells: Sequence[Cell]
    pieces: Pieces
    dimensions: Sequence[str]
    until: int
    minimum_known_ppm: int = MINIMUM_KNOWN_PPM

    @property
    def excluded(self) -> Mapping[int, tuple[Window, ...]]:
        """By ``exclusion_group`` of the records (``grouped``), the time in which no clock runs for them."""
        return self.pieces.excluded()

    def grouped(self, records: Table) -> Table:
        """The records, which have all their dimensions, with their ``exclusion_group``."""
        return self.pieces.grouped(records)


Finish = Callable[[int, Mapping[str, str], Row], Attained]
"""Makes an answer of a cell's index, a combination of dimensions and the engine's numbers."""


def answers(engine: Engine, expression: Table, question: Question, finish: Finish) -> list[Attained]:
    """The rows of an expression (``cell``, the dimensions, whole numbers) as answers, in the order of cells and
    dimensions. Numbers that are null are 0. Where no dimension is asked for, every cell has an answer."""
    return answered(engine.collect(expression).to_pylist(), question, finish)


def answered(rows: list[dict[str, Any]], question: Question, finish: Finish) -> list[Attained]:
    """The same of rows that were collected before."""
    if not question.dimensions:
        seen = {row["cell"] for row in rows}
        rows = rows + [{"cell": cell} for cell in range(len(question.cells)) if cell not in seen]
    found = []
    for row in sorted(rows, key=lambda row: [row["cell"], *(row[name] for name in question.dimensions)]):
        dimension = {name: row[name] for name in question.dimensions}
        found.append(finish(int(row["cell"]), dimension, _Numbers(row)))
    return found


class _Numbers(dict[str, int]):
    """A row's numbers; what the engine did not say is 0."""

    def __init__(self, row: Mapping[str, object]) -> None:
        super().__init__(dict(_whole(row.items())))

    def __missing__(self, name: str) -> int:
        return 0


def _whole(items: Iterable[tuple[str, object]]) -> Iterable[tuple[str, int]]:
    for name, value in items:
        if value is not None and not isinstance(value, str):
            yield name, int(value)  # type: ignore[call-overload]


def ratio(
    cell: Cell,
    dimension: Mapping[str, str],
    numerator: int,
    denominator: int,
    *,
    excluded: int,
    missing: int,
    counts: str,
    minimum_known_ppm: int = MINIMUM_KNOWN_PPM,
) -> Attained:
    """``numerator`` per ``denominator`` in ppm, floored; None when less than the minimum of what was due is known."""
    known = denominator > 0 and denominator * PPM >= (denominator + missing) * minimum_known_ppm
    value = numerator * PPM // denominator if known else None
    return Attained(cell, dimension, value, numerator, denominator, excluded, missing, counts)
