"""How one obligation is measured: its source, and how what it gives becomes an attainment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from metering.attain import Attainment, attained, attained_by_readings, attained_by_time
from metering.readings import Reading
from metering.samples import Sample
from metering.spans import Span
from record.terms.ratios import Ratio, ValueRatio


class Meter(Protocol):
    """Measures one obligation."""

    def attained(self, start: int, end: int) -> Attainment:
        """What was attained in ``[start, end)``, seconds UTC; MeasurementError when the source cannot be read."""


class Samples(Protocol):
    """A source of samples."""

    def samples(self, start_ms: int, end_ms: int) -> Sequence[Sample]:
        """All samples of ``[start_ms, end_ms)``, milliseconds UTC; MeasurementError when it cannot be read."""


class Readings(Protocol):
    """A source of readings."""

    def readings(self, start_ms: int, end_ms: int) -> Sequence[Reading]:
        """All readings of ``[start_ms, end_ms)``, milliseconds UTC; MeasurementError when it cannot be read."""


class Spans(Protocol):
    """A source of spans."""

    def spans(self, start_ms: int, end_ms: int) -> Sequence[Span]:
        """All that is known of ``[start_ms, end_ms)``, milliseconds UTC; MeasurementError when it cannot be read."""


@dataclass(frozen=True, slots=True)
class SampleMeter:
    """Good per known samples. ``interval_ms`` is that of the probe; None for recorded samples."""

    source: Samples
    ratio: Ratio
    interval_ms: int | None

    def attained(self, start: int, end: int) -> Attainment:
        """See ``Meter``."""
        return attained(
            self.source.samples(start * 1_000, end * 1_000), self.ratio, start, end, self.interval_ms
        )


@dataclass(frozen=True, slots=True)
class ReadingMeter:
    """Good per known readings: those that meet the limit."""

    source: Readings
    ratio: ValueRatio
    interval_ms: int

    def attained(self, start: int, end: int) -> Attainment:
        """See ``Meter``."""
        readings = self.source.readings(start * 1_000, end * 1_000)
        return attained_by_readings(readings, self.ratio.is_good, start, end, self.interval_ms)


@dataclass(frozen=True, slots=True)
class QueryMeter:
    """Good per known answers of a query: 1 is good, 0 is bad, and the source gives nothing else."""

    source: Readings
    interval_ms: int

    def attained(self, start: int, end: int) -> Attainment:
        """See ``Meter``."""
        readings = self.source.readings(start * 1_000, end * 1_000)
        return attained_by_readings(readings, _is_one, start, end, self.interval_ms)


@dataclass(frozen=True, slots=True)
class TimeMeter:
    """Good per known time."""

    source: Spans

    def attained(self, start: int, end: int) -> Attainment:
        """See ``Meter``."""
        return attained_by_time(self.source.spans(start * 1_000, end * 1_000), start, end)


def _is_one(value: Decimal) -> bool:
    return value == 1
