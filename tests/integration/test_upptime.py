"""A public monitor's log through the oracle: every minute beside what the monitor published, every difference named."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scripts.upptime.__main__ import _lines, main
from scripts.upptime.explain import explain
from scripts.upptime.records import Records, Row, day_start
from scripts.upptime.replay import DAYS, FIRST

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
LOG = DATA / "upptime_status_changes.csv"


def down_seconds() -> dict[tuple[str, str], int]:
    """Seconds down by service and day, straight from the rows; no outage of this log passes midnight."""
    since: dict[str, datetime] = {}
    down: dict[tuple[str, str], int] = defaultdict(int)
    with LOG.open(newline="") as file:
        for row in csv.DictReader(file):
            time, service = datetime.fromisoformat(row["checked_at"]), row["service"]
            if row["status"] == "down":
                since.setdefault(service, time)
            elif service in since:
                begin = since.pop(service)
                assert begin.date() == time.date()
                down[service, str(time.date())] += int((time - begin).total_seconds())
    assert since == {}
    return dict(down)


@pytest.mark.skipif(not LOG.is_file(), reason="the shared data are not on this machine")
def test_replay__of_the_whole_log__gives_the_rows_minutes_and_explains_every_difference(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--data", str(DATA), "--json"]) == 0

    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    measured = {(line["service"], line["day"]): line["oracleSeconds"] for line in said["lines"]}
    assert {key: seconds for key, seconds in measured.items() if seconds} == down_seconds()
    # By hand: 12:47 + 35:42 + 8:48 + 8:50, 75:04 + 117:01, and 2:20 + 86:20.
    assert measured["Manual", "2026-08-18"] == 66 * 60 + 7
    assert measured["GitHub", "2026-08-15"] == 192 * 60 + 5
    assert measured["Catalog Search", "2026-08-20"] == 88 * 60 + 40
    assert len(measured) == 18 * 12
    unknown = {key for key, seconds in measured.items() if seconds is None}
    late = ("Facet Demo Search", "Catalog Search", "Catalog Autocomplete", "Cloudflare Monitor")
    assert unknown == {(service, f"2026-08-{day}") for service in late for day in range(11, 18)}

    assert said["publishedMinutes"] == 994
    # MySQL Playground on 18 August: 24:29 of lines 175 to 180 were published as 25 minutes.
    unexplained = {(line["service"], line["day"]): line["unexplainedMinutes"] for line in said["lines"]}
    assert {key: number for key, number in unexplained.items() if number} == {
        ("MySQL Playground", "2026-08-18"): 1
    }
    manual = next(
        line for line in said["lines"] if (line["service"], line["day"]) == ("Manual", "2026-08-18")
    )
    assert (manual["counted"], manual["leftOut"]) == ([[172, 184]], [[158, 165], [186, 188], [190, 192]])
    # 12:47 on 18 August, and 21:41 on 21 August.
    assert (said["longestLeftOutSeconds"], said["shortestCountedSeconds"]) == (767, 1_301)
    # 18 days below 98 % pay 10.00, the others 2.00 (99.9 % are 86 seconds); see the table of the rows.
    bands = [seconds / 86_400 for seconds in down_seconds().values()]
    assert int(said["paid"]) == sum(10_000_000 if band > 0.02 else 2_000_000 for band in bands)
    assert said["rounds"] == 12


def records(published: int, *outages: tuple[int, int]) -> Records:
    start = day_start(FIRST)
    rows = [Row(2, start, "Shop", "up")]
    for begin, end in outages:
        rows += [
            Row(len(rows) + 2, start + begin, "Shop", "down"),
            Row(len(rows) + 3, start + end, "Shop", "up"),
        ]
    return Records(tuple(rows), {("Shop", FIRST): published} if published else {})


@pytest.mark.parametrize(
    ("published", "outages", "measured", "unexplained"),
    [
        (0, [], 0, 0),
        (10, [(0, 600)], 600, 0),
        (10, [(0, 629)], 629, 0),
        (10, [(0, 630)], 630, 1),
        (0, [(0, 600)], 600, 0),
        (10, [(0, 600), (1_000, 1_900)], 1_500, 0),
        (10, [(0, 600), (1_000, 1_600)], 1_200, 10),
        (7, [(0, 600)], 600, 3),
        (7, [], 0, 7),
        (25, [(0, 1_469), (2_000, 2_730)], 2_199, 1),
        (10, [(0, 600)], 540, 1),
        (10, [(0, 600)], None, 20),
    ],
)
def test_explain__published_number__is_explained_only_by_whole_outages(
    published: int, outages: list[tuple[int, int]], measured: int | None, unexplained: int
) -> None:
    """Also what cannot be told: two outages of ten minutes, of which one was counted."""
    line = explain(records(published, *outages), "Shop", FIRST, measured)

    assert line.unexplained_minutes == unexplained
    assert bool(line.why) == (bool(outages) or unexplained > 0)


def test_main__no_data__says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="upptime_status_changes"):
        main(["--data", str(tmp_path)])


def test_day__start__is_midnight_utc() -> None:
    assert datetime.fromtimestamp(day_start(FIRST), UTC).isoformat() == "2026-08-11T00:00:00+00:00"


def test_lines__published_minutes_that_no_line_of_the_log_is_about__are_counted() -> None:
    known = records(10, (0, 600))
    before = DAYS[0] - timedelta(days=1)
    published = {**known.published, ("Shop", before): 7, ("Another", DAYS[1]): 5}
    attained = {("Shop", day): None for day in DAYS} | {("Shop", FIRST): 993_055}

    lines = list(_lines(replace(known, published=published), attained))

    assert {
        (line.service, line.day): line.unexplained_minutes for line in lines if line.unexplained_minutes
    } == {
        ("Shop", before): 7,
        ("Another", DAYS[1]): 5,
    }
