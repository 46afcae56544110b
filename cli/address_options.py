"""Accounts and contracts as people type them."""

from __future__ import annotations

from cli.base import OptionError
from record.hexes import parse_address
from sla.errors import RecordError


def read_address(option: str, text: str | None) -> str | None:
    """The checksummed address of an option, None when it was not given; OptionError when it is none."""
    try:
        return None if text is None else parse_address(text)
    except RecordError as error:
        raise OptionError(option, error.problem, error.remedy) from None
