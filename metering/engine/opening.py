"""An open engine, and how to open one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as parquet

from metering.engine.canonical import exact, exact_type, hash_of, in_order
from metering.engine.errors import EngineError, shown
from metering.engine.expressions import Table

LOCAL_SPARK = "local[2]"
CLUSTER_SPARK = "local-cluster[2,1,1536]"
"""Two executors in processes of their own, a core and 1 536 MiB each: what a cluster does, on one machine."""

_READ_AS_PATTERN = frozenset("*?[]{}")


class Engine(ABC):
    """One open connection; use it as a context manager, or call ``close``. Not to be shared between threads."""

    name: str
    """``duckdb`` or ``spark``."""
    version: str
    """For the record, as in ``duckdb 1.5.6, ibis 12.0.0``."""

    @abstractmethod
    def close(self) -> None:
        """Ends the connection and removes what it wrote. Tables that came from it cannot be read any more."""

    @abstractmethod
    def _register(self, table: Any) -> Table:
        """The Arrow table as a table of this engine."""

    @abstractmethod
    def _scan(self, files: list[str]) -> Table:
        """The Parquet files, all of one schema, as one table."""

    @abstractmethod
    def _batches(self, expression: Table) -> Iterator[Any]:
        """The result as Arrow batches, as the engine gives it, in the order the expression asks for."""

    def from_arrow(self, table: Any) -> Table:
        """A small Arrow table (a calendar, a list of exclusions); EngineError for a type that is not exact."""
        return self._register(exact(table))

    def from_parquet(self, files: Sequence[Path], columns: Sequence[str]) -> Table:
        """These columns of these files, read when a result is asked for. EngineError for a file that is not there, or
        whose columns are missing, inexact or typed unlike the other files'."""
        if not files:
            raise EngineError("no file to read", "name at least one: an empty table is made by from_arrow")
        types = [(path, _types_in(path, columns)) for path in files]
        first_path, first = types[0]
        for path, found in types:
            if found != first:
                raise EngineError(f"{path} has columns typed unlike those of {first_path}", "land them anew")
        return self._scan([str(path.resolve()) for path in files]).select(*columns)

    def collect(self, expression: Table) -> Any:
        """The result as an Arrow table, equal on every engine: exact types, sorted by all columns from left to right.

        EngineError says what could not be evaluated: a number that leaves its type, a type that is not exact."""
        return in_order(pa.Table.from_batches(self.stream(expression), _exact_schema(expression)))

    def stream(self, expression: Table) -> Iterator[Any]:
        """The result in Arrow batches of exact types, in the order the expression asks for."""
        schema = _exact_schema(expression)
        try:
            for batch in self._batches(expression):
                yield from exact(pa.Table.from_batches([batch]), schema).to_batches()
        except EngineError:
            raise
        except Exception as error:  # each engine has errors of its own, and shares no root with the other
            raise EngineError(
                f"{self.name} cannot evaluate this: {shown(error)}",
                "check that the files are as they were landed, and the numbers within their types",
            ) from error

    def compare_hash(self, expression: Table) -> bytes:
        """Keccak-256 of the result: equal on two engines exactly when all names, types and rows are."""
        return hash_of(self.collect(expression))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_engine(
    name: str = "duckdb",
    memory_limit_bytes: int | None = None,
    threads: int | None = None,
    master: str = LOCAL_SPARK,
) -> Engine:
    """The engine of that name; EngineError when it is not installed.

    ``memory_limit_bytes``: what DuckDB holds before it spills to a temporary folder, or the heap of Spark's driver.
    ``threads``: DuckDB's (all cores if None). ``master``: Spark's, as in ``local[2]`` or ``CLUSTER_SPARK``.
    """
    if memory_limit_bytes is not None and memory_limit_bytes < 1 << 28:
        raise EngineError(
            f"a memory limit of {memory_limit_bytes} bytes is too small", "give at least 256 MiB"
        )
    if threads is not None and threads < 1:
        raise EngineError(f"{threads} threads do no work", "give at least 1")
    if name == "duckdb":
        from metering.engine.duckdb_engine import DuckDbEngine

        return DuckDbEngine(memory_limit_bytes, threads)
    if name == "spark":
        from metering.engine.spark_engine import SparkEngine

        return SparkEngine(memory_limit_bytes, master)
    raise EngineError(f"there is no engine {name[:40]!r}", "use duckdb or spark")


def _exact_schema(expression: Table) -> Any:
    schema = expression.schema().to_pyarrow()
    return pa.schema([(field.name, exact_type(field.name, field.type)) for field in schema])


def _types_in(path: Path, columns: Sequence[str]) -> list[Any]:
    """The types of the columns in one file."""
    if _READ_AS_PATTERN & set(str(path.resolve())):
        raise EngineError(f"engines read {path} as a pattern", "rename the folder without any of * ? [ ] { }")
    try:
        schema = parquet.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise EngineError(f"{path} cannot be read: {shown(error)}", "land its records anew") from None
    missing = [name for name in columns if name not in schema.names]
    if missing:
        raise EngineError(
            f"{path} has no column {missing[0]!r}", "land its records anew, as the kind they are"
        )
    found = [schema.field(name).type for name in columns]
    for name, arrow_type in zip(columns, found, strict=True):
        exact_type(name, arrow_type)
    return found
