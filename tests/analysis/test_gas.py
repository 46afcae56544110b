"""Gas: the targets are met, and nothing costs 2 % more than in the committed snapshot (benchmarks/gas.json)."""

from __future__ import annotations

import pytest

from benchmarks.gas import TARGETS, TOLERANCE_PPM, snapshot
from benchmarks.measures import measure

pytestmark = [pytest.mark.xdist_group("gas"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def gas() -> dict[str, int]:
    return measure()


def test_gas__against_the_snapshot__is_at_most_two_percent_more(gas: dict[str, int]) -> None:
    """After a change that is worth it: ``python -m benchmarks.gas --accept``, and commit the numbers."""
    was = snapshot()

    assert gas.keys() == was.keys()
    dearer = {
        name: (was[name], now)
        for name, now in gas.items()
        if now * 1_000_000 > was[name] * (1_000_000 + TOLERANCE_PPM)
    }
    assert dearer == {}


def test_gas__of_the_main_job__meets_the_targets(gas: dict[str, int]) -> None:
    assert {name: gas[name] for name, target in TARGETS.items() if gas[name] > target} == {}
    # A compliant period: one of 1 000 agreements' share of the round.
    assert gas["post_3_of_5"] <= 100 * 1_000


def test_gas__of_a_claim__grows_by_a_hash_for_each_doubling_of_the_round(gas: dict[str, int]) -> None:
    """P11: 17 more siblings of 32 bytes, at 16 gas a byte and less than 1 000 gas each in all."""
    assert 0 < gas["claim_in_round_of_100000"] - gas["claim_in_round_of_1"] < 17 * 1_000
