"""Two engines, one meaning: exact, sorted, equal to the last digit, whatever the machine's zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from eth_hash.auto import keccak

from metering.engine import (
    WIDE,
    Engine,
    EngineError,
    Table,
    _,
    cases,
    coalesce,
    floor_div,
    greatest,
    ifelse,
    least,
    literal,
    open_engine,
    range_of,
    row_number,
    union,
    whole_div,
    wide_sum,
    window,
)
from scripts import spark
from tests.unit.metering.spark_running import environment, require_spark

ROOT = Path(__file__).resolve().parents[3]
EDGES = [0, 1, -1, 7, -7, 2**53 - 1, 2**53 + 1, -(2**53) - 1, 2**62, -(2**62) - 1, 2**63 - 1, -(2**63)]
DIVISORS = [1, -2, 3, 60, -60, 2**53 + 1, -(2**53), 2**62, -(2**62) - 1, 0]
WIDE_EDGES = [10**38 - 1, -(10**38) + 1, 10**37 + 9, -(2**70), 10**22 + 1, -1, 0]
WIDE_DIVISORS = [1, -3, 999_999, -1_000_001, 10**19, -(10**37), 0]
PAIRS = [*product(EDGES, DIVISORS), (None, 5), (5, None)]
WIDE_PAIRS = list(product(WIDE_EDGES, WIDE_DIVISORS))
RECORDS = pa.table(
    {
        "who": ["b", "a", "", None, 'é"\n', "b", "a"],
        "at": [5, -5, 2**53 + 1, 0, None, 7, 7],
        "ok": [True, False, None, True, False, True, True],
    }
)


@pytest.fixture(scope="module")
def duck() -> Iterator[Engine]:
    with open_engine(threads=1) as engine:
        yield engine


def pairs_of(pairs: list[tuple[Any, Any]], wide: bool) -> pa.Table:
    kind = pa.decimal128(38, 0) if wide else pa.int64()
    columns = [
        [Decimal(x) if wide and x is not None else x for x in column] for column in zip(*pairs, strict=True)
    ]
    return pa.table([pa.array(column, kind) for column in columns], ["a", "b"])


def check_division(engine: Engine) -> None:
    """Against Python's own whole numbers."""
    for pairs, wide in ((PAIRS, False), (WIDE_PAIRS, True)):
        table = engine.from_arrow(pairs_of(pairs, wide))
        rows = engine.collect(table.mutate(q=floor_div(table.a, table.b))).to_pylist()
        found = {(row["a"], row["b"]): row["q"] for row in rows}
        assert found == {(a, b): a // b if a is not None and b else None for a, b in pairs}
    numbers = [0, 1, 899, 900, 901, 2**53 + 1, 2**63 - 1]
    table = engine.from_arrow(pa.table({"a": pa.array([*numbers, None], pa.int64())}))
    rows = engine.collect(table.mutate(q=whole_div(table.a, 900))).to_pylist()
    assert {row["a"]: row["q"] for row in rows} == {None: None} | {a: a // 900 for a in numbers}


def expressions(table: Table, other: Table) -> dict[str, Table]:
    """What the engines must agree on, each in a way that has gone wrong somewhere: nulls, ties, signs, texts."""
    bucket = floor_div(table.at, 4)
    ranked = row_number().over(window(group_by="who", order_by=["at", "ok"]))
    return {
        "groups": table.group_by(bucket=bucket).agg(n=_.count(), sum=wide_sum(_.at), most=_.who.max()),
        "no rows": table.filter(table.at > 100).filter(table.at < 100).aggregate(sum=_.at.sum(), n=_.count()),
        "join": table.join(other, floor_div(table.at, 4) == floor_div(other.at, 4)).select(
            x=table.who, y=other.who
        ),
        "window": table.mutate(
            rank=ranked, before=_.at.lag().over(window(group_by="ok", order_by=["at", "who"]))
        ),
        "cases": table.filter((floor_div(table.at, 2) < 3) | table.at.isnull()).mutate(
            word=cases((_.at > 0, "up"), (_.at < 0, "down")),
            some=coalesce(_.at, 0),
            one=ifelse(_.ok, 1, 0),
            most=greatest(_.at, -1),
            least=least(_.at, literal(1, "int64")),
            source=literal("x", "string"),
        ),
        "numbers that stand there": table.mutate(
            x=table.at - literal(1_800_000_000, "int64") * 1_000, y=literal(-2_000_000_000) - 2_000_000_000
        ).limit(40_000),
        "union": union(table, other).distinct().aggregate(n=_.count(), different=_.who.nunique()),
        "slices": table.filter(table.at.between(0, 10)).mutate(slice=range_of(0, _.at, 3).unnest()),
        "slices from a quotient to one": table.filter(table.at.between(-9, 10)).mutate(
            slice=range_of(floor_div(_.at, 4), floor_div(_.at * 3, floor_div(_.at, 2) - 7), 1).unnest()
        ),
        "wide": table.aggregate(
            ratio=floor_div(wide_sum(_.at) * 10**15, _.count()), sum=_.at.cast(WIDE).sum()
        ),
    }


def test_floor_div__edges_of_every_type__equal_pythons(duck: Engine) -> None:
    check_division(duck)


def test_floor_div__least_number_by_minus_one__is_an_error(duck: Engine) -> None:
    table = duck.from_arrow(pairs_of([(-(2**63), -1)], wide=False))
    with pytest.raises(EngineError, match="duckdb cannot evaluate"):
        duck.collect(table.mutate(q=floor_div(table.a, table.b)))


def test_literal__times_another__does_not_overflow_at_32_bits(duck: Engine) -> None:
    table = duck.from_arrow(pa.table({"a": [7]}))
    row = duck.collect(table.select(x=literal(1_772_319_600, "int64") * 1_000, y=_.a - 3_000_000_000))
    assert row.to_pylist() == [{"x": 1_772_319_600_000, "y": 7 - 3_000_000_000}]


def test_floor_div__number_given_plainly__is_read_as_one(duck: Engine) -> None:
    table = duck.from_arrow(pa.table({"a": [7]}))
    row = duck.collect(table.select(x=floor_div(_.a, -2), y=floor_div(10**30, _.a))).to_pylist()
    assert row == [{"x": -4, "y": 10**30 // 7}]


def test_collect__any_order__comes_sorted_by_all_columns_with_exact_types(duck: Engine) -> None:
    small = pa.table(
        {"n": pa.array([3, 1, 1], pa.int8()), "s": pa.array(["b", "z", None]).dictionary_encode()}
    )
    result = duck.collect(duck.from_arrow(small).mutate(w=_.n.cast(WIDE)))

    assert result.schema == pa.schema({"n": pa.int64(), "s": pa.string(), "w": pa.decimal128(38, 0)})
    assert result.to_pydict() == {"n": [1, 1, 3], "s": ["z", None, "b"], "w": [1, 1, 3]}


def test_sum__beyond_64_bits__is_an_error_unless_wide(duck: Engine) -> None:
    table = duck.from_arrow(pa.table({"n": [2**62, 2**62, 2**62]}))

    assert duck.collect(table.aggregate(n=wide_sum(_.n))).to_pylist() == [{"n": 3 * 2**62}]
    with pytest.raises(EngineError, match="use wide_sum"):
        duck.collect(table.aggregate(n=_.n.sum()))
    with pytest.raises(EngineError, match="Overflow"):
        duck.collect(table.mutate(n=_.n * 4))


@pytest.mark.parametrize("expression", [_.at / 2, _.at.cast("float64"), literal("2026-01-01").cast("date")])
def test_collect__inexact_or_ambiguous_type__is_refused(duck: Engine, expression: Any) -> None:
    with pytest.raises(EngineError, match=r"column 'x' is (double|date32)"):
        duck.collect(duck.from_arrow(RECORDS).mutate(x=expression))


def test_arrow__inexact_type__is_refused(duck: Engine) -> None:
    with pytest.raises(EngineError, match="column 'x' is double"):
        duck.from_arrow(pa.table({"x": [0.5]}))


def test_compare_hash__equals_the_form_it_documents(duck: Engine) -> None:
    """Lines of cells, each the length of its text in bytes and the text: written here anew."""
    rows = [("a", -5, "false"), ("a", 7, "true"), ("b", 5, "true"), ("b", 7, "true")]
    lines = ["10:who string8:at int647:ok bool"]
    lines += [f"{len(who)}:{who}{len(str(at))}:{at}{len(ok)}:{ok}" for who, at, ok in rows]
    table = duck.from_arrow(RECORDS).filter(_.who.isin(["a", "b"]))

    assert duck.compare_hash(table) == keccak("".join(line + "\n" for line in lines).encode())


def test_compare_hash__what_differs__has_another(duck: Engine) -> None:
    same = [pa.table({"x": ["1", "2"]}), pa.table({"x": ["2", "1"]})]
    others = [
        pa.table({"x": ["1", "2", "2"]}),
        pa.table({"x": [1, 2]}),
        pa.table({"y": ["1", "2"]}),
        pa.table({"x": ["1", None]}),
        pa.table({"x": ["1", ""]}),
        pa.table({"x": ["12", ""]}),
        pa.table({"x": ["1", "-"]}),
        pa.table({"x": pa.array([], pa.string())}),
    ]
    hashes = [duck.compare_hash(duck.from_arrow(table)) for table in same + others]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 1 + len(others)


def test_parquet__folders_that_look_like_columns__add_none(duck: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "who=nobody" / "day=2026-01-31"
    folder.mkdir(parents=True)
    parquet.write_table(RECORDS, folder / "x.parquet")

    table = duck.from_parquet([folder / "x.parquet"], ["who", "at"])
    assert duck.collect(table).to_pylist() == duck.collect(duck.from_arrow(RECORDS.drop(["ok"]))).to_pylist()


def test_parquet__not_as_asked__is_refused(duck: Engine, tmp_path: Path) -> None:
    good, other, inexact = (tmp_path / f"{name}.parquet" for name in ("good", "other", "inexact"))
    parquet.write_table(RECORDS, good)
    parquet.write_table(pa.table({"at": ["5"]}), other)
    parquet.write_table(pa.table({"at": [0.5]}), inexact)
    (tmp_path / "[x]").mkdir()

    for files, columns, complaint in (
        ([], ["at"], "no file to read"),
        ([tmp_path / "none.parquet"], ["at"], "none.parquet cannot be read"),
        ([tmp_path], ["at"], "cannot be read"),
        ([good], ["at", "when"], "has no column 'when'"),
        ([good, other], ["at"], "typed unlike"),
        ([inexact], ["at"], "is double"),
        ([tmp_path / "[x]" / "y.parquet"], ["at"], "as a pattern"),
    ):
        with pytest.raises(EngineError, match=re.escape(complaint)):
            duck.from_parquet(files, columns)


def test_parquet__file_that_vanishes__is_an_error_of_the_engine(duck: Engine, tmp_path: Path) -> None:
    parquet.write_table(RECORDS, tmp_path / "x.parquet")
    table = duck.from_parquet([tmp_path / "x.parquet"], ["at"])
    (tmp_path / "x.parquet").unlink()
    with pytest.raises(EngineError, match="duckdb cannot evaluate"):
        duck.collect(table)


def test_engine__more_than_memory_holds__spills_and_is_exact() -> None:
    with open_engine(memory_limit_bytes=1 << 28, threads=1) as engine:
        numbers = engine.from_arrow(pa.table({"n": range(1_500)}))
        both = numbers.cross_join(numbers.view().select(m=_.n))
        key = (both.n * 48_271 + both.m * 69_621) % 2_147_483_647
        ordered = both.mutate(key=key, text=key.cast("string").lpad(60, "x")).order_by("key")
        before = -1
        rows = 0
        for batch in engine.stream(ordered):
            keys = batch.column("key").to_pylist()
            assert keys[0] >= before
            before = keys[-1]
            rows += batch.num_rows
    assert rows == 1_500**2


def test_duckdb__machine_in_another_zone__changes_nothing(duck: Engine) -> None:
    hashes = hashes_of(duck)
    with environment({"TZ": "Asia/Kathmandu"}), open_engine(threads=2) as engine:
        assert hashes_of(engine) == hashes


@pytest.mark.xdist_group("spark")
@pytest.mark.timeout(600)
def test_spark__same_expressions__same_hashes(duck: Engine, spark: Engine, tmp_path: Path) -> None:
    """Also: it divides as Python does, refuses what overflows, and reads the same files."""
    folder = tmp_path / "day=2026-01-31"
    folder.mkdir()
    for number in range(3):
        parquet.write_table(RECORDS.slice(number * 3, 3), folder / f"{number}.parquet")
    files = sorted(folder.iterdir())

    assert spark.version.startswith("spark 4.")
    with environment({"TZ": "Asia/Kathmandu"}):
        assert hashes_of(spark) == hashes_of(duck)
    assert spark.compare_hash(spark.from_parquet(files, ["at", "who"])) == duck.compare_hash(
        duck.from_arrow(RECORDS.select(["at", "who"]))
    )
    check_division(spark)
    with pytest.raises(EngineError, match="OVERFLOW"):
        spark.collect(spark.from_arrow(pa.table({"n": [2**62, 2**62]})).aggregate(n=_.n.sum()))
    with pytest.raises(EngineError, match="runs already"):
        open_engine("spark", master="local[1]")


def hashes_of(engine: Engine) -> dict[str, str]:
    table, other = engine.from_arrow(RECORDS), engine.from_arrow(RECORDS.slice(1, 4))
    return {name: engine.compare_hash(each).hex() for name, each in expressions(table, other).items()}


def test_spark__not_installed__says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metering.engine.spark_session._running", None)
    monkeypatch.setitem(__import__("sys").modules, "pyspark", None)
    with pytest.raises(EngineError, match=re.escape("pip install makegood[spark]")):
        open_engine("spark")


@pytest.mark.parametrize(
    ("java", "complaint"),
    [
        (None, "there is none; install Java 17"),
        ("exit 3", "does not run"),
        ("""echo 'openjdk version "11.0.2" 2019-01-15' >&2""", "Java 17 or later, found openjdk version"),
        ("""echo 'java version "1.8.0_402"' >&2""", "Java 17 or later"),
        ("echo hello >&2", "found hello"),
    ],
)
def test_spark__without_its_java__says_which(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, java: str | None, complaint: str
) -> None:
    monkeypatch.setattr("metering.engine.spark_session._running", None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    if java is not None:
        (tmp_path / "java").write_text(f"#!/bin/sh\n{java}\n")
        (tmp_path / "java").chmod(0o755)
    require_spark()
    monkeypatch.syspath_prepend(str(spark.PACKAGES))
    with pytest.raises(EngineError, match=complaint):
        open_engine("spark")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"name": "sqlite"}, "no engine 'sqlite'; use duckdb or spark"),
        ({"memory_limit_bytes": 1_000}, "at least 256 MiB"),
        ({"threads": 0}, "give at least 1"),
    ],
)
def test_engine__cannot_be_meant__is_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(EngineError, match=complaint):
        open_engine(**given)


def test_engines__imports__stand_behind_one_door() -> None:
    imports = re.compile(r"^\s*(?:import|from) (?:ibis|duckdb|pyspark|sqlglot)\b", re.M)
    rooms = ("sla", "record", "audit", "chain", "index", "metering", "oracle", "api", "cli", "scripts")
    through = {
        path.parent.relative_to(ROOT).as_posix()
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if imports.search(path.read_text())
    }
    assert through == {"metering/engine"}
