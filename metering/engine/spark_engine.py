"""Spark, an extra (``pip install makegood[spark]``): for more records than one machine evaluates in time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import ibis
import sqlglot
import sqlglot.expressions as sql

from metering.engine.expressions import FLOOR_DIV, FLOOR_DIV_WIDE, WHOLE_DIV, WIDE_SUM, Table
from metering.engine.literals import widened
from metering.engine.opening import Engine
from metering.engine.spark_session import Lease

_WIDE = "DECIMAL(38, 0)"


_SHIFT = "10000000000000000"


def _divided(a: str, b: str) -> str:
    """``a / b`` towards zero, exactly. What is left of a division has the sign of ``a``: without it, it divides evenly,
    and comes out exactly if it has no more than 32 digits, which is what Spark leaves before a quotient's point."""
    return f"CAST(({a} - ({a}) % {b}) / {b} AS {_WIDE})"


def _divided_wide() -> str:
    """The same for quotients of up to 38 digits: a small divisor is brought down to the upper digits first."""
    upper = _divided("a", _SHIFT)
    rest = f"CAST({upper} % b AS {_WIDE}) * {_SHIFT} + a % {_SHIFT}"
    in_steps = f"{_divided(upper, 'b')} * {_SHIFT} + {_divided(f'({rest})', 'b')}"
    # Not abs(b): it rounds to 34 digits.
    at_once = _divided("a", "b")
    return f"CASE WHEN b NOT BETWEEN -1000000 AND 1000000 THEN {at_once} ELSE CAST({in_steps} AS {_WIDE}) END"


def _floored(quotient: str) -> str:
    below = "a % b <> 0 AND (a < 0) <> (b < 0)"
    return f"CASE WHEN b = 0 THEN NULL WHEN {below} THEN ({quotient}) - 1 ELSE {quotient} END"


_BODIES = {
    FLOOR_DIV: ("BIGINT", _floored("a DIV b")),
    WHOLE_DIV: ("BIGINT", "a DIV b"),
    FLOOR_DIV_WIDE: (_WIDE, _floored(_divided_wide())),
}
"""What the functions take and give, and what they do."""

_FUNCTIONS = tuple(
    f"CREATE TEMPORARY FUNCTION {name}(a {number}, b {number}) RETURNS {number} RETURN {body}"
    for name, (number, body) in _BODIES.items()
)


class SparkEngine(Engine):
    """A session in the process's one Spark. ``master``: ``local[N]``, ``local-cluster[...]`` or a cluster's address."""

    name = "spark"

    def __init__(self, memory_limit_bytes: int | None, master: str) -> None:
        self._lease = Lease(master, memory_limit_bytes)
        self._session = self._lease.session
        self.version = f"spark {self._session.version}, ibis {ibis.__version__}"
        self._names = (f"makegood_table_{number}" for number in count())
        self._connection = ibis.pyspark.connect(self._session)
        for statement in _FUNCTIONS:
            self._session.sql(statement)

    def close(self) -> None:
        """Gives the session back; the last one stops Spark."""
        self._lease.close()

    def _register(self, table: Any) -> Table:
        return self._named(self._session.createDataFrame(table))

    def _scan(self, files: list[str]) -> Table:
        return self._named(self._session.read.parquet(*files))

    def _named(self, frame: Any) -> Table:
        name = next(self._names)
        frame.createOrReplaceTempView(name)
        return self._connection.table(name)

    def _batches(self, expression: Table) -> Iterator[Any]:
        query = self._connection.compiler.to_sqlglot(expression).transform(widened).transform(_said_otherwise)
        yield from self._session.sql(query.sql(dialect="spark")).toArrow().to_batches()


def _said_otherwise(node: sql.Expression) -> sql.Expression:
    """What Spark has no function for, or refuses to call it where it stands."""
    if isinstance(node, sql.Anonymous) and node.name.lower() == WIDE_SUM:
        # It sums 64-bit numbers into 64 bits, and has no functions in SQL that aggregate.
        return sql.Sum(this=sql.cast(node.expressions[0], _WIDE, dialect="spark"))
    if isinstance(node, sql.Explode):
        # It calls no function in SQL for what it makes rows of.
        explode: sql.Expression = node.transform(_inlined)
        return explode
    return node


def _inlined(node: sql.Expression) -> sql.Expression:
    """A call of ours, replaced by what the function does."""
    if not isinstance(node, sql.Anonymous) or node.name.lower() not in _BODIES:
        return node
    number, body = _BODIES[node.name.lower()]
    given = {
        name: sql.paren(sql.cast(value.transform(_inlined), number, dialect="spark"))
        for name, value in zip("ab", node.expressions, strict=True)
    }

    def fill_in(part: sql.Expression) -> sql.Expression:
        return given[part.name].copy() if isinstance(part, sql.Column) else part

    filled: sql.Expression = sql.paren(sqlglot.parse_one(body, dialect="spark").transform(fill_in))
    return filled
