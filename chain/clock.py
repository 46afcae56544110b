"""Time as a parameter: whoever needs it asks the Clock it was given. For scheduling only; what is paid for counts
whole seconds of the chain."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """``now()`` is in seconds UTC since 1970; ``sleep`` lets ``seconds`` pass."""

    def now(self) -> float:
        """Seconds UTC since 1970."""

    def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed on this clock."""


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds UTC since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed."""
        time.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is moved; sleeping moves it."""

    __slots__ = ("time",)

    def __init__(self, time: float) -> None:
        self.time = time

    def now(self) -> float:
        """The time it was moved to."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move on by ``seconds``."""
        self.time += seconds
