"""Whole numbers that stand in an expression are 64 bits wide, as its columns are.

In SQL a number is as wide as it needs to be: the product of two that stand there would overflow at 32 bits, on either
engine, where that of a column and a number does not.
"""

from __future__ import annotations

import sqlglot.expressions as sql

_SMALL = 2**15
"""Products of two below it fit 32 bits; and what is no value (a column's place, a length) is below it."""


_NO_VALUES = (sql.Cast, sql.Limit, sql.Offset)
"""What a number is typed by already, or may not be typed in."""


def widened(node: sql.Expression) -> sql.Expression:
    """For ``transform``: a number that may be too wide for its products, with its type."""
    if not isinstance(node, sql.Literal) or node.is_string or isinstance(node.parent, _NO_VALUES):
        return node
    if not node.name.isdigit() or not _SMALL <= int(node.name) < 2**63:
        return node
    return sql.cast(node, sql.DataType.Type.BIGINT)
