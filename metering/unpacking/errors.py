"""How landing says no to one record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record, or one of its values, is not believed: a word to count by, and the case."""

    reason: str
    detail: str


MALFORMED = "malformed"
"""It is no row, no JSON object, or not in the file's encoding."""
TOO_LONG = "too long"
MISSING = "missing"
NO_NUMBER = "no number"
NO_TIME = "no time"
NO_TRUTH = "no truth value"
NO_WORD = "unknown word"
NO_ZONE = "no zone"
"""A time that does not say which hour it means."""
SKIPPED = "skipped by the clock"
TWICE = "twice on the clock"
INEXACT = "inexact"
OUT_OF_RANGE = "out of range"
FUTURE = "future"
OUT_OF_ORDER = "out of order"
"""Two of its own values contradict each other, such as an end before its start."""
ELSEWHERE = "kept elsewhere"
"""Its residency tag does not allow it here; of such a record nothing is kept, not even in quarantine."""
UNKNOWN_HOME = "unknown residency"
"""Its residency tag is almost one of those declared, as in other letters: nobody knows whether it may be kept here."""
DELETED_DAY = "deleted day"
"""Retention has deleted the raw records of its day."""

MAY_PASS_LATER = frozenset({FUTURE, ELSEWHERE, UNKNOWN_HOME, DELETED_DAY})
"""Reasons that lie in the moment or the place, not in the record."""
