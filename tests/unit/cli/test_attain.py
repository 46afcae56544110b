"""``makegood attain``: from the files in a folder to attainments, and the records behind them."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main

ROOT = Path(__file__).resolve().parents[3]
TERMS = ROOT / "examples" / "status-page.yaml"
DATA = ROOT / "examples" / "records"
PUBLIC_LOG = ROOT.parent / "shared" / "data" / "upptime_status_changes.csv"
MICRO = 1_000_000


def attain(*arguments: object, data: Path = DATA, terms: Path = TERMS) -> Result:
    given = ["attain", "--terms", terms, "--data", data, *arguments]
    if "--as-of" not in arguments:
        given += ["--as-of", "2027-02-01T00:00:00Z"]
    return CliRunner().invoke(main, [str(each) for each in given])


def found(*arguments: object, data: Path = DATA, terms: Path = TERMS) -> dict[str, Any]:
    result = attain(*arguments, "--json", data=data, terms=terms)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_attain__by_day_and_service__is_one_object_each() -> None:
    by_hand = {
        # Known from the first reading on; 46 minutes down and 30 minutes half up on the second day.
        ("2027-01-01", "Booking"): (86_395 * MICRO, 86_395 * MICRO, 5 * MICRO),
        ("2027-01-01", "Manual"): (86_394 * MICRO, 86_394 * MICRO, 6 * MICRO),
        ("2027-01-02", "Booking"): ((86_400 - 46 * 60 - 15 * 60) * MICRO, 86_400 * MICRO, 0),
        ("2027-01-02", "Manual"): (86_400 * MICRO, 86_400 * MICRO, 0),
        ("2027-01-03", "Booking"): (86_400 * MICRO, 86_400 * MICRO, 0),
        ("2027-01-03", "Manual"): (86_400 * MICRO, 86_400 * MICRO, 0),
    }

    said = found("--by", "day", "--by", "service")

    assert {
        (one["day"], one["dimension"]["service"]): (one["numerator"], one["denominator"], one["missing"])
        for one in said["attainments"]
    } == by_hand
    attained = {(one["day"], one["dimension"]["service"]): one["attained"] for one in said["attainments"]}
    # 82 740 of 86 400 seconds.
    assert attained["2027-01-02", "Booking"] == 957_638
    assert {one["unit"] for one in said["attainments"]} == {"ppm"}


def test_attain__of_a_period__tells_what_it_pays(tmp_path: Path) -> None:
    """A month: 97.999 % up pay 10 % of 1 200.00, in base units of a token with 6 decimals."""
    down = 53_595
    rows = ["checked_at,service,status", "2027-01-01T00:00:00Z,Shop,down", f"{at(down)},Shop,up"]
    rows += [f"2027-01-{day:02d}T00:00:00Z,Shop,up" for day in range(2, 32)]
    (tmp_path / "status.csv").write_text("\n".join(rows) + "\n")

    (one,) = found(data=tmp_path)["attainments"]

    assert (one["period"], one["attained"], one["pays"]) == (0, 979_989, "120000000")
    assert (one["denominator"], one["missing"]) == (31 * 86_400 * MICRO, 0)


def at(second: int) -> str:
    return f"2027-01-01T{second // 3_600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


def test_attain__explained__has_the_records_behind_each_answer() -> None:
    said = found("--by", "day", "--explain")

    (second,) = [one for one in said["attainments"] if one["day"] == "2027-01-02"]
    bad = [record for record in second["records"] if record["verdict"] == "bad"]
    assert bad == [
        {
            "verdict": "bad",
            "start": 1_798_881_240,
            "end": 1_798_884_000,
            "subject": "Booking",
            "state": "down",
            "level": 0,
            "service": "Booking",
        }
    ]
    spans = sum(record["end"] - record["start"] for record in second["records"])
    assert spans == 2 * 86_400
    text = attain("--by", "day", "--explain").stdout
    assert (
        "bad        start 2027-01-02 09:14:00  end 2027-01-02 10:00:00  subject Booking  state down" in text
    )


def test_attain__as_of_a_time__knows_nothing_later() -> None:
    said = found("--by", "day", "--as-of", "2027-01-02T09:30:00Z")

    assert [one["day"] for one in said["attainments"]] == ["2027-01-01", "2027-01-02"]
    # Two services until 09:30, of which one was down for the last 16 minutes.
    known = 2 * (9 * 3_600 + 30 * 60)
    second = said["attainments"][1]
    assert (second["numerator"], second["denominator"]) == ((known - 16 * 60) * MICRO, known * MICRO)


def test_attain__with_a_lake__reads_files_once(tmp_path: Path) -> None:
    first, again = (found("--lake", tmp_path / "lake") for _ in range(2))

    assert first["attainments"] == again["attainments"]
    assert (first["landed"][0]["read"], again["landed"][0]["read"]) == (9, 0)


def test_attain__rows_nobody_can_believe__are_told(tmp_path: Path) -> None:
    text = (DATA / "status.csv").read_text()
    (tmp_path / "status.csv").write_text(
        text + "yesterday,Booking,up,200,1\n2027-01-03T00:00:06Z,Manual,down,0,0\n"
    )

    (landed,) = found(data=tmp_path)["landed"]

    assert (landed["read"], landed["refused"], landed["contradictions"]) == (11, {"no time": 1}, 2)
    assert (
        "11 records read from status-log, 1 refused, 2 contradictory (1 no time)."
        in attain(data=tmp_path).stdout
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--obligation", "Speed"), "--obligation: 'Speed' is no obligation here; use Availability"),
        (
            ("--as-of", "tomorrow"),
            "--as-of: 'tomorrow' is not a moment in UTC; write it as in 2026-01-31T12:00:00Z",
        ),
        (("--home", "eu"), "--home: 'eu' is no home; write REGION=FOLDER, or REGION= for elsewhere"),
    ],
)
def test_attain__option_that_fits_nothing__is_refused(arguments: tuple[str, ...], told: str) -> None:
    result = attain(*arguments)

    assert (result.exit_code, result.stderr.strip()) == (2, f"Error: {told}")


def test_attain__without_the_file__says_which(tmp_path: Path) -> None:
    result = attain(data=tmp_path)

    assert result.exit_code == 2
    assert "status.csv cannot be listed: No such file or directory; name a folder of files" in result.stderr


def test_attain__source_that_is_no_file__is_left_to_nodes() -> None:
    said = found(terms=ROOT / "examples" / "aws-compute-region.yaml")

    assert said["attainments"] == []
    assert said["notFromFiles"] == ["Region availability"]


@pytest.mark.skipif(not PUBLIC_LOG.is_file(), reason="the shared data are not on this machine")
def test_attain__public_log_by_day__is_what_its_rows_say(tmp_path: Path) -> None:
    (tmp_path / "status.csv").write_bytes(PUBLIC_LOG.read_bytes())
    terms = tmp_path / "terms.yaml"
    terms.write_text(TERMS.read_text().replace("start: 2027-01-01T", "start: 2026-08-01T"))
    since: dict[str, datetime] = {}
    down: dict[tuple[str, str], int] = defaultdict(int)
    with PUBLIC_LOG.open(newline="") as file:
        for row in csv.DictReader(file):
            time, service = datetime.fromisoformat(row["checked_at"]), row["service"]
            if row["status"] == "down":
                since.setdefault(service, time)
            elif service in since:
                down[str(time.date()), service] += int((time - since.pop(service)).total_seconds())

    said = found("--by", "day", "--by", "service", data=tmp_path, terms=terms)

    bad = {
        (one["day"], one["dimension"]["service"]): (one["denominator"] - one["numerator"]) // MICRO
        for one in said["attainments"]
    }
    assert {key: seconds for key, seconds in bad.items() if seconds} == dict(down)
    assert bad["2026-08-18", "Manual"] == 66 * 60 + 7
    assert len(bad) == 14 * 11 + 4 * 5
