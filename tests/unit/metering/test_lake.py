"""Records at rest: a day is the set of what landed for it, whole or not at all, and only asked days are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metering.engine import Engine, open_engine
from metering.lake import Lake, LakeError, ResidencyError
from metering.lake import add as add_to
from metering.lake.merging import IS_NEW, merge, sort_columns
from metering.schemas import arrow_schema
from record.landing.kinds import DELIVERIES, DIMENSIONS, PROBES, STATES, Kind

DAY = 86_400
FIRST = 20_000
"""2024-10-04."""
START = FIRST * DAY
EMPTY = dict.fromkeys(DIMENSIONS, "")

Record = dict[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def probe(second: int, status: int = 200, **dimensions: str) -> Record:
    seen = {"time_ms": (START + second) * 1_000, "known": True, "status": status, "latency_us": 5}
    return EMPTY | seen | dimensions


def order(name: str, done: int | None, missed: int = 0) -> Record:
    return EMPTY | {
        "order": name,
        "due": START,
        "done": done,
        "right_first_time": None,
        "missed_appointments": missed,
    }


def write(path: Path, kind: Kind, records: list[Record]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(records, arrow_schema(kind)), path)
    return path


def add(
    lake: Lake, engine: Engine, folder: Path, *parts: list[Record], kind: Kind = PROBES, source: str = "shop"
) -> Any:
    """All parts at once, each a file."""
    files = [write(folder / f"{number}.parquet", kind, part) for number, part in enumerate(parts)]
    time = kind.time.name
    day = parts[0][0][time] // (DAY * kind.time.type.per_second)
    with lake.landing(source, kind):
        return add_to(lake, source, day, files, lambda: engine)


def rows(lake: Lake, name: str | None, source: str = "shop", day: int = FIRST) -> list[Record]:
    if name is None:
        return []
    found: list[Record] = parquet.read_table(
        lake.day_folder(source, day) / name, partitioning=None
    ).to_pylist()
    return found


def settled(records: list[Record], kind: Kind) -> tuple[list[Record], list[Record]]:
    """What to believe and what not, slowly: the records of each key as a set."""
    believed: list[Record] = []
    refuted: list[Record] = []
    key = lambda record: tuple(record[name] for name in kind.key)  # noqa: E731
    for _, group in groupby(sorted(records, key=key), key):
        different = [dict(items) for items in {tuple(record.items()) for record in group}]
        if kind.open_until is not None:
            ended = [record for record in different if record[kind.open_until] is not None]
            different = ended or different
        (believed if len(different) == 1 else refuted).extend(different)
    return believed, refuted


def bag(records: list[Record]) -> list[str]:
    return sorted(json.dumps(record, sort_keys=True) for record in records)


probes = st.builds(
    probe,
    st.integers(0, 4),
    st.sampled_from([200, 503]),
    service=st.sampled_from(["", "shop", "é"]),
)
orders = st.builds(
    order, st.sampled_from("abc"), st.sampled_from([None, START, START + 1]), st.integers(0, 1)
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from([PROBES, DELIVERIES]))
def test_day__any_order_cut_and_repetition__is_the_same_bytes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: Kind
) -> None:
    """The set of records is all that counts, whether they land at once or bit by bit."""
    records = data.draw(st.lists(probes if kind is PROBES else orders, min_size=1, max_size=12))
    again = data.draw(st.permutations(records + records[:3]))
    cut = data.draw(st.integers(1, len(again)))
    folder = tmp_path_factory.mktemp("lake")
    one, other = Lake(folder / "one"), Lake(folder / "other")

    add(one, engine, folder / "in", records, kind=kind)
    first, _ = add(other, engine, folder / "in", again[:cut], kind=kind)
    if again[cut:]:
        second, _ = add(other, engine, folder / "in", again[cut:], kind=kind)
        assert second.new + second.duplicates == len(again) - cut
    assert first.new + first.duplicates == cut

    believed, refuted = settled(records, kind)
    day = one.day("shop", FIRST)
    assert other.day("shop", FIRST) == day
    assert bag(rows(one, day.records)) == bag(believed)
    assert bag(rows(one, day.contradictions)) == bag(refuted)
    assert (day.rows, day.contradictory_rows) == (len(believed), len(refuted))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), kind=st.sampled_from([PROBES, DELIVERIES]), many=st.integers(1, 4))
def test_merge__batches_cut_anywhere__same_verdicts(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: Kind, many: int
) -> None:
    """A key's records may be spread over batches, and be more than are carried from one to the next."""
    records = data.draw(st.lists(probes if kind is PROBES else orders, max_size=30))
    flags = data.draw(st.lists(st.integers(0, 1), min_size=len(records), max_size=len(records)))
    wanted = arrow_schema(kind).append(pa.field(IS_NEW, pa.int64()))
    table = pa.Table.from_pylist(
        [record | {IS_NEW: flag} for record, flag in zip(records, flags, strict=True)], wanted
    )
    ordered = table.sort_by([(name, "ascending") for name in sort_columns(kind)])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(records)), max_size=6)))
    bounds = zip([0, *cuts], [*cuts, len(records)], strict=True)
    batches = [batch for start, end in bounds for batch in ordered.slice(start, end - start).to_batches()]
    folder = tmp_path_factory.mktemp("merge")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("metering.lake.merging._MANY", many)
        merged = merge(iter(batches), kind, folder / "records", folder / "contradictions")

    believed, refuted = settled(records, kind)
    assert bag(parquet.read_table(folder / "records").to_pylist()) == bag(believed)
    assert bag(parquet.read_table(folder / "contradictions").to_pylist()) == bag(refuted)
    there = {json.dumps(record) for record, flag in zip(records, flags, strict=True) if not flag}
    new = {json.dumps(record) for record, flag in zip(records, flags, strict=True) if flag} - there
    assert (merged.new, merged.duplicates) == (len(new), sum(flags) - len(new))
    times = [record[kind.time.name] for record in believed]
    assert (merged.first, merged.last) == ((min(times), max(times)) if times else (None, None))


