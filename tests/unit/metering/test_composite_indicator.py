"""Composites against a reference that looks at every second of every part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metering.attained import Attained, Question
from metering.engine import Engine, Table, open_engine
from metering.excluding import Excluding
from metering.indicators.composites import composite, explained
from metering.indicators.pieces import Piece, Pieces
from record.terms.measures import CompositeUptime
from sla.composites import Component, Composite, Rule, Source
from sla.exclusions import Exclusion
from tests.unit.metering.exclusion_drawing import (
    ALLOWED,
    CELLS,
    HOURS,
    MAINTENANCE,
    START,
    WHOLE,
    cell_of,
    excluded_seconds,
    exclusions,
    rows_table,
)
from tests.unit.sla.composite_drawing import value

END = CELLS[-1].end
MILLION = 1_000_000
WEB, DB, LINE = Component("web"), Component("db"), Component("line", Source.AGREEMENT)
LEVELS = {"up": MILLION, "slow": 300_000, "down": 0}
STATE = {"time": pa.int64(), "subject": pa.string(), "state": pa.string()}
HOLDS = 25

WHOLES = [
    Composite(Rule.SERIAL, (WEB, DB, LINE)),
    Composite(Rule.PARALLEL, (WEB, DB, LINE)),
    Composite(Rule.WORST_OF, (WEB, DB, LINE)),
    Composite(Rule.WEIGHTED, (WEB, DB, LINE), (1, 2, 4)),
    Composite(Rule.SERIAL, (WEB, Composite(Rule.PARALLEL, (DB, LINE)))),
]
TELLERS = [("web", "w1"), ("web", "w2"), ("db", "d1"), ("line", "l1"), ("other", "o1")]
changes = st.dictionaries(
    st.tuples(st.integers(START - 30, END - 1), st.sampled_from(TELLERS)),
    st.sampled_from([*LEVELS, "up", "down", "resting"]),
    max_size=25,
)
Changes = dict[tuple[int, tuple[str, str]], str]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine(threads=1) as opened:
        yield opened


def states_table(engine: Engine, seen: Changes, region: str = "eu") -> Table:
    rows = [
        {"time": time, "component": part, "subject": subject, "state": state, "region": region}
        for (time, (part, subject)), state in seen.items()
    ]
    return rows_table(engine, rows, STATE)


def question(
    engine: Engine,
    records: Table,
    given: Sequence[Exclusion] = (),
    hours: Sequence[Piece] = HOURS,
    dimensions: Sequence[str] = (),
) -> Question:
    excluding = Excluding(given, ALLOWED, (), {}, START - 100, END)
    excluding.learn(engine, records)
    pieces = Pieces(engine, [cell.start for cell in CELLS], hours, excluding)
    return Question(CELLS[: 1 + max(piece.cell for piece in hours)], pieces, dimensions, END)


def measure(whole: Composite) -> CompositeUptime:
    return CompositeUptime(whole, "component", tuple(sorted(LEVELS.items())), HOLDS)


def level_at(seen: Changes, teller: tuple[str, str], second: int) -> int | None:
    times = [time for time, other in seen if other == teller and time <= second]
    if not times or second >= max(times) + HOLDS:
        return None
    return LEVELS.get(seen[max(times), teller])


def reference(
    seen: Changes, whole: Composite, given: Sequence[Exclusion], by_hours: bool
) -> dict[int, list[Fraction]]:
    """By cell: good, known, excluded and missing seconds."""
    tally: dict[int, list[Fraction]] = defaultdict(lambda: [Fraction(0)] * 4)
    causes = {
        part: excluded_seconds(given, {"component": part, "region": "eu"}) for part in ("web", "db", "line")
    }
    unheard = {part: excluded_seconds(given, {"component": part}) for part in causes}
    for second in range(START, END):
        cell = cell_of(second)
        known: dict[Component, int | None] = {}
        is_excused = False
        for part in (WEB, DB, LINE):
            heard = any(who[0] == part.name and time < CELLS[cell].end for time, who in seen)
            away = second in (causes if heard else unheard)[part.name]
            away |= by_hours and second < START + 10
            is_excused |= away
            levels = [level_at(seen, teller, second) for teller in TELLERS if teller[0] == part.name]
            told = [level for level in levels if level is not None]
            known[part] = min(told) if told and not away else None
        least = {part: Fraction(level or 0, MILLION) for part, level in known.items()}
        most = {part: Fraction(MILLION if level is None else level, MILLION) for part, level in known.items()}
        good, bad = value(whole, least), 1 - value(whole, most)
        numbers = tally[cell]
        numbers[0] += good
        numbers[1] += good + bad
        numbers[2 if is_excused else 3] += 1 - good - bad
    return tally


def exact(found: Attained) -> list[Fraction]:
    parts = MILLION if found.counts == "microseconds" else int(found.counts.split()[2])
    numbers = (found.numerator, found.denominator, found.excluded, found.missing)
    return [Fraction(number, parts) for number in numbers]


@pytest.mark.parametrize("by_hours", [True, False])
@given(seen=changes, given_=exclusions(), whole=st.sampled_from(WHOLES))
@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_composite__any_parts_and_exclusions__are_weighed_second_by_second(
    engine: Engine, by_hours: bool, seen: Changes, given_: list[Exclusion], whole: Composite
) -> None:
    records = states_table(engine, seen)
    asked = question(engine, records, given_, HOURS if by_hours else WHOLE)
    expected = reference(seen, whole, given_, by_hours)

    found = composite(engine, records, measure(whole), asked)
    assert [exact(one) for one in found] == [expected[index] for index in range(len(CELLS))]
    for one, (good, known, _, missing) in zip(found, expected.values(), strict=True):
        judged = known > 0 and known * 2 >= known + missing
        assert one.attained == (int(good * MILLION / known) if judged else None)
        assert sum(one.faults.values()) == ceil((known - good) * MILLION)

    rows = engine.collect(explained(engine, records, measure(whole), asked)).to_pylist()
    faults: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    seconds: dict[tuple[int, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["fault"]:
            faults[row["cell"]][row["part"]] += row["fault"]
        for second in range(row["start"], row["end"]):
            seconds[second, row["part"]].append(row)
    assert [dict(faults[index]) for index in range(len(CELLS))] == [one.faults for one in found]
    assert sorted(seconds) == sorted(
        (second, part) for second in range(START, END) for part in ("web", "db", "line")
    )
    assert all(len(told) == 1 for told in seconds.values())


def signed(start: int, end: int, component: str = "") -> Exclusion:
    scope = (("component", (component,)),) if component else ()
    return Exclusion(f"0x{start}", MAINTENANCE, scope, START + start, START + end, 0, frozenset({"customer"}))


def one_cell(engine: Engine, seen: Changes, whole: Composite, *given: Exclusion) -> Attained:
    records = states_table(engine, seen)
    asked = question(engine, records, given, WHOLE[:1])
    return composite(engine, records, measure(whole), asked)[0]


def story(**parts: Sequence[tuple[int, str]]) -> Changes:
    """What each part said at which second, one subject a part; it says so again before nobody believes it."""
    found: Changes = {}
    for part, said in parts.items():
        for place, (second, state) in enumerate(said):
            until = said[place + 1][0] if place + 1 < len(said) else 50
            for again in range(second, until, HOLDS):
                found[START + again, (part, "it")] = state
    return found


def test_serial__two_parts_down__bear_the_breach_by_how_bad_each_was(engine: Engine) -> None:
    """Of 50 seconds web is down from 0 to 10 and the database from 5 to 20: 20 bad, of which web bears 7.5."""
    whole = Composite(Rule.SERIAL, (WEB, DB))
    found = one_cell(
        engine, story(web=[(0, "down"), (10, "up")], db=[(0, "up"), (5, "down"), (20, "up")]), whole
    )

    assert (found.attained, found.numerator, found.denominator) == (600_000, 30 * MILLION, 50 * MILLION)
    assert found.faults == {"web": 7_500_000, "db": 12_500_000}


def test_maintenance_of_one_part__excuses_its_outage_and_no_other(engine: Engine) -> None:
    """The database rests from 10 to 30 and is down in it; web is down from 20 to 40."""
    whole = Composite(Rule.SERIAL, (WEB, DB))
    seen = story(web=[(0, "up"), (20, "down"), (40, "up")], db=[(0, "up"), (10, "down"), (30, "up")])
    found = one_cell(engine, seen, whole, signed(10, 30, "db"))

    assert (found.numerator, found.denominator, found.excluded, found.missing) == (
        20 * MILLION,
        40 * MILLION,
        10 * MILLION,
        0,
    )
    assert found.faults == {"web": 20 * MILLION}


def test_maintenance_of_one_of_two_lines__counts_while_the_other_is_up(engine: Engine) -> None:
    whole = Composite(Rule.PARALLEL, (DB, LINE))
    seen = story(db=[(0, "up"), (10, "down"), (30, "up")], line=[(0, "up"), (25, "down")])
    found = one_cell(engine, seen, whole, signed(10, 30, "db"))

    assert (found.numerator, found.denominator, found.excluded) == (45 * MILLION, 45 * MILLION, 5 * MILLION)


def test_parts_told_apart_by_subject__and_answers_by_region__are_judged_each(engine: Engine) -> None:
    whole = Composite(Rule.SERIAL, (Component("it"), Component("other")))
    rows = [
        {"time": START + second, "subject": subject, "state": state, "region": region}
        for second, subject, state, region in [
            (0, "it", "up", "eu"),
            (0, "other", "down", "eu"),
            (0, "it", "up", "us"),
        ]
    ]
    records = rows_table(engine, rows, STATE)
    asked = question(engine, records, (), WHOLE[:1], ["region"])
    by_subject = CompositeUptime(whole, "subject", tuple(sorted(LEVELS.items())), 50)

    eu, us = composite(engine, records, by_subject, asked)
    assert (eu.dimension, eu.attained, eu.faults) == ({"region": "eu"}, 0, {"other": 50 * MILLION})
    assert (us.dimension, us.attained, us.missing) == ({"region": "us"}, None, 50 * MILLION)


def test_weights__that_no_million_holds__are_counted_in_finer_parts(engine: Engine) -> None:
    """Up by a third: 50/3 seconds are no whole number of microseconds."""
    whole = Composite(Rule.WEIGHTED, (WEB, DB), (1, 2))
    found = one_cell(engine, story(web=[(0, "up")], db=[(0, "down")]), whole)

    assert found.counts == "seconds in 3000000 parts"
    assert (found.numerator, found.denominator, found.attained) == (50 * MILLION, 150 * MILLION, 333_333)
    assert found.faults == {"db": 33_333_334}


@pytest.mark.parametrize(("minimum", "attained"), [(500_000, MILLION), (500_001, None)])
def test_minimum_known__of_half_known__decides(engine: Engine, minimum: int, attained: int | None) -> None:
    """Told at seconds -5 and 10, each believed for 15: known from 0 to 25, of 50."""
    records = states_table(engine, {(START - 5, ("web", "it")): "up", (START + 10, ("web", "it")): "up"})
    asked = replace(question(engine, records, (), WHOLE[:1]), minimum_known_ppm=minimum)
    only_web = CompositeUptime(Composite(Rule.SERIAL, (WEB,)), "component", (("up", MILLION),), 15)

    found = composite(engine, records, only_web, asked)[0]
    assert (found.denominator, found.missing, found.attained) == (25 * MILLION, 25 * MILLION, attained)
