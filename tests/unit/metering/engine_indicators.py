"""An indicator of every family, to be measured on every engine: a new family adds a line."""

from __future__ import annotations

from record.landing.kinds import KINDS, Type
from record.terms.calendars import read_calendar
from record.terms.indicators import Indicator, read_indicator, read_source
from record.terms.yaml_reading import read_documents

_LEVELS = "levels: {up: 100%, slow: 50%, down: 0%}, holdsFor: 3 hours"
_CLOCK = "clock: {pausing: held, stopping: [resolved, closed], cancelling: cancelled}"

_SPECS = {
    "probes": (
        'measure: requests, count: fast, statusBelow: "400", maxLatencyMilliseconds: "300", hours: office',
        'measure: intervals, every: 5 minutes, empty: unknown, count: up, statusBelow: "500", upFrom: 90%',
        "measure: percentile, share: 90%",
    ),
    "counts": (
        "measure: requests, where: {service: shop}, minimumKnown: 10%",
        "measure: loss, "
        "onlyWhile: {source: readings, where: {service: till, region: us}, atMost: 100, holdsFor: 1 hour}",
        "measure: throughput, unit: bytes, statistic: mean, every: 20 minutes, empty: zero",
    ),
    "states": (
        f"measure: uptime, {_LEVELS}, hours: office",
        f"measure: slices, {_LEVELS}, every: 15 minutes, upFrom: 90%",
        f"measure: composite, partsBy: subject, {_LEVELS}, rule: weighted, parts: "
        "[{service: link 0, weight: 2}, {rule: parallel, weight: 1, parts: [{service: link 1}, {agreement: link 2}]}]",
    ),
    "readings": (
        "measure: reading, unit: kelvin, statistic: percentile, share: 80%, rounded: up",
        'measure: readings-within, atLeast: "-1.5", atMost: "500"',
    ),
    "tickets": (
        f"measure: adherence, {_CLOCK}, limits: "
        "{P1: {within: 4 hours, hours: always}, P3: {within: 1 business day, hours: office}}",
        f"measure: clock-time, {_CLOCK}, statistic: percentile, share: 75%",
        f"measure: update-time, {_CLOCK}, statistic: mean",
        f"measure: backlog-age, {_CLOCK}, statistic: max, priorities: P1",
    ),
    "deliveries": (
        "measure: on-time, within: 1 business day, calendar: office",
        "measure: late-orders, within: 4 hours, byShare: [{below: 100%, each: 1}, {below: 50%, each: 2}]",
        "measure: right-first-time",
        "measure: missed-appointments, zone: Europe/Rome",
        "measure: lead-time, unit: days, zone: Europe/Rome, statistic: mean",
        "measure: late-days, unit: days, lateDay: missed, zone: Europe/Rome, grace: 1 day, "
        "steps: [{beyond: 0 days, each: 1}, {beyond: 1 day, each: 3, from: 0 days}]",
    ),
    "faults": (
        "measure: repair-time, unit: minutes, statistic: mean, calendar: office",
        "measure: repaired-within, within: 3 hours",
        "measure: repeat-faults, within: 30 hours",
        "measure: fault-time, unit: minutes, rounded: up",
    ),
    "surveys": (
        "measure: score, fewest: 2",
        'measure: score-share, atLeast: "2.5"',
    ),
}

_CALENDAR = """\
apiVersion: makegood/v1
kind: Calendar
metadata: {name: office}
spec: {zone: Europe/Rome, hours: {monday-saturday: "09:00-13:00, 14:00-18:00"}}
"""


def indicators() -> list[Indicator]:
    """All of them. Each source is named after the kind of its records, and reads the folder of that name."""
    (document,) = read_documents(_CALENDAR)
    calendars = {"office": read_calendar(document)}
    sources = {kind: read_source(read_documents(_data_source(kind))[0]) for kind in KINDS}
    documents = [
        read_documents(_sli(kind, f"{kind} {place}", spec))[0]
        for kind, specs in _SPECS.items()
        for place, spec in enumerate(specs)
    ]
    return [read_indicator(each, sources, calendars) for each in documents]


def _sli(kind: str, name: str, spec: str) -> str:
    source = f"{{metricSourceRef: {kind}, spec: {{{spec}}}}}"
    return (
        f"apiVersion: openslo/v1\nkind: SLI\nmetadata: {{name: {name}}}\n"
        f"spec: {{thresholdMetric: {{metricSource: {source}}}}}\n"
    )


def _data_source(kind: str) -> str:
    formats = {Type.TIME: "seconds", Type.TIME_MS: "milliseconds"}
    columns = ", ".join(
        f"{column.name}: {{column: {column.name}, format: {formats[column.type]}}}"
        if column.type.is_time
        else f"{column.name}: {column.name}"
        for column in KINDS[kind].columns
    )
    return (
        f"apiVersion: openslo/v1\nkind: DataSource\nmetadata: {{name: {kind}}}\n"
        f"spec: {{type: records, connectionDetails: {{kind: {kind}, format: parquet, columns: {{{columns}}}}}}}\n"
    )
