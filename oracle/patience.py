"""What failed is tried again, each time after twice as long: nothing is told, or paid for, in every cycle."""

from __future__ import annotations

MOST_SECONDS = 3_600


class Patience:
    """Waits by key: ``first_seconds`` after the first failure, doubled after each further one, an hour at most.

    Times are those of the chain, in seconds UTC. Kept in memory: a restart tries everything at once.
    """

    def __init__(self, first_seconds: int) -> None:
        self._first = first_seconds
        self._waits: dict[tuple[str, bytes], tuple[int, int]] = {}

    def may(self, what: str, key: bytes, now: int) -> bool:
        """Whether it is time to try."""
        return now >= self._waits.get((what, key), (0, 0))[1]

    def failed(self, what: str, key: bytes, now: int, deadline: int | None = None) -> int:
        """Wait; the seconds until the next try. Never longer than half of what is left before ``deadline``, so that
        there is always another one."""
        before, _ = self._waits.get((what, key), (0, 0))
        wait = min(MOST_SECONDS, max(self._first, 2 * before))
        if deadline is not None:
            wait = max(1, min(wait, (deadline - now) // 2))
        self._waits[what, key] = (wait, now + wait)
        return wait

    def succeeded(self, what: str, key: bytes) -> None:
        """Forget the failures."""
        self._waits.pop((what, key), None)
