"""Time cut at the cells' bounds: what lies before, within and after them, numbered in order.

A ticket is read at the end of each slot, for which its last row there is enough. Slots beyond what is known yet are
none: a cell ends when the records do.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from metering.attained import Question
from metering.engine import Column, Engine, Table, ifelse, literal


class Slots:
    """Slot n lies before the n-th bound, the first being 0."""

    def __init__(self, engine: Engine, question: Question) -> None:
        self._engine = engine
        known = [
            (number, cell.start, min(cell.end, question.until)) for number, cell in enumerate(question.cells)
        ]
        self._known = [each for each in known if each[1] < each[2]]
        self.bounds: Sequence[int] = sorted({bound for _, *both in self._known for bound in both})

    @property
    def end(self) -> int:
        """When the last slot ends; 0 if there is none."""
        return self.bounds[-1] if self.bounds else 0

    def of(self, time: Column) -> Column:
        """The slot that an instant lies in."""
        return place(time, self.bounds)

    @property
    def beyond(self) -> int:
        """More than the number of any slot."""
        return len(self.bounds) + 1

    def number(self, instant: int) -> int:
        """The same of one instant."""
        return sum(bound <= instant for bound in self.bounds)

    def cells(self) -> Table:
        """(slot, cell, slot_end) of those that are cells."""
        slots = [(self.number(start), cell, end) for cell, start, end in self._known]
        return self._engine.from_arrow(
            pa.table(
                {
                    name: pa.array([slot[place] for slot in slots], pa.int64())
                    for place, name in enumerate(("slot", "cell", "slot_end"))
                }
            )
        )

    def ends(self, time: Column, until: Column) -> Column:
        """Whether what holds from one instant to another (null: on and on) holds at the end of the first one's slot."""
        return until.isnull() | (self.of(time) != self.of(until))


def place(time: Column, bounds: Sequence[int], first: int = 0) -> Column:
    """How many of the bounds, in order, are not greater. By halves: an engine compares with a few of them only."""
    if not bounds:
        return literal(first, "int64")
    middle = len(bounds) // 2
    return ifelse(
        time < bounds[middle],
        place(time, bounds[:middle], first),
        place(time, bounds[middle + 1 :], first + middle + 1),
    )
