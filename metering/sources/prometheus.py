"""A Prometheus server, read by range queries at fixed ticks: the multiples of the interval within the period.

The query of the terms must give one series of 1 (good) and 0 (bad); a tick without a value is unknown.

Prometheus itself repeats a series' last value for five minutes when no new one comes, also over a time in which
Prometheus was down, and 2.42 has no way to ask it not to. So each answer is believed only where the same target was
scraped within one interval before the tick: ``up`` of the same ``job`` and ``instance``, which Prometheus records with
every scrape, whatever came of it. Therefore the query must keep these two labels, and the interval should be at least
twice that of the scrapes.

For availability write ``probe_success{job="blackbox"}``; for latency, slow or failed being bad,
``(probe_duration_seconds{job="blackbox"} <= bool 0.3) * probe_success{job="blackbox"}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from metering.http_get import Answer, get, shown
from metering.readings import Reading
from metering.sources.prometheus_answer import JSON, Series, read_error, read_matrix
from metering.wire import place_of
from record.terms.ratios import QueryRatio
from record.terms.sources import Prometheus
from sla.errors import MeasurementError

POINTS = 10_000
"""Ticks asked for at once; Prometheus answers with 11 000 at most."""


class PrometheusSource:
    """The answers of one server to one query."""

    def __init__(self, server: Prometheus, ratio: QueryRatio) -> None:
        place_of(server.url)
        self._server = server
        self._query = ratio.query

    def readings(self, start_ms: int, end_ms: int) -> list[Reading]:
        """A reading for every tick of ``[start_ms, end_ms)``, its value "1", "0" or None."""
        interval = self._server.interval_milliseconds
        ticks = range(-(-start_ms // interval) * interval, end_ms, interval)
        found: list[Reading] = []
        labels: dict[str, str] | None = None
        for chunk in (ticks[first : first + POINTS] for first in range(0, len(ticks), POINTS)):
            series = self._only(self._query, chunk)
            if series is not None and labels not in (None, series.labels):
                raise self._refused(
                    "gives one series for a part of the period and another for the rest", "select one series"
                )
            labels = labels if series is None else series.labels
            found += self._believed(series, chunk)
        return found

    def _believed(self, series: Series | None, ticks: range) -> Iterator[Reading]:
        """The values of those ticks at which the target had just been scraped."""
        if series is None:
            return (Reading(tick, None) for tick in ticks)
        for tick, value in series.points.items():
            if value not in ("0", "1"):
                raise self._refused(
                    f"is {shown(value)!r} at {tick / 1_000:.3f}",
                    "let it give 1 for good and 0 for bad, as in (probe_duration_seconds <= bool 0.3)",
                )
        scraped = self._only(f"present_over_time({self._up(series)}[{ticks.step}ms])", ticks)
        seen = scraped.points if scraped is not None else {}
        return (Reading(tick, series.points.get(tick) if tick in seen else None) for tick in ticks)

    def _up(self, series: Series) -> str:
        """What Prometheus records of every scrape of the series' target."""
        if not {"job", "instance"} <= series.labels.keys():
            raise self._refused(
                "has lost the labels job and instance, by which its scrapes are found",
                "keep them, as in max by (job, instance) (...)",
            )
        chosen = (
            f"{name}={json.dumps(series.labels[name], ensure_ascii=False)}" for name in ("job", "instance")
        )
        return f"up{{{','.join(chosen)}}}"

    def _only(self, query: str, ticks: range) -> Series | None:
        """The one series of a query; None when nothing has a value at these ticks."""
        answer = self._ask(query, ticks)
        if answer.status != 200:
            said = read_error(answer)
            raise MeasurementError(
                f"{self._server.url} answers {answer.status}" + (f": {said}" if said else ""),
                "mend the query, or name the server's own address: redirects are not followed",
            )
        found = read_matrix(answer, ticks)
        if len(found) > 1:
            raise MeasurementError(
                f"{self._server.url} gives {len(found)} series for {shown(query)!r}",
                "select one by its labels, or aggregate by (job, instance)",
            )
        return found[0] if found else None

    def _ask(self, query: str, ticks: range) -> Answer:
        server = self._server
        parameters = {
            "query": query,
            "start": _seconds(ticks[0]),
            "end": _seconds(ticks[-1]),
            "step": _seconds(ticks.step),
            "timeout": f"{server.timeout_milliseconds}ms",
        }
        return get(
            f"{server.url}/api/v1/query_range?{urlencode(parameters)}", server.timeout_milliseconds, JSON
        )

    def _refused(self, problem: str, remedy: str) -> MeasurementError:
        return MeasurementError(f"{self._server.url}: {shown(self._query)!r} {problem}", remedy)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds // 1_000}.{milliseconds % 1_000:03}"
