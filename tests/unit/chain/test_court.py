"""Which finding passes a court's ruling on: the escrow rules findings, a court only says which side is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chain.court import NoFinding, finding_that_pays
from sla.agreement import Comparator, MissingData, Obligation, PayUnit, Tier

CHARGE = 1_000
UPTIME = Obligation(
    indicator=bytes(32),
    comparator=Comparator.AT_LEAST,
    pay_unit=PayUnit.CHARGE_PPM,
    missing_data=MissingData.BREACH,
    cap=0,
    sane_min=0,
    sane_max=1_000_000,
    tiers=(Tier(999_000, 100_000, 0, 0), Tier(950_000, 300_000, 0, 0)),
)
INCIDENTS = replace(
    UPTIME, comparator=Comparator.AT_MOST, pay_unit=PayUnit.AMOUNT, sane_max=40, tiers=(Tier(2, 0, 50, 1),)
)
NO_DATA = 2**64 - 1


@pytest.mark.parametrize(
    ("amount", "said", "expected"),
    [
        # Of those that pay it, the latest that was said.
        (100, [(998_000, CHARGE), (997_000, CHARGE), (900_000, CHARGE)], (997_000, CHARGE)),
        # A metered charge is part of the finding.
        (60, [(997_000, 600), (997_000, 700)], (997_000, 600)),
        # Missing data is nothing that can be ruled: the worst sane attainment under the report's charge pays the same.
        (210, [(NO_DATA, 700)], (0, 700)),
        (300, [], (0, CHARGE)),
        # Nothing is owed: the objective was met.
        (0, [(NO_DATA, 700), (900_000, CHARGE)], (1_000_000, CHARGE)),
    ],
)
def test_finding__of_an_amount__is_what_was_said_or_what_the_policy_says(
    amount: int, said: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    assert finding_that_pays(UPTIME, amount, CHARGE, said) == expected


@pytest.mark.parametrize(("amount", "expected"), [(0, 0), (1_900, 40)])
def test_finding__of_what_is_at_most__has_its_ends_the_other_way_round(amount: int, expected: int) -> None:
    assert finding_that_pays(INCIDENTS, amount, 0, []) == (expected, 0)


def test_finding__that_nobody_said__is_refused() -> None:
    with pytest.raises(NoFinding, match="pays 299"):
        finding_that_pays(UPTIME, 299, CHARGE, [(998_000, CHARGE)])
