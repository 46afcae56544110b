"""A clock that does not jump. Samples are kept by their time: one that leaps by hours would date them wrongly."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from chain.clock import Clock, SystemClock

STEP_SECONDS = 2.0
"""The machine's clock may be set right by so much at once; by more it has jumped."""
NEAR_SECONDS = 60.0
"""So near the chain's newest block, a clock is believed."""


class SteadyClock:
    """The machine's time as long as it goes evenly; over a jump, the time that went evenly. Safe for threads.

    Which of the two is right, the chain says: see ``heed``.
    """

    def __init__(self, system: Clock | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._system = system or SystemClock()
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._anchor, self._since = self._system.now(), monotonic()
        self._told = False

    def now(self) -> float:
        """Seconds UTC since 1970."""
        with self._lock:
            steady = self._anchor + self._monotonic() - self._since
            system = self._system.now()
            if abs(system - steady) > STEP_SECONDS:
                return steady
            self._anchor, self._since = system, self._monotonic()
            self._told = False
            return system

    def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed."""
        self._system.sleep(seconds)

    def heed(self, chain_time: int) -> str | None:
        """What to tell of a jump, once; None when there is nothing new.

        The machine's new time is taken when the chain's newest block agrees with it and not with the time that went
        evenly: a machine that slept, or that was set right.
        """
        steady = self.now()
        with self._lock:
            system = self._system.now()
            jump = round(system - steady)
            if abs(system - steady) <= STEP_SECONDS:
                return None
            small, steady_is_near = abs(jump) <= NEAR_SECONDS, abs(steady - chain_time) <= NEAR_SECONDS
            if abs(system - chain_time) <= NEAR_SECONDS and (small or not steady_is_near):
                self._anchor, self._since = system, self._monotonic()
                self._told = False
                return f"the clock jumped by {jump} s, and the chain agrees: the new time counts"
            if self._told:
                return None
            self._told = True
            return f"the clock jumped by {jump} s, and the chain does not agree: the old time goes on"
