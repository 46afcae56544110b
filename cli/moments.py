"""Moments as options name them."""

from __future__ import annotations

from cli.base import OptionError
from record.terms.section import Field
from record.terms.values import instant
from sla.errors import TermsError


def moment(text: str, option: str) -> int:
    """Seconds UTC of 2027-03-01T12:00:00Z; OptionError names the option."""
    try:
        return instant(Field(text, option, 0))
    except TermsError as error:
        raise OptionError(option, error.problem, error.remedy) from None
