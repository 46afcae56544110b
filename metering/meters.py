"""How one obligation is measured: its source, and how what it gives becomes an attainment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from metering.attain import Attainment, attained, attained_by_readings, attained_by_time
from metering.cells import Cell
from metering.engine import open_engine
from metering.excluding import Allowed
from metering.measuring import Measuring
from metering.readings import Reading
from metering.residency import Homes
from metering.samples import Sample
from metering.spans import Span
from record import canonical
from record.keccak import keccak256
from record.terms.indicators import Indicator
from record.terms.ratios import Ratio, ValueRatio
from sla.errors import MakegoodError, MeasurementError
from sla.exclusions import Exclusion

RECORDS_FORMAT = "makegood-records/1"


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


@dataclass(frozen=True, slots=True)
class RecordsMeter:
    """What an indicator of records comes to, by the very way of ``makegood attain``.

    ``lake`` keeps what landed of its source, and nothing else; ``exclusions`` are those put forward, of which
    ``allowed`` says what counts; ``now`` is the node's time, seconds UTC.
    """

    indicator: Indicator
    folder: Path
    lake: Path
    now: Callable[[], int]
    exclusions: Callable[[], Sequence[Exclusion]]
    allowed: Allowed

    def attained(self, start: int, end: int) -> Attainment:
        """See ``Meter``. A file that cannot be read may hold anything: then nothing is said about the period."""
        try:
            with open_engine() as engine:
                measuring = Measuring(self.folder, Homes(self.lake), engine, self.now(), self.exclusions())
                landed = measuring.landed(self.indicator.source)
                for name, problem, remedy in landed.unreadable:
                    raise MeasurementError(f"{name}: {problem}", remedy)
                cells = [Cell(0, "", start, end)]
                (found,) = measuring.attained(self.indicator, cells, (), self.allowed)
                behind = measuring.explained(self.indicator, cells, self.allowed)
                rows: list[canonical.Json] = [dict(row) for row in behind]
        except MeasurementError:
            raise
        except MakegoodError as error:
            raise MeasurementError(error.problem, error.remedy) from error
        read = canonical.dumps({"format": RECORDS_FORMAT, "start": start, "end": end, "records": rows})
        return Attainment(
            known=found.attained is not None,
            attained=found.attained or 0,
            good=found.numerator,
            counted=found.denominator,
            expected=found.denominator + found.missing,
            evidence=keccak256(read),
        )


def _is_one(value: Decimal) -> bool:
    return value == 1
