"""Durations that terms may ask for: as long as the contracts can hold, and no longer."""

from __future__ import annotations

from record.terms.section import Field
from record.terms.values import duration_seconds

LONGEST_SECONDS = 400 * 86_400


def span(field: Field) -> int:
    """A duration of at least a second and at most 400 days."""
    seconds = duration_seconds(field)
    if not 0 < seconds <= LONGEST_SECONDS:
        raise field.refuse("is out of range", "write at least a second and at most 400 days")
    return seconds
