"""Dates on a zone's clocks, for engines: which one an instant is of, found by an equality of days."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa

from metering.engine import Engine, Table, floor_div
from metering.excluding import GROUP
from record.terms.measures.days import Dates
from sla.civil import DAY, date_from_days
from sla.span_sets import Window, without
from sla.zones import stretches

Columns = Mapping[str, Sequence[int | None]]


@dataclass(frozen=True, slots=True)
class Date:
    """``day``: days since 1970-01-01 on the zone's clocks; ``[start, end)`` in seconds UTC."""

    day: int
    start: int
    end: int

    @property
    def text(self) -> str:
        """As in 2027-04-01."""
        return "{:04d}-{:02d}-{:02d}".format(*date_from_days(self.day))


def dates_within(zone: str, start: int, end: int) -> Iterator[Date]:
    """The dates that have a second of ``[start, end)``. A date that clocks show again, put back at midnight, belongs
    to the next one then: dates never go back."""
    first: dict[int, int] = {}
    latest = -1
    for since, until, offset in stretches(zone, start - 3 * DAY, end + 3 * DAY):
        for day in range((since + offset) // DAY, (until - 1 + offset) // DAY + 1):
            if day > latest or not first:
                first[day], latest = max(since, day * DAY - offset), day
    beginnings = [*first.items(), (0, end + 3 * DAY)]
    for (day, begins), (_, ends) in pairwise(beginnings):
        if begins < end and ends > start:
            yield Date(day, begins, ends)


class DateTable:
    """The dates of ``[start, end)``, and by group of records those of which every second is excluded."""

    def __init__(
        self,
        engine: Engine,
        dates: Dates,
        start: int,
        end: int,
        excluded: Mapping[int, Sequence[Window]],
    ) -> None:
        self._engine = engine
        self._business = dates.is_business
        self.dates = tuple(dates_within(dates.zone, start, end))
        self.groups = tuple(sorted(excluded)) or (0,)
        self._gone = {
            group: frozenset(one.day for one in self.dates if windows and _is_within(one, windows))
            for group, windows in excluded.items()
        }

    def is_gone(self, one: Date, group: int) -> bool:
        """Whether no second of the date counts for the group."""
        return one.day in self._gone.get(group, ())

    def is_of(self, one: Date, business: bool) -> bool:
        """Whether the date is a business day, or may be any."""
        return not business or self._business(one.day)

    def numbers(self, counts: Callable[[Date], bool]) -> list[int]:
        """By date, how many up to it count, itself included."""
        found, number = [], 0
        for one in self.dates:
            number += counts(one)
            found.append(number)
        return found

    def counted(self, group: int, business: bool) -> list[int]:
        """By date, how many days up to it count for the group, itself included."""
        return self.numbers(lambda one: self.is_of(one, business) and not self.is_gone(one, group))

    def after(self, group: int, business: bool, number: int) -> list[int | None]:
        """By date, the place of the one on which so many have followed it; None where that is beyond the table. A date
        that is gone does not follow, nor is one ever arrived at."""
        counted = self.counted(group, business)
        first_with: dict[int, int] = {}
        for place, count in enumerate(counted):
            first_with.setdefault(count, place)
        found: list[int | None] = []
        for place, count in enumerate(counted):
            there = place if number == 0 else first_with.get(count + number)
            while there is not None and self.is_gone(self.dates[there], group):
                there = there + 1 if there + 1 < len(self.dates) else None
            found.append(there)
        return found

    def joined(self, records: Table, time: str, by_group: Mapping[int, Columns]) -> Table:
        """The records, which have an ``exclusion_group``, with the columns of the date that ``time`` (seconds) lies in.
        Those outside the table, or where the first column is None, are left out."""
        rows: dict[str, list[int]] = {"date_bucket": [], "date_start": [], "date_end": [], GROUP: []}
        for group, columns in by_group.items():
            names = list(columns)
            for place, one in enumerate(self.dates):
                if columns[names[0]][place] is None:
                    continue
                for bucket in range(one.start // DAY, (one.end - 1) // DAY + 1):
                    cells = {
                        "date_bucket": bucket,
                        "date_start": one.start,
                        "date_end": one.end,
                        GROUP: group,
                    }
                    cells |= {name: columns[name][place] or 0 for name in names}
                    for name, cell in cells.items():
                        rows.setdefault(name, []).append(cell)
        names = list(next(iter(by_group.values())))
        table = self._engine.from_arrow(
            pa.table({name: pa.array(rows.get(name, []), pa.int64()) for name in [*list(rows)[:4], *names]})
        )
        bucketed = records.mutate(date_bucket=floor_div(records[time], DAY))
        joined = bucketed.join(table, ["date_bucket", GROUP])
        within = (joined[time] >= joined.date_start) & (joined[time] < joined.date_end)
        return joined.filter(within).drop("date_bucket", "date_start", "date_end")


def _is_within(one: Date, windows: Sequence[Window]) -> bool:
    touching = [window for window in windows if window[0] < one.end and one.start < window[1]]
    return not without([(one.start, one.end)], touching)
