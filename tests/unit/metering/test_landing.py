"""From files to records: each once, typed, in its day; what is not to be believed is kept apart with its reason."""

from __future__ import annotations

import csv
import json
import os
import random
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metering.engine import Engine, open_engine
from metering.lake import Day, Lake, LakeError
from metering.landing import (
    Clock,
    Constant,
    Declaration,
    Landed,
    LandingError,
    Number,
    Rounding,
    Text,
    Time,
    Truth,
    land,
    notes,
)
from metering.residency import Homes
from metering.unpacking.csv_frames import csv_frames
from metering.unpacking.frames import Frame, Unreadable, frames
from metering.unpacking.json_frames import json_frames
from metering.unpacking.typed import Typing

DAY = 86_400
MORNING = 20_484
"""2026-01-31."""
NOW = (MORNING + 30) * DAY
HEADER = "at,service,ok,status,ms\n"
COLUMNS: dict[str, Any] = {
    "time_ms": Time("at"),
    "service": Text("service"),
    "known": Truth("ok"),
    "status": Number("status", otherwise=0),
    "latency_us": Number("ms", times=1_000),
}
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def declared(**changes: Any) -> Declaration:
    fields = {"source": "shop", "kind": "probes", "format": "csv", "columns": COLUMNS}
    return Declaration(**fields | changes)


def folder_of(path: Path, files: Mapping[str, str | bytes]) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def landed(
    tmp_path: Path, files: Mapping[str, str | bytes], declaration: Declaration | None = None, now: int = NOW
) -> Landed:
    source = folder_of(tmp_path / "in", files)
    return land(source, declaration or declared(), Homes(tmp_path / "lake"), now)


def plain(column: str) -> Time:
    """As that log writes its times, in a zone it does not name."""
    return Time(column, "%d-%m-%Y %H:%M", zone="UTC", missing=("?",))


def reasons(tmp_path: Path, source: str = "shop") -> list[tuple[int, str]]:
    return [(note.line, note.reason) for note in notes(Lake(tmp_path / "lake"), source)]


def rows(tmp_path: Path, source: str = "shop") -> list[dict[str, Any]]:
    lake = Lake(tmp_path / "lake")
    found = []
    for day in lake.days(source):
        path = lake.day_folder(source, day) / str(lake.day(source, day).records)
        found += parquet.ParquetFile(path).read().to_pylist()
    return found


def state(tmp_path: Path, source: str = "shop") -> list[Day]:
    lake = Lake(tmp_path / "lake")
    return [lake.day(source, day) for day in lake.days(source)]


def test_land__good_rows__become_typed_records_of_their_days(tmp_path: Path) -> None:
    text = (
        "2026-01-31T12:00:00.250Z,Shop,true,200,81.5\n"
        "2026-02-01T00:59:59+01:00,Shop,true,,0\n"
        "2026-02-01T00:00:00Z,Shop,false,0,0\n"
    )
    result = landed(tmp_path, {"a.csv": HEADER + text, "deeper/b.csv": HEADER, "c.txt": "nothing"})

    assert result == Landed(3, 3, 0, {}, 0, 0, (MORNING, MORNING + 1), (), 0, (MORNING + 1) * DAY)
    dimensions = dict.fromkeys(("client", "tier", "region", "area", "component", "impact"), "")
    assert [{**row} for row in rows(tmp_path)] == [
        dimensions | {"service": "Shop", "time_ms": at, "known": known, "status": status, "latency_us": us}
        for at, known, status, us in (
            (MORNING * DAY * 1_000 + 43_200_250, True, 200, 81_500),
            (MORNING * DAY * 1_000 + 86_399_000, True, 0, 0),
            ((MORNING + 1) * DAY * 1_000, False, 0, 0),
        )
    ]


