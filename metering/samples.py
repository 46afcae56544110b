"""What one look at a service saw. Integers only: no float stands between a measurement and a payment."""

from __future__ import annotations

from dataclasses import dataclass

from record.terms.ratios import Ratio


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: the tick it belongs to, and what was seen.

    ``time_ms`` is in milliseconds UTC since 1970: the tick, not the moment of the answer, so a sample belongs to the
    period its tick lies in. Not ``known`` means that the node could not tell; ``status`` and ``latency_us`` are 0 then.
    ``status`` is that of HTTP, 0 when no whole answer came in time; ``latency_us`` is the time to the end of a whole
    answer in microseconds, 0 without one.
    """

    time_ms: int
    known: bool
    status: int
    latency_us: int

    def is_good(self, ratio: Ratio) -> bool:
        """Whether the sample counts as good: an answer with a status below the bound and, where the indicator asks
        for "fast", within the latency, the bound included."""
        if not self.known or not 0 < self.status < ratio.status_below:
            return False
        limit = ratio.max_latency_milliseconds
        return limit is None or self.latency_us <= limit * 1_000


def unknown(time_ms: int) -> Sample:
    """The node itself was at fault: nothing is said about the service."""
    return Sample(time_ms, known=False, status=0, latency_us=0)


def unanswered(time_ms: int) -> Sample:
    """The service gave no whole answer: it was down."""
    return Sample(time_ms, known=True, status=0, latency_us=0)


def answered(time_ms: int, status: int, latency_us: int) -> Sample:
    """The service answered; whether that is good, the indicator says."""
    return Sample(time_ms, known=True, status=status, latency_us=latency_us)
