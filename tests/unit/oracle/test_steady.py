"""A clock that does not jump, and recorders on one that does."""

from __future__ import annotations

import threading
import time

import pytest

from metering.recorder import Recorder
from metering.samples import Sample, answered, unknown
from oracle.steady import SteadyClock

NOW = 1_800_000_000.0
HOUR = 3_600.0


class Machine:
    """The machine's clock, and the seconds that really passed."""

    def __init__(self) -> None:
        self.time, self.passed = NOW, 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.go(seconds)

    def go(self, seconds: float, jump: float = 0.0) -> None:
        self.time += seconds + jump
        self.passed += seconds


def steady() -> tuple[Machine, SteadyClock]:
    machine = Machine()
    return machine, SteadyClock(machine, lambda: machine.passed)


def test_clock__goes_evenly__is_the_machines() -> None:
    machine, clock = steady()
    machine.go(100)
    assert clock.now() == NOW + 100
    assert clock.heed(int(NOW) + 95) is None


def test_clock__is_set_right_by_little__follows() -> None:
    machine, clock = steady()
    for _ in range(10):
        machine.go(60, jump=-1.5)
        assert clock.now() == machine.time


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR, 365 * 24 * HOUR, -NOW])
def test_clock__jumps__the_even_time_goes_on_and_is_told_once(jump: float) -> None:
    machine, clock = steady()
    machine.go(10, jump)

    assert clock.now() == NOW + 10
    told = clock.heed(int(NOW) + 5)
    assert told is not None
    assert f"jumped by {round(jump)} s" in told
    assert clock.heed(int(NOW) + 5) is None
    machine.go(10)
    assert clock.now() == NOW + 20


@pytest.mark.parametrize("jump", [2 * HOUR, -2 * HOUR, 30.0])
def test_clock__jumps_to_where_the_chain_is__the_new_time_counts(jump: float) -> None:
    """The machine slept, or its clock had been wrong and was set right."""
    machine, clock = steady()
    machine.go(10, jump)

    told = clock.heed(int(machine.time) - 3)

    assert told is not None
    assert "the new time counts" in told
    assert clock.now() == machine.time


def test_clock__jumps_and_back__is_as_if_nothing_was() -> None:
    machine, clock = steady()
    machine.go(10, 5 * HOUR)
    clock.heed(int(NOW))
    machine.go(10, -5 * HOUR)

    assert clock.now() == NOW + 20 == machine.time
    assert clock.heed(int(NOW)) is None


def test_clock__chain_stands_still_for_hours__does_not_take_a_jump_for_the_truth() -> None:
    machine, clock = steady()
    machine.go(3 * HOUR)
    machine.go(10, -2 * HOUR)

    told = clock.heed(int(NOW))

    assert told is not None
    assert "the old time goes on" in told
    assert clock.now() == NOW + 3 * HOUR + 10


class Steps:
    """A clock for a recorder: sleeping moves it; at some moments it jumps."""

    def __init__(self, jumps: dict[int, float]) -> None:
        self.time, self.slept, self.jumps = NOW, 0, jumps
        self.ended = threading.Event()

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept += 1
        self.time += seconds + self.jumps.get(self.slept, 0.0)
        if self.slept >= 60:
            self.ended.set()
            time.sleep(0.01)


class Fine:
    def sample(self, time_ms: int) -> Sample:
        return answered(time_ms, 200, 1_000)

    def unknown(self, time_ms: int) -> Sample:
        return unknown(time_ms)


@pytest.mark.parametrize("jump", [0.0, 5 * HOUR, -5 * HOUR, 365 * 24 * HOUR])
def test_recorder__clock_jumps__goes_on_at_once_without_a_flood(jump: float) -> None:
    """60 sleeps of at most 0.2 s are at most 12 s: so many ticks of a second there are, and one or two for the jump."""
    clock = Steps({20: jump})
    kept: list[tuple[float, Sample]] = []
    recorder = Recorder(
        Fine(), lambda sample: kept.append((clock.time, sample)), lambda error: None, clock, 1_000, most=64
    )
    recorder.start()
    assert clock.ended.wait(10)
    recorder.stop()

    ticks = [sample.time_ms for _, sample in kept]
    after = [tick for tick in ticks if abs(tick - (NOW + jump) * 1_000) < 60_000]
    assert 8 <= len(ticks) <= 15
    assert len(after) >= 5, "nothing was recorded after the jump"
    assert len(set(ticks)) == len(ticks)
    # Never in the clock's own future.
    assert all(sample.time_ms <= max(now, NOW + 12) * 1_000 for now, sample in kept)
