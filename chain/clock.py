"""The world's clock."""

from __future__ import annotations

import time


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds UTC since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed."""
        time.sleep(seconds)
