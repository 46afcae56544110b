"""The one door to the engines: no other module imports ibis, duckdb or pyspark.

Indicators are Ibis expressions, written once. DuckDB evaluates them by default, inside this process; Spark evaluates
the same ones where one machine is too small. Both give the same rows to the last digit, as ``compare_hash`` shows,
because nothing that engines disagree on gets through: columns are whole numbers, texts and truth values, a time is a
number of seconds or milliseconds since 1970 (no session's zone can touch it), division rounds down by ``floor_div``, a
sum that may leave 64 bits is a ``wide_sum``, and a result that does not fit its type is an error on both.

Expressions elsewhere take their names from here::

    from metering.engine import Table, _, floor_div, ifelse

    def answered(probes: Table) -> Table:
        return probes.group_by(minute=floor_div(_.time_ms, 60_000)).agg(good=ifelse(_.status < 500, 1, 0).sum())

Ibis's own ``//`` and ``/`` go through floating point on DuckDB: don't use them. Tables come from ``Engine.from_arrow``
and ``Engine.from_parquet`` only: Ibis's in-memory tables pass through pandas on Spark, which turns whole numbers with
gaps into floating point.
"""

from metering.engine.errors import EngineError
from metering.engine.expressions import (
    WIDE,
    Column,
    Scalar,
    Table,
    Value,
    _,
    asc,
    cases,
    coalesce,
    cumulative_window,
    desc,
    floor_div,
    greatest,
    ifelse,
    least,
    literal,
    null,
    range_of,
    row_number,
    union,
    whole_div,
    wide_sum,
    window,
)
from metering.engine.opening import Engine, open_engine

__all__ = [
    "WIDE",
    "Column",
    "Engine",
    "EngineError",
    "Scalar",
    "Table",
    "Value",
    "_",
    "asc",
    "cases",
    "coalesce",
    "cumulative_window",
    "desc",
    "floor_div",
    "greatest",
    "ifelse",
    "least",
    "literal",
    "null",
    "open_engine",
    "range_of",
    "row_number",
    "union",
    "whole_div",
    "wide_sum",
    "window",
]
