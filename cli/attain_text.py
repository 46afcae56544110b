"""Attainments for people: a table for each obligation, and what every number is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.attain_json import behind
from cli.attaining import Answer, Unmeasured
from cli.terms_words import level_words, paid
from metering.attained import Attained
from metering.exclusion_files import RefusedFile
from record.landing.kinds import DIMENSIONS
from record.readable import harmless, number, utc
from record.terms import TermsDocument
from record.terms.periods import period_name
from sla.agreement import PPM
from sla.compensation import tier_reached

_MILLIONTHS = {"microseconds": "seconds", "millionths of intervals": "intervals"}

MOST_ROWS = 40
"""Records shown behind one answer; ``--json`` has them all."""


def print_attainments(
    screen: Console,
    document: TermsDocument,
    found: Iterable[Answer | Unmeasured],
    refused: Iterable[RefusedFile],
    until: int,
) -> None:
    """Answers in the order of the obligations."""
    _line(screen, document.display_name, "bold")
    _line(screen, f"Periods in {document.zone}; what was known by {utc(until)} UTC.")
    for file in refused:
        field = f"{file.field}: " if file.field else ""
        _line(screen, f"{file.name} is no exclusion here: {field}{file.problem}; {file.remedy}.", "yellow")
    for one in found:
        _line(screen, "")
        _line(screen, one.obligation.name, "bold")
        if isinstance(one, Unmeasured):
            _line(screen, "Its source is no file: only nodes measure it.")
        else:
            _line(screen, f"{one.obligation.objective}. {_landed(one)}")
            _answer(screen, document, one)


def _answer(screen: Console, document: TermsDocument, answer: Answer) -> None:
    if not answer.found:
        _line(screen, "No record lies in a period of the agreement.")
        return
    dimensions = list(answer.found[0].dimension)
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("day" if answer.found[0].cell.day else "period", *dimensions, "attained"):
        table.add_column(name)
    counts = answer.found[0].counts
    for name in (_MILLIONTHS.get(counts, counts), "excluded", "missing"):
        table.add_column(name, justify="right")
    table.add_column("")
    for one, pays in zip(answer.found, answer.pays, strict=True):
        table.add_row(
            one.cell.day or period_name(document, one.cell.period),
            *(harmless(one.dimension[name]) for name in dimensions),
            _attained(answer, one),
            f"{_counted(one, one.numerator)} of {_counted(one, one.denominator)}",
            _counted(one, one.excluded),
            _counted(one, one.missing),
            _verdict(document, answer, one, pays),
        )
    screen.print(table)
    for each in answer.in_vain:
        span = f"{utc(each.start)} to {utc(each.end)} UTC"
        _line(screen, f"Not excluded by {each.id[:10]}…, {span}: {each.reason}.")
    if answer.records is not None:
        for one in answer.found:
            _behind(screen, document, answer, one)


def _attained(answer: Answer, one: Attained) -> str:
    return "unknown" if one.attained is None else level_words(answer.obligation.indicator.unit, one.attained)


def _counted(one: Attained, value: int) -> str:
    """Millionths are shown as whole ones and what is left."""
    if one.counts not in _MILLIONTHS:
        return number(value)
    whole, rest = divmod(value, PPM)
    return f"{number(whole)}.{f'{rest:06d}'.rstrip('0')}" if rest else number(whole)


def _verdict(document: TermsDocument, answer: Answer, one: Attained, pays: int | None) -> str:
    if one.attained is None:
        verdict = "too little is known"
    else:
        verdict = "met" if tier_reached(answer.obligation.terms, one.attained) is None else "missed"
    told = verdict if not pays else f"{verdict}, pays {paid(document, pays)}"
    return told if one.complete else f"{told}; more records may come"


def _behind(screen: Console, document: TermsDocument, answer: Answer, one: Attained) -> None:
    records = behind(answer, one)
    notable = [record for record in records if record["verdict"] != "good"]
    where = one.cell.day or period_name(document, one.cell.period)
    dimension = "".join(f", {name} {harmless(value) or '(none)'}" for name, value in one.dimension.items())
    good = len(records) - len(notable)
    _line(screen, f"{where}{dimension}: {number(good)} good, {number(len(notable))} others")
    for record in notable[:MOST_ROWS]:
        _line(screen, "  " + _record(record))
    if len(notable) > MOST_ROWS:
        _line(screen, f"  ... and {number(len(notable) - MOST_ROWS)} more, all in --json")


def _record(record: Mapping[str, Any]) -> str:
    """``bad  2026-08-18 12:00:07  subject Manual  state down``."""
    times = {"time", "start", "end", "opened", "due", "done", "stopped_at", "breached_at"}
    parts = [f"{record['verdict']:<9}"]
    for name, value in record.items():
        if name == "verdict":
            continue
        if name == "time_ms":
            parts.append(f"time {utc(value // 1_000)}.{value % 1_000:03d}")
        elif name in times and isinstance(value, int):
            parts.append(f"{name} {utc(value)}")
        else:
            parts.append(f"{name} {harmless(str(value))}")
    last = [part for part in parts if part.split(" ")[0] in DIMENSIONS]
    return "  ".join([part for part in parts if part not in last] + last)


def _landed(answer: Answer) -> str:
    landed = answer.landed
    parts = [f"{number(landed.read)} records read from {answer.obligation.indicator.source.name}"]
    for count, what in (
        (sum(landed.refused.values()), "refused"),
        (landed.contradictions, "contradictory"),
        (landed.duplicates, "duplicates"),
    ):
        if count:
            parts.append(f"{number(count)} {what}")
    told = ", ".join(parts)
    reasons = ", ".join(f"{count} {reason}" for reason, count in landed.refused.items())
    unreadable = "".join(f" {file} could not be read: {problem}." for file, problem, _ in landed.unreadable)
    return f"{told}{f' ({reasons})' if reasons else ''}.{unreadable}"


def _line(screen: Console, text: str, style: str = "") -> None:
    screen.print(Text(harmless(text, 2_000), style), soft_wrap=True)
