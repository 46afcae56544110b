"""Time as a parameter, for what runs long: whoever needs the time asks a Clock it was given."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """``now()`` is in seconds UTC since 1970; ``sleep`` lets ``seconds`` pass."""

    def now(self) -> float:
        """Seconds UTC since 1970. For scheduling only: what is paid for counts whole seconds."""

    def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed on this clock."""


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
