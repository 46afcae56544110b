"""Which source an indicator is measured by, and what a node asks itself."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from chain.clock import ManualClock, SystemClock
from cli.main import main
from metering.meters import QueryMeter, ReadingMeter, SampleMeter, TimeMeter
from metering.pulse import Pulse
from metering.readings import Reading
from oracle.errors import OracleError
from oracle.journal import Journal, Owner
from oracle.sourcing import NodeSources, reading_name
from record.eip712 import escrow_domain
from record.terms import TermsDocument, load_terms
from record.terms.obligations import ObligationText
from record.terms.ratios import Ratio, ValueRatio
from record.terms.sources import OpenMetrics
from sla.agreement import PPM
from sla.errors import MeasurementError

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MONITORED = (EXAMPLES / "okkami-monitored.yaml").read_text()
NOW = 1_800_000_000
DOMAIN = escrow_domain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
Told = list[tuple[str, Mapping[str, object]]]


class Page(http.server.BaseHTTPRequestHandler):
    """A page of metrics, or an error while it is ``broken``."""

    broken = False

    def do_GET(self) -> None:
        body = b'gateway_controllers_connected_ratio{site="main"} 0.995\n'
        self.send_response(500 if Page.broken else 200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[str]:
    Page.broken = False
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/metrics"
    server.shutdown()
    server.server_close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite", Owner(31337, "0xcommittee", "0xme"))
    yield journal
    journal.close()


class Awake(Pulse):
    """A machine that never stalls."""

    def longest_gap(self, since: float) -> float:
        return 0.0


class Slow(ManualClock):
    """A clock that takes a moment to move on, so that answers keep up."""

    def sleep(self, seconds: float) -> None:
        time.sleep(0.005)
        super().sleep(seconds)


def sources(journal: Journal, told: Told | None = None, files: Path = Path()) -> NodeSources:
    def tell(kind: str, details: Mapping[str, object]) -> None:
        if told is not None:
            told.append((kind, details))

    return NodeSources(journal, files, Slow(NOW), Awake(), tell, 0, DOMAIN)


def promised(text: str = MONITORED) -> list[tuple[TermsDocument, ObligationText]]:
    document = load_terms(text)
    return [(document, obligation) for obligation in document.obligations]


def test_source__of_each_kind__is_its_meter(journal: Journal) -> None:
    own = sources(journal)
    kinds = [type(own.source(*each)) for each in promised()]
    assert kinds == [QueryMeter, QueryMeter, ReadingMeter, TimeMeter]

    for name, interval in (("aws-compute-region", 60_000), ("leased-line", None)):
        (each,) = promised((EXAMPLES / f"{name}.yaml").read_text())
        meter = own.source(*each)
        assert isinstance(meter, SampleMeter)
        assert meter.interval_ms == interval


def test_source__of_another_kind_than_its_indicator__is_refused(journal: Journal) -> None:
    document, obligation = promised()[0]
    other = replace(obligation, indicator=replace(obligation.indicator, metric=Ratio("up", 400, None)))

    with pytest.raises(OracleError, match="availability cannot be measured by prometheus"):
        sources(journal).source(document, other)


def document(url: str) -> TermsDocument:
    text = MONITORED.replace("https://gateway.example.com/metrics", url)
    return load_terms(text.replace("intervalMilliseconds: 60000", "intervalMilliseconds: 1000"))


def test_readings__of_a_page__are_kept_and_measured(page: str, journal: Journal) -> None:
    own = sources(journal)
    terms = document(page)
    own.prepare([terms, terms], observe_after_seconds=10)
    own.start()
    indicator = terms.obligations[2].indicator
    connection, ratio = indicator.source.connection, indicator.metric
    assert isinstance(connection, OpenMetrics)
    assert isinstance(ratio, ValueRatio)
    name, end = reading_name(connection, ratio), time.monotonic() + 10
    while len(journal.readings(name, 0, 2**50)) < 8 and time.monotonic() < end:
        time.sleep(0.01)
    own.stop()

    assert journal.readings(name, 0, 2**50)[0] == Reading((NOW + 1) * 1_000, "0.995")
    found = own.source(terms, terms.obligations[2]).attained(NOW + 1, NOW + 6)
    assert (found.known, found.attained, found.counted, found.expected) == (True, 1_000_000, 5, 5)


def test_readings__exporter_is_broken__are_unknown_and_told_of_once_a_minute(
    page: str, journal: Journal
) -> None:
    Page.broken = True
    told: Told = []
    own = sources(journal, told)
    own.prepare([document(page)], observe_after_seconds=10)
    own.start()
    end = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    own.stop()

    assert [kind for kind, _ in told] == ["unreadable"] * len(told)
    assert len(told) >= 2
    assert "answers 500" in str(told[0][1]["problem"])
    terms = document(page)
    found = own.source(terms, terms.obligations[2]).attained(NOW + 1, NOW + 41)
    assert (found.known, found.counted, found.good) == (False, 0, 0)


def test_prepare__page_may_answer_after_the_period_was_observed__is_refused(journal: Journal) -> None:
    with pytest.raises(OracleError, match=r"10000 ms to answer, .* 9 s after their end"):
        sources(journal).prepare([load_terms(MONITORED)], observe_after_seconds=9)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "timeoutMilliseconds: 10000",
            "timeoutMilliseconds: 60001",
            "prometheus.example.com has 60001 ms to answer",
        ),
        ("timeoutMilliseconds: 5000", "timeoutMilliseconds: 60001", "metrics has 60001 ms to answer"),
        ("intervalMilliseconds: 30000", "intervalMilliseconds: 1000", "asked for 2678400 values a period"),
        ("intervalMilliseconds: 60000", "intervalMilliseconds: 4", "more than 1000 questions could wait"),
    ],
)
def test_prepare__terms_that_would_keep_the_node_from_its_other_work__are_refused(
    journal: Journal, old: str, new: str, problem: str
) -> None:
    with pytest.raises(OracleError, match=problem):
        sources(journal).prepare([load_terms(MONITORED.replace(old, new))], observe_after_seconds=60)


def test_stop__many_sources__takes_no_longer_than_one(journal: Journal) -> None:
    """Each thread sleeps a fifth of a second before it looks whether it should stop."""
    own = NodeSources(journal, Path(), SystemClock(), Awake(), lambda kind, details: None, 0, DOMAIN)
    for place in range(40):
        own.prepare([load_terms(MONITORED.replace("https://gateway", f"https://gateway{place}"))], 60)
    own.start()
    time.sleep(0.05)

    begin = time.monotonic()
    own.stop()
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize("url", ["https://prometheus.example.com", "https://gateway.example.com/metrics"])
def test_prepare__address_that_cannot_be_requested__is_refused(journal: Journal, url: str) -> None:
    with pytest.raises(MeasurementError, match="cannot be requested"):
        sources(journal).prepare([load_terms(MONITORED.replace(url, "http://h:99999"))], 60)


def test_source__of_a_file__refuses_rows_of_the_future_by_the_nodes_clock(
    journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "status-changes.csv").write_text(
        "checked_at,service,status,http_status,response_ms\n2027-01-15T08:00:01Z,Booking site,up,200,5\n"
    )
    with pytest.raises(MeasurementError, match="lies in the future"):
        sources(journal, files=tmp_path).source(*promised()[3]).attained(NOW - 60, NOW)


def test_records__of_a_folder__are_measured_as_by_the_attain_command(
    journal: Journal, tmp_path: Path
) -> None:
    """The second day of the example: 46 minutes down and 30 minutes half up, of two services."""
    day = 86_400
    start = 1_798_761_600 + day
    (each,) = promised((EXAMPLES / "status-page.yaml").read_text())
    own = sources(journal, files=EXAMPLES / "records")

    found = own.source(*each).attained(start, start + day)

    good = 2 * day - 46 * 60 - 15 * 60
    assert (found.known, found.good, found.counted, found.missing) == (True, good * PPM, 2 * day * PPM, 0)
    assert found.attained == good * PPM // (2 * day)
    asked = [
        "--as-of",
        "2027-01-15T08:00:00Z",
        "--terms",
        str(EXAMPLES / "status-page.yaml"),
        "--data",
        str(EXAMPLES / "records"),
    ]
    said = CliRunner().invoke(main, ["attain", "--json", "--by", "day", *asked])
    attained = [one["attained"] for one in json.loads(said.stdout)["attainments"] if one["start"] == start]
    assert attained == [found.attained]
    assert own.source(*each).attained(start, start + day).evidence == found.evidence
    assert own.source(*each).attained(start, start + day + 1).evidence != found.evidence


@pytest.mark.parametrize("bad", [b"checked_at,service\n", b"\xff\xfe"])
def test_records__file_that_cannot_be_read__says_nothing_about_the_period(
    journal: Journal, tmp_path: Path, bad: bytes
) -> None:
    (each,) = promised((EXAMPLES / "status-page.yaml").read_text())
    meter = sources(journal, files=tmp_path).source(*each)
    with pytest.raises(MeasurementError, match="cannot be listed"):
        meter.attained(1_798_761_600, 1_798_848_000)

    (tmp_path / "status.csv").write_bytes(bad)

    with pytest.raises(MeasurementError, match=r"status\.csv"):
        meter.attained(1_798_761_600, 1_798_848_000)
