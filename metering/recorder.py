"""Samples at fixed ticks, each in a thread of its own, so that a slow answer never delays the next question."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from sla.errors import MeasurementError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_WAIT_SECONDS = 0.2
"""How long a recorder sleeps at most before it looks whether it should stop."""


class Clock(Protocol):
    """The one time of the node, in seconds UTC since 1970."""

    def now(self) -> float:
        """Seconds UTC since 1970; kept as whole milliseconds."""

    def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed on this clock."""


class Sampler(Protocol[T_co]):
    """Looks at a service once, or reads what somebody else says of it."""

    def sample(self, time_ms: int) -> T_co:
        """What is seen now, for the tick ``time_ms``; MeasurementError may say why nothing is known."""

    def unknown(self, time_ms: int) -> T_co:
        """What stands for a tick at which nothing was seen."""


class Recorder(Generic[T]):
    """Asks ``sampler`` at every tick and hands what it saw to ``record``.

    Ticks are the multiples of ``interval_ms`` plus ``phase_ms``: members of a committee take different phases, so that
    they look at different moments. A tick for which the node woke late by more than ``late_ms`` is unknown, and so is
    one for which ``most`` earlier questions still wait; ticks slept through altogether are just missing. Why a question
    found nothing out, and what goes wrong in recording, is handed to ``trouble``; the next tick comes all the same.
    """

    def __init__(
        self,
        sampler: Sampler[T],
        record: Callable[[T], None],
        trouble: Callable[[Exception], None],
        clock: Clock,
        interval_ms: int,
        phase_ms: int = 0,
        late_ms: int = 250,
        most: int = 16,
    ) -> None:
        self._sampler = sampler
        self._record = record
        self._trouble = trouble
        self._clock = clock
        self._interval = interval_ms
        self._phase = phase_ms % interval_ms
        self._late = late_ms
        self._slots = threading.Semaphore(most)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin with the next tick."""
        self._thread.start()

    def end(self) -> None:
        """Ask nothing more, and record no answer that is still to come. Returns at once."""
        self._stopped.set()

    def stop(self) -> None:
        """``end``, and return when the last tick is over."""
        self.end()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        tick = self._tick_after(self._now())
        while not self._stopped.is_set():
            wait_ms = tick - self._now()
            if wait_ms > self._interval:
                # The clock was set back: go on from the new time.
                tick = self._tick_after(self._now())
                continue
            if wait_ms > 0:
                self._clock.sleep(min(wait_ms / 1_000, MAX_WAIT_SECONDS))
                continue
            self._ask(tick)
            tick = max(tick + self._interval, self._tick_after(self._now() - self._late))

    def _ask(self, tick: int) -> None:
        if self._now() - tick > self._late or not self._slots.acquire(blocking=False):
            self._keep(self._sampler.unknown(tick))
            return
        try:
            threading.Thread(target=self._answer, args=[tick], name="probe", daemon=True).start()
        except RuntimeError:
            self._slots.release()
            self._keep(self._sampler.unknown(tick))

    def _answer(self, tick: int) -> None:
        try:
            self._keep(self._seen(tick))
        finally:
            self._slots.release()

    def _seen(self, tick: int) -> T:
        try:
            return self._sampler.sample(tick)
        except MeasurementError as error:
            if not self._stopped.is_set():
                self._trouble(error)
            return self._sampler.unknown(tick)

    def _keep(self, sample: T) -> None:
        if self._stopped.is_set():
            return
        try:
            self._record(sample)
        except Exception as error:
            self._trouble(error)

    def _tick_after(self, time_ms: int) -> int:
        return (time_ms - self._phase) // self._interval * self._interval + self._interval + self._phase

    def _now(self) -> int:
        return int(self._clock.now() * 1_000)
