"""DuckDB, inside this process: the default."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import ibis

from metering.engine.errors import EngineError, shown
from metering.engine.expressions import FLOOR_DIV, FLOOR_DIV_WIDE, WHOLE_DIV, WIDE_SUM, Table
from metering.engine.literals import widened
from metering.engine.opening import Engine

_ROWS_PER_BATCH = 131_072

# A quotient is rounded towards zero; below zero that is one too high unless it divides evenly, so the dividend first
# goes one step towards zero. This way nothing overflows on the way.
_FLOOR_DIV = """
    CASE WHEN b = 0 THEN NULL
         WHEN a > 0 AND b < 0 THEN (a - 1) // b - 1
         WHEN a < 0 AND b > 0 THEN (a + 1) // b - 1
         ELSE a // b END
"""

_SETUP = (
    "SET TimeZone = 'UTC'",
    f"CREATE TEMP MACRO {FLOOR_DIV}(a, b) AS {_FLOOR_DIV}",
    f"CREATE TEMP MACRO {WHOLE_DIV}(a, b) AS a // b",
    # On decimals DuckDB's // goes through floating point; on its 128-bit whole numbers it is exact.
    f"CREATE TEMP MACRO {FLOOR_DIV_WIDE}(a, b) AS"
    f" CAST({FLOOR_DIV}(CAST(a AS HUGEINT), CAST(b AS HUGEINT)) AS DECIMAL(38, 0))",
    # DuckDB sums 64-bit numbers into 128 bits anyway, some twenty times as fast as decimals.
    f"CREATE TEMP MACRO {WIDE_SUM}(a) AS CAST(SUM(a) AS DECIMAL(38, 0))",
)


class DuckDbEngine(Engine):
    """A database in memory that spills to a temporary folder of its own beyond ``memory_limit_bytes``."""

    name = "duckdb"

    def __init__(self, memory_limit_bytes: int | None = None, threads: int | None = None) -> None:
        self.version = f"duckdb {duckdb.__version__}, ibis {ibis.__version__}"
        self._folder = TemporaryDirectory(prefix="makegood-duckdb-")
        settings: dict[str, Any] = {
            "temp_directory": self._folder.name,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
            # It would take a file written anew within the same second for the one before.
            "enable_external_file_cache": False,
        }
        if memory_limit_bytes is not None:
            settings["memory_limit"] = f"{memory_limit_bytes // 1024}KiB"
        if threads is not None:
            settings["threads"] = threads
        self._names = (f"makegood_table_{number}" for number in count())
        try:
            self._connection = ibis.duckdb.connect(**settings)
            for statement in _SETUP:
                self._connection.con.execute(statement)
        except duckdb.Error as error:
            self._folder.cleanup()
            raise EngineError(
                f"DuckDB does not open: {shown(error)}", "check the disk and the memory"
            ) from None

    def close(self) -> None:
        """Ends the connection and removes its temporary folder."""
        self._connection.disconnect()
        self._folder.cleanup()

    def sql(self, statement: str) -> Any:
        """What a statement in DuckDB's own SQL gives, as an Arrow table or None. To measure indicators beside SQL
        written by hand: whatever runs on both engines is an expression."""
        try:
            result = self._connection.con.execute(statement)
            return result.to_arrow_table() if result.description else None
        except duckdb.Error as error:
            raise EngineError(f"DuckDB refuses the statement: {shown(error)}", "mend it") from None

    def _register(self, table: Any) -> Table:
        name = next(self._names)
        self._connection.con.register(name, table)
        return self._connection.table(name)

    def _scan(self, files: list[str]) -> Table:
        name = next(self._names)
        # The folders' names (source=..., day=...) are not to appear as columns of guessed types.
        return self._connection.read_parquet(files, table_name=name, hive_partitioning=False)

    def _batches(self, expression: Table) -> Iterator[Any]:
        query = self._connection.compiler.to_sqlglot(expression).transform(widened).sql(dialect="duckdb")
        yield from self._connection.con.execute(query).to_arrow_reader(_ROWS_PER_BATCH)