def test_land__rows_that_cannot_be_believed__are_kept_apart_with_their_reasons(tmp_path: Path) -> None:
    good = "2026-01-31T12:00:00Z,Shop,true,200,1\n"
    bad = [
        ("2026-01-31T12:00:00,Shop,true,200,1", "no zone"),
        ("2026-02-30T12:00:00Z,Shop,true,200,1", "no time"),
        ("2026-03-03T00:00:00Z,Shop,true,200,1", "future"),
        ("2026-01-31T12:00:01Z,Shop,yes,200,1", "no truth value"),
        ("2026-01-31T12:00:01Z,Shop,true,99,1", "out of range"),
        ("2026-01-31T12:00:01Z,Shop,true,OK,1", "no number"),
        ("2026-01-31T12:00:01Z,Shop,true,200,0.0001", "inexact"),
        ("2026-01-31T12:00:01Z,Shop,true,200,", "missing"),
        ("2026-01-31T12:00:01Z,Shop,false,200,1", "out of order"),
        ("2026-01-31T12:00:01Z,Shop,true,200", "malformed"),
        ("2026-01-31T12:00:01Z,Shop,true,200,1,9", "malformed"),
        ('2026-01-31T12:00:01Z,"Sh"op,true,200,1', "malformed"),
        ("2026-01-31T12:00:01Z,Sh\x01op,true,200,1", "malformed"),
        ("2026-01-31T12:00:01Z," + "x" * 1_001 + ",true,200,1", "too long"),
        ("2026-01-31T12:00:01Z," + "x" * 300_000 + ",true,200,1", "too long"),
    ]
    text = HEADER + good + "".join(row + "\n" for row, _ in bad) + "\n" + good.replace("12:00:00", "12:00:09")
    result = landed(tmp_path, {"a.csv": text})

    assert reasons(tmp_path) == [(line, reason) for line, (_, reason) in enumerate(bad, 3)]
    assert result.refused == Counter(reason for _, reason in bad)
    assert (result.read, result.new, len(rows(tmp_path))) == (len(bad) + 2, 2, 2)
    first = notes(Lake(tmp_path / "lake"), "shop")[0]
    assert first.file == "a.csv"
    assert first.detail == "time_ms (at): '2026-01-31T12:00:00' does not say which zone it is in"
    assert json.loads(first.record) == bad[0][0].split(",")


def test_land__not_in_the_encoding__only_that_row_is_refused(tmp_path: Path) -> None:
    text = (
        HEADER.encode() + b"2026-01-31T12:00:00Z,caf\xe9,true,200,1\n2026-01-31T12:00:01Z,Shop,true,200,1\n"
    )
    assert landed(tmp_path, {"a.csv": text}).refused == {"malformed": 1}
    assert "caf\\udce9" in notes(Lake(tmp_path / "lake"), "shop")[0].record

    latin = declared(source="latin", encoding="latin-1")
    assert landed(tmp_path, {}, latin).new == 2
    assert rows(tmp_path, "latin")[0]["service"] == "café"


def quoted(number: int) -> str:
    return f'2026-01-31T12:00:{number:02d}Z,"Shop ""{number}"", é;",true,200,{number}.5\n'


