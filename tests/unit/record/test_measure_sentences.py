"""What each measure says of itself in ``terms show``: words that both parties can hold against the records."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from record.canonical import Json
from record.landing.kinds import DIMENSIONS, KINDS, Type
from record.terms.calendars import read_calendar
from record.terms.indicators import Counted, Indicator, read_indicator, read_source
from record.terms.measures import FORMS
from record.terms.section import node_json
from record.terms.yaml_reading import read_documents
from tests.unit.record.records_terms import terms

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "measures.md").read_text()
SECTIONS = {part.split("\n", 1)[0]: part for part in re.split(r"^### ", PAGE, flags=re.M)[1:]}


def sample(measure: str) -> dict[str, Json]:
    """The ``spec`` that the page shows."""
    (block,) = re.findall(r"```yaml\n(.*?)```", SECTIONS[measure], re.DOTALL)
    (document,) = read_documents(block)
    spec = node_json(document)
    assert isinstance(spec, dict)
    return spec


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
    spec = {**sample(measure), **more}
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


def test_page__has_a_section_for_every_measure() -> None:
    assert sorted(SECTIONS) == sorted(FORMS)


@pytest.mark.parametrize("measure", SECTIONS)
def test_page__of_each_measure__says_what_terms_show_says(measure: str) -> None:
    found = indicator(measure, {})
    assert isinstance(found.metric, Counted)
    sentence, unit = found.metric.sentence, found.unit

    assert sample(measure)["measure"] == measure
    assert f"> {sentence[0].upper()}{sentence[1:]}.\n" in SECTIONS[measure]
    kinds = " or ".join(FORMS[measure].kinds)
    assert (
        f"Of {kinds}; its unit: {'a ratio, in percent' if unit.is_ratio else unit.name}.\n"
        in SECTIONS[measure]
    )


@pytest.mark.parametrize("measure", SECTIONS)
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
