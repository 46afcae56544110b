"""Files that nodes replay, as sources of records: the same measure by the way that all records go."""

from __future__ import annotations

from dataclasses import replace

from record.canonical import canonical_hash
from record.landing.declaration import Constant, Declaration, How, Number, Text, Time, Truth
from record.terms.indicators import Counted, Indicator
from record.terms.measures import Requests, Uptime
from record.terms.ratios import Ratio, TimeRatio
from record.terms.records import Records
from record.terms.sources import Replay, StatusLog
from sla.agreement import PPM


def as_records(indicator: Indicator) -> Indicator | None:
    """The indicator with its source as records, and what it makes of them; None when its source is no file.

    Where terms say nothing about degraded states, a time in one is unknown: a node refuses such a log.
    """
    connection, metric = indicator.source.connection, indicator.metric
    if isinstance(connection, Records):
        return indicator
    if isinstance(connection, Replay) and isinstance(metric, Ratio):
        records = _records("probes", connection.path, connection.format, _PROBES)
        return _measured(indicator, records, Counted(Requests(metric)))
    if isinstance(connection, StatusLog) and isinstance(metric, TimeRatio):
        columns = {**_STATES, "subject": Constant(connection.service)}
        records = _records("states", connection.path, connection.format, columns)
        levels = [("down", 0), ("up", PPM)]
        if metric.degraded_is_good is not None:
            levels.append(("degraded", PPM * metric.degraded_is_good))
        uptime = Uptime(tuple(sorted(levels)), connection.holds_for_seconds)
        return _measured(indicator, records, Counted(uptime, (("service", (connection.service,)),)))
    return None


_PROBES: dict[str, How] = {
    "time_ms": Time("time"),
    "known": Truth("known"),
    "status": Number("status"),
    "latency_us": Number("latency_us"),
}
_STATES: dict[str, How] = {
    "time": Time("checked_at"),
    "state": Text("status"),
    "service": Text("service"),
}


def _records(kind: str, path: str, format: str, columns: dict[str, How]) -> Records:
    what = canonical_hash([kind, path, format, repr(sorted(columns.items()))])
    return Records(path, Declaration(f"replayed-{what.hex()[:16]}", kind, format, columns))


def _measured(indicator: Indicator, records: Records, counted: Counted) -> Indicator:
    return replace(indicator, source=replace(indicator.source, connection=records), metric=counted)
