"""A decimal number as a file writes it, in a column's own unit, exactly."""

from __future__ import annotations

import re
from collections.abc import Callable

from metering.unpacking.errors import INEXACT, NO_NUMBER, OUT_OF_RANGE, Refusal
from record.landing.declaration import Number, Rounding
from record.landing.kinds import Column

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"(-?)(0|[1-9][0-9]{0,29})(?:\.([0-9]{1,30}))?(?:[eE]([+-]?[0-9]{1,2}))?\Z")


def number_reader(how: Number, column: Column) -> Callable[[str], int | Refusal]:
    """Reads one value: a whole number in the column's range, or why not.

    ``0.081`` seconds with ``times=1_000_000`` are 81000 microseconds; ``1e-7`` of them are refused unless a rounding is
    declared. No floating point is involved.
    """
    times, per, rounding = how.times, how.per, how.rounding
    is_plain = times == per == 1

    def read(text: str) -> int | Refusal:
        if is_plain and _PLAIN.match(text):
            return _within(int(text), column, text)
        found = _DECIMAL.match(text)
        if found is None:
            return Refusal(NO_NUMBER, f"{text[:40]!r} is not a decimal number")
        sign, whole, fraction, power = found.groups()
        fraction = fraction or ""
        exponent = int(power or 0) - len(fraction)
        numerator = int(sign + whole + fraction) * times * 10 ** max(exponent, 0)
        quotient, rest = divmod(numerator, per * 10 ** max(-exponent, 0))
        if rest:
            if rounding is Rounding.REFUSE:
                return Refusal(INEXACT, f"{text[:40]!r} is finer than the column's unit")
            quotient += rounding is Rounding.UP
        return _within(quotient, column, text)

    return read


def _within(value: int, column: Column, text: str) -> int | Refusal:
    if column.holds(value):
        return value
    return Refusal(OUT_OF_RANGE, f"{text[:40]!r} is not within {column.least} to {column.most}")
