"""A status that holds for a while."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start_ms`` to before ``end_ms``, milliseconds UTC since 1970, the service was good or bad. Time that no
    span covers is unknown."""

    start_ms: int
    end_ms: int
    good: bool

    @property
    def length_ms(self) -> int:
        """How long it holds, in milliseconds."""
        return self.end_ms - self.start_ms
