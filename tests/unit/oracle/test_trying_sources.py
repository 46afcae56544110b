"""What a check says of each kind of source: fine only when a node could measure by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metering.readings import Reading
from metering.sources.prometheus import PrometheusSource
from oracle.trying_sources import try_source
from record.terms import load_terms
from record.terms.indicators import Indicator
from sla.errors import MeasurementError
from tests.unit.oracle.world import terms

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
TEXT = (EXAMPLES / "okkami-monitored.yaml").read_text()
LOG = "checked_at,service,status,http_status,response_ms\n"


def indicator(place: int, text: str = TEXT) -> Indicator:
    return load_terms(text).obligations[place].indicator


@pytest.mark.parametrize(
    ("values", "says"), [((None, "1"), "1 of its last 2 values are known"), (("0", "0"), "2 of its last 2")]
)
def test_try__prometheus_knows_the_target__is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, values: Sequence[str | None], says: str
) -> None:
    readings = [Reading(number, value) for number, value in enumerate(values)]
    monkeypatch.setattr(PrometheusSource, "readings", lambda *_: readings)

    assert says in try_source(indicator(0), tmp_path)


def test_try__prometheus_answers_but_knows_nothing__is_no_success(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A misspelt metric gives an empty answer, not an error."""
    monkeypatch.setattr(PrometheusSource, "readings", lambda *_: [Reading(1, None), Reading(2, None)])

    with pytest.raises(MeasurementError, match="none of its last 2 values is known"):
        try_source(indicator(0), tmp_path)


def status_log(folder: Path, row: str) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "status-changes.csv").write_text(LOG + row)


def test_try__status_log_that_is_kept_up__says_how_the_service_is(tmp_path: Path) -> None:
    hour_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    status_log(tmp_path, f"{hour_ago.isoformat()},Booking site,up,200,5\n")

    said = try_source(indicator(3), tmp_path)
    assert said.endswith(f"says that Booking site is good since {hour_ago:%Y-%m-%d %H:%M:%S} UTC")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "2026-01-01T00:00:00Z,Booking site,up,200,5\n",
            "nothing of Booking site after 2026-01-03 00:00:00 UTC",
        ),
        ("2026-01-01T00:00:00Z,Another,up,200,5\n", "no row of the service 'Booking site'"),
    ],
)
def test_try__status_log_that_nobody_writes__is_no_success(tmp_path: Path, row: str, problem: str) -> None:
    status_log(tmp_path, row)

    with pytest.raises(MeasurementError, match=problem):
        try_source(indicator(3), tmp_path)


def test_try__recorded_samples__are_counted(tmp_path: Path) -> None:
    given = terms().obligations[0].indicator
    file = tmp_path / "shop.csv"
    file.write_text("time,known,status,latency_us\n")
    with pytest.raises(MeasurementError, match="has no row"):
        try_source(given, tmp_path)

    file.write_text(
        "time,known,status,latency_us\n2026-01-01T00:00:00Z,true,200,5\n2026-01-01T00:01:00Z,true,200,5\n"
    )
    assert "has 2 rows, the last of 2026-01-01 00:01:00 UTC" in try_source(given, tmp_path)


def status_page() -> Indicator:
    (obligation,) = load_terms((EXAMPLES / "status-page.yaml").read_text()).obligations
    return obligation.indicator


def test_try__records__are_counted_with_those_refused(tmp_path: Path) -> None:
    rows = ["checked_at,service,status", "2026-01-01T00:00:00Z,Shop,up", "2026-01-02T00:00:00,Shop,up"]
    (tmp_path / "status.csv").write_text("\n".join(rows) + "\n")

    said = try_source(status_page(), tmp_path)

    assert said == f"{tmp_path / 'status.csv'} has 1 record; 1 refused"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "checked_at,service,status\n2026-01-02T00:00:00,Shop,up\n",
            "no record that can be believed: 1 no zone",
        ),
        ("checked_at,service,status\n", "no record that can be believed"),
        ("service,status\n", r"status\.csv cannot be read"),
        (None, "cannot be listed"),
    ],
)
def test_try__records_of_which_none_lands__is_no_success(
    tmp_path: Path, text: str | None, problem: str
) -> None:
    if text is not None:
        (tmp_path / "status.csv").write_text(text)

    with pytest.raises(MeasurementError, match=problem):
        try_source(status_page(), tmp_path)
