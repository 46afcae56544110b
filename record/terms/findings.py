"""What ``terms check`` finds: each with its weight, its place in the file, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sla.errors import TermsError


class Severity(Enum):
    """An error stops the agreement, a warning will disappoint somebody, a hint could be clearer."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. ``path`` names the field ("" is the whole file), ``line`` is 1-based, None when unknown."""

    severity: Severity
    path: str
    line: int | None
    problem: str
    remedy: str


def error_finding(error: TermsError) -> Finding:
    """A refusal as a finding."""
    return Finding(Severity.ERROR, error.path, error.line, error.problem, error.remedy)
