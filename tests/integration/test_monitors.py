"""Real monitors: what was done to nginx and to Prometheus is what is read, agreed on and paid for."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from metering.pulse import Pulse
from metering.sources.openmetrics import OpenMetricsReader
from metering.sources.prometheus import PrometheusSource
from oracle.fleet import Fleet
from oracle.settings import Settings
from record.terms import TermsDocument, load_terms
from record.terms.ratios import QueryRatio, ValueRatio
from record.terms.sources import OpenMetrics, Prometheus
from sla.agreement import Comparator
from sla.errors import MeasurementError
from tests.integration.monitors import Monitored, require_tools
from tests.integration.test_oracle_embedded import ARBITER, CUSTOMER, MEMBERS, PROVIDER, Market

pytestmark = pytest.mark.xdist_group("monitors")

INTERVAL = 2_000
LENGTH = 24
SHOP_DOWN = (2.5, 8.5)
PROMETHEUS_DOWN = (10.5, 15.5)
"""Seconds of the period."""

CHANGING = 2.4
"""So many seconds after a change a reading may still be the one before: the interval, and a little."""

FIRST_SCRAPE = 6.4
"""So many seconds after its start Prometheus may not have scraped anything yet: it waits five."""

SETTINGS = Settings(
    observe_after_seconds=1,
    collect_after_seconds=2,
    turn_seconds=3,
    cycle_seconds=0.5,
    dry_run=False,
    finality="finalized",
)
QUERY = 'probe_success{job="shop"}'
LATENCY = '(probe_duration_seconds{job="shop"} <= bool 0.3) * probe_success{job="shop"}'


def terms(market: Market, monitored: Monitored, start: int) -> TermsDocument:
    moment = datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    until = datetime.fromtimestamp(start + 3_600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    details = f"intervalMilliseconds: {INTERVAL}, timeoutMilliseconds: 1000"
    indicators = {
        "availability": ("prometheus", {"query": QUERY}),
        "latency": ("prometheus", {"query": LATENCY}),
        "page": ("page", {"metric": "probe_success", "goodWhen": "at least 1"}),
    }
    documents = [
        "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: shop}\nspec: {description: A shop.}",
        f"""apiVersion: openslo/v1
kind: DataSource
metadata: {{name: prometheus}}
spec: {{type: prometheus, connectionDetails: {{url: "{monitored.prometheus_url}", {details}}}}}""",
        f"""apiVersion: openslo/v1
kind: DataSource
metadata: {{name: page}}
spec: {{type: openmetrics, connectionDetails: {{url: "{monitored.page_url}", {details}}}}}""",
        *(
            f"""apiVersion: openslo/v1
kind: SLI
metadata: {{name: {name}}}
spec:
  ratioMetric:
    counter: true
    good: {{metricSource: {{metricSourceRef: {source}, spec: {json.dumps(good)}}}}}
    total: {{metricSource: {{metricSourceRef: {source}, spec: {{count: known}}}}}}"""
            for name, (source, good) in indicators.items()
        ),
        f"""apiVersion: makegood/v1
