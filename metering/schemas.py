"""The kinds of records as Arrow keeps them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from record.landing.kinds import Kind, Type


def arrow_type(type: Type) -> Any:
    """The Arrow type a column is kept in."""
    return {Type.TEXT: pa.string(), Type.TRUTH: pa.bool_()}.get(type, pa.int64())


def arrow_schema(kind: Kind) -> Any:
    """The Arrow schema of the kind's files."""
    return pa.schema(
        [pa.field(one.name, arrow_type(one.type), nullable=one.optional) for one in kind.columns]
    )
