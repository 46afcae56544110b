"""What readers of measures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from record.terms.calendars import Calendars
from record.terms.durations import LONGEST_SECONDS as LONGEST_SECONDS
from record.terms.durations import span as span
from record.terms.levels import Unit
from record.terms.section import Section

MILLISECONDS = Unit("milliseconds")
SECONDS = Unit("seconds")

M = TypeVar("M", covariant=True)


@dataclass(frozen=True, slots=True)
class Form(Generic[M]):
    """How a measure is written: the kinds of records it measures, and what makes it and its unit of a ``spec``."""

    kinds: tuple[str, ...]
    read: Callable[[Section, Calendars], tuple[M, Unit]]
