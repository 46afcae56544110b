"""What is measured: OpenSLO's kind SLI, as far as Makegood measures it.

Source: https://github.com/OpenSLO/OpenSLO (v1). Fields of OpenSLO that are not read here are refused, so that
nothing is agreed to that nobody measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from record.canonical import Json, canonical_hash
from record.terms.calendars import Calendars, NamedCalendar
from record.terms.levels import RATIO, Unit
from record.terms.measures import Counted, read_counted
from record.terms.ratios import QueryRatio, Ratio, TimeRatio, ValueRatio, read_ratio
from record.terms.records import Records
from record.terms.section import Section, node_json
from record.terms.sources import (
    Connection,
    DataSource,
    HttpProbe,
    OpenMetrics,
    Prometheus,
    Replay,
    StatusLog,
    choice,
    read_source,
)

__all__ = [
    "Connection",
    "Counted",
    "DataSource",
    "HttpProbe",
    "Indicator",
    "Metric",
    "OpenMetrics",
    "Prometheus",
    "QueryRatio",
    "Ratio",
    "Records",
    "Replay",
    "StatusLog",
    "TimeRatio",
    "ValueRatio",
    "read_indicator",
    "read_source",
]


Metric = Counted | Ratio | QueryRatio | ValueRatio | TimeRatio


@dataclass(frozen=True, slots=True)
class Indicator:
    """An SLI with its source and the calendars it names. ``id`` is the hash of all these definitions, as an obligation
    names it on-chain."""

    name: str
    description: str
    source: DataSource
    metric: Metric
    unit: Unit
    id: bytes
    calendars: tuple[NamedCalendar, ...] = ()


def read_indicator(
    document: Section, sources: Mapping[str, DataSource], calendars: Mapping[str, NamedCalendar]
) -> Indicator:
    """A document of kind SLI, with the source and the calendars it names."""
    spec = document.section("spec")
    metric: Metric
    asked = Calendars(calendars)
    if spec.has("ratioMetric"):
        spec.require("ratioMetric", "description")
        metric, unit, source = _ratio(spec.section("ratioMetric"), sources)
    else:
        spec.require("thresholdMetric", "description")
        metric, unit, source = _threshold(spec.section("thresholdMetric"), sources, asked)
    definition: dict[str, Json] = {"DataSource": node_json(source.section), "SLI": node_json(document)}
    named = asked.asked()
    if named:
        definition["Calendars"] = {each.name: each.definition for each in named}
    if isinstance(metric, Counted) and metric.only_while is not None:
        definition["Condition"] = node_json(metric.only_while.source.section)
    return Indicator(
        name=document.section("metadata").text("name"),
        description=spec.text("description", ""),
        source=source,
        metric=metric,
        unit=unit,
        id=canonical_hash(definition),
        calendars=named,
    )


def _ratio(metric: Section, sources: Mapping[str, DataSource]) -> tuple[Metric, Unit, DataSource]:
    metric.require("counter good total")
    choice(metric.field("counter"), "true")
    good, source = _metric_source(metric.section("good"), sources)
    if isinstance(source.connection, Records):
        reference = metric.section("good").section("metricSource").field("metricSourceRef")
        raise reference.refuse("holds records", "write a thresholdMetric with a measure")
    total, total_source = _metric_source(metric.section("total"), sources)
    if total_source is not source:
        reference = metric.section("total").section("metricSource").field("metricSourceRef")
        raise reference.refuse("is not the source of the good samples", f"write {source.name}")
    total.require("count")
    choice(total.field("count"), "known")
    return read_ratio(good, source.connection), RATIO, source


def _threshold(
    metric: Section, sources: Mapping[str, DataSource], calendars: Calendars
) -> tuple[Counted, Unit, DataSource]:
    spec, source = _metric_source(metric, sources)
    if not isinstance(source.connection, Records):
        reference = metric.section("metricSource").field("metricSourceRef")
        raise reference.refuse("holds no records", "name a source of type records, or write a ratioMetric")
    counted, unit = read_counted(spec, source.connection.declaration.kind, calendars, sources)
    return counted, unit, source


def _metric_source(holder: Section, sources: Mapping[str, DataSource]) -> tuple[Section, DataSource]:
    holder.require("metricSource")
    metric_source = holder.section("metricSource")
    metric_source.require("metricSourceRef spec")
    reference = metric_source.field("metricSourceRef")
    if reference.text not in sources:
        raise reference.refuse("names no DataSource of this file", "add a document of kind DataSource")
    return metric_source.section("spec"), sources[reference.text]
