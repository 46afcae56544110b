"""One form for a result, whichever engine it comes from: the types that pass, the order of rows, and the hash."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from metering.engine.errors import EngineError, shown
from record.keccak import keccak256

WIDE_ARROW = pa.decimal128(38, 0)


def exact_type(name: str, arrow_type: Any) -> Any:
    """The type a column is kept in: int64, decimal128(38, 0), string or bool; EngineError for any other."""
    kinds = pa.types
    if kinds.is_dictionary(arrow_type):
        arrow_type = arrow_type.value_type
    if kinds.is_boolean(arrow_type):
        return pa.bool_()
    if kinds.is_decimal(arrow_type) or kinds.is_uint64(arrow_type):
        return WIDE_ARROW
    if kinds.is_integer(arrow_type):
        return pa.int64()
    if kinds.is_string(arrow_type) or kinds.is_large_string(arrow_type) or kinds.is_string_view(arrow_type):
        return pa.string()
    raise EngineError(
        f"column {name!r} is {arrow_type}: not exact, or not the same on every engine",
        "use whole numbers, texts and truth values; times as seconds or milliseconds since 1970",
    )


def exact(table: Any, schema: Any | None = None) -> Any:
    """The Arrow table with its columns in exact types: those of ``schema``, or those its own types ask for."""
    wanted = table.schema if schema is None else schema
    types = {field.name: exact_type(field.name, field.type) for field in wanted}
    columns = {}
    for name, arrow_type in types.items():
        try:
            columns[name] = table.column(name).cast(arrow_type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise EngineError(
                f"column {name!r} does not fit {arrow_type}: {shown(error)}",
                "use wide_sum, or cast to WIDE before it grows",
            ) from None
    return pa.table(columns)


def in_order(table: Any) -> Any:
    """The rows sorted by all columns from left to right, nulls last, texts by their bytes."""
    if table.num_columns == 0 or table.num_rows < 2:
        return table
    keys = [(name, "ascending") for name in table.column_names]
    order = pc.sort_indices(table, sort_keys=keys)
    return table.take(order)


def hash_of(table: Any) -> bytes:
    """Keccak-256 of the names, types and sorted rows of an exact table.

    A line of names and types, then a line a row; each cell is the length of its text in bytes, ``:`` and the text, or
    ``-`` for null: no two tables share their lines.
    """
    ordered = in_order(table)
    header = "".join(_cell(f"{field.name} {field.type}") for field in ordered.schema) + "\n"
    parts = [header.encode()]
    for batch in ordered.to_batches(max_chunksize=100_000):
        if batch.num_rows and batch.num_columns:
            lines = pc.binary_join_element_wise(*(_cells(column) for column in batch.columns), "")
            parts.append("\n".join(lines.to_pylist()).encode() + b"\n")
    return keccak256(b"".join(parts))


def _cell(text: str) -> str:
    return f"{len(text.encode())}:{text}"


def _cells(column: Any) -> Any:
    texts = column.cast(pa.string())
    lengths = pc.binary_length(texts).cast(pa.string())
    return pc.fill_null(pc.binary_join_element_wise(lengths, texts, ":"), "-")
