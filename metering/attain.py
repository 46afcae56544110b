"""From what was measured in a period to its attainment, with everything needed to explain it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TypeAlias

import pyarrow as pa

from metering.attained import MINIMUM_KNOWN_PPM
from metering.engine import Table, open_engine
from metering.indicators.pieces import Piece, Pieces
from metering.indicators.requests import good_requests
from metering.indicators.states import up_time
from metering.readings import Reading
from metering.samples import Sample
from metering.spans import Span
from record import canonical
from record.keccak import keccak256
from record.terms.ratios import Ratio
from sla.agreement import PPM

Columns: TypeAlias = Mapping[str, Sequence[int | bool]]

EVIDENCE_FORMAT = "makegood-samples/1"
READINGS_FORMAT = "makegood-readings/1"
SPANS_FORMAT = "makegood-spans/1"


@dataclass(frozen=True, slots=True)
class Attainment:
    """What was attained in one period. ``attained`` is in parts per million, floored, and 0 when not ``known``.

    ``good`` of ``counted`` known samples or readings were good; ``expected`` were due; ``evidence`` is the hash of all
    that was read. Where time is measured the three are milliseconds.
    """

    known: bool
    attained: int
    good: int
    counted: int
    expected: int
    evidence: bytes

    @property
    def missing(self) -> int:
        """What was due and is not known."""
        return max(0, self.expected - self.counted)


def attained(
    samples: Iterable[Sample], ratio: Ratio, start: int, end: int, interval_ms: int | None = None
) -> Attainment:
    """Good per known samples in ``[start, end)``, seconds UTC: ``good * 1_000_000 // known``.

    ``interval_ms`` says how many samples are due; without it those that came were. Of 1 000 known samples 999 good
    are 999 000 ppm; 1 999 of 2 001 are 999 000 (floored).
    """
    within = [sample for sample in samples if start * 1_000 <= sample.time_ms < end * 1_000]
    columns: Columns = {
        "time_ms": [sample.time_ms for sample in within],
        "known": [sample.known for sample in within],
        "status": [sample.status for sample in within],
        "latency_us": [sample.latency_us for sample in within],
    }
    return _attainment(
        _evaluated(columns, partial(good_requests, good=ratio), start, end),
        expected=len(within) if interval_ms is None else _ticks(start, end, interval_ms),
        evidence=evidence(within, start, end),
    )


def attained_by_readings(
    readings: Iterable[Reading], is_good: Callable[[Decimal], bool], start: int, end: int, interval_ms: int
) -> Attainment:
    """Good per known readings in ``[start, end)``, seconds UTC, as for samples."""
    within = [reading for reading in readings if start * 1_000 <= reading.time_ms < end * 1_000]
    known = [(reading.time_ms, number) for reading in within if (number := reading.number) is not None]
    columns: Columns = {
        "time_ms": [time_ms for time_ms, _ in known],
        "good": [int(is_good(number)) for _, number in known],
        "total": [1] * len(known),
    }
    rows: list[canonical.Json] = [
        [reading.time_ms, reading.value] for reading in sorted(within, key=lambda reading: reading.time_ms)
    ]
    return _attainment(
        _evaluated(columns, partial(good_requests, good=None), start, end),
        expected=_ticks(start, end, interval_ms),
        evidence=canonical.dumps({"format": READINGS_FORMAT, "start": start, "end": end, "readings": rows}),
    )


def attained_by_time(spans: Iterable[Span], start: int, end: int) -> Attainment:
    """Good per known time in ``[start, end)``, seconds UTC; the numbers of the attainment are milliseconds.

    ``spans`` do not overlap; what reaches beyond the period is cut off. Of a day, 86 400 000 ms, all known and 36
    minutes of it bad, 975 000 ppm are attained.
    """
    cut = [
        Span(max(span.start_ms, start * 1_000), min(span.end_ms, end * 1_000), span.good) for span in spans
    ]
    within = sorted((span for span in cut if span.length_ms > 0), key=lambda span: span.start_ms)
    columns: Columns = {
        "start": [span.start_ms for span in within],
        "end": [span.end_ms for span in within],
        "level": [PPM if span.good else 0 for span in within],
    }
    rows: list[canonical.Json] = [[span.start_ms, span.end_ms, span.good] for span in within]
    return _attainment(
        _evaluated(columns, partial(up_time, per_second=1_000), start, end, PPM),
        expected=(end - start) * 1_000,
        evidence=canonical.dumps({"format": SPANS_FORMAT, "start": start, "end": end, "spans": rows}),
    )


def evidence(samples: Sequence[Sample], start: int, end: int) -> bytes:
    """The canonical JSON of a period's samples, in the order of their ticks; its hash goes into the observation.

    A sample is ``[time_ms, known, status, latency_us]``; a reading ``[time_ms, value]``, null when nothing is known; a
    span ``[start_ms, end_ms, good]``.
    """
    rows: list[canonical.Json] = [
        [sample.time_ms, sample.known, sample.status, sample.latency_us]
        for sample in sorted(samples, key=lambda sample: sample.time_ms)
    ]
    return canonical.dumps({"format": EVIDENCE_FORMAT, "start": start, "end": end, "samples": rows})


def _evaluated(
    columns: Columns, expression: Callable[..., Table], start: int, end: int, each: int = 1
) -> tuple[int, int]:
    """(good, known), by the same expressions as records in files; each of those counts ``each``."""
    types = {"known": pa.bool_()}
    arrays = {name: pa.array(column, types.get(name, pa.int64())) for name, column in columns.items()}
    with open_engine(threads=1) as engine:
        pieces = Pieces(engine, [start], [Piece(0, start, end)])
        records = engine.from_arrow(pa.table(arrays))
        rows = engine.collect(expression(records, pieces=pieces, dimensions=())).to_pylist()
    numbers = (rows[0][name] if rows else 0 for name in ("numerator", "denominator"))
    good, known = (int(number or 0) // each for number in numbers)
    return good, known


def _attainment(numbers: tuple[int, int], expected: int, evidence: bytes) -> Attainment:
    good, counted = numbers
    known = counted > 0 and counted * PPM >= expected * MINIMUM_KNOWN_PPM
    return Attainment(
        known=known,
        attained=good * PPM // counted if known else 0,
        good=good,
        counted=counted,
        expected=expected,
        evidence=keccak256(evidence),
    )


def _ticks(start: int, end: int, interval_ms: int) -> int:
    return max(1, (end - start) * 1_000 // interval_ms)