def test_land__same_records_in_any_format_order_cut_and_zone__same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with repetitions, in one landing or several, by one declaration or another."""
    lines = [quoted(number) for number in range(40)]
    names = [f'Shop "{number}", é;' for number in range(40)]
    shuffled = lines + lines[5:9]
    random.Random(1).shuffle(shuffled)
    objects = [
        {"at": 1_769_860_800_000 + n * 1_000, "service": names[n], "ok": True, "status": 200, "ms": n + 0.5}
        for n in range(39, -1, -1)
    ]
    table = pa.table(
        {
            "when": pa.array(
                [1_769_860_800_000 + n * 1_000 for n in range(40)], pa.timestamp("ms", "Asia/Tokyo")
            ),
            "service": pa.array(names).dictionary_encode(),
            "ok": [True] * 40,
            "status": pa.array([200] * 40, pa.int16()),
            "seconds": pa.array(
                [Decimal(n * 1_000 + 500).scaleb(-6) for n in range(40)], pa.decimal128(9, 7)
            ),
        }
    )
    source = folder_of(tmp_path / "parquet", {})
    parquet.write_table(table.slice(20), source / "1.parquet", row_group_size=7)
    parquet.write_table(table.slice(0, 21), source / "2.parquet", compression="gzip")
    columns = COLUMNS | {"time_ms": Time("at", format="milliseconds")}
    typed = COLUMNS | {"time_ms": Time("when"), "latency_us": Number("seconds", times=1_000_000)}

    landed(tmp_path / "csv", {"a.csv": HEADER + "".join(lines)})
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    for number in range(2):
        part = "".join(shuffled[number::2])
        landed(tmp_path / "cut", {f"{number}.csv": "\ufeff" + HEADER + part.replace("\n", "\r\n")})
    landed(
        tmp_path / "json",
        {"x.jsonl": "".join(json.dumps(one) + "\n" for one in objects)},
        declared(format="jsonl", columns=columns),
    )
    land(source, declared(format="parquet", columns=typed), Homes(tmp_path / "parquet" / "lake"), NOW)

    expected = state(tmp_path / "csv")
    assert [day.rows for day in expected] == [40]
    for other in ("cut", "json", "parquet"):
        assert state(tmp_path / other) == expected


def test_land__again__reads_only_what_is_new(tmp_path: Path) -> None:
    row = "2026-01-31T12:00:00Z,Shop,true,200,1\n"
    first = landed(tmp_path, {"a.csv": HEADER + row})
    before = state(tmp_path)
    again = landed(tmp_path, {"b.csv": HEADER + row + row.replace("12:", "13:")})

    assert (first.new, first.known_files) == (1, 0)
    assert (again.read, again.new, again.duplicates, again.known_files) == (2, 1, 1, 1)
    assert landed(tmp_path, {}).known_files == 2
    assert landed(tmp_path, {}, declared(clock=Clock(within_seconds=1))).duplicates == 3
    assert (before[0].rows, state(tmp_path)[0].rows) == (1, 2)


def test_land__record_from_the_future__lands_when_its_time_has_come(tmp_path: Path) -> None:
    noon = MORNING * DAY + DAY // 2
    text = HEADER + "2026-01-31T12:00:05Z,Shop,true,200,1\n"
    assert landed(tmp_path, {"a.csv": text}, now=noon).refused == {"future": 1}
    assert landed(tmp_path, {}, declared(clock=Clock(within_seconds=4)), now=noon).refused == {"future": 1}
    assert landed(tmp_path, {}, now=noon + 5).new == 1


def test_land__late_records__land_in_their_day_and_are_told(tmp_path: Path) -> None:
    late = declared(lateness_seconds=3_600)
    row = "2026-01-31T12:00:00Z,Shop,true,200,1\n"
    first = landed(tmp_path, {"a.csv": HEADER + row}, late)
    noon = MORNING * DAY + DAY // 2
    assert (first.late, first.watermark) == (0, noon - 3_600)

    times = ("2026-01-31T11:00:00", "2026-01-31T10:59:59", "2026-01-30T12:00:00", "2026-01-31T12:00:01")
    second = landed(tmp_path, {"b.csv": HEADER + "".join(f"{at}Z,Shop,true,200,1\n" for at in times)}, late)
    assert (second.new, second.late, second.days) == (4, 2, (MORNING - 1, MORNING))
    assert second.watermark == noon + 1 - 3_600

    third = landed(tmp_path, {"c.csv": HEADER + "2026-01-29T12:00:00Z,Shop,true,200,1\n"}, late)
    assert (third.late, third.watermark) == (1, second.watermark)


def test_land__contradiction__neither_is_believed_whenever_it_comes(tmp_path: Path) -> None:
    row = "2026-01-31T12:00:00Z,Shop,true,200,1\n"
    other = row.replace("200", "503")
    assert landed(tmp_path, {"a.csv": HEADER + row + row.replace(":00Z", ":01Z")}).contradictions == 0
    second = landed(tmp_path, {"b.csv": HEADER + other})
    assert (second.new, second.contradictions, len(rows(tmp_path))) == (1, 2, 1)
    third = landed(tmp_path, {"c.csv": HEADER + row + row.replace("200", "404")})
    assert (third.new, third.duplicates, third.contradictions, len(rows(tmp_path))) == (1, 1, 3, 1)


def test_land__two_times_that_contradict_each_other__are_refused(tmp_path: Path) -> None:
    tickets = declared(
        kind="tickets",
        columns={
            "ticket": Text("number"),
            "time": plain("updated"),
            "sequence": Number("count"),
            "state": Text("state"),
            "priority": Constant("P1"),
            "group": Constant("desk"),
            "opened": plain("opened"),
        },
        not_after=((plain("updated"), plain("closed")),),
    )
    text = (
        "number,updated,count,state,opened,closed\n"
        "T1,31-01-2026 12:00,0,New,31-01-2026 12:00,?\n"
        "T2,31-01-2026 12:00,0,New,31-01-2026 12:01,?\n"
        "T3,31-01-2026 12:00,0,New,31-01-2026 11:00,31-01-2026 11:59\n"
        "T4,31-01-2026 12:00,0,New,31-01-2026 11:00,31-12-2099 11:59\n"
        ",31-01-2026 12:00,0,New,31-01-2026 11:00,?\n"
    )
    result = landed(tmp_path, {"a.csv": text}, tickets)
    assert result.refused == {"out of order": 2, "missing": 1}
    assert [note.detail for note in notes(Lake(tmp_path / "lake"), "shop")] == [
        "opened is more than time",
        "updated is after closed",
        "ticket (number): nothing is written",
    ]
    assert [row["ticket"] for row in rows(tmp_path)] == ["T1", "T4"]


def test_land__fault_that_lasted__gives_way_to_its_end(tmp_path: Path) -> None:
    faults = declared(
        kind="faults",
        columns={
            "fault": Text("id"),
            "start": Time("from", format="seconds"),
            "end": Time("to", format="seconds"),
            "subject": Text("what"),
        },
    )
    start = MORNING * DAY
    landed(
        tmp_path,
        {"a.csv": f"id,from,to,what\nF1,{start},,link\nF2,{start},,link\nF3,{start},{start - 1},x\n"},
        faults,
    )
    landed(tmp_path, {"b.csv": f"id,from,to,what\nF1,{start},{start + 60},link\n"}, faults)

    assert [(row["fault"], row["end"]) for row in rows(tmp_path)] == [("F1", start + 60), ("F2", None)]
    assert reasons(tmp_path) == [(4, "out of order")]


def test_land__json_that_is_none__is_refused_line_by_line(tmp_path: Path) -> None:
    good = '{"at":"2026-01-31T12:00:00Z","service":"Shop","ok":true,"status":200,"ms":1.5,"more":[{}]}'
    bad = [
        ("[" * 100_000 + "]" * 100_000, "malformed"),
        ('{"at":' * 30_000, "malformed"),
        ("[]", "malformed"),
        ('"x"', "malformed"),
        ("nonsense", "malformed"),
        (good + good, "malformed"),
        (good.replace('"ms":1.5', '"ms":[1]'), "malformed"),
        (good.replace('"ms":1.5', '"ms":1,"ms":2'), "malformed"),
        (good.replace("1.5", "1" * 100_000), "no number"),
        (good.replace("1.5", "1e999999999"), "no number"),
        (good.replace("1.5", "NaN"), "no number"),
        (good.replace("1.5", "null"), "missing"),
        (good.replace('"ms":1.5,', ""), "missing"),
        (good.replace("Shop", "\\ud800"), "malformed"),
        (good.replace("Shop", "x" * 300_000), "too long"),
    ]
    text = (
        "\ufeff" + good + "\n" + "".join(line + "\n" for line, _ in bad) + "\n\n" + good.replace("12:", "13:")
    )
    result = landed(tmp_path, {"a.jsonl": text}, declared(format="jsonl"))

    assert reasons(tmp_path) == [(line, reason) for line, (_, reason) in enumerate(bad, 2)]
    assert (result.new, result.unreadable) == (2, ())
    assert max(len(note.record) for note in notes(Lake(tmp_path / "lake"), "shop")) == 2_000


def test_land__files_that_cannot_be_read__are_told_and_others_land(tmp_path: Path) -> None:
    row = "2026-01-31T12:00:00Z,Shop,true,200,1\n"
    result = landed(
        tmp_path,
        {
            "empty.csv": "",
            "header.csv": "at,service,ok,status\n" + row,
            "twice.csv": "at,service,ok,status,ms,ms\n" + row,
            "quote.csv": '"at,service,ok',
            "binary.csv": bytes(range(256)) * 100,
            "good.csv": HEADER + row,
        },
    )
    complaints = {name: problem for name, problem, _ in result.unreadable}
    assert result.new == 1
    assert sorted(complaints) == ["binary.csv", "empty.csv", "header.csv", "quote.csv", "twice.csv"]
    assert complaints["header.csv"].startswith(
        "names the column 'ms' nowhere among 'at, service, ok, status'"
    )
    assert complaints["twice.csv"].startswith("names the column 'ms' more than once")
    assert landed(tmp_path, {}).known_files == 1


def test_land__parquet_that_lies__is_told_and_others_land(tmp_path: Path) -> None:
    """Bytes changed anywhere; types with no exact text; a text that unpacks to far more than memory."""
    source = tmp_path / "in"
    source.mkdir()
    table = pa.table(
        {
            "at": pa.array([1_769_860_800_000 + n for n in range(500)], pa.timestamp("ms", "UTC")),
            "service": [f"shop {n % 7}" for n in range(500)],
            "ok": [True] * 500,
            "status": [200] * 500,
            "ms": [n / 8 for n in range(500)],
        }
    )
    parquet.write_table(table, source / "good.parquet")
    content = (source / "good.parquet").read_bytes()
    chance = random.Random(5)
    for number in range(60):
        changed = bytearray(content)
        for _ in range(1 + number % 4):
            changed[chance.randrange(4, len(changed) - 8)] = chance.randrange(256)
        (source / f"bad{number}.parquet").write_bytes(changed)
    (source / "cut.parquet").write_bytes(content[:-20])
    (source / "text.parquet").write_text(HEADER)
    parquet.write_table(
        table.drop(["ms"]).append_column("ms", pa.array([[1.0]] * 500)), source / "list.parquet"
    )
    parquet.write_table(table.drop(["ms"]), source / "less.parquet")
    huge = pa.DictionaryArray.from_arrays(pa.array([0] * 500, pa.int32()), pa.array(["x" * 50_000_000]))
    bomb = table.set_column(1, "service", huge)
    parquet.write_table(bomb, source / "bomb.parquet", compression="zstd")

    result = land(source, declared(format="parquet"), Homes(tmp_path / "lake"), NOW)
    complaints = {name: problem for name, problem, _ in result.unreadable}
    assert {
        "bomb.parquet",
        "cut.parquet",
        "less.parquet",
        "list.parquet",
        "text.parquet",
    } <= complaints.keys()
    assert complaints["list.parquet"] == "column 'ms' is list<element: double>"
    assert "good.parquet" not in complaints
    assert (source / "bomb.parquet").stat().st_size < 100_000
    times = {row["time_ms"] for row in rows(tmp_path)}
    assert times >= {1_769_860_800_000 + n for n in range(8)}
    assert all(0 <= moment <= NOW * 1_000 for moment in times)


def test_parquet__damaged_behind_good_rows__gives_none_of_them(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    table = pa.table(
        {
            "at": pa.array([1_769_860_800_000 + n for n in range(70_000)], pa.timestamp("ms", "UTC")),
            "service": ["shop"] * 70_000,
            "ok": [True] * 70_000,
            "status": [200] * 70_000,
            "ms": list(range(70_000)),
        }
    )
    path = source / "a.parquet"
    parquet.write_table(table, path, row_group_size=35_000, use_dictionary=False)
    metadata = parquet.read_metadata(path)
    content = bytearray(path.read_bytes())
    offset = metadata.row_group(1).column(4).data_page_offset
    content[offset : offset + 400] = b"\xff" * 400
    path.write_bytes(content)

    result = land(source, declared(format="parquet"), Homes(tmp_path / "lake"), NOW)
    assert (result.read, result.new, len(result.unreadable)) == (0, 0, 1)


@pytest.mark.parametrize(
    "killer", ["kill -SEGV $$", "kill -KILL $$", "echo '{\"begins\": 0'; exit 1", "exit 0"]
)
def test_land__file_that_crashes_its_reader__is_told_and_others_land(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killer: str
) -> None:
    """A reader that dies once, of the first file it is given, stands for a library that does not survive it."""
    fragile = tmp_path / "python"
    fragile.write_text(
        f'#!/bin/sh\nif [ -e {tmp_path}/died ]; then exec {sys.executable} "$@"; fi\ntouch {tmp_path}/died\n{killer}\n'
    )
    fragile.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(fragile))
    row = "2026-01-31T12:00:00Z,Shop,true,200,1\n"

    result = landed(tmp_path, {f"{n}.csv": HEADER + row.replace(":00Z", f":0{n}Z") for n in range(3)})
    assert result.unreadable == (("0.csv", "crashes what reads it", "give a file that is whole"),)
    assert result.new == 2


def test_csv__line_without_end__is_passed_over_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(HEADER.encode())
        file.seek(2**28, os.SEEK_CUR)
        file.write(b"\n2026-01-31T12:00:00Z,Shop,true,200,1\n")

    tracemalloc.start()
    try:
        (frame,) = csv_frames(path, ["at", "ms"], ",", "utf-8")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 2**22
    assert [(line, refusal.reason) for line, refusal, _ in frame.refused] == [(2, "too long")]
    assert (frame.lines, frame.columns) == ([3], [["2026-01-31T12:00:00Z"], ["1"]])


def frames_of(path: Path, content: bytes) -> list[Frame]:
    path.write_bytes(content)
    return list(csv_frames(path, ["a"], ",", "utf-8"))


def test_csv__quote_never_closed__takes_no_more_than_its_share(tmp_path: Path) -> None:
    rows_after = b"ok,1\n" * 60_000
    parts = frames_of(tmp_path / "a.csv", b'a,b\nok,0\n"open,1\n' + rows_after)

    refused = [(line, refusal.reason) for frame in parts for line, refusal, _ in frame.refused]
    assert refused == [(3, "malformed")]
    taken = sum(len(frame.lines) for frame in parts)
    assert 60_000 - (1 << 17) // 5 - 1 <= taken < 60_000


def test_csv__record_without_end__takes_no_more_than_its_share(tmp_path: Path) -> None:
    """Each line closes a quote and opens the next: no field is long, the record is."""
    parts = frames_of(tmp_path / "a.csv", b'a,b\n"' + b'x\n","' * 300_000 + b'"\nok,1\n')
    refused = [(line, refusal.reason) for frame in parts for line, refusal, _ in frame.refused]
    # A line is five bytes, the first six: after so many of them the record is given up, and another begins.
    assert refused[0] == (2, "too long")
    assert refused[1][0] in (2 + 2**20 // 5, 3 + 2**20 // 5)
    assert sum(len(frame.lines) for frame in parts) <= 1


def test_csv__rows_over_several_lines__are_placed_where_they_begin(tmp_path: Path) -> None:
    (frame,) = frames_of(tmp_path / "a.csv", b'a,b\n"x\ny",1\n\n"z\n\n",2\nlast,3')
    assert frame.lines == [2, 5, 8]
    assert frame.columns == [["x\ny", "z\n\n", "last"]]


def test_frames__many_rows__come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metering.unpacking.frames.ROWS_PER_FRAME", 3)
    parts = frames_of(tmp_path / "a.csv", b"a,b\n" + b"".join(b"%d,x\n" % n for n in range(7)))
    assert [frame.lines for frame in parts] == [[2, 3, 4], [5, 6, 7], [8]]
    (tmp_path / "b.jsonl").write_text("".join(f'{{"a":{n}}}\n' for n in range(7)))
    columns = [list(frame.columns[0]) for frame in json_frames(tmp_path / "b.jsonl", ["a"])]
    assert columns == [["0", "1", "2"], ["3", "4", "5"], ["6"]]


def test_frames__wide_rows__come_in_parts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame of the most rows of the greatest length would take gigabytes."""
    for module in ("frames", "csv_frames", "json_frames"):
        monkeypatch.setattr(f"metering.unpacking.{module}.MOST_FRAME_BYTES", 40)
    parts = frames_of(tmp_path / "a.csv", b"a,b\n" + b"0123456789,x\n" * 8)
    assert [len(frame.lines) for frame in parts] == [3, 4, 1]
    (tmp_path / "b.jsonl").write_text('{"a":"0123456789"}\n' * 5)
    sizes = [len(frame.lines) for frame in json_frames(tmp_path / "b.jsonl", ["a"])]
    assert sizes == [3, 2]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='at,service,ok,status,ms\n"{}[]:0 1.5TZtrueé-+2026', max_size=200).map(str.encode),
    ),
    st.sampled_from(["csv", "jsonl"]),
    st.booleans(),
)
def test_unpacking__any_bytes__are_records_or_refusals_with_reasons(
    tmp_path: Path, data: bytes, format: str, with_header: bool
) -> None:
    declaration = declared(format=format)
    path = tmp_path / "any"
    path.write_bytes((HEADER.encode() if with_header and format == "csv" else b"") + data)
    typing = Typing(declaration, NOW)
    try:
        parts = [typing.table(frame) for frame in frames(path, format, declaration.taken, ",", "utf-8")]
    except Unreadable:
        return
    for table, refused in parts:
        assert all(0 <= moment <= NOW * 1_000 for moment in table.column("time_ms").to_pylist())
        assert all(one.refusal.reason and one.line >= 1 for one in refused)
        json.dumps([one.text for one in refused])


