"""P4: boundaries and deadlines in Solidity and in Python; calendar months against Python's own calendar too."""

from __future__ import annotations

import calendar
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from record.typed_messages import flat_message
from sla.agreement import ZERO_ADDRESS, ScheduleUnit, Service, Stake
from sla.schedule import boundary, claim_deadline, deadline_end
from tests.contracts.fast_chain import FastChain
from tests.differential.seeds import seeded, show

DAY = 86_400
LIMIT = 2**40
END_OF_YEAR_9999 = 253_402_300_800
SERVICE = Service(ZERO_ADDRESS, 0, ScheduleUnit.SECONDS, 1, 1, 0, 0, 0, 0)
STAKE = Stake(ZERO_ADDRESS, 1, 0, 0, 0, 0, 1, bytes(32))


@pytest.fixture(scope="module")
def chain() -> FastChain:
    return FastChain(1)


@pytest.fixture(scope="module")
def harness(chain: FastChain) -> str:
    return chain.deploy("CreditMathHarness")


def some_start(source: random.Random) -> int:
    """Half of them on the 29th to the 31st, many of them in leap years and around turns of the century."""
    if source.random() < 0.25:
        return source.randrange(LIMIT)
    year = source.choice((source.randint(1970, 2200), 2000, 2024, 2096, 2099, 2100, 2400, 9999))
    month = source.randint(1, 12)
    last = calendar.monthrange(year, month)[1]
    day = source.choice((source.randint(1, last), last, min(29, last), min(30, last)))
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) + source.choice((0, 1, 86_399, 43_200))


def months_later(start: int, months: int) -> int | None:
    """By Python's datetime, which knows years up to 9999."""
    if start >= END_OF_YEAR_9999:
        return None
    anchor = datetime.fromtimestamp(start, UTC)
    years, month = divmod(anchor.month - 1 + months, 12)
    if anchor.year + years > 9999:
        return None
    day = min(anchor.day, calendar.monthrange(anchor.year + years, month + 1)[1])
    return int(anchor.replace(year=anchor.year + years, month=month + 1, day=day).timestamp())


def test_boundary__seconds__is_equal_in_solidity_and_python(chain: FastChain, harness: str) -> None:
    """4 000 cases, the whole of the types."""
    source = seeded("boundaries in seconds")
    for _ in range(200):
        service = replace(
            SERVICE,
            start=source.randrange(LIMIT),
            length=source.choice((1, DAY, 7 * DAY, 2**32 - 1, source.randrange(2**32))),
        )
        ks = [source.choice((0, 1, 2**24 - 1, 2**24, source.randrange(2**24))) for _ in range(20)]
        found = chain.call("CreditMathHarness", harness, "boundaries", argument(service), ks)
        assert list(found) == [boundary(service, k) for k in ks]
        assert list(found) == [service.start + service.length * k for k in ks]


def test_boundary__months__is_equal_in_solidity_python_and_the_calendar(
    chain: FastChain, harness: str
) -> None:
    """14 000 cases: never chained, the day clamped, up to 2^40 and beyond."""
    source = seeded("boundaries in months")
    names = ("29th to 31st", "day clamped", "29 February", "before 2^40", "beyond 2^40", "by the calendar")
    counts = Counter(dict.fromkeys(names, 0))
    for _ in range(700):
        service = replace(
            SERVICE, unit=ScheduleUnit.MONTHS, start=some_start(source), length=source.randint(1, 13)
        )
        ks = [source.choice((k, source.randrange(400), source.randrange(2**24))) for k in range(20)]
        found = chain.call("CreditMathHarness", harness, "boundaries", argument(service), ks)
        for k, solidity in zip(ks, found, strict=True):
            assert solidity == boundary(service, k), (service, k)
            expected = months_later(service.start, k * service.length)
            if expected is not None:
                assert solidity == expected, (service, k)
                first = datetime.fromtimestamp(service.start, UTC)
                then = datetime.fromtimestamp(solidity, UTC)
                counts["29th to 31st"] += first.day >= 29
                counts["day clamped"] += then.day < first.day
                counts["29 February"] += (then.month, then.day) == (2, 29)
                counts["by the calendar"] += 1
            counts["before 2^40" if solidity < LIMIT else "beyond 2^40"] += 1
    show("months:", counts)


def test_deadlines__any_terms__are_equal_in_solidity_and_python(chain: FastChain, harness: str) -> None:
    """`endOf` and `lastClaimDeadline` for both units, the zone's lag included."""
    source = seeded("deadlines")
    for _ in range(1_000):
        count = source.choice((1, 12, source.randint(1, 2**24 - 1)))
        unit = source.choice(list(ScheduleUnit))
        service = replace(
            SERVICE,
            start=some_start(source),
            unit=unit,
            length=source.randint(1, 13) if unit == ScheduleUnit.MONTHS else source.randint(1, 400 * DAY),
            count=count,
            zone_lag_seconds=source.choice((0, 50_400, source.randrange(2**32))),
        )
        stake = replace(STAKE, claim_within=source.choice((0, 400 * DAY, source.randrange(2**32))))
        period = source.randrange(count)
        found = chain.call(
            "CreditMathHarness", harness, "deadlines", argument(service), argument(stake), period
        )
        assert found == (deadline_end(service, period), claim_deadline(service, stake, count - 1))


def argument(struct: Service | Stake) -> tuple[object, ...]:
    return tuple(flat_message(struct).values())