@pytest.mark.parametrize("kind", [PROBES, DELIVERIES])
def test_day__too_large_for_memory__is_the_same_bytes(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    """An engine sorts it then: nulls, texts and truth values in the same order."""
    if kind is PROBES:
        records = [
            probe(second % 7, 200 + second % 3, service=name) | {"known": second % 3 > 0}
            for second in range(40)
            for name in ("", "a", "B", "é", "z\U0001f600", "\uffee")
        ]
    else:
        records = [
            order(name, done, missed)
            for name in ("a", "B", "é", "\uffee", "\U0001f600")
            for done in (None, START, START + 1)
            for missed in (0, 1)
        ]
    one, other = Lake(tmp_path / "one"), Lake(tmp_path / "other")
    add(one, engine, tmp_path, records[::2], kind=kind)
    add(one, engine, tmp_path, records[::-1], kind=kind)
    monkeypatch.setattr("metering.lake.adding.MOST_ROWS_IN_MEMORY", 0)
    add(other, engine, tmp_path, records[:20], records[20:], kind=kind)
    add(other, engine, tmp_path, records[7:], kind=kind)

    assert other.day("shop", FIRST) == one.day("shop", FIRST)
    assert one.day("shop", FIRST).contradictory_rows > 0


def test_day__many_records__lie_sorted_in_row_groups_of_one_size(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metering.lake.merging.ROWS_PER_GROUP", 100)
    lake = Lake(tmp_path / "lake")
    add(lake, engine, tmp_path, [probe(second) for second in range(250)][::-1])

    name = lake.day("shop", FIRST).records
    file = parquet.ParquetFile(lake.day_folder("shop", FIRST) / str(name))
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    times = file.read().column("time_ms").to_pylist()
    file.close()
    assert sizes == [100, 100, 50]
    assert times == [(START + second) * 1_000 for second in range(250)]


def landed(tmp_path: Path, engine: Engine) -> Lake:
    """Three days of probes, one a day: at its first second, in the middle, at its last."""
    lake = Lake(tmp_path / "lake")
    for day, second in enumerate((0, DAY // 2, DAY - 1)):
        add(lake, engine, tmp_path, [probe(day * DAY + second)])
    return lake


@pytest.mark.parametrize(
    ("start", "end", "found", "files"),
    [
        (0, 10**11, [0, 1, 2], 3),
        (START, START + 1, [0], 1),
        (START + 1, START + DAY, [], 0),
        (START - DAY, START, [], 0),
        (START + DAY, START + 2 * DAY, [1], 1),
        (START + DAY + DAY // 2, START + DAY + DAY // 2 + 1, [1], 1),
        (START + DAY + DAY // 2 + 1, START + 3 * DAY - 1, [], 0),
        (START + 3 * DAY - 1, START + 3 * DAY, [2], 1),
        (START + DAY // 2, START + DAY // 2, [], 0),
    ],
)
def test_read__a_span__is_half_open_and_other_days_are_not_opened(
    engine: Engine, tmp_path: Path, start: int, end: int, found: list[int], files: int
) -> None:
    lake = landed(tmp_path, engine)
    result = engine.collect(lake.read(engine, ["shop"], start, end)).to_pylist()

    assert [record["time_ms"] // 1_000 // DAY - FIRST for record in result] == found
    assert all(record["source"] == "shop" for record in result)
    assert len(lake.files("shop", start, end)) == files


def test_read__several_sources__come_together(engine: Engine, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    add(lake, engine, tmp_path, [probe(1)], source="a")
    add(lake, engine, tmp_path, [probe(1)], source="b")

    result = engine.collect(lake.read(engine, ["a", "b", "a"], START, START + DAY))
    assert result.column("source").to_pylist() == ["a", "b"]


def test_read__what_is_not_there__is_refused(engine: Engine, tmp_path: Path) -> None:
    lake = landed(tmp_path, engine)
    state = EMPTY | {"time": START, "subject": "", "state": "up"}
    add(lake, engine, tmp_path, [state], kind=STATES, source="log")

    for sources, complaint in (
        (["nobody"], "no source 'nobody' in .*; land it first; there are: log, shop"),
        ([], "no source to read"),
        (["shop", "log"], "log holds states, shop probes"),
        (["../shop"], "cannot name a source"),
    ):
        with pytest.raises(LakeError, match=complaint):
            lake.read(engine, sources, START, START + DAY)
    with pytest.raises(LakeError, match="no records of 2024-10-03"):
        lake.day("shop", FIRST - 1)


def test_landing__crash_before_the_day_is_set__leaves_it_as_it_was(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = landed(tmp_path, engine)
    before = lake.day("shop", FIRST)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("metering.lake.lake.write_json", crash)
    with pytest.raises(KeyboardInterrupt):
        add(lake, engine, tmp_path, [probe(1)])
    monkeypatch.undo()

    assert lake.day("shop", FIRST) == before
    assert len(engine.collect(lake.read(engine, ["shop"], START, START + DAY))) == 1
    merged, changed = add(lake, engine, tmp_path, [probe(1)])
    assert (merged.new, changed, lake.day("shop", FIRST).rows) == (1, True, 2)


def test_day__replaced_while_it_is_read__is_read_as_it_was(engine: Engine, tmp_path: Path) -> None:
    lake = landed(tmp_path, engine)
    table = lake.read(engine, ["shop"], START, START + DAY)
    add(lake, engine, tmp_path, [probe(1)])

    assert len(engine.collect(table)) == 1
    assert len(engine.collect(lake.read(engine, ["shop"], START, START + DAY))) == 2


def test_day__nothing_new__is_not_changed(engine: Engine, tmp_path: Path) -> None:
    lake = landed(tmp_path, engine)
    merged, changed = add(lake, engine, tmp_path, [probe(0), probe(0)])
    assert (merged.new, merged.duplicates, changed) == (0, 2, False)


def test_landing__two_at_once__one_is_refused(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.landing("shop", PROBES):
        again = lake.landing("shop", PROBES)
        with pytest.raises(LakeError, match="being landed by another"):
            again.__enter__()
        with lake.landing("other", PROBES):
            pass
    with lake.landing("shop", PROBES):
        pass


def test_landing__another_kind_under_the_same_name__is_refused(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.landing("shop", PROBES):
        pass
    states = lake.landing("shop", STATES)
    with pytest.raises(LakeError, match="shop holds probes, not states"):
        states.__enter__()


def test_watermark__set_back__stays(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.landing("shop", PROBES):
        assert lake.watermark("shop") is None
        lake.set_watermark("shop", 100)
        lake.set_watermark("shop", 50)
    assert lake.watermark("shop") == 100


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", ".hidden", "a" * 65, "é", "a\n"])
def test_source__name_that_is_no_folder__is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LakeError, match="cannot name a source"):
        Lake(tmp_path).folder(name)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"day": 1, "color": 2}', '{"records": null}'])
def test_day__garbled_state__is_refused(engine: Engine, tmp_path: Path, text: str) -> None:
    lake = landed(tmp_path, engine)
    (lake.day_folder("shop", FIRST) / "current.json").write_text(text)
    with pytest.raises(LakeError, match=r"garbled|cannot be read|no JSON object"):
        lake.day("shop", FIRST)


def test_source__of_a_kind_unknown_here__is_refused(tmp_path: Path) -> None:
    (tmp_path / "source=shop").mkdir()
    (tmp_path / "source=shop" / "source.json").write_text('{"kind": "dreams"}')
    with pytest.raises(LakeError, match="unknown here"):
        Lake(tmp_path).kind("shop")


def test_region__record_of_another__may_not_be_kept(engine: Engine, tmp_path: Path) -> None:
    eu, rest = Lake(tmp_path / "eu", "eu"), Lake(tmp_path / "rest", elsewhere=frozenset({"eu"}))
    for lake, region in ((eu, "us"), (eu, ""), (rest, "eu")):
        with pytest.raises(ResidencyError, match="may not be kept"):
            add(lake, engine, tmp_path, [probe(1, region=region)])
    for lake, region in ((eu, "eu"), (rest, "us"), (rest, "")):
        assert add(lake, engine, tmp_path, [probe(1, region=region)])[0].new == 1


def test_region__folder_of_another__is_refused(tmp_path: Path) -> None:
    with Lake(tmp_path, "eu").landing("shop", PROBES):
        pass
    Lake(tmp_path, "eu")
    with pytest.raises(ResidencyError, match="keeps the records of region 'eu', not of ''"):
        Lake(tmp_path)
