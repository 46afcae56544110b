"""A log of status: between rows the last one holds, for as long as the terms believe it."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from eth_hash.auto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metering.attain import attained_by_time
from metering.meters import TimeMeter
from metering.sources.status_log import StatusLogSource
from metering.spans import Span
from record.terms.ratios import TimeRatio
from record.terms.sources import StatusLog
from sla.errors import MeasurementError

HEADER = "checked_at,service,status,http_status,response_ms\n"
DAY = 86_400
NOON = 1_786_536_000
"""2026-08-12T12:00:00Z."""
NOW = (NOON + 30 * DAY) * 1_000
LOG = """\
2026-08-12T12:00:00+00:00,Shop,up,200,51
2026-08-12T12:00:00+00:00,Forum,down,502,9
2026-08-12T14:00:00+00:00,Shop,down,0,0
2026-08-12T14:36:00Z,Shop,up,200,80
2026-08-12T16:00:00+00:00,Forum,up,200,9
"""


def source(
    folder: Path, text: str, degraded: bool | None = None, hours: int = 48, service: str = "Shop"
) -> StatusLogSource:
    (folder / "log.csv").write_text(HEADER + text)
    log = StatusLog("log.csv", "csv", service, hours * 3_600)
    return StatusLogSource(log, TimeRatio(degraded), folder, lambda: NOW)


def ms(hours: float) -> int:
    """Milliseconds of so many hours after noon."""
    return (NOON * 1_000) + int(hours * 3_600_000)


def test_spans__of_a_service__are_from_row_to_row(tmp_path: Path) -> None:
    assert source(tmp_path, LOG).spans(ms(-12), ms(12)) == [
        Span(ms(0), ms(2), True),
        Span(ms(2), ms(2.6), False),
        Span(ms(2.6), ms(12), True),
    ]


def test_spans__of_a_period__are_cut_at_its_bounds(tmp_path: Path) -> None:
    assert source(tmp_path, LOG).spans(ms(1), ms(2.5)) == [
        Span(ms(1), ms(2), True),
        Span(ms(2), ms(2.5), False),
    ]


def test_spans__beyond_what_a_row_is_believed__are_unknown(tmp_path: Path) -> None:
    found = source(tmp_path, LOG, hours=1).spans(ms(0), ms(12))

    assert found == [Span(ms(0), ms(1), True), Span(ms(2), ms(2.6), False), Span(ms(2.6), ms(3.6), True)]


def test_meter__a_day__is_good_per_known_milliseconds(tmp_path: Path) -> None:
    """36 of 720 known minutes down: 95 %."""
    found = TimeMeter(source(tmp_path, LOG)).attained(NOON - DAY // 2, NOON + DAY // 2)

    assert (found.known, found.attained) == (True, 950_000)
    assert (found.good, found.counted, found.expected) == (684 * 60_000, 720 * 60_000, 1_440 * 60_000)
    assert found.missing == 720 * 60_000


def test_meter__less_than_half_of_the_day_known__is_unknown(tmp_path: Path) -> None:
    found = TimeMeter(source(tmp_path, LOG)).attained(NOON - DAY // 2 - 1, NOON + DAY // 2)

    assert (found.known, found.attained) == (False, 0)


def test_evidence__of_time__is_the_hash_of_exactly_these_bytes() -> None:
    found = attained_by_time([Span(2_000, 9_500, True), Span(0, 2_000, False)], 1, 9)
    document = {
        "end": 9,
        "format": "makegood-spans/1",
        "spans": [[1_000, 2_000, False], [2_000, 9_000, True]],
        "start": 1,
    }

    assert found.evidence == keccak(json.dumps(document, separators=(",", ":")).encode())
    assert (found.attained, found.good, found.counted) == (875_000, 7_000, 8_000)


@pytest.mark.parametrize(("degraded", "good"), [(True, True), (False, False)])
def test_degraded__counts__as_the_terms_say(tmp_path: Path, degraded: bool, good: bool) -> None:
    text = "2026-08-12T12:00:00+00:00,Shop,degraded,200,9000\n"

    assert source(tmp_path, text, degraded).spans(ms(0), ms(1)) == [Span(ms(0), ms(1), good)]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("2026-08-12T17:00:00,Shop,up,200,1", ", checked_at: .* not a moment with a zone"),
        ("1786554000,Shop,up,200,1", ", checked_at: .* not a moment with a zone"),
        ("2026-08-12T17:00:00.000001Z,Shop,up,200,1", ", checked_at: .* not a moment with a zone"),
        ("2026-08-32T17:00:00Z,Shop,up,200,1", ", checked_at: .* not in the calendar"),
        ("1926-08-12T17:00:00Z,Shop,up,200,1", ", checked_at: .* before 1970"),
        ("2026-09-11T12:00:00.001Z,Shop,up,200,1", ", checked_at: .* lies in the future"),
        ("2026-08-12T15:59:59Z,Shop,up,200,1", ", checked_at: .* before the row above it"),
        ("2026-08-12T16:00:00Z,Forum,up,200,1", None),
        ("2026-08-12T17:00:00Z,Shop,UP,200,1", ", status: 'UP' is no status"),
        ("2026-08-12T17:00:00Z,Shop,degraded,200,1", ", status: 'degraded' counts as nothing"),
        ("2026-08-12T17:00:00Z,Forum,maintenance,200,1", ", status: 'maintenance' is no status"),
        ("2026-08-12T17:00:00Z,Shop,up,OK,1", ", http_status: 'OK' is not a whole number"),
        ("2026-08-12T17:00:00Z,Shop,up,200,-1", ", response_ms: '-1' is not a whole number"),
        ("2026-08-12T17:00:00Z,Shop,up,200,1.5", ", response_ms: '1.5' is not a whole number"),
        ("2026-08-12T17:00:00Z,Shop,up,200", ": 4 values"),
    ],
)
def test_row__garbled__is_refused_with_line_and_field(
    tmp_path: Path, row: str, complaint: str | None
) -> None:
    log = source(tmp_path, LOG + row + "\n")
    if complaint is None:
        assert len(log.spans(ms(0), ms(12))) == 3
        return
    with pytest.raises(MeasurementError, match=rf"log\.csv, line 7{complaint}"):
        log.spans(ms(0), ms(12))


def test_row__of_the_same_service_and_time__is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match=r"line 7, checked_at: .* occurs twice for its service"):
        source(tmp_path, LOG + "2026-08-12T16:00:00Z,Forum,down,0,0\n", service="Forum").spans(ms(0), ms(12))


def test_service__not_in_the_log__is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match="no row of the service 'shop'"):
        source(tmp_path, LOG, service="shop").spans(ms(0), ms(12))


def test_log__outside_its_folder_or_absent__is_refused(tmp_path: Path) -> None:
    for path, complaint in (("../log.csv", "outside"), ("none.csv", "cannot be read")):
        log = StatusLog(path, "csv", "Shop", 1)
        with pytest.raises(MeasurementError, match=complaint):
            StatusLogSource(log, TimeRatio(None), tmp_path, lambda: NOW).spans(0, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.text(alphabet='Shop,updown0\n"-:TZ+2568', max_size=150).map(str.encode)
    )
)
def test_log__any_bytes__are_spans_or_a_measurement_error(tmp_path: Path, data: bytes) -> None:
    log = source(tmp_path, "")
    (tmp_path / "log.csv").write_bytes(HEADER.encode() + LOG.encode() + data)
    try:
        found = log.spans(ms(0), ms(12))
    except MeasurementError:
        return
    assert sum(span.length_ms for span in found) <= ms(12) - ms(0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.sampled_from(["A", "B"]), st.sampled_from(["up", "down"])),
        min_size=1,
    ),
    st.integers(1, 40),
    st.integers(0, 150),
    st.integers(1, 150),
)
def test_meter__any_log__equals_looking_at_every_second(
    tmp_path: Path, rows: list[tuple[int, str, str]], holds: int, start: int, length: int
) -> None:
    """The reference asks for every second who spoke last, and when."""
    rows = sorted({(time, service): (time, service, status) for time, service, status in rows}.values())
    with (tmp_path / "log.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.strip().split(","))
        for time, service, status in rows:
            writer.writerow([datetime.fromtimestamp(NOON + time, UTC).isoformat(), service, status, 0, 0])
    log = StatusLogSource(StatusLog("log.csv", "csv", "A", holds), TimeRatio(None), tmp_path, lambda: NOW)
    seconds = []
    for second in range(start, start + length):
        said = [row for row in rows if row[1] == "A" and row[0] <= second]
        if said and second < said[-1][0] + holds:
            seconds.append(said[-1][2] == "up")
    if not any(service == "A" for _, service, _ in rows):
        with pytest.raises(MeasurementError):
            log.spans(0, 1)
        return

    found = TimeMeter(log).attained(NOON + start, NOON + start + length)

    assert (found.good, found.counted) == (1_000 * sum(seconds), 1_000 * len(seconds))
    assert found.known == (len(seconds) * 2 >= length and len(seconds) > 0)
    assert found.attained == (sum(seconds) * 1_000_000 // len(seconds) if found.known else 0)
