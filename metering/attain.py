"""From what was measured in a period to its attainment, with everything needed to explain it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from metering.readings import Reading
from metering.samples import Sample
from metering.spans import Span
from record import canonical
from record.keccak import keccak256
from record.terms.ratios import Ratio
from sla.agreement import PPM

MINIMUM_KNOWN_PPM = 500_000
"""With fewer than half of the expected samples known, the attainment is unknown: a node that slept through most of a
period must not judge it by the rest."""

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
    return _attainment(
        good=sum(sample.is_good(ratio) for sample in within),
        counted=sum(sample.known for sample in within),
        expected=len(within) if interval_ms is None else _ticks(start, end, interval_ms),
        evidence=evidence(within, start, end),
    )


def attained_by_readings(
    readings: Iterable[Reading], is_good: Callable[[Decimal], bool], start: int, end: int, interval_ms: int
) -> Attainment:
    """Good per known readings in ``[start, end)``, seconds UTC, as for samples."""
    within = [reading for reading in readings if start * 1_000 <= reading.time_ms < end * 1_000]
    known = [number for reading in within if (number := reading.number) is not None]
    rows: list[canonical.Json] = [
        [reading.time_ms, reading.value] for reading in sorted(within, key=lambda reading: reading.time_ms)
    ]
    return _attainment(
        good=sum(is_good(number) for number in known),
        counted=len(known),
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
    rows: list[canonical.Json] = [[span.start_ms, span.end_ms, span.good] for span in within]
    return _attainment(
        good=sum(span.length_ms for span in within if span.good),
        counted=sum(span.length_ms for span in within),
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


def _attainment(good: int, counted: int, expected: int, evidence: bytes) -> Attainment:
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
