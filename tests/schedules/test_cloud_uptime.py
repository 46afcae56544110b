"""Monthly uptime credits: months with so many minutes down, from a log of states to the published percentage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metering.engine import Engine
from sla.errors import TermsError
from tests.schedules.agreed import Agreed, example, indicator, source, terms, uptime

TABLES = {
    "aws-compute-region": {"99.99%": 10, "99.0%": 30, "95%": 100},
    "aws-ec2-instance": {"99.5%": 10, "99.0%": 30, "95%": 100},
    "aws-dynamodb-standard": {"99.99%": 10, "99%": 25, "95%": 100},
    "aws-dynamodb-global": {"99.999%": 10, "99%": 25, "95%": 100},
    "aws-rds-multi-az": {"99.95%": 10, "99%": 25, "95%": 100},
    "azure-vm-zones": {"99.99%": 10, "99%": 25, "95%": 100},
    "gce-2018-style": {"99.99%": 10, "99%": 25, "95%": 50},
    "leased-line": {"99.99%": 5, "99.5%": 10, "99%": 20},
    "okkami": {"99.9%": 2, "99.5%": 5, "98%": 10},
}
"""Below which uptime what part of the charge is credited: the providers' own tables, azure-vm-zones second-hand."""

MET = {
    30: {"99.99": 4, "99.95": 21, "99.9": 43, "99.5": 216, "99": 432, "95": 2_160, "98": 864, "99.999": 0},
    31: {"99.99": 4, "99.95": 22, "99.9": 44, "99.5": 223, "99": 446, "95": 2_232, "98": 892, "99.999": 0},
}
"""The most minutes down with which a month of so many days still meets an objective: published, but for 98 and
99.999 %, worked out by hand (2 % of 43 200 and of 44 640 minutes, 0.001 % of either)."""

FIRST = datetime(2021, 1, 1, tzinfo=UTC)


def months() -> list[tuple[datetime, int, int]]:
    """(start, days, minutes down) of five years of months: each number of the table, one more, and all of the month."""
    downs = {
        days: iter(sorted({0, 1, *met.values(), *(down + 1 for down in met.values()), days * 1_440}))
        for days, met in MET.items()
    }
    found, start = [], FIRST
    for _ in range(60):
        following = (start + timedelta(days=32)).replace(day=1)
        days = (following - start).days
        found.append((start, days, next(downs[days], 0) if days in downs else 0))
        start = following
    assert all(next(left, None) is None for left in downs.values())
    return found


def percent(table: dict[str, int], days: int, down: int) -> int:
    """Read off the two tables."""
    credits = [
        part
        for below, part in table.items()
        if down > MET.get(days, MET[30])[below.removesuffix("%").removesuffix(".0")]
    ]
    return max(credits, default=0)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="module")
def agreed(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Agreed:
    lines = ["time,subject,state"]
    for start, days, down in months():
        # In the middle of the month, over midnight, where that is possible.
        began = start + timedelta(days=days // 2) if down < 10_000 else start
        ended = min(began + timedelta(minutes=down), start + timedelta(days=days))
        lines += [f"{stamp(start)},site,up"] if began > start else []
        lines += [f"{stamp(began)},site,down"] if down else []
        lines += [f"{stamp(ended)},site,up"] if ended < start + timedelta(days=days) else []
    columns = {"time": "time", "subject": "subject", "state": "state"}
    measured = indicator(
        "uptime", "states", measure="uptime", levels={"up": "100%", "down": "0%"}, holdsFor="40 days"
    )
    text = terms(
        [source("states", columns), measured],
        [
            uptime(name, "uptime", *((below, f"{part}%") for below, part in table.items()))
            for name, table in TABLES.items()
        ],
        {"start": "2021-01-01T00:00:00", "every": "1 month", "periods": "60"},
        charge={"fixed": "1000.00"},
    )
    return Agreed(text, tmp_path_factory.mktemp("uptime"), {"states": lines}, engine)


@pytest.mark.parametrize("name", TABLES)
def test_uptime_schedule__months_of_30_and_31_days__credit_what_is_published(
    agreed: Agreed, name: str
) -> None:
    expected = [percent(TABLES[name], days, down) for _, days, down in months()]

    assert agreed.paid(list(TABLES).index(name)) == [1_000 * part for part in expected]
    assert set(expected) == {0, *TABLES[name].values()}


@pytest.mark.parametrize(("days", "minutes"), [(30, 43_200), (31, 44_640)])
def test_down_minutes__of_the_table__are_the_most_that_meet_each_objective(
    agreed: Agreed, days: int, minutes: int
) -> None:
    """Attainments as measured, beside the hand's division: floored, and one minute more is below."""
    attained = {
        down: one.attained
        for (_, length, down), one in zip(months(), agreed.measured(0), strict=True)
        if length == days
    }
    for objective, down in MET[days].items():
        bound = int(objective.replace(".", "").ljust(5, "0")) * 10
        assert attained[down] == (minutes - down) * 1_000_000 // minutes
        assert (attained[down] or 0) >= bound > (attained[down + 1] or 0)


def test_telus__its_published_table__is_refused_for_the_gap_it_leaves(tmp_path: Path, engine: Engine) -> None:
    """99.69 to 97.9 pays 10 %, 96.89 to 95.9 pays 20 %: nobody said what 97 % pays."""
    with pytest.raises(TermsError, match=r"gap between 96\.89% and 97\.9%"):
        Agreed(example("telus-wavelength"), tmp_path, {}, engine)
