"""What readers of measures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from record.terms.calendars import Calendars
from record.terms.levels import Unit
from record.terms.section import Field, Section
from record.terms.values import duration_seconds

LONGEST_SECONDS = 400 * 86_400

MILLISECONDS = Unit("milliseconds")
SECONDS = Unit("seconds")

M = TypeVar("M", covariant=True)


@dataclass(frozen=True, slots=True)
class Form(Generic[M]):
    """How a measure is written: the kinds of records it measures, and what makes it and its unit of a ``spec``."""

    kinds: tuple[str, ...]
    read: Callable[[Section, Calendars], tuple[M, Unit]]


def span(field: Field) -> int:
    """A duration of at least a second and at most 400 days."""
    seconds = duration_seconds(field)
    if not 0 < seconds <= LONGEST_SECONDS:
        raise field.refuse("is out of range", "write at least a second and at most 400 days")
    return seconds
