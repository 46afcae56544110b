"""What each measure says of itself in ``terms show``: words that both parties can hold against the records."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from record.landing.kinds import DIMENSIONS, KINDS, Type
from record.terms.calendars import read_calendar
from record.terms.indicators import Counted, Indicator, read_indicator, read_source
from record.terms.measures import FORMS
from record.terms.yaml_reading import read_documents
from tests.unit.record.records_terms import terms

HELD = {"up": "100%", "slow": "50%", "down": "0%"}
CLOCK = {"pausing": "held", "stopping": ["resolved", "closed"], "cancelling": "cancelled"}
RULE = {"name": "outage", "priority": "P1", "when": [{"field": "component", "words": "outage"}]}
STORM = {
    "name": "storm",
    "declared": "2027-03-01T10:00:00Z",
    "start": "2027-03-01T10:00:00Z",
    "priorities": {"P2": "P1"},
}
PARTS = [{"service": "shop"}, {"rule": "parallel", "parts": [{"agreement": "a"}, {"agreement": "b"}]}]
SAMPLES: dict[str, dict[str, Any]] = {
    "adherence": {
        "clock": {**CLOCK, "reopening": "stays stopped", "begins": "at priority"},
        "limits": {"P1": {"within": "4 hours"}, "P3": {"within": "3 business days", "hours": "office"}},
        "priorities": "P1",
        "classification": [{"version": "2027-1", "from": "2027-01-01T00:00:00Z", "rules": [RULE]}],
    },
    "clock-time": {"clock": {**CLOCK, "hours": "office"}, "statistic": "mean"},
    "update-time": {"clock": CLOCK, "statistic": "percentile", "share": "95%", "majorEvents": [STORM]},
    "backlog-age": {"clock": CLOCK, "statistic": "max", "priorities": ["P1", "P2"]},
    "composite": {"levels": HELD, "holdsFor": "10 minutes", "rule": "serial", "parts": PARTS},
    "uptime": {"levels": HELD, "holdsFor": "10 minutes"},
    "slices": {"levels": HELD, "holdsFor": "10 minutes", "every": "5 minutes", "upFrom": "50%"},
    "on-time": {"within": "2 business days", "calendar": "office"},
    "late-orders": {"within": "4 hours", "byShare": [{"below": "95%", "each": "1"}, {"below": "90%", "each": "2"}]},
    "right-first-time": {},
    "missed-appointments": {"zone": "Europe/London", "from": "2027-04-01"},
    "lead-time": {"unit": "business days", "statistic": "mean", "calendar": "office"},
    "late-days": {
        "unit": "days",
        "lateDay": "missed",
        "zone": "Europe/London",
        "grace": "1 day",
        "steps": [{"beyond": "0 days", "each": "2"}, {"beyond": "5 days", "each": "3", "from": "0 days"}],
    },
    "repair-time": {"unit": "hours", "statistic": "mean", "calendar": "office"},
    "repaired-within": {"within": "4 hours"},
    "repeat-faults": {"within": "30 days"},
    "fault-time": {"unit": "minutes", "rounded": "up"},
    "reading": {"unit": "megabits", "statistic": "min", "rounded": "down", "every": "5 minutes"},
    "readings-within": {"atLeast": "1.5", "atMost": "20"},
    "throughput": {"unit": "requests", "statistic": "min", "every": "5 minutes", "empty": "unknown"},
    "loss": {},
    "requests": {"count": "fast", "maxLatencyMilliseconds": "300"},
    "intervals": {"count": "up", "every": "5 minutes", "empty": "unknown", "upFrom": "95%"},
    "percentile": {"share": "99%"},
    "score": {"fewest": "10"},
    "score-share": {"atLeast": "4.5"},
}  # fmt: skip


def indicator(measure: str, more: dict[str, Any]) -> Indicator:
    """An SLI of the measure over records of its first kind."""
    kind = KINDS[FORMS[measure].kinds[0]]
    columns = {
        column.name: {"constant": "true"} if column.type is Type.TRUTH else column.name
        for column in kind.columns
        if column.name not in DIMENSIONS
    }
    details = {"kind": kind.name, "format": "csv", "columns": columns}
    source = document(
        "openslo/v1", "DataSource", "gateway", {"type": "records", "connectionDetails": details}
    )
    spec = {"measure": measure, **SAMPLES[measure], **more}
    metric = {"metricSource": {"metricSourceRef": "gateway", "spec": spec}}
    sli = document("openslo/v1", "SLI", "availability", {"thresholdMetric": metric})
    return alone(terms(source, sli))


def document(version: str, kind: str, name: str, spec: dict[str, Any]) -> str:
    return json.dumps({"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}) + "\n"


def alone(text: str) -> Indicator:
    """The indicator of terms, whatever its unit, which the obligation beside it need not have."""
    by_kind = {each.text("kind"): each for each in read_documents(text)}
    source, calendar = read_source(by_kind["DataSource"]), read_calendar(by_kind["Calendar"])
    return read_indicator(by_kind["SLI"], {source.name: source}, {calendar.name: calendar})


def test_samples__name_every_measure() -> None:
    assert sorted(SAMPLES) == sorted(FORMS)


@pytest.mark.parametrize("measure", SAMPLES)
def test_sentence__of_each_measure__is_plain_english(measure: str) -> None:
    found = indicator(measure, {"where": {"client": "acme"}})
    assert isinstance(found.metric, Counted)
    sentence = found.metric.sentence

    assert sentence.startswith("of the records whose client is acme: ")
    assert not re.search(r"None|True|False|[<>{}_]|  |\(\)|\b1 [a-z]+s\b|\.$|[A-Z]\w*\(", sentence), sentence
    assert sentence.count("rounded") <= 1
    assert 30 < len(sentence) < 700


def test_sentence__calendars_that_are_named__are_kept_with_the_indicator() -> None:
    assert [each.name for each in indicator("adherence", {}).calendars] == ["office"]
    assert [each.name for each in indicator("requests", {"hours": "office"}).calendars] == ["office"]
    assert indicator("requests", {}).calendars == ()