def test_frames__file_that_vanished__is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be opened"):
        list(csv_frames(tmp_path / "none.csv", ["a"], ",", "utf-8"))


def test_land__folder_that_is_none__is_refused(tmp_path: Path) -> None:
    homes = Homes(tmp_path / "lake")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "x.csv").symlink_to("/etc/hostname")
    for name, complaint in (
        ("none", "cannot be listed"),
        ("links", "leads out of"),
    ):
        with pytest.raises(LandingError, match=complaint):
            land(tmp_path / name, declared(), homes, NOW)


def test_land__lake_that_cannot_be_written__is_refused(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "source=shop").write_text("a file")
    with pytest.raises(LakeError, match="cannot be written to"):
        landed(tmp_path, {})


def test_land__left_by_one_that_was_killed__is_cleared_away(tmp_path: Path) -> None:
    row = "2026-01-31T12:00:00Z,Shop,true,200,1\n"
    landed(tmp_path, {"a.csv": HEADER + row})
    day = Lake(tmp_path / "lake").day_folder("shop", MORNING)
    (day / ".records-0.part").write_text("half")
    (day.parent / ".spool-0" / "day=2026-01-31").mkdir(parents=True)
    landed(tmp_path, {"b.csv": HEADER + row.replace("12:", "13:")})

    assert [path.name for path in (tmp_path / "lake").rglob(".*")] == [".landing"]
    assert state(tmp_path)[0].rows == 2


