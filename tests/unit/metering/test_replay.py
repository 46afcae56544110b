"""Recorded samples: read exactly, or refused with file, line and field."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metering.samples import Sample, answered, unanswered, unknown
from metering.sources.replay import ReplaySource, read_samples
from record.terms.indicators import Replay
from sla.errors import MeasurementError

HEADER = "time,known,status,latency_us\n"
GOOD = (
    "2026-01-31T12:00:00Z,true,200,81000\n"
    "2026-01-31T12:00:00.250Z,true,0,0\n"
    "2026-01-31T13:00:01+01:00,false,0,0\n"
)
NOON = 1_769_860_800_000
NOW = 4_102_444_800_000
"""The year 2100: nothing below lies in the future by accident."""
SAMPLES = [answered(NOON, 200, 81_000), unanswered(NOON + 250), unknown(NOON + 1_000)]


def csv_of(folder: Path, text: str) -> Path:
    path = folder / "samples.csv"
    path.write_text(text)
    return path


def parquet_of(folder: Path, **changes: pa.Array) -> Path:
    times = [datetime.fromtimestamp(sample.time_ms / 1_000, UTC) for sample in SAMPLES]
    columns = {
        "time": pa.array(times, pa.timestamp("us", "UTC")),
        "known": pa.array([sample.known for sample in SAMPLES]),
        "status": pa.array([sample.status for sample in SAMPLES], pa.int16()),
        "latency_us": pa.array([sample.latency_us for sample in SAMPLES], pa.int64()),
    }
    path = folder / "samples.parquet"
    parquet.write_table(pa.table({**columns, **changes}), path)
    return path


def test_csv__good_file__is_read_exactly(tmp_path: Path) -> None:
    assert list(read_samples(csv_of(tmp_path, HEADER + GOOD), "csv", NOW)) == SAMPLES


def test_csv__columns_in_another_order__are_found_by_name(tmp_path: Path) -> None:
    text = "latency_us,time,status,known\n81000,2026-01-31T12:00:00Z,200,true\n"
    assert list(read_samples(csv_of(tmp_path, text), "csv", NOW)) == SAMPLES[:1]


def test_parquet__good_file__is_read_exactly(tmp_path: Path) -> None:
    assert list(read_samples(parquet_of(tmp_path), "parquet", NOW)) == SAMPLES


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("2026-01-31T12:00:02,true,200,1", "line 5, time: .* not a moment with a zone"),
        ("2026-01-31 12:00:02Z,true,200,1", "line 5, time: .* not a moment with a zone"),
        ("2026-01-31T12:00:02.0001Z,true,200,1", "line 5, time: .* not a moment with a zone"),
        ("1769860802,true,200,1", "line 5, time: .* not a moment with a zone"),
        ("2026-02-30T12:00:02Z,true,200,1", "line 5, time: .* not in the calendar"),
        ("1969-12-31T12:00:02Z,true,200,1", "line 5, time: .* before 1970"),
        ("2026-01-31T12:00:01Z,true,200,1", "line 5, time: .* occurs twice"),
        ("2026-01-31T11:00:00Z,true,200,1", "line 5, time: .* before the row above it"),
        ("2100-01-01T00:00:00.001Z,true,200,1", "line 5, time: .* in the future"),
        ("1769860802000000,true,200,1", "line 5, time: .* not a moment with a zone"),
        ("2026-01-31T12:00:02Z,yes,200,1", "line 5, known: 'yes' is neither"),
        ("2026-01-31T12:00:02Z,True,200,1", "line 5, known: 'True' is neither"),
        ("2026-01-31T12:00:02Z,true,OK,1", "line 5, status: 'OK' is not a whole number"),
        ("2026-01-31T12:00:02Z,true,99,1", "line 5, status: '99' is no HTTP status"),
        ("2026-01-31T12:00:02Z,true,600,1", "line 5, status: '600' is no HTTP status"),
        ("2026-01-31T12:00:02Z,true,200,1.5", "line 5, latency_us: '1.5' is not a whole number"),
        ("2026-01-31T12:00:02Z,true,200,-1", "line 5, latency_us: '-1' is not a whole number"),
        ("2026-01-31T12:00:02Z,true,200,NaN", "line 5, latency_us: 'NaN' is not a whole number"),
        ("2026-01-31T12:00:02Z,true,200,", "line 5, latency_us: '' is not a whole number"),
        ("2026-01-31T12:00:02Z,true,0,7", "line 5, latency_us: '7' is given without an answer"),
        ("2026-01-31T12:00:02Z,false,200,7", "line 5, status: '200' is given, but not known"),
        ("2026-01-31T12:00:02Z,true,200", "line 5: 3 values"),
        ("2026-01-31T12:00:02Z,true,200,1,9", "line 5: 5 values"),
        ("", "line 5: 0 values"),
        ('2026-01-31T12:00:02Z,true,"200,1', "cannot be read"),
    ],
)
def test_csv__garbled_row__is_refused_with_line_and_field(tmp_path: Path, row: str, complaint: str) -> None:
    path = csv_of(tmp_path, f"{HEADER}{GOOD}{row}\n2026-01-31T12:00:09Z,true,200,1\n")

    with pytest.raises(MeasurementError, match=complaint) as caught:
        list(read_samples(path, "csv", NOW))
    assert "samples.csv" in str(caught.value)


@pytest.mark.parametrize(
    "header",
    ["", "time,known,status\n", "time,known,status,latency_us,note\n", "time,time,status,latency_us\n"],
)
def test_csv__other_columns__are_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(MeasurementError, match="use exactly time, known, status, latency_us"):
        list(read_samples(csv_of(tmp_path, header + GOOD), "csv", NOW))


def test_csv__not_text__is_refused(tmp_path: Path) -> None:
    path = tmp_path / "samples.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MeasurementError, match="cannot be read"):
        list(read_samples(path, "csv", NOW))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_file__missing__is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(MeasurementError, match="cannot be read"):
        list(read_samples(tmp_path / "none", kind, NOW))


def test_parquet__time_without_zone__is_refused(tmp_path: Path) -> None:
    naive = pa.array([datetime(2026, 1, 31, 12, 0, second) for second in range(3)], pa.timestamp("us"))
    with pytest.raises(MeasurementError, match="column time is timestamp"):
        list(read_samples(parquet_of(tmp_path, time=naive), "parquet", NOW))


@pytest.mark.parametrize(
    ("column", "values", "complaint"),
    [
        ("known", pa.array([True, None, False]), "line 2, known: 'None' is neither"),
        ("known", pa.array([1, 1, 0]), "column known is int64"),
        ("status", pa.array([200.0, 0.0, 0.0]), "column status is double"),
        ("status", pa.array([200, None, 0]), "line 2, status: 'None' is not a whole number"),
        ("latency_us", pa.array([-5, 0, 0]), "line 1, latency_us: '-5' is not a whole number"),
        ("time", pa.array([5, 5, 6], pa.timestamp("ms", "UTC")), "line 2, time: .* occurs twice"),
        ("time", pa.array([5, None, 6], pa.timestamp("ms", "UTC")), "line 2, time: 'None' is not a moment"),
        ("time", pa.array([6, 5, 7], pa.timestamp("ms", "UTC")), "line 2, time: .* before the row above it"),
        ("time", pa.array([-1, 5, 6], pa.timestamp("ms", "UTC")), "line 1, time: '-1' is not a moment"),
        (
            "time",
            pa.array([1, 2, 1_769_860_802_000_000], pa.timestamp("ms", "UTC")),
            "line 3, .* in the future",
        ),
        ("status", pa.array(["200", "x" * 1_000_000, "0"]), "column status is string"),
        ("latency_us", pa.array([1, 2, 3], pa.decimal128(9, 0)), "column latency_us is decimal"),
        ("time", pa.array([1, 2, 1_500_001], pa.timestamp("us", "UTC")), "cannot be read"),
    ],
)
def test_parquet__garbled_row__is_refused_with_line_and_field(
    tmp_path: Path, column: str, values: pa.Array, complaint: str
) -> None:
    with pytest.raises(MeasurementError, match=complaint):
        list(read_samples(parquet_of(tmp_path, **{column: values}), "parquet", NOW))


def test_parquet__not_parquet__is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match="cannot be read"):
        list(read_samples(csv_of(tmp_path, HEADER + GOOD), "parquet", NOW))


def test_parquet__small_file_of_very_many_rows__is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal values take no room in a file, and all of it in memory."""
    monkeypatch.setattr("metering.sources.replay.MAX_ROWS", 2)

    with pytest.raises(MeasurementError, match="unpacks to 3 rows"):
        list(read_samples(parquet_of(tmp_path), "parquet", NOW))


