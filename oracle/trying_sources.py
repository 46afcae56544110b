"""Asking each source once, to see whether it answers. Nothing is kept."""

from __future__ import annotations

import time
from pathlib import Path

from metering.pulse import Pulse
from metering.sources.http_probe import HttpProber
from metering.sources.openmetrics import OpenMetricsReader
from metering.sources.prometheus import PrometheusSource
from metering.sources.replay import ReplaySource
from metering.sources.status_log import StatusLogSource
from record.terms.indicators import Indicator
from record.terms.ratios import QueryRatio, TimeRatio, ValueRatio
from record.terms.sources import HttpProbe, OpenMetrics, Prometheus, Replay, StatusLog
from sla.errors import MeasurementError


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
            return f"{connection.url} answers, {known} of its last {len(readings)} values are known"
        case Replay(), _:
            ReplaySource(connection, files, lambda: now_ms).samples(0, now_ms)
            return f"{files / connection.path} can be read"
        case StatusLog(), TimeRatio() as ratio:
            StatusLogSource(connection, ratio, files, lambda: now_ms).spans(0, now_ms)
            return f"{files / connection.path} can be read"
    raise MeasurementError(f"{indicator.name} is not measured by this version", "correct the terms")
