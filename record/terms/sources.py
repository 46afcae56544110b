"""Where measurements come from: OpenSLO's kind DataSource, as far as Makegood reads it.

Source: https://github.com/OpenSLO/OpenSLO (v1). Each type of source has its own ``connectionDetails``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from record.terms.records import Records, read_records
from record.terms.section import Field, Section
from record.terms.values import duration_seconds, whole_number

_MILLISECONDS_MAX = 86_400_000
_HOLDS_FOR_MAX = 400 * 86_400


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """A request sent at a fixed interval."""

    url: str
    method: str
    interval_milliseconds: int
    timeout_milliseconds: int


@dataclass(frozen=True, slots=True)
class OpenMetrics:
    """A page of metrics in the text format of Prometheus or OpenMetrics, read by each node at a fixed interval."""

    url: str
    interval_milliseconds: int
    timeout_milliseconds: int


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A Prometheus server that keeps measurements; ``interval_milliseconds`` is the step of the questions put to it."""

    url: str
    interval_milliseconds: int
    timeout_milliseconds: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Recorded measurements in a file; ``format`` is csv or parquet."""

    path: str
    format: str


@dataclass(frozen=True, slots=True)
class StatusLog:
    """A log of one service's changes of status, as Upptime writes them; ``format`` is csv.

    Between rows the last status holds, but no row is believed for longer than ``holds_for_seconds``.
    """

    path: str
    format: str
    service: str
    holds_for_seconds: int


Connection: TypeAlias = HttpProbe | OpenMetrics | Prometheus | Records | Replay | StatusLog


@dataclass(frozen=True, slots=True)
class DataSource:
    """Where measurements come from."""

    name: str
    description: str
    connection: Connection
    section: Section


def read_source(document: Section) -> DataSource:
    """A document of kind DataSource."""
    spec = document.section("spec")
    spec.require("type connectionDetails", "description")
    kind = spec.field("type")
    if kind.text not in _READERS:
        raise kind.refuse("is not a known type of source", f"use {', '.join(_READERS)}")
    name = document.section("metadata").field("name")
    connection = _READERS[kind.text](spec.section("connectionDetails"), name)
    return DataSource(name.text, spec.text("description", ""), connection, document)


def choice(field: Field, *choices: str) -> str:
    """One of a few words."""
    if field.text not in choices:
        raise field.refuse("is not known here", f"use {' or '.join(choices)}")
    return field.text


def milliseconds(field: Field) -> int:
    """A time in milliseconds, from 1 to those of a day."""
    value = whole_number(field, _MILLISECONDS_MAX)
    if value == 0:
        raise field.refuse("is no time at all", "write at least 1")
    return value


def _http_probe(details: Section, _: Field) -> HttpProbe:
    details.require("url intervalMilliseconds timeoutMilliseconds", "method")
    return HttpProbe(
        url=_open_url(details.field("url")),
        method=details.optional("method", lambda field: choice(field, "GET", "HEAD"), "GET"),
        interval_milliseconds=milliseconds(details.field("intervalMilliseconds")),
        timeout_milliseconds=milliseconds(details.field("timeoutMilliseconds")),
    )


def _openmetrics(details: Section, _: Field) -> OpenMetrics:
    details.require("url intervalMilliseconds timeoutMilliseconds")
    return OpenMetrics(
        url=_open_url(details.field("url")),
        interval_milliseconds=milliseconds(details.field("intervalMilliseconds")),
        timeout_milliseconds=milliseconds(details.field("timeoutMilliseconds")),
    )


def _prometheus(details: Section, _: Field) -> Prometheus:
    details.require("url intervalMilliseconds timeoutMilliseconds")
    url = details.field("url")
    address = _open_url(url)
    if "?" in address:
        raise url.refuse("goes on behind the server's address", "leave out what begins with ?")
    return Prometheus(
        url=address.rstrip("/"),
        interval_milliseconds=milliseconds(details.field("intervalMilliseconds")),
        timeout_milliseconds=milliseconds(details.field("timeoutMilliseconds")),
    )


def _replay(details: Section, _: Field) -> Replay:
    details.require("path format")
    return Replay(details.text("path"), choice(details.field("format"), "csv", "parquet"))


def _upptime(details: Section, _: Field) -> StatusLog:
    details.require("path format service holdsFor")
    holds_for = details.field("holdsFor")
    seconds = duration_seconds(holds_for)
    if not 0 < seconds <= _HOLDS_FOR_MAX:
        raise holds_for.refuse("is out of range", "write at least a second and at most 400 days")
    return StatusLog(
        path=details.text("path"),
        format=choice(details.field("format"), "csv"),
        service=details.text("service"),
        holds_for_seconds=seconds,
    )


def _url(url: Field) -> str:
    if not re.fullmatch(r"https?://[^\s/]\S*", url.text):
        raise url.refuse("is not a web address", "begin with https://")
    return url.text


def _open_url(url: Field) -> str:
    """An address that holds no secret: terms are read by everybody."""
    address = _url(url)
    if "@" in re.split(r"[/?#]", address.split("://", 1)[1])[0]:
        raise url.refuse("names a user", "leave out what stands before @: terms keep no secret")
    if "#" in address:
        raise url.refuse("names a part of a page", "leave out what begins with #")
    return address


_READERS: dict[str, Callable[[Section, Field], Connection]] = {
    "http-probe": _http_probe,
    "openmetrics": _openmetrics,
    "prometheus": _prometheus,
    "records": read_records,
    "replay": _replay,
    "upptime": _upptime,
}