kind: SLA
metadata: {{name: shop}}
spec:
  service: shop
  description: A shop, measured by monitors.
  scope: All of it.
  parties:
    provider: {{name: P, address: "{PROVIDER.address}"}}
    customer: {{name: C, address: "{CUSTOMER.address}"}}
    arbiter: {{name: A, address: "{ARBITER.address}"}}
  token: {{address: "{market.token.address}", symbol: TUSD, decimals: 0}}
  committee: {{address: "{market.committee.address}"}}
  schedule: {{start: "{moment}", zone: UTC, every: {LENGTH} seconds, periods: 1}}
  charge: {{fixed: "1000"}}
  collateral: "5000"
  dispute: {{window: 1 seconds, bond: "10", arbiterFee: "5", rulingWithin: 1 day}}
  reportWithin: 1 hour
  claimWithin: 1 day
  openBy: "{until}"
  obligations:"""
        + "".join(
            f"""
    - name: {name}
      indicator: {name}
      objective: at least 95%
      missingData: ignore
      tiers:
        - {{below: 95%, pay: {pay}% of charge}}
        - {{below: 20%, pay: 100% of charge}}"""
            for name, pay in (("availability", 10), ("latency", 4), ("page", 1))
        ),
    ]
    return load_terms("\n---\n".join(documents))


def now_ms() -> int:
    return int(time.time() * 1_000)


def wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


def wait_for(holds: Callable[[], bool]) -> None:
    """At most half a minute: what was waited for is looked at afterwards."""
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        time.sleep(0.2)


def settled(seconds: float) -> str | None:
    """What must be read so many seconds into the period, by Prometheus; None right after a change."""
    state, since, patience = "1", -CHANGING, CHANGING
    for begin, end, other, until in (
        (*SHOP_DOWN, "0", CHANGING),
        (*PROMETHEUS_DOWN, "unknown", FIRST_SCRAPE),
    ):
        if begin <= seconds < end:
            state, since, patience = other, begin, CHANGING
        elif seconds >= end:
            state, since, patience = "1", end, until
    return state if seconds >= since + patience else None


@pytest.fixture(scope="module")
def monitored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monitored]:
    """All three running, and seen by Prometheus."""
    require_tools()
    with ExitStack() as stack:
        running = Monitored(tmp_path_factory.mktemp("monitors"), stack)
        source = PrometheusSource(Prometheus(running.prometheus_url, INTERVAL, 2_000), QueryRatio(QUERY))
        wait_for(lambda: source.readings(now_ms() - 2 * INTERVAL, now_ms())[-1].value == "1")
        yield running


def test_monitors__asked_for_what_they_have_not__say_so(monitored: Monitored) -> None:
    server = Prometheus(monitored.prometheus_url, INTERVAL, 2_000)
    end = now_ms()
    for query, problem in (
        ("up(", "answers 400: 1:4: parse error"),
        ("vector(1)", "has lost the labels job and instance"),
        ("probe_duration_seconds", "give 1 for good and 0 for bad"),
        ('{job="shop"}', "series for"),
    ):
        with pytest.raises(MeasurementError) as refused:
            PrometheusSource(server, QueryRatio(query)).readings(end - 2 * INTERVAL, end)
        assert problem in str(refused.value)
    (*_, nothing) = PrometheusSource(server, QueryRatio("nobody")).readings(end - INTERVAL, end)
    assert nothing.value is None


def test_page__of_a_real_exporter__is_read_at_once(monitored: Monitored) -> None:
    page = OpenMetrics(monitored.page_url, INTERVAL, 2_000)
    up = ValueRatio("probe_success", (), Comparator.AT_LEAST, Decimal(1))
    connecting = ValueRatio(
        "probe_http_duration_seconds", (("phase", "connect"),), Comparator.AT_MOST, Decimal("0.5")
    )

    assert OpenMetricsReader(page, up, Pulse()).sample(now_ms()).value == "1"
    number = OpenMetricsReader(page, connecting, Pulse()).sample(now_ms()).number
    assert number is not None
    assert 0 < number < 2
    with pytest.raises(MeasurementError, match="content type"):
        OpenMetricsReader(OpenMetrics(monitored.blackbox_url, INTERVAL, 2_000), up, Pulse()).sample(now_ms())


def test_fleet__nginx_then_prometheus_stopped__down_is_paid_and_unknown_is_not_down(
    monitored: Monitored, tmp_path: Path
) -> None:
    """Nothing faked: nginx, blackbox exporter, Prometheus, four nodes with journals, contracts on a chain."""
    market = Market()
    events: list[tuple[str, Mapping[str, object]]] = []
    with ExitStack() as stack:
        source = PrometheusSource(Prometheus(monitored.prometheus_url, INTERVAL, 2_000), QueryRatio(QUERY))
        start = int(time.time()) // 2 * 2 + 4
        document = terms(market, monitored, start)
        market.open(document)
        fleet = Fleet(
            market.connection,
            market.escrow.address,
            market.committee.address,
            MEMBERS,
            [document],
            tmp_path / "journals",
            SETTINGS,
            on_event=lambda kind, details: events.append((kind, details)),
        )
        stack.callback(fleet.stop)
        fleet.start()

        wait_until(start + SHOP_DOWN[0])
        monitored.shop.stop()
        wait_until(start + SHOP_DOWN[1])
        monitored.shop.start()
        wait_until(start + PROMETHEUS_DOWN[0])
        monitored.prometheus.stop()
        with pytest.raises(MeasurementError, match=r"cannot be read: .*refused"):
            source.readings(start * 1_000, start * 1_000 + 2_000)
        wait_until(start + PROMETHEUS_DOWN[1])
        monitored.prometheus.start()
        wait_until(start + LENGTH + 1)

        found = source.readings(start * 1_000, (start + LENGTH) * 1_000)
        bare = repeated(monitored, start)
        wait_for(lambda: market.token.balance_of(CUSTOMER.address) >= 150)

    read = {reading.time_ms / 1_000 - start: reading.value or "unknown" for reading in found}
    assert list(read) == list(range(0, LENGTH, 2))
    expected = {seconds: settled(seconds) for seconds in read}
    wrong = {s: (read[s], expected[s]) for s in read if expected[s] is not None and read[s] != expected[s]}
    assert {state: list(expected.values()).count(state) for state in ("0", "unknown")} == {
        "0": 2,
        "unknown": 1,
    }
    assert "0" not in [value for seconds, value in read.items() if seconds >= SHOP_DOWN[1] + CHANGING], read
    # A busy machine may miss a scrape: that is unknown, never another status, and rare.
    assert all(value == "unknown" for value, _ in wrong.values()), (read, wrong)
    assert len(wrong) <= 2, (read, wrong)
    # While Prometheus was down its own answer goes on as before: only the scrapes show that nobody looked.
    gap = [seconds for seconds, state in expected.items() if state == "unknown"]
    assert [bare.get(int(start + seconds)) for seconds in gap] == ["1"] * len(gap)

    observed: dict[object, set[tuple[int, int]]] = {}
    for kind, details in events:
        if kind == "observed":
            observed.setdefault(details["obligation"], set()).add(
                (int(str(details["counted"])), int(str(details["attained"])))
            )
    good = sum(value == "1" for value in read.values())
    known = sum(value != "unknown" for value in read.values())
    assert observed[0] == {(known, good * 1_000_000 // known)}
    assert min(counted for counted, _ in observed[2]) > known
    attained = {
        details["obligation"]: int(str(details["attained"])) for kind, details in events if kind == "claimed"
    }
    assert set(attained) == {0, 1, 2}, events
    assert 600_000 <= attained[2] <= 900_000
    assert market.token.balance_of(CUSTOMER.address) == 150, events
    assert "trouble" not in [kind for kind, _ in events], events


def repeated(monitored: Monitored, start: int) -> dict[int, str]:
    """What Prometheus itself says of every second: its last value for five minutes, whoever was down."""
    asked = {"query": QUERY, "start": start, "end": start + LENGTH, "step": 1}
    with urlopen(f"{monitored.prometheus_url}/api/v1/query_range?{urlencode(asked)}", timeout=5) as response:
        (series,) = json.load(response)["data"]["result"]
    return {int(time): value for time, value in series["values"]}
