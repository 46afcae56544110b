"""Range queries: every tick is good, bad or unknown, and an answer that is none of it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metering.attain import attained_by_readings
from metering.http_get import Answer
from metering.meters import QueryMeter
from metering.readings import Reading
from metering.sources.prometheus import PrometheusSource
from metering.sources.prometheus_answer import read_matrix
from record.terms.ratios import QueryRatio
from record.terms.sources import Prometheus
from sla.errors import MeasurementError

LABELS = {"__name__": "probe_success", "instance": "http://shop/", "job": 'black"box'}
UP = r'present_over_time(up{job="black\"box",instance="http://shop/"}[2000ms])'
START = 1_800_000_000_000

Asked = dict[str, str]


def answer(document: object, status: int = 200, kind: str = "application/json") -> Answer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Answer("http://prometheus/api/v1/query_range?query=x", status, kind, body)


def matrix(*series: tuple[dict[str, str], dict[int, str]], **more: object) -> dict[str, Any]:
    """What Prometheus says; values by their time in milliseconds."""
    result = [
        {"metric": labels, "values": [[time / 1_000, value] for time, value in points.items()]}
        for labels, points in series
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}


class Server:
    """A Prometheus with one series, scraped at ``scraped``; it answers only for the ticks it is asked for."""

    def __init__(self, points: dict[int, str], scraped: set[int]) -> None:
        self.points = points
        self.scraped = scraped
        self.labels = dict(LABELS)
        self.asked: list[Asked] = []

    def get(self, url: str, timeout_milliseconds: int, accept: str) -> Answer:
        parts = urlsplit(url)
        assert parts.path == "/prefix/api/v1/query_range"
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(asked)
        first, last = (round(float(asked[name]) * 1_000) for name in ("start", "end"))
        if asked["query"] == "probe_success":
            return answer(matrix((self.labels, {t: v for t, v in self.points.items() if first <= t <= last})))
        assert asked["query"] == UP
        return answer(matrix((self.labels, {t: "1" for t in sorted(self.scraped) if first <= t <= last})))


def source(
    monkeypatch: pytest.MonkeyPatch, get: Callable[..., Answer], interval: int = 2_000
) -> PrometheusSource:
    monkeypatch.setattr("metering.sources.prometheus.get", get)
    return PrometheusSource(
        Prometheus("http://prometheus/prefix", interval, 1_500), QueryRatio("probe_success")
    )


def test_readings__of_a_period__are_one_a_tick_and_unknown_where_nothing_was_scraped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prometheus repeats the last value where it was down: at 6 s and 8 s nothing was scraped."""
    ticks = range(START, START + 12_000, 2_000)
    server = Server(
        dict(zip(ticks, ["1", "1", "0", "0", "0", "1"], strict=True)),
        {ticks[0], ticks[1], ticks[2], ticks[5]},
    )

    found = source(monkeypatch, server.get).readings(START - 500, START + 12_000)

    values = ["1", "1", "0", None, None, "1"]
    assert found == [Reading(tick, value) for tick, value in zip(ticks, values, strict=True)]
    assert server.asked[0] == {
        "query": "probe_success",
        "start": "1800000000.000",
        "end": "1800000010.000",
        "step": "2.000",
        "timeout": "1500ms",
    }


