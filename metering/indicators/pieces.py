"""Which cell a moment belongs to, and whether it counts: found by an equality of buckets, whatever the engine.

A cell's time falls into pieces: counted, or not (outside the service hours, excluded). Pieces are cut at the multiples
of ``BUCKET_SECONDS``, so that the records of a bucket meet the few pieces of the same bucket and no others: a join by
inequality alone would compare everything with everything on an engine that has no special algorithm for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from metering.engine import Engine, Table, _, floor_div, greatest, least, literal

BUCKET_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Piece:
    """``[start, end)`` in seconds UTC of a cell, by the cell's index."""

    cell: int
    start: int
    end: int
    counts: bool = True

    @property
    def seconds(self) -> int:
        """How long it lasts."""
        return self.end - self.start


class Pieces:
    """The pieces of all cells, disjoint, for one engine. ``starts``: when each cell begins, seconds UTC."""

    def __init__(self, engine: Engine, starts: Sequence[int], pieces: Iterable[Piece]) -> None:
        self._engine = engine
        self._starts = starts
        self.pieces: Sequence[Piece] = tuple(pieces)

    def of_moments(self, records: Table, time: str, per_second: int) -> Table:
        """``records`` whose ``time`` (so many ``per_second``) lies in a piece: with ``cell``, its start, ``counts``."""
        if len(self.pieces) == 1:
            (piece,) = self.pieces
            moment = records[time]
            within = (moment >= piece.start * per_second) & (moment < piece.end * per_second)
            return records.filter(within).mutate(
                cell=literal(piece.cell, "int64"),
                cell_start=literal(self._starts[piece.cell], "int64"),
                counts=literal(piece.counts),
            )
        bucket = floor_div(records[time], BUCKET_SECONDS * per_second)
        joined = records.mutate(piece_bucket=bucket).join(self._cut(), "piece_bucket")
        moment = joined[time]
        within = (moment >= _.piece_start * per_second) & (moment < _.piece_end * per_second)
        return joined.filter(within).drop("piece_bucket", "piece_start", "piece_end")

    def of_spans(self, spans: Table, per_second: int = 1) -> Table:
        """``spans`` (``start``, ``end``: so many ``per_second``) cut to the pieces they meet, with ``cell`` and
        ``counts``."""
        pieces = self._whole()
        pieces = pieces.mutate(
            piece_start=pieces.piece_start * per_second, piece_end=pieces.piece_end * per_second
        )
        met = spans.join(pieces, (spans.start < pieces.piece_end) & (pieces.piece_start < spans.end))
        cut = met.mutate(
            start=greatest(met.start, met.piece_start),
            end=least(met.end, met.piece_end),
        )
        return cut.drop("piece_start", "piece_end")

    def counted_seconds(self) -> dict[int, int]:
        """By cell, the seconds that count."""
        found: dict[int, int] = {}
        for piece in self.pieces:
            found[piece.cell] = found.get(piece.cell, 0) + (piece.seconds if piece.counts else 0)
        return found

    def _whole(self) -> Table:
        return self._table([(each.start, each.end, each.cell, each.counts) for each in self.pieces])

    def _cut(self) -> Table:
        rows = []
        for piece in self.pieces:
            for bucket in range(piece.start // BUCKET_SECONDS, -(-piece.end // BUCKET_SECONDS)):
                start = max(piece.start, bucket * BUCKET_SECONDS)
                end = min(piece.end, (bucket + 1) * BUCKET_SECONDS)
                rows.append((start, end, piece.cell, piece.counts))
        table = self._table(rows)
        return table.mutate(piece_bucket=floor_div(table.piece_start, BUCKET_SECONDS))

    def _table(self, rows: Sequence[tuple[int, int, int, bool]]) -> Table:
        starts, ends, cells, counts = zip(*rows, strict=True) if rows else ((), (), (), ())
        columns = {
            "piece_start": pa.array(starts, pa.int64()),
            "piece_end": pa.array(ends, pa.int64()),
            "cell": pa.array(cells, pa.int64()),
            "cell_start": pa.array([self._starts[cell] for cell in cells], pa.int64()),
            "counts": pa.array(counts, pa.bool_()),
        }
        return self._engine.from_arrow(pa.table(columns))
