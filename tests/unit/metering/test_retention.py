"""What may be deleted when, what nobody may delete, and records that stay where they may be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from metering.engine import Engine, _, open_engine
from metering.lake import Lake, LakeError, ResidencyError, add
from metering.landing import Constant, Declaration, Number, Text, Time, land, notes
from metering.residency import Homes
from metering.retention import (
    Form,
    Need,
    Retention,
    RetentionError,
    carry_out,
    freeze,
    freezes,
    plan,
    release,
    roll_up,
    rolled_up,
)
from metering.schemas import arrow_schema
from record.landing.kinds import DIMENSIONS, PROBES, SURVEYS
from sla.civil import DAY

FIRST = 20_000
"""2024-10-04."""
EMPTY = dict.fromkeys(DIMENSIONS, "")
RULES = Retention(raw_days=10, rolled_up_days=30)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def probe(day: int, second: int, status: int = 200, latency_us: int = 5) -> dict[str, Any]:
    at = ((FIRST + day) * DAY + second) * 1_000
    return EMPTY | {"time_ms": at, "known": True, "status": status, "latency_us": latency_us}


def put(lake: Lake, *records: dict[str, Any], source: str = "shop") -> None:
    path = lake.root.parent / "in.parquet"
    day = records[0]["time_ms"] // DAY // 1_000
    parquet.write_table(pa.Table.from_pylist(list(records), arrow_schema(PROBES)), path)
    with lake.landing(source, PROBES):
        add(lake, source, day, [path], open_engine)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Two days, the first of which is believed to be complete."""
    lake = Lake(tmp_path / "lake")
    put(lake, probe(0, 1), probe(0, 2), probe(0, 2, status=503))
    put(lake, probe(1, 1))
    with lake.landing("shop", PROBES):
        lake.set_watermark("shop", (FIRST + 1) * DAY + 1)
    return lake


def after(days: int) -> int:
    """So many whole days after the first day's end, and an hour."""
    return (FIRST + 1 + days) * DAY + 3_600


def reasons(lake: Lake, now: int, needs: list[Need] | None = None) -> list[tuple[int, str, bool, str]]:
    return [
        (one.day - FIRST, one.form.value, one.deletes, one.why) for one in plan(lake, RULES, needs or [], now)
    ]


def test_raw__goes_when_old_complete_and_rolled_up(lake: Lake, engine: Engine) -> None:
    assert reasons(lake, after(9))[0] == (0, "raw", False, "9 days old of 10")
    assert reasons(lake, after(10)) == [
        (0, "raw", False, "not rolled up yet"),
        (1, "raw", False, "9 days old of 10"),
    ]
    assert reasons(lake, after(11))[1] == (1, "raw", False, "records of it may still come")

    roll_up(lake, engine, "shop", FIRST)
    assert reasons(lake, after(10))[:2] == [
        (0, "raw", True, "10 days old and rolled up"),
        (0, "rolled up", False, "10 days old of 30"),
    ]


def test_plan__deletes_nothing_by_itself(lake: Lake, engine: Engine) -> None:
    roll_up(lake, engine, "shop", FIRST)
    before = sorted(path.name for path in lake.root.rglob("*"))
    assert any(one.deletes for one in plan(lake, RULES, [], after(10)))
    assert sorted(path.name for path in lake.root.rglob("*") if path.name != ".retention") == before


def test_raw__deleted__is_not_passed_over_in_silence(lake: Lake, engine: Engine) -> None:
    roll_up(lake, engine, "shop", FIRST)
    done = [one for one in carry_out(lake, RULES, [], after(10)) if one.deletes]
    assert [(one.form, len(one.files)) for one in done] == [(Form.RAW, 2)]

    folder = lake.day_folder("shop", FIRST)
    assert [path.name.split("-")[0] for path in folder.glob("*.parquet")] == ["rolled"]
    with pytest.raises(LakeError, match="raw records of shop on 2024-10-04 were deleted"):
        lake.read(engine, ["shop"], FIRST * DAY, (FIRST + 2) * DAY)
    assert len(engine.collect(lake.read(engine, ["shop"], (FIRST + 1) * DAY, (FIRST + 2) * DAY))) == 1
    with pytest.raises(LakeError, match="were deleted"):
        put(lake, probe(0, 7))
    assert carry_out(lake, RULES, [], after(10)) == plan(lake, RULES, [], after(10))


