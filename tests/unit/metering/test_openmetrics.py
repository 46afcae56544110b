"""A page read at every tick: the exporter is not the service, so whatever is wrong with it, nothing is known."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from chain.clock import ManualClock
from metering.pulse import Pulse
from metering.readings import Reading
from metering.recorder import Recorder
from metering.sources.openmetrics import OpenMetricsReader
from record.terms.ratios import ValueRatio
from record.terms.sources import OpenMetrics
from sla.agreement import Comparator
from sla.errors import MeasurementError
from tests.unit.metering.serving import Serve, replying

TICK = 1_800_000_000_000
INTERVAL = 1_000
UP = ValueRatio("probe_success", (), Comparator.AT_LEAST, Decimal(1))


class Nap(Pulse):
    """A machine that slept for so long while it read."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__()
        self.seconds = seconds

    def longest_gap(self, since: float) -> float:
        return self.seconds


def page(body: str, kind: str = "text/plain; version=0.0.4", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def reader(serve: Serve, text: bytes, nap: float = 0.0) -> OpenMetricsReader:
    return OpenMetricsReader(OpenMetrics(serve(replying(text)).url, INTERVAL, 5_000), UP, Nap(nap))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (page("probe_success 1\n"), "1"),
        (page("probe_success 0\n"), "0"),
        (page("probe_success 1\n# EOF\n", "application/openmetrics-text; version=1.0.0"), "1"),
        (page(f"probe_success 1 {TICK - INTERVAL}\n"), "1"),
        (page(f"probe_success 1 {TICK + INTERVAL}\n"), "1"),
        (page("probe_success 1 1800000000.25\n# EOF\n", "application/openmetrics-text"), "1"),
    ],
)
def test_sample__good_page__is_its_value_at_the_tick(serve: Serve, text: bytes, value: str) -> None:
    assert reader(serve, text).sample(TICK) == Reading(TICK, value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (page("probe_success 1\n", status="500 Oops"), "answers 500"),
        (page("", status="302 Found"), "answers 302"),
        (page("probe_success 1\n", "text/html"), "content type 'text/html'"),
        (page("probe_success 1\n", "application/openmetrics-text"), "does not end with # EOF"),
        (page("probe_success NaN\n"), "has no value"),
        (page("up 1\n"), "0 samples of probe_success"),
        (page("probe_success 1\n").replace(b"_success 1", b"_success \xff"), "not UTF-8"),
        (page(f"probe_success 1 {TICK - INTERVAL - 1}\n"), f"measured at {TICK - INTERVAL - 1} ms, which is stale"),
        (page(f"probe_success 1 {TICK + INTERVAL + 1}\n"), "which is in the future"),
        (page(f"probe_success 1 {TICK * 1_000}\n"), "which is in the future"),
        (page(f"probe_success 1 {TICK // 1_000}\n"), "which is stale"),
        (page("probe_success 1 -1\n"), "which is stale"),
    ],
    ids=[
        "error", "redirect", "html", "cut-off", "nan", "missing", "not-utf-8", "stale", "future", "microseconds",
        "seconds", "negative",
    ],
)  # fmt: skip
def test_sample__anything_wrong_with_the_exporter__is_said_and_nothing_is_known(
    serve: Serve, text: bytes, problem: str
) -> None:
    with pytest.raises(MeasurementError) as refused:
        reader(serve, text).sample(TICK)

    assert problem in refused.value.problem


def test_sample__process_slept_meanwhile__is_unknown(serve: Serve) -> None:
    assert reader(serve, page("probe_success 0\n"), nap=2.0).sample(TICK) == Reading(TICK, None)


def test_recorder__exporter_is_away__keeps_unknown_readings_and_says_why() -> None:
    away = OpenMetricsReader(OpenMetrics("http://127.0.0.1:1/", INTERVAL, 500), UP, Nap())
    kept: list[Reading] = []
    problems: list[Exception] = []
    recorder = Recorder(
        away, kept.append, problems.append, ManualClock(1_800_000_000), INTERVAL, late_ms=10**9
    )
    recorder.start()
    end = time.monotonic() + 10
    while len(kept) < 3 and time.monotonic() < end:
        time.sleep(0.005)
    recorder.stop()

    assert all(reading.value is None for reading in kept)
    assert sorted(reading.time_ms for reading in kept)[0] == TICK + INTERVAL
    assert all("cannot be read" in str(problem) for problem in problems)
    assert len(problems) >= 3
