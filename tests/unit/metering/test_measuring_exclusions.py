"""From files to attainments with exclusions, conditions and gaps: the way that nodes and ``makegood attain`` go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from metering.attained import Attained
from metering.cells import cells
from metering.engine import Engine, open_engine
from metering.excluding import allowed
from metering.measuring import Measuring
from metering.residency import Homes
from record.terms import TermsDocument, load_terms
from sla.errors import MeasurementError
from sla.exclusions import Exclusion, ExclusionKind, Reason, Scope
from tests.unit.record.excluding_terms import DAY, START, UPTIME, excluding_terms

HOUR = 3_600
MILLION = 1_000_000
LOAD = "onlyWhile: {source: load, where: {component: front}, atMost: 10, holdsFor: 10 minutes}"
WAYS = [
    "maintenance:",
    "  - approvedBy: [customer]",
    "  - {approvedBy: [provider], notice: 5 days, allowance: 4 hours, per: month}",
]
NEVER_DOWN = [(START, "front", "eu", "up"), (START, "back", "us", "up")]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


class Shop:
    """A folder of files of a shop, and what is measured of them by days."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self._engine = engine
        self._number = 0

    def states(self, rows: Sequence[tuple[int, str, str, str]], files: int = 1) -> None:
        lines = [f"{time},{part}-1,{state},{part},{region}" for time, part, region, state in rows]
        for number in range(files):
            self._write(
                "source", f"{number}.csv", "time,subject,state,component,region", lines[number::files]
            )

    def load(self, rows: Sequence[tuple[int, int, str]]) -> None:
        self._write("load", "load.csv", "time,value,gauge", [",".join(map(str, row)) for row in rows])

    def measuring(self, exclusions: Sequence[Exclusion] = (), until: int = START + 10 * DAY) -> Measuring:
        self._number += 1
        homes = Homes(self.folder / f"lake-{self._number}")
        return Measuring(self.folder, homes, self._engine, until, exclusions)

    def _write(self, source: str, name: str, head: str, lines: Sequence[str]) -> None:
        place = self.folder / source / name
        place.parent.mkdir(exist_ok=True)
        place.write_text("\n".join([head, *lines]) + "\n")


@pytest.fixture
def shop(tmp_path: Path, engine: Engine) -> Shop:
    return Shop(tmp_path, engine)


def document(
    *more: str, measure: Sequence[str] = UPTIME, exclusions: Sequence[str] = tuple(WAYS)
) -> TermsDocument:
    return load_terms(excluding_terms([*measure, *more], exclusions))


def exclusion(name: str, start: int, hours: int, scope: Scope = (), *roles: str) -> Exclusion:
    approvers = frozenset(roles or {"provider"})
    first = START + start * HOUR
    return Exclusion(
        name, ExclusionKind.MAINTENANCE, scope, first, first + hours * HOUR, START - 6 * DAY, approvers
    )


def asked(
    measuring: Measuring, terms: TermsDocument, last_day: int = 1, by_day: bool = True
) -> tuple[list[Attained], list[Mapping[str, Any]]]:
    obligation = terms.obligations[0]
    spans = cells(terms, START, START + last_day * DAY, by_day=by_day)
    lets = allowed(terms, obligation)
    found = measuring.attained(obligation.indicator, spans, (), lets)
    return found, list(measuring.explained(obligation.indicator, spans, lets))


