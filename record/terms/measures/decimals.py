"""Decimal numbers of scores and gauges, as whole parts of them."""

from __future__ import annotations

from record.terms.section import Field
from record.terms.values import scaled


def decimal(field: Field, decimals: int) -> int:
    """A decimal number, also a negative one, times 10**decimals; TermsError when that leaves a fraction."""
    digits = Field(field.text.removeprefix("-"), field.path, field.line)
    number = scaled(digits, digits.text, decimals)
    return -number if field.text.startswith("-") else number


def decimal_text(number: int, decimals: int) -> str:
    """The number divided by 10**decimals, as it is written: ``decimal_text(-1_500, 3) == "-1.5"``."""
    whole, fraction = divmod(abs(number), 10**decimals)
    text = f"{whole}.{fraction:0{decimals}d}".rstrip("0").rstrip(".")
    return f"-{text}" if number < 0 else text
