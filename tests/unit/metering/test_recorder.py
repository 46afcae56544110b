"""Ticks: fixed, each once, and honest about those this node missed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from chain.clock import ManualClock
from metering.pulse import Pulse
from metering.recorder import Recorder
from metering.samples import Sample, answered, unknown

START = 1_000.0


class Always:
    """A service that is always up."""

    def sample(self, time_ms: int) -> Sample:
        return answered(time_ms, 200, 1_000)

    def unknown(self, time_ms: int) -> Sample:
        return unknown(time_ms)


class Stuck(Always):
    """A question that is never answered."""

    def __init__(self) -> None:
        self.forever = threading.Event()

    def sample(self, time_ms: int) -> Sample:
        self.forever.wait(10)
        return answered(time_ms, 200, 1_000)


def refuse(error: Exception) -> None:
    raise error


def record(
    sampler: Always | Stuck,
    enough: Callable[[list[Sample]], bool],
    clock: ManualClock | None = None,
    phase_ms: int = 0,
    most: int = 10_000,
) -> list[Sample]:
    samples: list[Sample] = []
    recorder = Recorder(
        sampler,
        samples.append,
        refuse,
        clock or ManualClock(START),
        1_000,
        phase_ms,
        late_ms=250,
        most=most,
    )
    recorder.start()
    end = time.monotonic() + 10
    while not enough(samples) and time.monotonic() < end:
        time.sleep(0.005)
    recorder.stop()
    return sorted(samples, key=lambda sample: sample.time_ms)


@pytest.mark.parametrize("phase_ms", [0, 250, 1_750])
def test_recorder__ticks__are_multiples_of_the_interval_plus_the_phase(phase_ms: int) -> None:
    samples = record(Always(), lambda found: len(found) > 20, phase_ms=phase_ms)
    times = [sample.time_ms for sample in samples[:15]]

    first = int(START * 1_000) + (phase_ms % 1_000 or 1_000)
    assert times == list(range(first, first + 15_000, 1_000))
    assert all(sample.known for sample in samples)


class Napping(ManualClock):
    """Sleeps through ten seconds and a bit, once."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if 1_005.1 < self.time < 1_005.9:
            super().sleep(10.4)


def test_recorder__node_woke_late__the_tick_is_unknown_and_those_slept_through_are_missing() -> None:
    samples = record(Always(), lambda found: len(found) > 12, Napping(START))
    unknown = [sample.time_ms for sample in samples if not sample.known]
    times = [sample.time_ms for sample in samples]

    assert unknown == [1_006_000]
    assert not set(range(1_007_000, 1_016_000, 1_000)) & set(times)
    assert 1_016_000 in times


def test_recorder__answers_do_not_come__further_ticks_are_unknown_not_down() -> None:
    sampler = Stuck()
    samples = record(sampler, lambda found: len(found) >= 5, most=2)
    sampler.forever.set()

    assert [sample.known for sample in samples[:5]] == [False] * 5


def test_recorder__recording_fails__is_told_and_goes_on() -> None:
    troubles: list[Exception] = []

    def full(sample: Sample) -> None:
        raise OSError("disk full")

    recorder = Recorder(Always(), full, troubles.append, ManualClock(START), 1_000)
    recorder.start()
    end = time.monotonic() + 10
    while len(troubles) < 3 and time.monotonic() < end:
        time.sleep(0.005)
    recorder.stop()

    assert len(troubles) >= 3


def test_pulse__gap_between_beats__is_remembered_for_probes_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr("metering.pulse.time.monotonic", lambda: now[0])
    pulse = Pulse()
    for moment in (100.02, 100.04, 101.54, 101.56):
        now[0] = moment
        pulse.beat()

    assert pulse.longest_gap(since=100.03) == pytest.approx(1.5)
    assert pulse.longest_gap(since=101.55) == pytest.approx(0)
    now[0] = 104.0
    assert pulse.longest_gap(since=103.9) == pytest.approx(2.44)