def test_allowance_of_a_month__over_days__is_spent_once(shop: Shop) -> None:
    """3 hours on the first day and 3 on the second, of the 4 a month that the provider may take alone."""
    shop.states([(START, "front", "eu", "up")])
    terms = document()
    measuring = shop.measuring([exclusion("0x2", 30, 3), exclusion("0x1", 2, 3)])

    found, told = asked(measuring, terms)
    assert [one.excluded for one in found] == [3 * HOUR * MILLION, 1 * HOUR * MILLION]
    assert [one.attained for one in found] == [MILLION, MILLION]
    assert [
        (row["excluded_by"], (row["start"] - START) // HOUR, (row["end"] - START) // HOUR)
        for row in told
        if row["verdict"] == "excluded"
    ] == [("0x1", 2, 5), ("0x2", 30, 31)]
    obligation = terms.obligations[0]
    spans = cells(terms, START, START + DAY, by_day=True)
    in_vain = measuring.in_vain(obligation.indicator, spans, allowed(terms, obligation))
    assert [(each.id, (each.start - START) // HOUR, each.reason) for each in in_vain] == [
        ("0x2", 31, Reason.OVER_ALLOWANCE)
    ]


def test_allowance__spent_by_a_later_night_announced_before__is_gone_whichever_day_is_asked(
    shop: Shop,
) -> None:
    shop.states([(START, "front", "eu", "up")])
    later = replace(exclusion("0x9", 60, 3), announced_at=START - 7 * DAY)
    measuring = shop.measuring([exclusion("0x1", 2, 3), later])

    for last_day in (0, 3):
        found, _ = asked(measuring, document(), last_day)
        assert len(found) == last_day + 1
        assert found[0].excluded == 1 * HOUR * MILLION


def test_exclusion_of_a_region__leaves_the_other_counted(shop: Shop) -> None:
    shop.states(
        [*NEVER_DOWN, (START + 2 * HOUR, "front", "eu", "down"), (START + 4 * HOUR, "front", "eu", "up")]
    )
    given = [exclusion("0x1", 1, 3, (("region", ("eu",)),), "customer")]

    (whole, _), told = asked(shop.measuring(given), document())
    assert (whole.numerator, whole.denominator, whole.excluded, whole.missing) == (
        45 * HOUR * MILLION,
        45 * HOUR * MILLION,
        3 * HOUR * MILLION,
        0,
    )
    assert {(row["component"], row["excluded_by"]) for row in told if row["excluded_by"]} == {
        ("front", "0x1")
    }
    (bare, _), _ = asked(shop.measuring(), document())
    assert (bare.numerator, bare.denominator) == (46 * HOUR * MILLION, 48 * HOUR * MILLION)


def test_files__in_another_order_and_twice__change_nothing(shop: Shop) -> None:
    rows = [*NEVER_DOWN, *((START + hour * HOUR, "front", "eu", "down") for hour in (3, 5, 7, 26))]
    rows += [(START + hour * HOUR, "front", "eu", "up") for hour in (4, 6, 8, 27)]
    given = [exclusion("0x1", 3, 2), exclusion("0x2", 26, 9, (), "customer")]
    answers = []
    for order, files in ((rows, 1), ([*rows[::-1], *rows], 4)):
        shop.states(order, files)
        answers.append(asked(shop.measuring([*given, *given[:1]]), document()))

    assert answers[0] == answers[1]
    assert answers[0][0][0].excluded == 2 * 2 * HOUR * MILLION


def test_only_while__above_the_agreed_load__time_does_not_count(shop: Shop) -> None:
    """Down from 1:00 to 2:00; the load is above from 1:30, read every 10 minutes until 2:30, and once at 5:00. What
    another gauge says does not matter."""
    shop.states(
        [
            (START, "front", "eu", "up"),
            (START + HOUR, "front", "eu", "down"),
            (START + 2 * HOUR, "front", "eu", "up"),
        ]
    )
    readings = [(START + 90 * 60 + ten * 600, 11, "front") for ten in range(6)]
    readings += [(START + 150 * 60, 10, "front"), (START + 5 * HOUR, 12, "front"), (START, 99, "back")]
    shop.load(readings)

    (first, _), told = asked(shop.measuring(), document(LOAD))
    excluded = HOUR + 10 * 60
    assert (first.denominator - first.numerator, first.excluded) == (30 * 60 * MILLION, excluded * MILLION)
    assert first.denominator == (DAY - excluded) * MILLION
    assert {row["excluded_by"] for row in told} == {"", "load above 10"}


def test_only_while__readings_of_two_gauges__are_refused(shop: Shop) -> None:
    shop.states(NEVER_DOWN)
    shop.load([(START, 11, "front"), (START, 9, "back")])

    with pytest.raises(MeasurementError, match="readings of several gauges"):
        asked(shop.measuring(), document(LOAD.replace("where: {component: front}, ", "")))


def test_only_while__without_any_reading__all_time_counts(shop: Shop) -> None:
    shop.states([(START, "front", "eu", "up")])
    shop.load([])

    (first, _), _ = asked(shop.measuring(), document(LOAD))
    assert (first.excluded, first.denominator) == (0, DAY * MILLION)


@pytest.mark.parametrize(("minimum", "attained"), [("25%", MILLION), ("25.0001%", None), ("0%", MILLION)])
def test_minimum_known__of_a_quarter_known__decides(shop: Shop, minimum: str, attained: int | None) -> None:
    shop.states([(START, "front", "eu", "up")])
    measure = ("measure: uptime", "levels: {up: 100%}", "holdsFor: 6 hours", f"minimumKnown: {minimum}")

    (first, _), _ = asked(shop.measuring(), document(measure=measure))
    assert (first.attained, first.missing) == (attained, 18 * HOUR * MILLION)


def test_complete__the_watermark_has_passed_the_end_or_not__is_told(shop: Shop) -> None:
    shop.states([(START, "front", "eu", "up"), (START + DAY, "front", "eu", "up")])

    found, _ = asked(shop.measuring(), document())
    assert [one.complete for one in found] == [True, False]
    found, _ = asked(shop.measuring(until=START + DAY - 1), document())
    assert [one.complete for one in found] == [False, False]

    shop.load([(START + 5, 1, "front")])
    found, _ = asked(shop.measuring(), document(LOAD))
    assert [one.complete for one in found] == [False, False]


def test_composite__through_files__names_who_bears_the_breach(shop: Shop) -> None:
    """Front is down for 6 hours, back rests for 2 of them and is down for 3 more."""
    measure = (
        "measure: composite",
        "levels: {up: 100%, down: 0%}",
        "holdsFor: 30 days",
        "rule: serial",
        "parts: [{service: front}, {agreement: back}]",
    )
    shop.states(
        [
            *NEVER_DOWN,
            *((START + at * HOUR, "front", "eu", state) for at, state in ((6, "down"), (12, "up"))),
            *((START + at * HOUR, "back", "us", state) for at, state in ((8, "down"), (13, "up"))),
        ]
    )
    given = [exclusion("0x1", 8, 2, (("component", ("back",)),), "customer")]

    (first, _), told = asked(shop.measuring(given), document(measure=measure))
    # From 6 to 12 front is down; back is down from 10 to 13, and both bear the two hours that they share.
    assert (first.numerator, first.denominator, first.excluded) == (
        17 * HOUR * MILLION,
        24 * HOUR * MILLION,
        0,
    )
    assert first.faults == {"front": 5 * HOUR * MILLION, "back": 2 * HOUR * MILLION}
    assert [row["excluded_by"] for row in told if row["verdict"] == "excluded"] == ["0x1"]