def test_rolled_up__goes_after_its_time_and_never_before_the_raw(lake: Lake, engine: Engine) -> None:
    roll_up(lake, engine, "shop", FIRST)
    need = Need(FIRST * DAY, FIRST * DAY + 1, after(99), "claims of period 3")
    rolled = reasons(lake, after(30), [need])[1]
    assert rolled == (0, "rolled up", False, f"needed until {after(99)}: claims of period 3")
    carry_out(lake, RULES, [], after(29))
    assert reasons(lake, after(29))[0] == (0, "rolled up", False, "29 days old of 30")
    assert reasons(lake, after(30))[0] == (0, "rolled up", True, "30 days old")
    carry_out(lake, RULES, [], after(30))
    assert not list(lake.day_folder("shop", FIRST).glob("*.parquet"))
    with pytest.raises(LakeError, match="was not rolled up"):
        rolled_up(lake, engine, "shop", [FIRST])


@pytest.mark.parametrize(
    ("start", "end", "until", "holds"),
    [
        (FIRST * DAY - 10, FIRST * DAY + 1, after(10) + 1, True),
        (FIRST * DAY + DAY - 1, FIRST * DAY + 9 * DAY, after(10) + 1, True),
        (FIRST * DAY, FIRST * DAY + DAY, after(10), False),
        (FIRST * DAY - DAY, FIRST * DAY, after(10) + 1, False),
        (FIRST * DAY + DAY, FIRST * DAY + 2 * DAY, after(10) + 1, False),
    ],
)
def test_raw__needed_by_a_period__stays_until_its_deadline(
    lake: Lake, engine: Engine, start: int, end: int, until: int, holds: bool
) -> None:
    roll_up(lake, engine, "shop", FIRST)
    first = reasons(lake, after(10), [Need(start, end, until, "claims of period 3")])[0]
    assert first[2] is not holds
    assert first[3] == (f"needed until {until}: claims of period 3" if holds else "10 days old and rolled up")


def test_frozen__day_stays_as_it_was_whatever_comes(lake: Lake, engine: Engine) -> None:
    roll_up(lake, engine, "shop", FIRST)
    frozen = freeze(
        lake, "case-7", ["shop"], FIRST * DAY + 5, FIRST * DAY + 6, "period 3 is disputed", after(0)
    )
    before = {path.name for path in lake.day_folder("shop", FIRST).glob("*.parquet")}
    assert {name.rsplit("/", 1)[1] for name in frozen.files} == before
    assert freezes(lake) == [frozen]
    put(lake, probe(0, 9))

    now = after(500)
    for path in lake.day_folder("shop", FIRST).iterdir():
        os.utime(path, (0, 0))
    carry_out(lake, RULES, [], now)
    assert reasons(lake, now)[0] == (0, "raw", False, "frozen by case-7: period 3 is disputed")
    assert {path.name for path in lake.day_folder("shop", FIRST).glob("*.parquet")} > before
    assert lake.day("shop", FIRST).rows == 2

    release(lake, "case-7")
    assert freezes(lake) == []
    assert reasons(lake, now)[0][3] == "not rolled up yet"
    carry_out(lake, RULES, [], now)
    left = {path.name for path in lake.day_folder("shop", FIRST).glob("*.parquet")}
    assert left == lake.day("shop", FIRST).files


def test_freeze__other_days_and_sources__are_free(lake: Lake, engine: Engine) -> None:
    put(lake, probe(0, 1), source="other")
    with lake.landing("other", PROBES):
        lake.set_watermark("other", (FIRST + 1) * DAY)
    for source in ("shop", "other"):
        roll_up(lake, engine, source, FIRST)
    freeze(lake, "case-7", ["other"], (FIRST + 1) * DAY, (FIRST + 2) * DAY, "disputed", after(0))
    assert [one[2] for one in reasons(lake, after(10)) if one[:2] == (0, "raw")] == [True, True]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "../x"}, "cannot name a freeze"),
        ({"name": "case-7"}, "frozen already"),
        ({"sources": []}, "freezes nothing"),
        ({"end": FIRST * DAY}, "freezes nothing"),
    ],
)
def test_freeze__cannot_be_meant__is_refused(lake: Lake, changes: dict[str, Any], complaint: str) -> None:
    given: dict[str, Any] = {
        "name": "case-8",
        "sources": ["shop"],
        "start": FIRST * DAY,
        "end": FIRST * DAY + 1,
    }
    freeze(lake, **given | {"name": "case-7"}, reason="disputed", now_seconds=0)
    with pytest.raises(RetentionError, match=complaint):
        freeze(lake, **given | changes, reason="disputed", now_seconds=0)


def test_freeze__of_no_source__is_refused_and_leaves_nothing(lake: Lake) -> None:
    with pytest.raises(LakeError, match="no source 'nobody'"):
        freeze(lake, "case-7", ["nobody"], 0, 1, "disputed", 0)
    assert freezes(lake) == []


