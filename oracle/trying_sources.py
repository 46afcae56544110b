"""Asking each source once, to see whether it answers. Nothing is kept."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from metering.landing import land
from metering.pulse import Pulse
from metering.residency import Homes
from metering.sources.http_probe import HttpProber
from metering.sources.openmetrics import OpenMetricsReader
from metering.sources.prometheus import PrometheusSource
from metering.sources.replay import ReplaySource
from metering.sources.rows import inside
from metering.sources.status_log import StatusLogSource
from metering.spans import Span
from record.readable import duration, utc
from record.terms.indicators import Counted, Indicator
from record.terms.ratios import QueryRatio, TimeRatio, ValueRatio
from record.terms.records import Records
from record.terms.sources import HttpProbe, OpenMetrics, Prometheus, Replay, StatusLog
from sla.errors import MakegoodError, MeasurementError


def try_source(indicator: Indicator, files: Path) -> str:
    """What the source of an indicator says now, in words; MeasurementError when it says nothing."""
    now_ms = int(time.time() * 1_000)
    pulse = Pulse()
    pulse.start()
    try:
        return _try(indicator, files, now_ms, pulse)
    finally:
        pulse.stop()


def _try(indicator: Indicator, files: Path, now_ms: int, pulse: Pulse) -> str:
    connection = indicator.source.connection
    match connection, indicator.metric:
        case HttpProbe(), _:
            sample = HttpProber(connection, pulse).sample(now_ms)
            if not sample.known:
                raise MeasurementError(
                    f"{connection.url} could not be asked", "see to this machine's network"
                )
            if sample.status == 0:
                raise MeasurementError(f"{connection.url} gives no answer", "a node would call it down")
            return f"{connection.url} answers {sample.status} after {sample.latency_us // 1_000} ms"
        case OpenMetrics(), ValueRatio() as ratio:
            reading = OpenMetricsReader(connection, ratio, pulse).sample(now_ms)
            return f"{connection.url} shows {ratio.metric} {reading.value}"
        case Prometheus(), QueryRatio() as ratio:
            start = now_ms - 2 * connection.interval_milliseconds
            readings = PrometheusSource(connection, ratio).readings(start, now_ms)
            known = sum(reading.value is not None for reading in readings)
            if known == 0:
                raise MeasurementError(
                    f"{connection.url} answers, but none of its last {len(readings)} values is known",
                    "check the query, and that Prometheus scrapes the target more often than the interval",
                )
            return f"{connection.url} answers, {known} of its last {len(readings)} values are known"
        case Records(), Counted():
            return _land(connection, files, now_ms // 1_000)
        case Replay(), _:
            samples = ReplaySource(connection, files, lambda: now_ms).samples(0, now_ms)
            if not samples:
                raise MeasurementError(f"{files / connection.path} has no row", "see who writes it")
            return (
                f"{files / connection.path} has {len(samples)} rows, the last of {_utc(samples[-1].time_ms)}"
            )
        case StatusLog(), TimeRatio() as ratio:
            spans = StatusLogSource(connection, ratio, files, lambda: now_ms).spans(0, now_ms)
            if not spans or spans[-1].end_ms < now_ms:
                until = f" after {_utc(spans[-1].end_ms)}" if spans else ""
                raise MeasurementError(
                    f"{files / connection.path} says nothing of {connection.service}{until}",
                    f"see who writes it: a row is believed for {duration(connection.holds_for_seconds)}",
                )
            return f"{files / connection.path} says that {connection.service} is {_state(spans[-1])}"
    raise MeasurementError(f"{indicator.name} is not measured by this version", "correct the terms")


def _land(records: Records, files: Path, now_seconds: int) -> str:
    folder = inside(files, records.files)
    try:
        with TemporaryDirectory(prefix="makegood-lake-") as lake:
            landed = land(folder, records.declaration, Homes(Path(lake)), now_seconds)
    except MakegoodError as error:
        raise MeasurementError(error.problem, error.remedy) from error
    for name, problem, remedy in landed.unreadable:
        raise MeasurementError(f"{folder / name} cannot be read: {problem}", remedy)
    if not landed.new:
        refused = ", ".join(f"{count} {reason}" for reason, count in landed.refused.items())
        told = f": {refused}" if refused else ""
        raise MeasurementError(f"{folder} has no record that can be believed{told}", "see who writes it")
    refused = f"; {sum(landed.refused.values())} refused" if landed.refused else ""
    return f"{folder} has {landed.new} record{'' if landed.new == 1 else 's'}{refused}"


def _state(span: Span) -> str:
    return f"{'good' if span.good else 'bad'} since {_utc(span.start_ms)}"


def _utc(time_ms: int) -> str:
    return f"{utc(time_ms // 1_000)} UTC"
