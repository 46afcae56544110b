"""What counts as good: the ``good`` of an SLI's ratioMetric, by the type of its source. ``total`` is always "known"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from record.terms.section import Field, Section
from record.terms.sources import Connection, OpenMetrics, Prometheus, StatusLog, choice, milliseconds
from record.terms.values import whole_number
from sla.agreement import Comparator
from sla.errors import TermsError

QUERY_MAX = 4_000
"""Characters of a PromQL query."""

LABELS_MAX = 64

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_GOOD_WHEN = re.compile(r"(?P<side>at least|at most) (?P<limit>-?[0-9]{1,30}(?:\.[0-9]{1,30})?)\Z")


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
class QueryRatio:
    """Good ticks per known tick, in parts per million: the PromQL ``query`` gives 1 for good and 0 for bad."""

    query: str


@dataclass(frozen=True, slots=True)
class ValueRatio:
    """Good readings per known reading, in parts per million.

    The one sample of ``metric`` that carries all of ``labels`` is read; it is good at ``limit`` or better.
    """

    metric: str
    labels: tuple[tuple[str, str], ...]
    comparator: Comparator
    limit: Decimal

    def is_good(self, value: Decimal) -> bool:
        """Whether a value meets the limit, exactly: 0.3 is "at most 0.3"."""
        return value >= self.limit if self.comparator is Comparator.AT_LEAST else value <= self.limit


@dataclass(frozen=True, slots=True)
class TimeRatio:
    """Time in a good status per time in a known status, in parts per million.

    "up" is good and "down" bad; what "degraded" is the terms say, or it is None: then it must not occur.
    """

    degraded_is_good: bool | None


AnyRatio: TypeAlias = Ratio | QueryRatio | ValueRatio | TimeRatio


def read_ratio(good: Section, connection: Connection) -> AnyRatio:
    """The ``spec`` of the good samples, as the type of the source asks for."""
    if isinstance(connection, Prometheus):
        return _query(good)
    if isinstance(connection, OpenMetrics):
        return _value(good)
    if isinstance(connection, StatusLog):
        return _time(good)
    return _samples(good)


def _samples(good: Section) -> Ratio:
    good.require("count", "statusBelow maxLatencyMilliseconds")
    return good_request(good)


def good_request(good: Section) -> Ratio:
    """What counts as good: an answer with a status below a bound and, for "fast", within a time."""
    count = good.field("count")
    choice(count, "up", "fast")
    if (count.text == "fast") != good.has("maxLatencyMilliseconds"):
        raise count.refuse("and maxLatencyMilliseconds do not go together", "give it for fast, and only then")
    return Ratio(
        count=count.text,
        status_below=good.optional("statusBelow", lambda field: whole_number(field, 600), 400),
        max_latency_milliseconds=good.optional("maxLatencyMilliseconds", milliseconds, None),
    )


def _query(good: Section) -> QueryRatio:
    good.require("query")
    query = good.field("query")
    if len(query.text) > QUERY_MAX:
        raise query.refuse(
            f"has {len(query.text)} characters", f"stay below {QUERY_MAX}, with a recording rule"
        )
    return QueryRatio(query.text)


def _value(good: Section) -> ValueRatio:
    good.require("metric goodWhen", "labels")
    metric, good_when = good.field("metric"), good.field("goodWhen")
    if not _METRIC.match(metric.text):
        raise metric.refuse("is not the name of a metric", "write letters, digits, _ and :")
    match = _GOOD_WHEN.match(good_when.text)
    if match is None:
        raise good_when.refuse("is not a limit", "write it as in 'at least 1' or 'at most 0.3'")
    side = Comparator.AT_LEAST if match["side"] == "at least" else Comparator.AT_MOST
    labels = _labels(good.section("labels")) if good.has("labels") else ()
    return ValueRatio(metric.text, labels, side, Decimal(match["limit"]))


def _labels(section: Section) -> tuple[tuple[str, str], ...]:
    if not 0 < len(section.members) <= LABELS_MAX:
        raise TermsError(
            section.path, f"holds {len(section.members)} labels", f"write 1 to {LABELS_MAX}", section.line
        )
    labels = []
    for name, node in sorted(section.members.items()):
        if not _LABEL.match(name):
            raise TermsError(
                section.child_path(name[:80]),
                "is not the name of a label",
                "write letters, digits and _",
                node.line,
            )
        if not isinstance(node, Field):
            raise TermsError(node.path, "is not a single value", "write one value", node.line)
        labels.append((name, node.text))
    return tuple(labels)


def _time(good: Section) -> TimeRatio:
    good.require("count", "degraded")
    choice(good.field("count"), "up")
    return TimeRatio(
        good.optional("degraded", lambda field: choice(field, "good", "bad") == "good", None),
    )
