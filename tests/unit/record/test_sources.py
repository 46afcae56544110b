"""Sources and indicators of monitors: what the terms may say about them, and how the rest is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.terms import load_terms
from record.terms.ratios import QueryRatio, TimeRatio, ValueRatio
from record.terms.sources import OpenMetrics, Prometheus, StatusLog
from sla.agreement import Comparator
from sla.errors import TermsError

TEXT = (Path(__file__).resolve().parents[3] / "examples" / "okkami-monitored.yaml").read_text()
GOOD = "spec.ratioMetric.good.metricSource.spec"


def change(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1, old
    return TEXT.replace(old, new, 1)


def test_example__its_sources_and_indicators__say_what_is_read() -> None:
    availability, latency, controllers, booking = (
        obligation.indicator for obligation in load_terms(TEXT).obligations
    )

    assert availability.source.connection == Prometheus("https://prometheus.example.com", 30_000, 10_000)
    assert availability.metric == QueryRatio('probe_success{job="platform"}')
    assert latency.metric == QueryRatio(
        '(probe_duration_seconds{job="platform"} <= bool 0.3) * probe_success{job="platform"}'
    )
    assert controllers.source.connection == OpenMetrics("https://gateway.example.com/metrics", 60_000, 5_000)
    assert controllers.metric == ValueRatio(
        "gateway_controllers_connected_ratio", (("site", "main"),), Comparator.AT_LEAST, Decimal("0.99")
    )
    assert booking.source.connection == StatusLog(
        "data/status-changes.csv", "csv", "Booking site", 2 * 86_400
    )
    assert booking.metric == TimeRatio(degraded_is_good=True)
    assert {indicator.unit.text(999_000) for indicator in (availability, controllers, booking)} == {"99.9%"}


REFUSALS = [
    ("type: prometheus", "type: zabbix", "spec.type", "is not a known type of source"),
    ("https://prometheus.example.com", "prometheus:9090", "spec.connectionDetails.url", "is not a web address"),
    ("https://prometheus.", "https://me:secret@prometheus.", "spec.connectionDetails.url", "names a user"),
    ("example.com\n    intervalM", "example.com/?a=b\n    intervalM", "spec.connectionDetails.url", "goes on behind"),
    ("/metrics", "/metrics#main", "spec.connectionDetails.url", "names a part of a page"),
    ("s: 30000", "s: 0", "spec.connectionDetails.intervalMilliseconds", "is no time at all"),
    ("    intervalMilliseconds: 30000\n", "    step: 30\n", "spec.connectionDetails.step", "is not a known field"),
    ("    intervalMilliseconds: 60000\n", "", "spec.connectionDetails.intervalMilliseconds", "is missing"),
    ("format: csv", "format: parquet", "spec.connectionDetails.format", "is not known here"),
    ("holdsFor: 2 days", "holdsFor: 0 days", "spec.connectionDetails.holdsFor", "is out of range"),
    ("holdsFor: 2 days", "holdsFor: 401 days", "spec.connectionDetails.holdsFor", "is out of range"),
    ("holdsFor: 2 days", "holdsFor: long", "spec.connectionDetails.holdsFor", "is not a duration"),
    ("    holdsFor: 2 days\n", "", "spec.connectionDetails.holdsFor", "is missing"),
    ('query: probe_success{job="platform"}', "query: " + "x" * 4_001, f"{GOOD}.query", "has 4001 characters"),
    ('query: probe_success{job="platform"}', "query: ''", f"{GOOD}.query", "is empty"),
    ('query: probe_success{job="platform"}', "count: up", f"{GOOD}.count", "is not a known field"),
    ("metric: gateway_controllers", "metric: 9gateway", f"{GOOD}.metric", "is not the name of a metric"),
    ("goodWhen: at least 0.99", "goodWhen: above 0.99", f"{GOOD}.goodWhen", "is not a limit"),
    ("goodWhen: at least 0.99", "goodWhen: at least NaN", f"{GOOD}.goodWhen", "is not a limit"),
    ("goodWhen: at least 0.99", "goodWhen: at least 1e400", f"{GOOD}.goodWhen", "is not a limit"),
    ("            site: main", "            si-te: main", f"{GOOD}.labels.si-te", "is not the name of a label"),
    ("            site: main", "            site: [main]", f"{GOOD}.labels.site", "is not a single value"),
    ("labels:\n            site: main", "labels: {}", f"{GOOD}.labels", "holds 0 labels"),
    ("degraded: good", "degraded: fine", f"{GOOD}.degraded", "is not known here"),
    ("count: up\n", "count: fast\n", f"{GOOD}.count", "is not known here"),
    ("count: known", "query: vector(1)", "spec.ratioMetric.total.metricSource.spec.query", "is not a known field"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "problem"), REFUSALS)
def test_load_terms__one_thing_wrong_about_a_monitor__is_refused_by_field_and_line(
    old: str, new: str, path: str, problem: str
) -> None:
    with pytest.raises(TermsError) as refused:
        load_terms(change(old, new))

    assert refused.value.path == path
    assert problem in refused.value.problem
    assert refused.value.remedy
    assert refused.value.line is not None


@pytest.mark.parametrize(
    ("good_when", "value", "good"),
    [
        ("at least 1", "1", True),
        ("at least 1", "0.9999999999999999999999999", False),
        ("at most 0.3", "0.3", True),
        ("at most 0.3", "0.30000000000000000000000001", False),
        ("at most 0.3", "3e-1", True),
        ("at least -5", "-5.000", True),
    ],
)
def test_limit__is_met__exactly_to_the_last_digit(good_when: str, value: str, good: bool) -> None:
    metric = (
        load_terms(change("goodWhen: at least 0.99", f"goodWhen: {good_when}"))
        .obligations[2]
        .indicator.metric
    )

    assert isinstance(metric, ValueRatio)
    assert metric.is_good(Decimal(value)) is good


LINES = [
    number for number, line in enumerate(TEXT.splitlines()) if number < TEXT.splitlines().index("kind: SLA")
]
ODD = st.one_of(
    st.sampled_from(
        ["", "{}", "[]", "0", "-1", "1e9", "&a x", "'", "at least", "http://", "https://[", "2 days"]
    ),
    st.text(max_size=10),
)


@given(st.sampled_from(LINES), ODD)
def test_load_terms__any_value_of_a_monitor__is_terms_or_a_terms_error(number: int, value: str) -> None:
    lines = TEXT.splitlines()
    key = lines[number].partition(":")[0]
    lines[number] = f"{key}: {value}"
    try:
        load_terms("\n".join(lines))
    except TermsError as error:
        refused = error
    else:
        return
    assert refused.problem
    assert refused.remedy


@pytest.mark.parametrize("address", ["https://me:secret@shop.example.com/", "https://shop.example.com/#top"])
def test_http_probe__address_with_a_secret_or_a_part_of_a_page__is_refused(address: str) -> None:
    """Terms are read by everybody, and the probe would send neither."""
    text = (Path(__file__).resolve().parents[3] / "examples" / "aws-compute-region.yaml").read_text()
    (url,) = [line.split("url: ")[1] for line in text.splitlines() if line.strip().startswith("url: ")]

    with pytest.raises(TermsError, match=r"names a user|names a part of a page") as refused:
        load_terms(text.replace(url, address))
    assert refused.value.path == "spec.connectionDetails.url"
