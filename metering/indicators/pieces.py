"""Which cell a moment belongs to, and whether it counts: found by an equality of buckets, whatever the engine.

A cell's time falls into pieces: counted, or not (outside the service hours, excluded). Where exclusions concern some
records only, each group of records has pieces of its own (``metering.excluding``). Pieces are cut at the multiples of
a bucket, ``BUCKET_SECONDS`` or more, so that the records of a bucket meet the few pieces of the same bucket and no
others: a join by inequality alone would compare everything with everything on an engine that has no special algorithm
for it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd

import pyarrow as pa

from metering.engine import Engine, Table, _, greatest, least, literal, whole_div
from metering.excluding import GROUP, Excluding
from sla.exclusions import Excluded
from sla.span_sets import Window, without

BUCKET_SECONDS = 900

HOURS = "hours"
"""Why time outside the service hours does not count."""


@dataclass(frozen=True, slots=True)
class Piece:
    """``[start, end)`` in seconds UTC of a cell, by the cell's index. What does not count is ``excluded_by`` the hours,
    an exclusion's id or a condition; "" where nobody said."""

    cell: int
    start: int
    end: int
    counts: bool = True
    excluded_by: str = ""

    @property
    def seconds(self) -> int:
        """How long it lasts."""
        return self.end - self.start


