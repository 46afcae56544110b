"""Every family of indicators means the same on one machine and on a cluster, to the last digit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from metering.attaining import FAMILIES
from metering.engine import Engine, open_engine
from metering.measuring import Measuring
from metering.residency import Homes
from record.terms.indicators import Counted, Indicator
from tests.unit.metering.engine_cases import END, days, maintenance, write_records
from tests.unit.metering.engine_indicators import indicators

# Two executors and all else that runs at the same time share the machine.
pytestmark = [pytest.mark.xdist_group("spark"), pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Both:
    """The same landed records, behind either engine."""

    duckdb: Measuring
    spark: Measuring


@pytest.fixture(scope="module")
def both(spark: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("engines")
    write_records(folder)
    homes, until = Homes(folder / "lake"), END + 7_200
    exclusion, _ = maintenance()
    with open_engine(threads=1) as duckdb:
        yield Both(*(Measuring(folder, homes, engine, until, [exclusion]) for engine in (duckdb, spark)))


def of_family(family: type) -> list[Indicator]:
    found = ((each, each.metric) for each in indicators())
    return [each for each, metric in found if isinstance(metric, Counted) and type(metric.measure) is family]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_spark__every_family__answers_and_explains_as_duckdb_does(both: Both, family: type) -> None:
    """By region and day, one of which has 23 hours; of one region's answers three hours are excluded."""
    cases = of_family(family)
    assert cases, f"engine_indicators.py measures nothing by {family.__name__}: add a line"
    _, allowed = maintenance()
    for indicator in cases:
        answers = both.duckdb.attained(indicator, days(), ["region"], allowed)
        behind = list(both.duckdb.explained(indicator, days()))
        assert len({one.attained for one in answers}) > 1
        assert behind

        assert both.spark.attained(indicator, days(), ["region"], allowed) == answers
        assert list(both.spark.explained(indicator, days())) == behind
