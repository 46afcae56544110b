"""How attainment is measured, in words."""

from __future__ import annotations

from collections.abc import Iterator

from record.readable import duration, number
from record.terms import TermsDocument
from record.terms.calendars import hours_text
from record.terms.indicators import Counted, Indicator
from record.terms.periods import every_text
from record.terms.ratios import QueryRatio, Ratio, TimeRatio, ValueRatio
from record.terms.records import Records
from record.terms.sampling import samples_a_period
from record.terms.sources import Connection, HttpProbe, OpenMetrics, Replay, StatusLog
from sla.agreement import Comparator


def indicator_sentences(document: TermsDocument) -> Iterator[str]:
    """Who measures; then each indicator once: what counts, from which source, how often."""
    yield (
        f"The oracle nodes of the committee {document.service.committee} measure; what a quorum of them signs is the "
        "report, the median of what they observed."
    )
    used = {obligation.indicator.name: obligation.indicator for obligation in document.obligations}
    for indicator in used.values():
        about = f" ({indicator.description.rstrip('.')})" if indicator.description else ""
        yield f"{indicator.name}{about}: {_counted(indicator)}."
        described = f" {indicator.source.description}" if indicator.source.description else ""
        yield f"Its source is {indicator.source.name}, {_source(indicator.source.connection)}.{described}"
        samples = samples_a_period(document, indicator)
        if samples is not None and not isinstance(indicator.source.connection, StatusLog):
            yield f"That makes {number(samples)} samples in the shortest period of {every_text(document)}."
    calendars = {named.name: named for indicator in used.values() for named in indicator.calendars}
    for named in calendars.values():
        yield f"The calendar {named.name} is open {hours_text(named.calendar)}."
    yield (
        "A node that knows less than half of a period gives no number for it; when fewer than a quorum do, the period "
        "is without data."
    )


def _counted(indicator: Indicator) -> str:
    metric = indicator.metric
    if isinstance(metric, Counted):
        says_how = "rounded" in metric.measure.sentence
        rounded = "; rounded down to 0.0001%" if indicator.unit.is_ratio and not says_how else ""
        return f"{metric.sentence}{rounded}"
    if isinstance(metric, Ratio):
        good = f"answers with a status below {metric.status_below}"
        if metric.max_latency_milliseconds is not None:
            good += f" within {number(metric.max_latency_milliseconds)} ms"
    elif isinstance(metric, QueryRatio):
        good = f"readings for which the query {metric.query!r} gives 1"
    elif isinstance(metric, ValueRatio):
        side = "at least" if metric.comparator is Comparator.AT_LEAST else "at most"
        labels = ", ".join(f"{name}={value}" for name, value in metric.labels)
        good = f"readings of {metric.metric}{f' ({labels})' if labels else ''} {side} {metric.limit}"
    else:
        return f"time up, as a part of the time whose status is known, rounded down to 0.0001%{_degraded(metric)}"
    return f"{good}, as a part of all samples whose outcome is known, rounded down to 0.0001%"


def _degraded(metric: TimeRatio) -> str:
    if metric.degraded_is_good is None:
        return "; it is never degraded"
    return f"; degraded counts as {'up' if metric.degraded_is_good else 'down'}"


def _source(connection: Connection) -> str:
    if isinstance(connection, Records):
        return _records(connection)
    if isinstance(connection, Replay):
        return f"the {connection.format} file {connection.path}, which each node keeps"
    if isinstance(connection, StatusLog):
        return (
            f"the rows of {connection.service} in the status log {connection.path}, a {connection.format} file that "
            f"each node keeps; a row holds until the next one, but {duration(connection.holds_for_seconds)} at most"
        )
    every, within = number(connection.interval_milliseconds), number(connection.timeout_milliseconds)
    if isinstance(connection, HttpProbe):
        return f"a {connection.method} of {connection.url} every {every} ms, answered within {within} ms"
    if isinstance(connection, OpenMetrics):
        return f"the metrics page {connection.url}, read every {every} ms, answered within {within} ms"
    return (
        f"the Prometheus server {connection.url}, asked after a period's end for every {every} ms of it; only where it "
        f"looked at its target within the {every} ms before is a reading known"
    )


def _records(records: Records) -> str:
    said = records.declaration
    late = f"; records may come {duration(said.lateness_seconds)} late" if said.lateness_seconds else ""
    ahead = said.clock.ahead_ms
    clock = (
        f"; its clock is {number(abs(ahead))} ms {'ahead of' if ahead > 0 else 'behind'} UTC" if ahead else ""
    )
    return f"{said.format} files of {said.kind} in {records.files}, which each node keeps{late}{clock}"