def test_meter__counts_good_per_known__and_hashes_every_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = range(START, START + 12_000, 2_000)
    server = Server(dict(zip(ticks, ["1", "1", "0", "1"], strict=False)), set(ticks))
    meter = QueryMeter(source(monkeypatch, server.get), 2_000)

    found = meter.attained(START // 1_000, START // 1_000 + 12)

    assert (found.known, found.attained, found.good, found.counted, found.missing) == (True, 750_000, 3, 4, 2)
    readings = [
        Reading(tick, value) for tick, value in zip(ticks, ["1", "1", "0", "1", None, None], strict=True)
    ]
    again = attained_by_readings(
        readings, lambda value: value == 1, START // 1_000, START // 1_000 + 12, 2_000
    )
    assert found.evidence == again.evidence


def test_readings__of_a_month__are_asked_for_in_pieces_prometheus_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = range(START, START + 25_000 * 2_000, 2_000)
    server = Server(dict.fromkeys(ticks, "1"), set(ticks))

    found = source(monkeypatch, server.get).readings(START, START + 50_000_000)

    assert found == [Reading(tick, "1") for tick in ticks]
    pieces = [
        1 + round((float(asked["end"]) - float(asked["start"])) / 2)
        for asked in server.asked
        if asked["query"] == "probe_success"
    ]
    assert pieces == [10_000, 10_000, 5_000]


def test_readings__no_series__are_all_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = source(monkeypatch, lambda *_: answer(matrix())).readings(START, START + 4_000)

    assert found == [Reading(START, None), Reading(START + 2_000, None)]


def test_readings__no_tick_in_the_period__are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server({}, set())

    assert source(monkeypatch, server.get).readings(START + 1, START + 1_000) == []
    assert server.asked == []


POINT = {START: "1"}
REFUSED = [
    (matrix((LABELS, {START: "0.5"})), "'probe_success' is '0.5' at 1800000000.000"),
    (matrix((LABELS, {START: "NaN"})), "is 'NaN' at"),
    (matrix((LABELS, {START: "+Inf"})), "is '+Inf' at"),
    (matrix((LABELS, {START: "-1"})), "is '-1' at"),
    (matrix((LABELS, POINT), ({"job": "b", "instance": "c"}, POINT)), "gives 2 series for 'probe_success'"),
    (matrix(({"job": "b"}, POINT)), "has lost the labels job and instance"),
    (matrix((LABELS, POINT), warnings=["no node answers"]), "comes with a warning: ['no node answers']"),
    (matrix((LABELS, {START + 10_000_000: "1"})), "no tick that was asked for"),
    (matrix((LABELS, {START - 2_000: "1"})), "no tick that was asked for"),
    (matrix((LABELS, {START + 1: "1"})), "no tick that was asked for"),
    (matrix((LABELS, {START * 1_000: "1"})), "not a time in seconds"),
    (matrix((LABELS, {-START: "1"})), "not a time in seconds"),
    (matrix((LABELS, {START + 2_000: "1", START: "1"})), "after that for"),
    ({"status": "error", "error": "boom"}, "has the status 'error': boom"),
    ({"status": "success", "data": {"resultType": "vector", "result": []}}, "is a 'vector', not a matrix"),
    ({"status": "success", "data": {"resultType": "matrix", "result": {}}}, "not a matrix"),
    ({"status": "success", "data": {"resultType": "matrix", "result": [[]]}}, "is malformed: a series is []"),
    ({"status": "success", "data": []}, "is malformed: its data"),
    ([], "is malformed: the answer is []"),
    (b'{"status": "success", "status": "error"}', "a key occurs twice"),
    (b'{"status": NaN}', "NaN is no number"),
    (b"[" * 100_000, "deeper than 32 levels"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, "deeper than 32 levels"),
    (b'"' + b"[" * 100 + b'"', "is malformed: the answer is"),
    (b'"\xff"', "not UTF-8"),
    (b"", "is not JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "problem"), REFUSED)
def test_readings__answer_that_is_none__is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, document: object, problem: str
) -> None:
    with pytest.raises(MeasurementError) as refused:
        source(monkeypatch, lambda *_: answer(document)).readings(START, START + 4_000)

    assert problem in refused.value.problem
    assert refused.value.remedy


def test_readings__same_tick_twice__is_refused() -> None:
    text = json.dumps(matrix((LABELS, POINT))).replace('"values": [', f'"values": [[{START // 1_000}, "0"], ')

    with pytest.raises(MeasurementError, match="after that for"):
        read_matrix(answer(text.encode()), range(START, START + 4_000, 2_000))


@pytest.mark.parametrize(
    "values", ['["now", "1"]', f"[{START // 1_000}, 1]", f"[{START // 1_000}]", '[1.8e9, "1"]', "1", "null"]
)
def test_readings__value_of_another_shape__is_refused(values: str) -> None:
    text = (
        '{"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": [%s]}]}}'
    )

    with pytest.raises(MeasurementError, match="not a time in seconds with a number as text"):
        read_matrix(answer((text % values).encode()), range(START, START + 4_000, 2_000))


def test_readings__error_of_the_server__is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"status": "error", "errorType": "bad_data", "error": "1:4: parse error:\nunclosed"}
    with pytest.raises(MeasurementError, match=r"answers 400: 1:4: parse error: unclosed"):
        source(monkeypatch, lambda *_: answer(said, 400)).readings(START, START + 4_000)
    with pytest.raises(MeasurementError, match=r"answers 503;"):
        source(monkeypatch, lambda *_: answer(b"<html>", 503, "text/html")).readings(START, START + 4_000)
    with pytest.raises(MeasurementError, match="content type 'text/html'"):
        source(monkeypatch, lambda *_: answer(b"{}", 200, "text/html")).readings(START, START + 4_000)


def test_readings__another_series_in_a_later_piece__is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(dict.fromkeys(range(START, START + 25_000_000, 2_000), "1"), set())

    def get(url: str, timeout: int, accept: str) -> Answer:
        server.labels = {**LABELS, "node": "a" if len(server.asked) < 2 else "b"}
        return server.get(url, timeout, accept)

    with pytest.raises(
        MeasurementError, match="one series for a part of the period and another for the rest"
    ):
        source(monkeypatch, get).readings(START, START + 25_000_000)


def test_url__that_cannot_be_requested__is_refused_before_anything_is_asked() -> None:
    with pytest.raises(MeasurementError, match="cannot be requested"):
        PrometheusSource(Prometheus("http://h:99999", 1_000, 1_000), QueryRatio("x"))


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["success", "matrix", "1"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["status", "data", "resultType", "result", "metric", "values", "warnings", "x"]),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        JSON,
        st.binary(max_size=50),
        JSON.map(lambda result: {"status": "success", "data": {"resultType": "matrix", "result": result}}),
    )
)
def test_answer__any_json_or_bytes__is_series_or_a_measurement_error(document: object) -> None:
    ticks = range(START, START + 4_000, 2_000)
    try:
        found = read_matrix(answer(document), ticks)
    except MeasurementError:
        return
    assert all(time in ticks for series in found for time in series.points)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["0", "1", None]), max_size=30), st.integers(1, 5_000), st.integers(0, 20_000)
)
def test_answer__any_valid_one__is_read_tick_by_tick(
    values: list[str | None], interval: int, offset: int
) -> None:
    first = -(-(START + offset) // interval) * interval
    ticks = range(first, first + interval * len(values), interval)
    points = {tick: value for tick, value in zip(ticks, values, strict=True) if value is not None}

    (series,) = read_matrix(answer(matrix((LABELS, points))), ticks)

    assert series.points == points
    assert series.labels == LABELS
