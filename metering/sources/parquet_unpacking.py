"""Unpacks a Parquet file of samples, as a process of its own: ``python -m`` this module, ``FILE MOST_ROWS``.

A damaged or hostile file may ask for all the memory there is, or crash the library that reads it. Here that ends this
process, not the node. Each row is printed as a JSON list in the order of ``COLUMNS``, the time in milliseconds;
what is wrong with the file is printed to the standard error, as two lines, and the exit code is 3.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

COLUMNS = ("time", "known", "status", "latency_us")

MEMORY_BYTES = 4 << 30


class Unfit(Exception):
    """A file that holds no samples: what is wrong, and what to do."""


def main() -> int:
    """Exit 0 when every row was printed."""
    path, most = sys.argv[1], int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for row in _rows(path, most):
            print(json.dumps(row))
    except Unfit as error:
        print(*error.args, sep="\n", file=sys.stderr)
        return 3
    except Exception as error:
        print(
            f"cannot be read: {' '.join(str(error).split())[:200]}",
            "give a Parquet file",
            sep="\n",
            file=sys.stderr,
        )
        return 3
    return 0


def _rows(path: str, most: int) -> Iterator[tuple[object, ...]]:
    import pyarrow
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        _check_columns(file.schema_arrow)
        if file.metadata.num_rows > most:
            raise Unfit(f"unpacks to {file.metadata.num_rows} rows", f"split it: {most} are read")
        for batch in file.iter_batches(columns=list(COLUMNS)):
            columns = [batch.column(name) for name in COLUMNS]
            columns[0] = columns[0].cast(pyarrow.timestamp("ms", "UTC")).cast(pyarrow.int64())
            yield from zip(*(column.to_pylist() for column in columns), strict=True)


def _check_columns(schema: Any) -> None:
    """Exactly the columns, all of a fixed width: text could unpack to any size."""
    import pyarrow

    if sorted(schema.names) != sorted(COLUMNS):
        raise Unfit(f"has the columns {', '.join(schema.names)[:200]!r}", f"use exactly {', '.join(COLUMNS)}")
    time = schema.field("time").type
    if not pyarrow.types.is_timestamp(time) or time.tz is None:
        raise Unfit(f"column time is {time}", "store timestamps with a time zone")
    if not pyarrow.types.is_boolean(schema.field("known").type):
        raise Unfit(f"column known is {schema.field('known').type}", "store truth values")
    for name in ("status", "latency_us"):
        if not pyarrow.types.is_integer(schema.field(name).type):
            raise Unfit(f"column {name} is {schema.field(name).type}", "store whole numbers")


if __name__ == "__main__":
    sys.exit(main())
