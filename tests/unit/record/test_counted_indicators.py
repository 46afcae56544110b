"""Indicators that count records: the measure, whose records, in which hours; and how the rest is refused."""

from __future__ import annotations

import pytest

from record.landing.kinds import KINDS
from record.terms.indicators import Counted
from record.terms.measures import FORMS, Requests
from record.terms.ratios import Ratio
from tests.unit.record.records_terms import CALENDAR, INDICATOR, SOURCE, change, indicator_of, refusal, terms

SPEC = "spec.thresholdMetric.metricSource.spec"
PROBES = change("kind: counts", "kind: probes", SOURCE).partition("    columns:\n")[0] + (
    "    columns: {time_ms: at, known: {constant: true}, status: status, latency_us: us}\n"
)


def counted(indicator: str, source: str = SOURCE) -> Counted:
    metric = indicator_of(terms(source, indicator)).metric
    assert isinstance(metric, Counted)
    return metric


def test_counted__where_and_hours__are_kept_whatever_their_order() -> None:
    found = counted(
        INDICATOR + "        hours: office\n        where: {region: [eu, uk], client: acme}\n"
    )  # fmt: skip

    assert found.measure == Requests(None)
    assert found.where == (("client", ("acme",)), ("region", ("eu", "uk")))
    assert found.hours is not None
    assert found.hours.zone == "Europe/Rome"
    assert counted(INDICATOR) == Counted(Requests(None), (), None)
    assert counted(f"{INDICATOR}        count: up\n", PROBES) == Counted(Requests(Ratio("up", 400, None)))


def test_counted__sentence__says_whose_records_and_when_before_what_counts() -> None:
    whole = counted(INDICATOR + "        hours: office\n        where: {client: acme, region: [eu, uk]}\n")
    what = "requests that the source counts as good, as a part of all requests that it counts"

    assert whole.sentence == (
        f"of the records whose client is acme and region is eu or uk, in opening hours only: {what}"
    )
    assert counted(INDICATOR + "        hours: office\n").sentence == f"in opening hours only: {what}"
    assert counted(INDICATOR).sentence == what


@pytest.mark.parametrize(
    ("more", "path", "problem"),
    [
        ("        where: {clients: acme}\n", "where.clients", "is not a known field"),
        ("        where: {client: []}\n", "where.client", "is an empty list"),
        ("        where: {client: [a, a]}\n", "where.client[1]", "'a' stands twice"),
        ("        where: {client: ''}\n", "where.client", "is not a text"),
        ("        where: {client: {name: a}}\n", "where.client", "is not a text"),
        ("        where: acme\n", "where", "is not a group of fields"),
        ("        hours: nights\n", "hours", "'nights' names no Calendar of this file"),
        ("        hours: [office]\n", "hours", "is not a single value"),
        ("        count: up\n", "count", "'up' is decided by the source of counts"),
        ("        statusBelow: 500\n", "statusBelow", "'500' is decided by the source of counts"),
        ("        unit: days\n", "unit", "is not a known field"),
    ],
)
def test_counted__one_thing_wrong__is_refused_by_field_and_line(more: str, path: str, problem: str) -> None:
    found = refusal(terms(indicator=INDICATOR + more))

    assert found[0] == f"{SPEC}.{path}"
    assert problem in found[1]


@pytest.mark.parametrize(
    ("measure", "path", "problem"),
    [
        ("measure: luck", "measure", "'luck' is not a known measure"),
        ("measure: percentile\n        share: 99%", "measure", "'percentile' does not measure counts"),
        ("measure: uptime", "measure", "'uptime' does not measure counts"),
        ("value: good", "measure", "is missing"),
    ],
)
def test_counted__measure_that_does_not_fit__is_refused(measure: str, path: str, problem: str) -> None:
    found = refusal(terms(indicator=change("measure: requests", measure, INDICATOR)))

    assert found[0] == f"{SPEC}.{path}"
    assert problem in found[1]


def test_counted__probes__must_say_what_is_good() -> None:
    assert refusal(terms(PROBES, INDICATOR)) == (f"{SPEC}.count", "is missing")
    assert refusal(terms(PROBES, f"{INDICATOR}        statusBelow: 500\n")) == (
        f"{SPEC}.count",
        "is missing",
    )


def test_ratio__of_records__is_refused_with_the_way_to_write_it() -> None:
    ratio = INDICATOR.partition("  thresholdMetric:\n")[0] + (
        "  ratioMetric:\n    counter: true\n"
        "    good: {metricSource: {metricSourceRef: gateway, spec: {count: up}}}\n"
        "    total: {metricSource: {metricSourceRef: gateway, spec: {count: known}}}\n"
    )

    assert refusal(terms(indicator=ratio)) == (
        "spec.ratioMetric.good.metricSource.metricSourceRef",
        "'gateway' holds records",
    )


def test_indicator__what_is_counted__is_part_of_its_id() -> None:
    def id_of(indicator: str = INDICATOR, source: str = SOURCE, calendar: str = CALENDAR) -> bytes:
        return indicator_of(terms(source, indicator, calendar)).id

    texts = [
        INDICATOR + more
        for more in (
            "",
            "        where: {client: a}\n",
            "        where: {client: b}\n",
            "        hours: office\n",
        )
    ]
    assert len({id_of(text) for text in texts}) == 4
    assert id_of(source=change("constant: 60", "constant: 30", SOURCE)) != id_of()
    assert id_of(INDICATOR + "# a comment\n") == id_of()


@pytest.mark.parametrize("name", FORMS)
def test_forms__each_measure__names_kinds_that_there_are(name: str) -> None:
    assert FORMS[name].kinds
    assert set(FORMS[name].kinds) <= set(KINDS)