def test_land__source_of_another_kind__is_refused(tmp_path: Path) -> None:
    landed(tmp_path, {})
    states = declared(
        kind="states", columns={"time": Time("at"), "subject": Text("service"), "state": Text("ok")}
    )
    with pytest.raises(LakeError, match="shop holds probes, not states"):
        landed(tmp_path, {}, states)


def test_land__rounding_declared__is_done(tmp_path: Path) -> None:
    rounded = declared(columns=COLUMNS | {"latency_us": Number("ms", 1_000, rounding=Rounding.UP)})
    landed(tmp_path, {"a.csv": HEADER + "2026-01-31T12:00:00Z,Shop,true,200,0.0001\n"}, rounded)
    assert rows(tmp_path)[0]["latency_us"] == 1


@pytest.fixture
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


@pytest.mark.skipif(not SHARED.is_dir(), reason="the data is not part of the project")
def test_land__a_real_log__keeps_what_does_not_contradict_itself(tmp_path: Path, engine: Engine) -> None:
    """891 incidents of a ServiceNow, their times as DD-MM-YYYY HH:MM; counted here anew with the standard library."""
    log = declared(
        source="servicenow",
        kind="tickets",
        columns={
            "ticket": Text("number"),
            "time": plain("sys_updated_at"),
            "sequence": Number("sys_mod_count"),
            "state": Text("incident_state"),
            "priority": Text("priority"),
            "group": Text("assignment_group", missing=("?",)),
            "opened": plain("opened_at"),
        },
        not_after=((plain("sys_updated_at"), plain("closed_at")),),
    )
    path = SHARED / "servicenow_incident_events.csv"
    expected: Counter[str] = Counter()
    keys: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            at, opened, closed = (
                None
                if row[name] == "?"
                else datetime.strptime(row[name], "%d-%m-%Y %H:%M").replace(tzinfo=UTC)
                for name in ("sys_updated_at", "opened_at", "closed_at")
            )
            assert at is not None
            assert opened is not None
            if (closed is not None and at > closed) or opened > at:
                expected["refused"] += 1
                continue
            key = (row["number"], row["sys_updated_at"], row["sys_mod_count"])
            keys.setdefault(key, set()).add(
                tuple(row[name] for name in ("incident_state", "priority", "assignment_group", "opened_at"))
            )
    source = tmp_path / "in"
    source.mkdir()
    (source / "log.csv").write_bytes(path.read_bytes())

    result = land(source, log, Homes(tmp_path / "lake"), int(time.time()))
    assert (result.read, result.unreadable) == (5_998, ())
    assert result.refused == {"out of order": expected["refused"]}
    lake = Lake(tmp_path / "lake")
    table = engine.collect(lake.read(engine, ["servicenow"], 0, NOW))
    assert len(table) == sum(len(contents) == 1 for contents in keys.values())
    assert result.new == sum(len(contents) for contents in keys.values())
    assert len(set(table.column("ticket").to_pylist())) > 850
