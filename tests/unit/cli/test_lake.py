"""``makegood lake``: what landed is shown, deleted when it is old, and kept while it is disputed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from click.testing import CliRunner, Result

from cli.main import main
from metering.engine import open_engine
from metering.lake import Lake, LakeError, add
from metering.schemas import arrow_schema
from record.landing.kinds import DIMENSIONS, PROBES
from sla.civil import DAY

ROOT = Path(__file__).resolve().parents[3]
FIRST = 20_000
"""2024-10-04."""
RULES = ("--raw-days", 10, "--rolled-up-days", 30)


def lake(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["lake", *(str(each) for each in arguments)])


def told(*arguments: object) -> dict[str, Any]:
    result = lake(*arguments, "--json")
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Probes of three days, the last not complete; it is the eleventh day after the first."""
    kept = Lake(tmp_path / "lake")
    with kept.landing("shop", PROBES):
        for day in range(3):
            rows = [
                dict.fromkeys(DIMENSIONS, "")
                | {
                    "time_ms": (FIRST + day) * DAY * 1_000 + place,
                    "known": True,
                    "status": 200,
                    "latency_us": 5,
                }
                for place in range(day + 1)
            ]
            parquet.write_table(pa.Table.from_pylist(rows, arrow_schema(PROBES)), tmp_path / "in.parquet")
            add(kept, "shop", FIRST + day, [tmp_path / "in.parquet"], open_engine)
        kept.set_watermark("shop", (FIRST + 2) * DAY + 7)
    monkeypatch.setattr("cli.lake_retain.current_time", lambda: (FIRST + 12) * DAY)
    monkeypatch.setattr("cli.lake_freeze.current_time", lambda: 1_900_000_000)
    return kept.root


def decided(answer: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(one["day"], one["form"], one["deletes"]) for one in answer["decisions"]]


def test_lake_show__sources__with_days_records_and_watermark(folder: Path) -> None:
    said = told("show", folder)

    (one,) = said["sources"]
    assert one == {
        "source": "shop",
        "kind": "probes",
        "first": "2024-10-04",
        "last": "2024-10-06",
        "watermark": (FIRST + 2) * DAY + 7,
        "records": 6,
        "contradictory": 0,
        "rawDays": 3,
        "rolledUpDays": 0,
    }
    text = lake("show", folder).stdout
    assert "2024-10-04 to 2024-10-06" in text
    assert "2024-10-06 00:00:07" in text


def test_lake_retain__dry_run__says_what_would_go_and_touches_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert decided(told("retain", folder, *RULES, "--dry-run")) == [
        ("2024-10-04", "raw", True),
        ("2024-10-05", "raw", True),
        ("2024-10-06", "raw", False),
    ]
    text = lake("retain", folder, *RULES, "--dry-run").stdout
    assert "would roll up and delete shop 2024-10-04 raw\n" in text
    assert "keeps shop 2024-10-06 raw: 9 days old of 10\n" in text
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_lake_retain__rolls_up_first__and_then_deletes(folder: Path) -> None:
    assert decided(told("retain", folder, *RULES)) == [
        ("2024-10-04", "raw", True),
        ("2024-10-04", "rolled up", False),
        ("2024-10-05", "raw", True),
        ("2024-10-05", "rolled up", False),
        ("2024-10-06", "raw", False),
    ]

    (one,) = told("show", folder)["sources"]
    assert (one["records"], one["rawDays"], one["rolledUpDays"]) == (3, 1, 2)
    left = Lake(folder)
    rolled = parquet.read_table(
        left.day_folder("shop", FIRST + 1) / str(left.day("shop", FIRST + 1).rolled_up)
    )
    assert rolled.select(["status", "looks"]).to_pylist() == [{"status": 200, "looks": 2}]
    with pytest.raises(LakeError, match="were deleted"):
        left.files("shop", FIRST * DAY, (FIRST + 1) * DAY)


def test_lake_retain__of_an_agreement__keeps_what_can_still_be_claimed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The days lie in its first period, January 2027 moved to October 2024; claimed until 62 days after its end."""
    text = (ROOT / "examples" / "status-page.yaml").read_text()
    moved = text.replace("2027-01-01", "2024-10-01")
    (tmp_path / "terms.yaml").write_text(moved)
    assert moved != text

    kept = told("retain", folder, *RULES, "--terms", tmp_path / "terms.yaml")
    assert [one["deletes"] for one in kept["decisions"]] == [False] * 3
    assert "period 0 of Public services" in kept["decisions"][0]["why"]

    # The last of 24 months ends on 2026-10-01; records of 400 days before may still hold in it.
    monkeypatch.setattr("cli.lake_retain.current_time", lambda: 1_790_812_800 + 62 * DAY)
    gone = told("retain", folder, *RULES, "--terms", tmp_path / "terms.yaml")
    assert [one["deletes"] for one in gone["decisions"]] == [True, False, True, False, False]


def test_lake_freeze__disputed_days__stay_until_released(folder: Path) -> None:
    frozen = told(
        *("freeze", folder, "dispute-7", "--source", "shop"),
        *("--from", "2024-10-04", "--to", "2024-10-04T12:00:00Z", "--reason", "period 2"),
    )
    assert (frozen["start"], frozen["end"], frozen["since"]) == (
        FIRST * DAY,
        FIRST * DAY + DAY // 2,
        1_900_000_000,
    )
    assert len(frozen["files"]) == 1

    assert decided(told("retain", folder, *RULES, "--dry-run"))[:2] == [
        ("2024-10-04", "raw", False),
        ("2024-10-05", "raw", True),
    ]
    assert "Frozen as dispute-7: shop from 2024-10-04 00:00:00" in lake("show", folder).stdout

    assert lake("release", folder, "dispute-7").stdout == "dispute-7 is released.\n"
    assert decided(told("retain", folder, *RULES, "--dry-run"))[0] == ("2024-10-04", "raw", True)


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("show", "nowhere"), 2, "nowhere is no lake"),
        (("retain", "LAKE", "--raw-days", 5, "--rolled-up-days", 4), 1, "cannot be meant"),
        (("release", "LAKE", "dispute-8"), 1, "nothing is frozen as 'dispute-8'"),
        (
            (
                "freeze",
                "LAKE",
                "x",
                "--source",
                "shop",
                "--from",
                "soon",
                "--to",
                "2024-10-05",
                "--reason",
                "y",
            ),
            2,
            "or a day as in 2027-03-01",
        ),
        (
            (
                "freeze",
                "LAKE",
                "x",
                "--source",
                "till",
                "--from",
                "2024-10-04",
                "--to",
                "2024-10-05",
                "--reason",
                "y",
            ),
            3,
            "there is no source 'till'",
        ),
    ],
)
def test_lake__what_cannot_be_meant__is_refused(
    folder: Path, arguments: tuple[object, ...], code: int, complaint: str
) -> None:
    given = [folder if each == "LAKE" else each for each in arguments]

    result = lake(*given)

    assert (result.exit_code, complaint in result.stderr) == (code, True), result.output
