"""A frame of texts becomes a table of the kind, and a list of what was refused with the reason of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from metering.schemas import arrow_schema, arrow_type
from metering.unpacking.errors import OUT_OF_ORDER, Refusal
from metering.unpacking.frames import Frame
from metering.unpacking.readers import Read, Reader
from record.landing.declaration import Clock, Constant, Declaration, Text
from record.landing.kinds import MOST_TIME, Column, Type

_INSTANT = Column("time", Type.TIME_MS, most=MOST_TIME * 1_000 - 1, optional=True)
_NOTHING = Text("")


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that does not land: the line it begins in, why, what there was of it, and its residency tag, None if
    that could not be read."""

    line: int
    refusal: Refusal
    text: str
    region: str | None


class Typing:
    """How one declaration's frames get their types. ``now_seconds``: nothing comes from later."""

    def __init__(self, declaration: Declaration, now_seconds: int) -> None:
        self._kind = declaration.of_kind
        self._taken = {name: place for place, name in enumerate(declaration.taken)}
        self._columns: list[tuple[Column, Reader, int | None]] = []
        for column in self._kind.columns:
            how = declaration.columns.get(column.name, _NOTHING)
            place = None if isinstance(how, Constant) or how is _NOTHING else self._taken[how.column]
            # A constant is read from any text, nothing from none.
            self._columns.append((column, Reader(how, column, declaration.clock, now_seconds), place))
        self._constant = {name: "" for name, how in declaration.columns.items() if isinstance(how, Constant)}
        # What a record says of times to come (a planned end) may lie ahead of now: only their order counts.
        self._not_after = [
            tuple((time, Reader(time, _INSTANT, Clock(), MOST_TIME)) for time in pair)
            for pair in declaration.not_after
        ]

    def table(self, frame: Frame) -> tuple[Any, list[Refused]]:
        """The records of the frame that land, and the others."""
        rows = len(frame.lines)
        refusals: dict[int, Refusal] = {}
        values: dict[str, list[Read]] = {}
        for column, reader, place in self._columns:
            if place is None:
                values[column.name] = [reader[self._constant.get(column.name)]] * rows
            else:
                values[column.name] = reader.read_all(frame.columns[place])
            _note(values[column.name], refusals)
        self._check_order(frame, refusals)
        table = self._table(values, refusals)
        for place, refusal in self._contradictions(table, rows, refusals):
            refusals.setdefault(place, refusal)
        if len(refusals) > rows - table.num_rows:
            table = self._table(values, refusals)
        return table, self._refused(frame, values, refusals)

    def _table(self, values: dict[str, list[Read]], refusals: dict[int, Refusal]) -> Any:
        arrays = []
        for column, _, _ in self._columns:
            cells = values[column.name]
            if refusals:
                cells = [cell for place, cell in enumerate(cells) if place not in refusals]
            arrays.append(pa.array(cells, arrow_type(column.type)))
        return pa.table(arrays, schema=arrow_schema(self._kind))

    def _check_order(self, frame: Frame, refusals: dict[int, Refusal]) -> None:
        for (first, first_reader), (second, second_reader) in self._not_after:
            earlier = first_reader.read_all(frame.columns[self._taken[first.column]])
            later = second_reader.read_all(frame.columns[self._taken[second.column]])
            _note(earlier, refusals)
            _note(later, refusals)
            for place, (one, other) in enumerate(zip(earlier, later, strict=True)):
                if isinstance(one, int) and isinstance(other, int) and one > other:
                    detail = f"{first.column} is after {second.column}"
                    refusals.setdefault(place, Refusal(OUT_OF_ORDER, detail))

    def _contradictions(
        self, table: Any, rows: int, refusals: dict[int, Refusal]
    ) -> list[tuple[int, Refusal]]:
        """Records that contradict themselves, by their place in the frame."""
        wrong = []
        for first, second in self._kind.in_order:
            wrong.append((pc.greater(table[first], table[second]), f"{first} is more than {second}"))
        for first, second in self._kind.zero_unless:
            given = pc.and_(pc.not_equal(table[first], 0), pc.invert(table[second]))
            wrong.append((given, f"{first} is given, and {second} is false"))
        found: list[tuple[int, Refusal]] = []
        for marked, detail in wrong:
            if pc.any(marked).as_py():
                places = [place for place in range(rows) if place not in refusals]
                hits = pc.indices_nonzero(pc.fill_null(marked, False)).to_pylist()
                found += [(places[hit], Refusal(OUT_OF_ORDER, detail)) for hit in hits]
        return found

    def _refused(
        self, frame: Frame, values: dict[str, list[Read]], refusals: dict[int, Refusal]
    ) -> list[Refused]:
        regions = values["region"]
        refused = [Refused(line, refusal, text, None) for line, refusal, text in frame.refused]
        for place, refusal in sorted(refusals.items()):
            region = regions[place]
            known = region if isinstance(region, str) else None
            refused.append(Refused(frame.lines[place], refusal, frame.text(place), known))
        return refused


def _note(values: list[Read], refusals: dict[int, Refusal]) -> None:
    if Refusal in set(map(type, values)):
        for place, value in enumerate(values):
            if isinstance(value, Refusal):
                refusals.setdefault(place, value)