def test_source__name_that_is_no_path__is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match="names no file"):
        ReplaySource(Replay("a\0b", "csv"), tmp_path, lambda: NOW).samples(0, 2**50)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='time,known,status,latency_us\n"0 :TZtruefals-+2026', max_size=200).map(str.encode),
    ),
    st.booleans(),
)
def test_csv__any_bytes__are_samples_or_a_measurement_error(
    tmp_path: Path, data: bytes, with_header: bool
) -> None:
    path = tmp_path / "any"
    path.write_bytes((HEADER.encode() if with_header else b"") + data)
    try:
        samples = list(read_samples(path, "csv", NOW))
    except MeasurementError:
        return
    assert all(0 <= sample.time_ms <= NOW for sample in samples)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(st.data())
def test_parquet__file_with_bytes_changed__is_samples_or_a_measurement_error(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = parquet_of(tmp_path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 9))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        samples = list(read_samples(path, "parquet", NOW))
    except MeasurementError:
        return
    assert all(0 <= sample.time_ms <= NOW for sample in samples)


@pytest.mark.parametrize("command", ["kill -SEGV $$", "echo '[1, tr'; kill -KILL $$", "exit 1"])
def test_parquet__file_that_crashes_the_reader__is_refused_and_the_node_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """A library that does not survive a hostile file: a reader that dies stands for it here."""
    dying = tmp_path / "python"
    dying.write_text(f"#!/bin/sh\n{command}\n")
    dying.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(dying))

    with pytest.raises(
        MeasurementError, match=r"crashes the reader|'None' is not a moment|'None' is neither"
    ):
        list(read_samples(parquet_of(tmp_path), "parquet", NOW))


