"""Composites, conditions and the least that must be known, as an SLI writes them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from record.terms import load_terms
from record.terms.indicators import Counted, Indicator
from record.terms.measures import CompositeUptime
from sla.composites import Component, Composite, Rule, Source
from sla.errors import TermsError
from tests.unit.record.excluding_terms import UPTIME, excluding_terms

COMPOSITE = ("measure: composite", "levels: {up: 100%, slow: 50%, down: 0%}", "holdsFor: 10 minutes")
SHOP = (
    *COMPOSITE,
    "rule: serial",
    "parts:",
    "  - service: web",
    "  - rule: weighted",
    "    parts:",
    "      - {agreement: line-a, weight: 3}",
    "      - {agreement: line-b, weight: 1}",
)
LOAD = "onlyWhile: {source: load, where: {component: front}, atMost: 1000.5, holdsFor: 5 minutes}"


def indicator(measure: Sequence[str]) -> Indicator:
    return load_terms(excluding_terms(measure)).obligations[0].indicator


def counted(measure: Sequence[str]) -> Counted:
    metric = indicator(measure).metric
    assert isinstance(metric, Counted)
    return metric


def test_composite__of_services_and_agreements__is_read_as_it_lies() -> None:
    lines = tuple(Component(name, Source.AGREEMENT) for name in ("line-a", "line-b"))

    assert counted(SHOP).measure == CompositeUptime(
        whole=Composite(Rule.SERIAL, (Component("web"), Composite(Rule.WEIGHTED, lines, (3, 1)))),
        parts_by="component",
        levels=(("down", 0), ("slow", 500_000), ("up", 1_000_000)),
        holds_for_seconds=600,
    )
    assert (
        "all of [the service web, the weighted mean of [the agreement line-a (weight 3), the agreement "
        "line-b (weight 1)]]" in counted(SHOP).sentence
    )


def test_composite__parts_by_subject__is_said() -> None:
    measure = counted((*SHOP, "partsBy: subject")).measure

    assert isinstance(measure, CompositeUptime)
    assert measure.parts_by == "subject"


@pytest.mark.parametrize(
    ("lines", "path", "problem"),
    [
        (["rule: both", "parts: [{service: a}]"], ".rule", "'both' is not known here"),
        (["rule: serial"], ".parts", "is missing"),
        (["rule: serial", "parts: [{}]"], ".parts[0]", "is not either a service or an agreement"),
        (
            ["rule: serial", "parts: [{service: a, agreement: a}]"],
            ".parts[0]",
            "is not either a service or an agreement",
        ),
        (
            ["rule: serial", "parts: [{service: a}, {agreement: a}]"],
            ".parts",
            "calls 'a' a service and an agreement",
        ),
        (
            ["rule: serial", "parts: [{service: a, weight: 2}]"],
            ".parts[0].weight",
            "'2' weighs nothing in a serial composite",
        ),
        (["rule: weighted", "parts: [{service: a}]"], ".parts[0].weight", "is missing"),
        (["rule: weighted", "parts: [{service: a, weight: 0}]"], ".parts[0].weight", "'0' weighs nothing"),
        (
            ["rule: serial", "partsBy: region", "parts: [{service: a}]"],
            ".partsBy",
            "'region' is not known here",
        ),
        (
            ["rule: serial", f"parts: [{', '.join(f'{{service: s{number}}}' for number in range(65))}]"],
            ".parts",
            "names 65 parts",
        ),
    ],
)
def test_composite__that_has_no_meaning__is_refused_at_its_place(
    lines: list[str], path: str, problem: str
) -> None:
    with pytest.raises(TermsError) as refused:
        counted([*COMPOSITE, *lines])

    assert refused.value.path == f"spec.thresholdMetric.metricSource.spec{path}"
    assert refused.value.problem == problem
    assert refused.value.line


def test_only_while__read__is_part_of_what_is_signed() -> None:
    found = counted([*UPTIME, LOAD]).only_while

    assert found is not None
    assert (found.source.name, found.where, found.at_most_micro, found.holds_for_seconds) == (
        "load",
        (("component", ("front",)),),
        1_000_500_000,
        300,
    )
    assert found.cause == "load above 1000.5"
    assert "load of component front is at most 1000.5" in counted([*UPTIME, LOAD]).sentence

    of_load = excluding_terms([*UPTIME, LOAD])
    ids = {
        load_terms(text).obligations[0].indicator.id
        for text in (of_load, of_load.replace("component: gauge", "component: meter"), excluding_terms())
    }
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("line", "path", "problem"),
    [
        (LOAD.replace("source: load", "source: lot"), ".source", "'lot' names no DataSource of this file"),
        (LOAD.replace("source: load", "source: source"), ".source", "'source' holds no readings"),
        (LOAD.replace("1000.5", "high"), ".atMost", "'high' is not a plain decimal number"),
        (
            LOAD.replace("1000.5", "0.0000001"),
            ".atMost",
            "'0.0000001' has 7 decimals where 6 can be kept",
        ),
        (LOAD.replace("5 minutes", "0 minutes"), ".holdsFor", "'0 minutes' is out of range"),
        (LOAD.replace("component:", "colour:"), ".where.colour", "is not a known field"),
    ],
)
def test_only_while__that_cannot_be_meant__is_refused_at_its_place(
    line: str, path: str, problem: str
) -> None:
    with pytest.raises(TermsError) as refused:
        counted([*UPTIME, line])

    assert refused.value.path == f"spec.thresholdMetric.metricSource.spec.onlyWhile{path}"
    assert refused.value.problem == problem


def test_minimum_known__given_or_not__is_half_or_what_was_said() -> None:
    assert counted(UPTIME).minimum_known_ppm == 500_000
    strict = counted([*UPTIME, "minimumKnown: 95.5%"])
    assert strict.minimum_known_ppm == 955_000
    assert "95.5%" in strict.sentence
    with pytest.raises(TermsError, match="is more than 100%"):
        counted([*UPTIME, "minimumKnown: 101%"])