class Pieces:
    """The pieces of all cells, disjoint, for one engine. ``starts``: when each cell begins, seconds UTC. ``pieces``:
    the cells' time by the service hours, of which ``excluding`` takes away."""

    def __init__(
        self,
        engine: Engine,
        starts: Sequence[int],
        pieces: Iterable[Piece],
        excluding: Excluding | None = None,
    ) -> None:
        self._engine = engine
        self._starts = starts
        self._hours = tuple(pieces)
        self._excluding = excluding or Excluding()
        self._cut_of: dict[int, tuple[Piece, ...]] = {}

    @property
    def pieces(self) -> Sequence[Piece]:
        """Those of the whole."""
        return self.of(0)

    def of(self, group: int) -> Sequence[Piece]:
        """Those of a group of records."""
        if group not in self._cut_of:
            excluded = self._excluding.trace(group).excluded
            starts = [each.start for each in excluded]
            self._cut_of[group] = tuple(
                part for piece in self._hours for part in _without(piece, excluded, starts)
            )
        return self._cut_of[group]

    @property
    def only_cell(self) -> int | None:
        """The one cell, where all the time is one piece of it for all records."""
        groups = self._excluding.groups
        only = len(groups) == 1 and len(self.of(groups[0])) == 1
        return self.of(groups[0])[0].cell if only else None

    @property
    def is_whole(self) -> bool:
        """Whether everything counts, of all records."""
        return all(piece.counts for group in self._excluding.groups for piece in self.of(group))

    @property
    def all_count(self) -> bool:
        """Whether no piece is there that does not count."""
        return all(piece.counts for group in self._excluding.groups for piece in self.of(group))

    def group_of(self, dimensions: Mapping[str, str]) -> int:
        """The group of all that is measured and has these dimensions."""
        return self._excluding.group_of(dimensions)

    def grouped(self, records: Table) -> Table:
        """The records, which have all their dimensions, with their ``exclusion_group``."""
        return self._excluding.grouped(records)

    def excluded(self) -> dict[int, tuple[Window, ...]]:
        """By group of records, the time that is excluded, within the service hours or not: also what lies before the
        cells, as far back as records matter."""
        return {group: self._excluding.trace(group).spans() for group in self._excluding.groups}

    def of_moments(self, records: Table, time: str, per_second: int) -> Table:
        """``records`` whose ``time`` (so many ``per_second``) lies in a piece: with ``cell``, its start, ``counts`` and
        ``excluded_by``. They have all their dimensions, unless nothing is excluded."""
        cell = self.only_cell
        if cell is not None:
            (piece,) = self.of(self._excluding.groups[0])
            moment = records[time]
            within = (moment >= piece.start * per_second) & (moment < piece.end * per_second)
            return records.filter(within).mutate(
                cell=literal(cell, "int64"),
                cell_start=literal(self._starts[cell], "int64"),
                counts=literal(piece.counts),
                excluded_by=literal(piece.excluded_by),
            )
        bucket = whole_div(records[time], self._bucket * per_second)
        if len(self._excluding.groups) == 1:
            joined = records.mutate(piece_bucket=bucket).join(self._cut(), "piece_bucket")
        else:
            bucketed = self.grouped(records).mutate(piece_bucket=bucket)
            joined = bucketed.join(self._cut(), ["piece_bucket", GROUP])
        if self._fill_their_buckets:
            return joined.drop("piece_bucket", "piece_start", "piece_end", GROUP)
        moment = joined[time]
        within = (moment >= _.piece_start * per_second) & (moment < _.piece_end * per_second)
        return joined.filter(within).drop("piece_bucket", "piece_start", "piece_end", GROUP)

    def of_spans(self, spans: Table, per_second: int = 1) -> Table:
        """``spans`` (``start``, ``end``: so many ``per_second``) cut to the pieces they meet, with ``cell``, ``counts``
        and ``excluded_by``. They have all their dimensions, unless nothing is excluded."""
        pieces = self._whole()
        pieces = pieces.mutate(
            piece_start=pieces.piece_start * per_second, piece_end=pieces.piece_end * per_second
        )
        grouped = self.grouped(spans).rename(span_group=GROUP)
        met = grouped.join(
            pieces,
            (grouped.span_group == pieces[GROUP])
            & (grouped.start < pieces.piece_end)
            & (pieces.piece_start < grouped.end),
        )
        cut = met.mutate(
            start=greatest(met.start, met.piece_start),
            end=least(met.end, met.piece_end),
        )
        return cut.drop("piece_start", "piece_end", "span_group", GROUP)

    def counted_seconds(self, group: int = 0) -> dict[int, int]:
        """By cell, the seconds of a group that count."""
        found: dict[int, int] = {}
        for piece in self.of(group):
            found[piece.cell] = found.get(piece.cell, 0) + (piece.seconds if piece.counts else 0)
        return found

    @cached_property
    def _common(self) -> int:
        """The largest number of seconds of which all bounds of pieces are multiples."""
        pieces = [piece for group in self._excluding.groups for piece in self.of(group)]
        return gcd(*(bound for piece in pieces for bound in (piece.start, piece.end)))

    @property
    def _fill_their_buckets(self) -> bool:
        """Whether no piece begins or ends within a bucket: then the bucket alone tells of which piece a record is."""
        return self._common % self._bucket == 0

    @property
    def _bucket(self) -> int:
        """The seconds of a bucket: as long as the pieces allow, and ``BUCKET_SECONDS`` at least."""
        return max(self._common, BUCKET_SECONDS)

    def _whole(self) -> Table:
        return self._table([(group, each) for group in self._excluding.groups for each in self.of(group)])

    def _cut(self) -> Table:
        rows = []
        for group in self._excluding.groups:
            for piece in self.of(group):
                for bucket in range(piece.start // self._bucket, -(-piece.end // self._bucket)):
                    start = max(piece.start, bucket * self._bucket)
                    end = min(piece.end, (bucket + 1) * self._bucket)
                    rows.append((group, replace(piece, start=start, end=end)))
        table = self._table(rows)
        return table.mutate(piece_bucket=whole_div(table.piece_start, self._bucket))

    def _table(self, rows: Sequence[tuple[int, Piece]]) -> Table:
        columns = {
            GROUP: pa.array([group for group, _piece in rows], pa.int64()),
            "piece_start": pa.array([each.start for _group, each in rows], pa.int64()),
            "piece_end": pa.array([each.end for _group, each in rows], pa.int64()),
            "cell": pa.array([each.cell for _group, each in rows], pa.int64()),
            "cell_start": pa.array([self._starts[each.cell] for _group, each in rows], pa.int64()),
            "counts": pa.array([each.counts for _group, each in rows], pa.bool_()),
            "excluded_by": pa.array([each.excluded_by for _group, each in rows], pa.string()),
        }
        return self._engine.from_arrow(pa.table(columns))


def _without(piece: Piece, excluded: Sequence[Excluded], starts: Sequence[int]) -> Iterator[Piece]:
    """The piece, cut where something of it is excluded. ``starts``: those of ``excluded``, which is in order."""
    first = max(0, bisect_right(starts, piece.start) - 1)
    last = bisect_left(starts, piece.end)
    touching = [each for each in excluded[first:last] if piece.start < each.end]
    if not piece.counts or not touching:
        yield piece
        return
    left = without([(piece.start, piece.end)], [(each.start, each.end) for each in touching])
    parts = [Piece(piece.cell, start, end) for start, end in left]
    parts += [
        Piece(piece.cell, max(piece.start, each.start), min(piece.end, each.end), False, each.id)
        for each in touching
    ]
    yield from sorted(parts, key=lambda part: part.start)
