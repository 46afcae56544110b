"""What is measured and from what: OpenSLO's kinds DataSource and SLI, as far as Makegood measures them.

Source: https://github.com/OpenSLO/OpenSLO (v1). Fields of OpenSLO that are not read here are refused, so that
nothing is agreed to that nobody measures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from record.canonical import canonical_hash
from record.terms.levels import RATIO, Unit
from record.terms.section import Field, Section, node_json
from record.terms.values import whole_number

_MILLISECONDS_MAX = 86_400_000


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """A request sent at a fixed interval."""

    url: str
    method: str
    interval_milliseconds: int
    timeout_milliseconds: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Recorded measurements in a file; ``format`` is csv or parquet."""

    path: str
    format: str


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where measurements come from."""

    name: str
    description: str
    connection: HttpProbe | Replay
    section: Section


@dataclass(frozen=True, slots=True)
class Ratio:
    """Good samples per known sample, in parts per million.

    ``count`` "up" asks for an answer with a status below ``status_below``, "fast" for one within
    ``max_latency_milliseconds`` as well.
    """

    count: str
    status_below: int
    max_latency_milliseconds: int | None


@dataclass(frozen=True, slots=True)
class Number:
    """A number taken from the source as it is: days late, incidents; ``value`` says which."""

    value: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """An SLI with its source. ``id`` is the hash of both definitions, as an obligation names it on-chain."""

    name: str
    description: str
    source: DataSource
    metric: Ratio | Number
    unit: Unit
    id: bytes


def read_source(document: Section) -> DataSource:
    """A document of kind DataSource."""
    spec = document.section("spec")
    spec.require("type connectionDetails", "description")
    kind, details = spec.field("type"), spec.section("connectionDetails")
    connection: HttpProbe | Replay
    if kind.text == "http-probe":
        connection = _http_probe(details)
    elif kind.text == "replay":
        connection = _replay(details)
    else:
        raise kind.refuse("is not a known type of source", "use http-probe or replay")
    name = document.section("metadata").text("name")
    return DataSource(name, spec.text("description", ""), connection, document)


def read_indicator(document: Section, sources: Mapping[str, DataSource]) -> Indicator:
    """A document of kind SLI, with the source it names."""
    spec = document.section("spec")
    metric: Ratio | Number
    if spec.has("ratioMetric"):
        spec.require("ratioMetric", "description")
        metric, unit, source = _ratio(spec.section("ratioMetric"), sources)
    else:
        spec.require("thresholdMetric", "description")
        metric, unit, source = _number(spec.section("thresholdMetric"), sources)
    definition = {"DataSource": node_json(source.section), "SLI": node_json(document)}
    return Indicator(
        name=document.section("metadata").text("name"),
        description=spec.text("description", ""),
        source=source,
        metric=metric,
        unit=unit,
        id=canonical_hash(definition),
    )


def _http_probe(details: Section) -> HttpProbe:
    details.require("url intervalMilliseconds timeoutMilliseconds", "method")
    url = details.field("url")
    if not re.fullmatch(r"https?://[^\s/]\S*", url.text):
        raise url.refuse("is not a web address", "begin with https://")
    return HttpProbe(
        url=url.text,
        method=details.optional("method", lambda field: _choice(field, "GET", "HEAD"), "GET"),
        interval_milliseconds=_milliseconds(details.field("intervalMilliseconds")),
        timeout_milliseconds=_milliseconds(details.field("timeoutMilliseconds")),
    )


def _replay(details: Section) -> Replay:
    details.require("path format")
    return Replay(details.text("path"), _choice(details.field("format"), "csv", "parquet"))


def _ratio(metric: Section, sources: Mapping[str, DataSource]) -> tuple[Ratio, Unit, DataSource]:
    metric.require("counter good total")
    _choice(metric.field("counter"), "true")
    good, source = _metric_source(metric.section("good"), sources)
    total, total_source = _metric_source(metric.section("total"), sources)
    if total_source is not source:
        reference = metric.section("total").section("metricSource").field("metricSourceRef")
        raise reference.refuse("is not the source of the good samples", f"write {source.name}")
    total.require("count")
    _choice(total.field("count"), "known")
    good.require("count", "statusBelow maxLatencyMilliseconds")
    count = good.field("count")
    _choice(count, "up", "fast")
    if (count.text == "fast") != good.has("maxLatencyMilliseconds"):
        raise count.refuse("and maxLatencyMilliseconds do not go together", "give it for fast, and only then")
    return (
        Ratio(
            count=count.text,
            status_below=good.optional("statusBelow", lambda field: whole_number(field, 600), 400),
            max_latency_milliseconds=good.optional("maxLatencyMilliseconds", _milliseconds, None),
        ),
        RATIO,
        source,
    )


def _number(metric: Section, sources: Mapping[str, DataSource]) -> tuple[Number, Unit, DataSource]:
    spec, source = _metric_source(metric, sources)
    spec.require("value unit")
    unit = spec.field("unit")
    if not re.fullmatch(r"[a-z]+(?:[ -][a-z]+)*", unit.text) or " per " in unit.text:
        raise unit.refuse("is not a unit", "write it in small letters, as in working days")
    return Number(spec.text("value")), Unit(unit.text), source


def _metric_source(holder: Section, sources: Mapping[str, DataSource]) -> tuple[Section, DataSource]:
    holder.require("metricSource")
    metric_source = holder.section("metricSource")
    metric_source.require("metricSourceRef spec")
    reference = metric_source.field("metricSourceRef")
    if reference.text not in sources:
        raise reference.refuse("names no DataSource of this file", "add a document of kind DataSource")
    return metric_source.section("spec"), sources[reference.text]


def _choice(field: Field, *choices: str) -> str:
    if field.text not in choices:
        raise field.refuse("is not known here", f"use {' or '.join(choices)}")
    return field.text


def _milliseconds(field: Field) -> int:
    value = whole_number(field, _MILLISECONDS_MAX)
    if value == 0:
        raise field.refuse("is no time at all", "write at least 1")
    return value
