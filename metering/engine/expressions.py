"""The words expressions are written in: Ibis's own, and those both engines must be told to mean exactly."""

from __future__ import annotations

from typing import Any, TypeAlias

import ibis
import ibis.expr.datatypes as datatypes
from ibis import _ as _
from ibis.common.deferred import deferrable

Table: TypeAlias = ibis.Table
Value: TypeAlias = ibis.Value
Column: TypeAlias = ibis.Column
Scalar: TypeAlias = ibis.Scalar

asc = ibis.asc
cases = ibis.cases
coalesce = ibis.coalesce
cumulative_window = ibis.cumulative_window
desc = ibis.desc
greatest = ibis.greatest
ifelse = ibis.ifelse
least = ibis.least
literal = ibis.literal
null = ibis.null
row_number = ibis.row_number
union = ibis.union
window = ibis.window

WIDE = datatypes.Decimal(38, 0)
"""The type of whole numbers that may leave 64 bits: up to 38 digits. ``column.cast(WIDE)``."""

FLOOR_DIV = "makegood_floor_div"
FLOOR_DIV_WIDE = "makegood_floor_div_wide"
WHOLE_DIV = "makegood_whole_div"
WIDE_SUM = "makegood_wide_sum"
"""What the functions are called in SQL; each engine defines them when it is opened."""


@ibis.udf.scalar.builtin(  # type: ignore[untyped-decorator]
    name=FLOOR_DIV, signature=((datatypes.int64, datatypes.int64), datatypes.int64)
)
def _floor_div(a: Any, b: Any) -> Any: ...


@ibis.udf.scalar.builtin(  # type: ignore[untyped-decorator]
    name=WHOLE_DIV, signature=((datatypes.int64, datatypes.int64), datatypes.int64)
)
def _whole_div(a: Any, b: Any) -> Any: ...


@ibis.udf.scalar.builtin(name=FLOOR_DIV_WIDE, signature=((WIDE, WIDE), WIDE))  # type: ignore[untyped-decorator]
def _floor_div_wide(a: Any, b: Any) -> Any: ...


@ibis.udf.agg.builtin(name=WIDE_SUM, signature=((datatypes.int64,), WIDE))  # type: ignore[untyped-decorator]
def _wide_sum(column: Any) -> Any: ...


@deferrable  # type: ignore[untyped-decorator]
def floor_div(a: Any, b: Any) -> Any:
    """``a / b`` rounded down, as Python's ``//``: exact for 64-bit numbers, and for ``WIDE`` ones if either is.

    Null for a divisor of 0. ``floor_div(-7, 2) == -4``."""
    a, b = (ibis.literal(x, _type_of(x)) if isinstance(x, int) else x for x in (a, b))
    if a.type().is_decimal() or b.type().is_decimal():
        return _floor_div_wide(a.cast(WIDE), b.cast(WIDE))
    return _floor_div(a.cast(datatypes.int64), b.cast(datatypes.int64))


@deferrable  # type: ignore[untyped-decorator]
def whole_div(a: Any, b: int) -> Any:
    """``floor_div`` of numbers that are never below 0 by one above 0, such as times: not to look at signs saves time,
    and below 0 the result is not the same."""
    return _whole_div(a.cast(datatypes.int64), ibis.literal(b, datatypes.int64))


@deferrable  # type: ignore[untyped-decorator]
def wide_sum(column: Any) -> Any:
    """The sum as a ``WIDE`` number, for sums that may leave 64 bits; a plain ``.sum()`` that does is an error. An
    aggregate only: over a window, use ``column.cast(WIDE).sum()``, which is slower on DuckDB."""
    if column.type().is_decimal():
        return column.sum().cast(WIDE)
    return _wide_sum(column.cast(datatypes.int64))


@deferrable  # type: ignore[untyped-decorator]
def range_of(start: Any, stop: Any, step: int) -> Any:
    """The numbers ``start, start + step, ...`` before ``stop``, as an array to ``unnest``: one row each."""
    start, stop = (ibis.literal(x, datatypes.int64) if isinstance(x, int) else x for x in (start, stop))
    return ibis.range(start, stop, ibis.literal(step, datatypes.int64))


def _type_of(number: int) -> Any:
    return datatypes.int64 if -(2**63) <= number < 2**63 else WIDE