@pytest.mark.parametrize("name", ["case-7", "../lake", ""])
def test_release__of_nothing__is_refused(lake: Lake, name: str) -> None:
    with pytest.raises(RetentionError, match="nothing is frozen"):
        release(lake, name)


def test_superseded__version__goes_after_its_grace(lake: Lake) -> None:
    before = lake.day("shop", FIRST).records
    put(lake, probe(0, 9))
    now = int((lake.day_folder("shop", FIRST) / "current.json").stat().st_mtime)
    young, old = (
        [one for one in plan(lake, RULES, [], at) if one.form is Form.SUPERSEDED]
        for at in (now, now + DAY + 1)
    )
    assert [(one.files, one.deletes) for one in young] == [((before,), False)]
    assert [(one.files, one.deletes) for one in old] == [((before,), True)]


@pytest.mark.parametrize("days", [(0, 1, 1), (5, 4, 1), (5, 6, 0)])
def test_retention__that_cannot_be_meant__is_refused(days: tuple[int, int, int]) -> None:
    with pytest.raises(RetentionError):
        Retention(*days)


def test_roll_up__of_probes__answers_by_the_hour_what_raw_records_did(tmp_path: Path, engine: Engine) -> None:
    lake = Lake(tmp_path / "lake")
    records = [
        probe(0, second, status=503 if second % 7 == 0 else 200, latency_us=second * 400 % 5_001)
        for second in range(0, DAY, 97)
    ]
    put(lake, *records)
    roll_up(lake, engine, "shop", FIRST)
    table = rolled_up(lake, engine, "shop", [FIRST])
    fast = (_.status < 500) & (_.latency_ms <= 2)
    result = engine.collect(table.group_by("time").agg(all=_.looks.sum(), fast=_.looks.sum(where=fast)))

    expected: dict[int, list[int]] = {}
    for record in records:
        counts = expected.setdefault(record["time_ms"] // 3_600_000 * 3_600, [0, 0])
        counts[0] += 1
        counts[1] += record["status"] < 500 and record["latency_us"] <= 2_000
    assert {row["time"]: [row["all"], row["fast"]] for row in result.to_pylist()} == expected
    assert len(expected) == 24


def test_roll_up__of_other_kinds__keeps_the_records(tmp_path: Path, engine: Engine) -> None:
    lake = Lake(tmp_path / "lake")
    record = EMPTY | {"response": "a", "time": FIRST * DAY, "score_milli": 4_500}
    path = tmp_path / "in.parquet"
    parquet.write_table(pa.Table.from_pylist([record], arrow_schema(SURVEYS)), path)
    with lake.landing("mood", SURVEYS):
        add(lake, "mood", FIRST, [path], open_engine)
    roll_up(lake, engine, "mood", FIRST)
    assert engine.collect(rolled_up(lake, engine, "mood", [FIRST])).to_pylist() == [record]


def test_roll_up__records_that_come_later__make_it_void(lake: Lake, engine: Engine) -> None:
    roll_up(lake, engine, "shop", FIRST)
    put(lake, probe(0, 9))
    with pytest.raises(LakeError, match="was not rolled up on 2024-10-04"):
        rolled_up(lake, engine, "shop", [FIRST])


MORNING = 20_484
NOW = (MORNING + 9) * DAY
DECLARED = Declaration(
    source="shop",
    kind="states",
    format="csv",
    columns={
        "time": Time("at"),
        "client": Text("client"),
        "region": Text("region"),
        "subject": Constant("web"),
        "state": Text("state"),
    },
)
ROWS = """at,client,region,state
2026-01-31T12:00:00Z,Anna,eu,up
2026-01-31T12:00:01Z,Bert,us,up
2026-01-31T12:00:02Z,Cleo,,up
2026-01-31T12:00:03Z,Dora,ch,up
2026-01-31T12:00:04Z,Emil,eu,
2026-01-31T12:00:05Z,Fritz,ch,
2026-01-31T12:00:06Z,Gerd,us,
2026-01-31T12:00:07Z,Hans
2026-01-31T12:00:08Z,Jens, EU,up
2026-01-31T12:00:09Z,Karl,Ch,
nonsense,Ina,eu,up
"""


def homes_of(tmp_path: Path) -> Homes:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.csv").write_text(ROWS)
    homes = Homes(tmp_path / "here", {"eu": tmp_path / "eu", "ch": None})
    result = land(source, DECLARED, homes, NOW)
    assert (result.read, result.new) == (11, 3)
    assert result.refused == {
        "kept elsewhere": 1,
        "malformed": 1,
        "missing": 4,
        "no time": 1,
        "unknown residency": 1,
    }
    return homes


def test_residency__records__are_in_their_regions_folder_and_nowhere_else(
    tmp_path: Path, engine: Engine
) -> None:
    """Refused ones too; of those whose region is elsewhere, or unknown, nothing is kept."""
    homes = homes_of(tmp_path)
    lakes = homes.lakes()
    span = (MORNING * DAY, MORNING * DAY + DAY)
    kept = {
        tag: engine.collect(lake.read(engine, ["shop"], *span)).column("client").to_pylist()
        for tag, lake in lakes.items()
    }
    assert kept == {"": ["Bert", "Cleo"], "eu": ["Anna"]}
    eu = notes(lakes["eu"], "shop")
    assert [(note.line, note.reason) for note in eu] == [(6, "missing"), (12, "no time")]
    assert "Emil" in eu[0].record
    here = notes(lakes[""], "shop")
    assert [(note.line, note.reason) for note in here] == [(8, "missing"), (9, "malformed"), (11, "missing")]
    assert "Gerd" in here[0].record
    assert {(note.record, note.detail) for note in here[1:]} == {("", "")}


def test_residency__asked_elsewhere__is_refused(tmp_path: Path, engine: Engine) -> None:
    homes = homes_of(tmp_path)
    span = (MORNING * DAY, MORNING * DAY + DAY)

    def clients(regions: list[str] | None) -> list[str]:
        found = engine.collect(homes.read(engine, ["shop"], *span, regions=regions)).column("client")
        return sorted(found.to_pylist())

    assert clients(["eu"]) == ["Anna"]
    assert clients(["us"]) == ["Bert"]
    assert clients(["eu", "", "us"]) == ["Anna", "Bert", "Cleo"]
    with pytest.raises(
        ResidencyError, match="region ch are kept elsewhere, not on this machine; name the regions"
    ):
        clients(None)
    with pytest.raises(ResidencyError, match="region 'ch' are kept elsewhere"):
        clients(["eu", "ch"])
    with pytest.raises(ResidencyError, match="region 'ch' are kept elsewhere"):
        homes.lake("ch")
    with pytest.raises(ResidencyError, match="keeps the records of region 'eu', not of 'us'"):
        Lake(tmp_path / "eu", "us")
    with pytest.raises(LakeError, match="no source 'nobody'"):
        homes.read(engine, ["nobody"], *span, regions=["eu"])


def test_residency__all_here__are_read_together(tmp_path: Path, engine: Engine) -> None:
    homes_of(tmp_path)
    homes = Homes(tmp_path / "here", {"eu": tmp_path / "eu"})
    table = homes.read(engine, ["shop"], MORNING * DAY, MORNING * DAY + DAY)
    assert engine.collect(table).column("client").to_pylist() == ["Anna", "Bert", "Cleo"]


@pytest.mark.parametrize(
    "tagged", [{"eu": "here"}, {"eu": "here/eu"}, {"eu": "."}, {"eu": "x", "us": "x/us"}, {"": "x"}]
)
def test_homes__not_apart__are_refused(tmp_path: Path, tagged: dict[str, str]) -> None:
    with pytest.raises(ResidencyError):
        Homes(tmp_path / "here", {tag: tmp_path / name for tag, name in tagged.items()})


def test_land__record_of_a_day_that_was_deleted__is_refused_until_it_may_land(
    tmp_path: Path, engine: Engine
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    homes = Homes(tmp_path / "lake")
    lake = homes.lake("")
    counts = Declaration(
        source="hits",
        kind="counts",
        format="csv",
        columns={
            "time": Time("at", format="seconds"),
            "seconds": Constant(60),
            "good": Number("good"),
            "total": Number("total"),
        },
    )
    (source / "a.csv").write_text(f"at,good,total\n{FIRST * DAY},1,2\n{(FIRST + 1) * DAY},1,2\n")
    land(source, counts, homes, NOW)
    roll_up(lake, engine, "hits", FIRST)
    carry_out(lake, RULES, [], after(10))
    (source / "b.csv").write_text(f"at,good,total\n{FIRST * DAY + 60},1,2\n{(FIRST + 1) * DAY + 60},3,2\n")

    result = land(source, counts, homes, NOW)
    assert (result.new, result.refused) == (0, {"deleted day": 1, "out of order": 1})
    assert [note.reason for note in notes(lake, "hits")] == ["deleted day", "out of order"]
    assert land(source, counts, homes, NOW).known_files == 1
