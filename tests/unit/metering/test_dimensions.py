"""What every measure owes whoever asks: the same answers by dimension as one at a time, and the records behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from metering.engine import open_engine
from metering.measuring import Measuring
from metering.residency import Homes
from record.landing.kinds import DIMENSIONS
from record.terms.indicators import Counted, Indicator
from record.terms.measures import CompositeUptime
from record.terms.measures.faults import RepeatFaults
from tests.unit.metering.engine_cases import END, days, maintenance, write_records
from tests.unit.metering.engine_indicators import indicators

VERDICTS = {"good", "bad", "partial", "excluded", "missing"}
DAYS = days()[:2]
"""In the second of them three hours are excluded, of the region eu alone."""


@pytest.fixture(scope="module")
def measuring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Measuring]:
    """The records of all kinds, each landed once."""
    folder = tmp_path_factory.mktemp("dimensions")
    write_records(folder)
    exclusion, _ = maintenance()
    with open_engine(threads=1) as engine:
        yield Measuring(folder, Homes(folder / "lake"), engine, END + 7_200, [exclusion])


def counted(indicator: Indicator) -> Counted:
    assert isinstance(indicator.metric, Counted)
    return indicator.metric


def of_region(indicator: Indicator, region: str) -> Indicator:
    """The same, of that region's records alone."""
    where = dict(counted(indicator).where) | {"region": (region,)}
    return replace(indicator, metric=replace(counted(indicator), where=tuple(where.items())))


def separable() -> list[Indicator]:
    """All but the one whose regions know of each other: an earlier fault may be of another region."""
    return [each for each in indicators() if not isinstance(counted(each).measure, RepeatFaults)]


def one_of_each_kind() -> list[Indicator]:
    """The first measure of each kind of record."""
    found: dict[str, Indicator] = {}
    for each in indicators():
        found.setdefault(each.source.name, each)
    return list(found.values())


@pytest.mark.parametrize("indicator", separable(), ids=lambda each: each.name)
def test_attained__by_region__is_as_asked_of_the_region_alone(
    measuring: Measuring, indicator: Indicator
) -> None:
    _, allowed = maintenance()
    found = measuring.attained(indicator, DAYS, ["region"], allowed)
    regions = sorted({each.dimension["region"] for each in found})
    region = "eu" if "eu" in regions else regions[0]
    alone = measuring.attained(of_region(indicator, region), DAYS, (), allowed)
    by_cell = {each.cell: replace(each, dimension={"region": region}) for each in alone}

    assert len(alone) == len(DAYS)
    for each in found:
        if each.dimension["region"] == region:
            assert each == by_cell[each.cell]


@pytest.mark.parametrize("indicator", one_of_each_kind(), ids=lambda each: each.name)
def test_explained__every_record__says_its_cell_its_verdict_and_what_excludes_it(
    measuring: Measuring, indicator: Indicator
) -> None:
    _, allowed = maintenance()
    rows = list(measuring.explained(indicator, DAYS, allowed))

    assert rows
    assert {row["verdict"] for row in rows} <= VERDICTS
    assert {row["cell"] for row in rows} <= {0, 1}
    assert all(row["excluded_by"] for row in rows if row["verdict"] == "excluded")
    # A composite is explained by its parts, whatever records tell of them.
    if not isinstance(counted(indicator).measure, CompositeUptime):
        assert set(DIMENSIONS) <= set(rows[0])
