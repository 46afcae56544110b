"""Whether this process itself was awake: a probe made while it stalled says nothing about the service."""

from __future__ import annotations

import threading
import time
from collections import deque

BEAT_SECONDS = 0.02
GAP_SECONDS = 0.1
"""Shorter gaps are not remembered: they are what a busy machine has all the time."""


class Pulse:
    """A thread that does nothing but beat. Where beats are missing the process was stopped, starved or suspended.

    Times are those of ``time.monotonic``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._gaps: deque[tuple[float, float]] = deque(maxlen=256)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self.beat()
        self._thread.start()

    def stop(self) -> None:
        """Stop beating."""
        self._stopped.set()

    def beat(self) -> None:
        """One beat: remember when the one before it was, if that was long ago."""
        with self._lock:
            now = time.monotonic()
            if now - self._last >= GAP_SECONDS:
                self._gaps.append((self._last, now))
            self._last = now

    def longest_gap(self, since: float) -> float:
        """The longest the process slept at a stretch, in seconds, by any gap that reaches past ``since``.

        The beat that is missing right now counts too: after a stop the asker may wake before this thread does.
        """
        with self._lock:
            gaps = [end - begin for begin, end in self._gaps if end > since]
            return max([time.monotonic() - self._last, *gaps])

    def _run(self) -> None:
        while not self._stopped.wait(BEAT_SECONDS):
            self.beat()
