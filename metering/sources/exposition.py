"""One number out of a page of metrics, in the text format of Prometheus (0.0.4) or of OpenMetrics (1.0).

Numbers are kept as they were written: readers that turn them into floats cannot tell 0.3 from what lies next to it.
Sources: https://prometheus.io/docs/instrumenting/exposition_formats/, https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from metering.http_get import shown
from metering.readings import VALUE
from record.terms.ratios import ValueRatio
from sla.errors import MeasurementError

MAX_LINES = 200_000
"""Of a page: each takes a look, and millions of short ones would keep the node from its other readings."""

# Possessive throughout: a long line that does not match fails at once.
_LABELS = r'(?:[^"{}]|"(?:[^"\\]|\\.)*+")*+'
_LINE = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*+)[ \t]*+"
    rf"(?:\{{(?P<labels>{_LABELS})\}})?[ \t]*+"
    r"(?P<value>[^ \t{}#]++)(?:[ \t]++(?P<time>[^ \t#]++))?(?P<exemplar>[ \t]++#[ \t].*+)?[ \t]*+\Z"
)
_LABEL = re.compile(
    r'[ \t]*+(?P<name>[a-zA-Z_][a-zA-Z0-9_]*+)[ \t]*+=[ \t]*+"(?P<value>(?:[^"\\]|\\.)*+)"[ \t]*+(?:,|\Z)'
)
_ESCAPED = re.compile(r'\\([\\"n])')
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf(?:inity)?)\Z", re.IGNORECASE)
_MILLISECONDS = re.compile(r"-?[0-9]{1,18}\Z")
_SECONDS = re.compile(r"(?P<whole>-?[0-9]{1,15})(?:\.(?P<fraction>[0-9]{1,12}))?\Z")


@dataclass(frozen=True, slots=True)
class Exposed:
    """A number as a page shows it; ``time_ms``, when the page says so, is when it was measured."""

    value: str
    time_ms: int | None


def read_value(text: str, is_openmetrics: bool, ratio: ValueRatio) -> Exposed:
    """The one sample of the metric that carries the labels of ``ratio``. MeasurementError when the page is malformed or
    cut off, or the sample is missing, there twice, or no number."""
    wanted = dict(ratio.labels)
    found = []
    for number, line in _lines(text, is_openmetrics):
        match = _LINE.match(line)
        if match is None or (match["exemplar"] and not is_openmetrics):
            raise _refused(number, line, "is no sample")
        if match["name"] == ratio.metric:
            labels = _labels(match["labels"] or "", number, line)
            if wanted.items() <= labels.items():
                found.append((number, line, match))
    if len(found) != 1:
        named = ratio.metric + "".join(f" {name}={value!r}" for name, value in ratio.labels)
        raise MeasurementError(
            f"the page has {len(found)} samples of {shown(named)}",
            "name one by its labels" if found else "check the metric's name and labels",
        )
    number, line, match = found[0]
    if not VALUE.match(match["value"]):
        problem = "has no value" if _NO_NUMBER.match(match["value"]) else "has a value that is no number"
        raise _refused(number, line, problem)
    return Exposed(match["value"], _time(match["time"], is_openmetrics, number, line))


def _lines(text: str, is_openmetrics: bool) -> Iterator[tuple[int, str]]:
    """The lines that hold samples, with their numbers."""
    if text.count("\n") > MAX_LINES:
        raise MeasurementError(
            f"the page has more than {MAX_LINES} lines", "name a page that shows only what is measured"
        )
    lines = text.split("\n")
    if is_openmetrics and lines[-2:] != ["# EOF", ""] and lines[-1] != "# EOF":
        raise MeasurementError(
            "the page does not end with # EOF", "it was cut off: let it answer in one piece"
        )
    if not is_openmetrics and lines[-1] != "":
        raise MeasurementError(
            "the page does not end with a line feed", "it was cut off: let it answer in one piece"
        )
    for number, line in enumerate(lines, 1):
        if line.strip(" \t") and not line.lstrip(" \t").startswith("#"):
            yield number, line


def _labels(text: str, number: int, line: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    text, place = text.strip(" \t"), 0
    while place < len(text):
        match = _LABEL.match(text, place)
        if match is None or match["name"] in labels:
            raise _refused(number, line, "has labels that are malformed")
        labels[match["name"]] = _ESCAPED.sub(_unescaped, match["value"])
        place = match.end()
    return labels


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


def _time(text: str | None, is_openmetrics: bool, number: int, line: str) -> int | None:
    """Milliseconds: as such in Prometheus' format, decimal seconds in OpenMetrics."""
    if text is None:
        return None
    if is_openmetrics and (match := _SECONDS.match(text)):
        milliseconds = int((match["fraction"] or "").ljust(3, "0")[:3])
        return int(match["whole"]) * 1_000 + (-milliseconds if text.startswith("-") else milliseconds)
    if not is_openmetrics and _MILLISECONDS.match(text):
        return int(text)
    raise _refused(number, line, "has a time that is none")


def _refused(number: int, line: str, problem: str) -> MeasurementError:
    return MeasurementError(
        f"line {number} of the page, {shown(line[:80])!r}, {problem}", "mend the exporter"
    )
