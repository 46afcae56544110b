"""What Prometheus' HTTP API answers, read strictly: numbers stay text, times must be those that were asked for.

Source: https://prometheus.io/docs/prometheus/latest/querying/api/ (format overview, range queries).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from metering.http_get import Answer, shown
from record.json_text import read_json
from sla.errors import MeasurementError

JSON = "application/json"

_TIME = re.compile(r"(?P<seconds>[0-9]{1,12})(?:\.(?P<fraction>[0-9]{1,3})0*)?\Z")

_MAX_DEPTH = 32


class _Token(str):
    """A number as it was written."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its labels, and its values by their time in milliseconds, ascending."""

    labels: dict[str, str]
    points: dict[int, str]


def read_matrix(answer: Answer, ticks: range) -> list[Series]:
    """The series of a range query asked for ``ticks``, milliseconds. MeasurementError for whatever is no such answer:
    an error, warnings (a part of the data may be missing), times that nobody asked for, twice or out of order."""
    document = _object(_parsed(answer), answer, "the answer")
    if document.get("status") != "success":
        raise _refused(answer, f"has the status {_quoted(document.get('status'))}: {_error_of(document)}")
    if document.get("warnings"):
        raise _refused(answer, f"comes with a warning: {_quoted(document['warnings'])}")
    data = _object(document.get("data"), answer, "its data")
    if data.get("resultType") != "matrix" or not isinstance(data.get("result"), list):
        raise _refused(answer, f"is a {_quoted(data.get('resultType'))}, not a matrix of series")
    return [_series(item, answer, ticks) for item in data["result"]]


def read_error(answer: Answer) -> str:
    """What Prometheus says about a question it refuses; empty when it says nothing."""
    try:
        return _error_of(_object(_parsed(answer), answer, "the answer"))
    except MeasurementError:
        return ""


def _parsed(answer: Answer) -> Any:
    try:
        return read_json(answer.text(JSON), _MAX_DEPTH, whole=_Token, fraction=_Token)
    except ValueError as error:
        raise _refused(answer, f"is not JSON: {shown(str(error))}") from None


def _series(item: Any, answer: Answer, ticks: range) -> Series:
    series = _object(item, answer, "a series")
    labels = _object(series.get("metric"), answer, "a series' labels")
    for name, value in labels.items():
        if not isinstance(value, str) or isinstance(value, _Token) or not _is_valid(name + value):
            raise _refused(answer, f"has the label {_quoted(name)} of {_quoted(value)}")
    values = series.get("values")
    if not isinstance(values, list):
        raise _refused(answer, f"has a series whose values are {_quoted(values)}")
    points: dict[int, str] = {}
    last = -1
    for pair in values:
        time, value = _point(pair, answer)
        if time not in ticks:
            raise _refused(answer, f"has a value for {time} ms, which is no tick that was asked for")
        if time <= last:
            raise _refused(answer, f"has a value for {time} ms after that for {last} ms")
        points[time] = value
        last = time
    return Series(labels, points)


def _point(pair: Any, answer: Answer) -> tuple[int, str]:
    if isinstance(pair, list) and len(pair) == 2:
        time, value = pair
        match = _TIME.match(time) if isinstance(time, _Token) else None
        if match is not None and isinstance(value, str) and not isinstance(value, _Token):
            return int(match["seconds"]) * 1_000 + int((match["fraction"] or "").ljust(3, "0")), value
    raise _refused(answer, f"has the value {_quoted(pair)}, not a time in seconds with a number as text")


def _object(value: Any, answer: Answer, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused(answer, f"is malformed: {what} is {_quoted(value)}")
    return value


def _error_of(document: dict[str, Any]) -> str:
    error = document.get("error")
    return shown(error) if isinstance(error, str) else ""


def _is_valid(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _quoted(value: Any) -> str:
    return shown(repr(value)[:80])


def _refused(answer: Answer, problem: str) -> MeasurementError:
    place = answer.url.partition("/api/")[0]
    return MeasurementError(f"the answer of {place} {problem}", "check that it is Prometheus, and the query")