def test_source__a_period__is_half_open_and_the_file_may_grow(tmp_path: Path) -> None:
    path = csv_of(tmp_path, HEADER)
    source = ReplaySource(Replay("samples.csv", "csv"), tmp_path, lambda: NOW)
    assert source.samples(0, 2**50) == []

    path.write_text(HEADER + GOOD)
    assert source.samples(NOON, NOON + 1_000) == SAMPLES[:2]


@pytest.mark.parametrize("name", ["../samples.csv", "/etc/passwd", "a/../../samples.csv"])
def test_source__outside_its_folder__is_refused(tmp_path: Path, name: str) -> None:
    """Terms are written by the parties; they do not get to read the operator's disk."""
    inside = tmp_path / "inside"
    inside.mkdir()
    csv_of(tmp_path, HEADER + GOOD)

    with pytest.raises(MeasurementError, match="outside"):
        ReplaySource(Replay(name, "csv"), inside, lambda: NOW).samples(0, 2**50)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4_102_444_800_000),
            st.sampled_from([-1, 0, 100, 200, 503, 599]),
            st.integers(0, 10**9),
        ),
        unique_by=lambda row: row[0],
        max_size=30,
    )
)
def test_csv__any_samples_written__are_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, int]]
) -> None:
    samples = [
        unknown(time) if status < 0 else Sample(time, True, status, latency if status else 0)
        for time, status, latency in sorted(rows)
    ]
    lines = [
        f"{datetime.fromtimestamp(one.time_ms // 1_000, UTC):%Y-%m-%dT%H:%M:%S}.{one.time_ms % 1_000:03d}Z,"
        f"{'true' if one.known else 'false'},{one.status},{one.latency_us}\n"
        for one in samples
    ]
    path = csv_of(tmp_path_factory.mktemp("replay"), HEADER + "".join(lines))

    assert list(read_samples(path, "csv", NOW)) == samples
