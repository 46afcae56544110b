"""Where an agreement can be cut, and which breaches an exit names, out of what the chain shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chain.errors import Refused
from chain.escrow import ClaimStatus
from cli.base import OptionError
from cli.cutting import next_period, periods_until
from cli.exit_agreement import paid_breaches, read_breach
from index.facts import AgreementRecord, Block, Claim, ClaimKey, Place, Settlement
from record.terms import load_terms
from tests.unit.cli.terms_hostile import SOUND

MAY, JUNE, JULY, AUGUST = 1_809_129_600, 1_811_808_000, 1_814_400_000, 1_817_078_400
"""The boundaries of three months from 2027-05-01T00:00:00Z on, by ``date -u``."""

PLACE = Place(Block(1, bytes(32), 0), bytes(32), 0)


def record(*claims: Claim, breaches: int = 2, periods: int = 3, count: int = 3) -> AgreementRecord:
    agreement = load_terms(SOUND).agreement()
    formation = replace(agreement.formation, exit_breaches=breaches, exit_periods=periods)
    return AgreementRecord(
        bytes(32),
        bytes(32),
        replace(agreement, formation=formation),
        PLACE,
        count,
        claims={claim.key: claim for claim in claims},
    )


def settled(
    period: int, obligation: int = 0, paid: int = 5, status: ClaimStatus = ClaimStatus.SETTLED
) -> Claim:
    key = ClaimKey(period, obligation)
    return Claim(key, PLACE, status, paid, settlements=(Settlement(paid, paid, PLACE),))


@pytest.mark.parametrize(
    ("time", "begun", "following"),
    [
        (MAY - 1, 0, 0),
        (MAY, 0, 1),
        (MAY + 1, 1, 1),
        (JUNE, 1, 2),
        (JULY + 1, 3, 3),
        (AUGUST, 3, 3),
        (AUGUST + 1, 3, 3),
    ],
)
def test_cuts__at_each_boundary__count_the_periods_begun_before(
    time: int, begun: int, following: int
) -> None:
    assert periods_until(record(), time) == begun
    assert next_period(record(), time) == following


def test_cuts__of_terms_cut_already__stop_there() -> None:
    assert periods_until(record(count=1), AUGUST) == 1
    assert next_period(record(count=0), MAY - 1) == 0


def test_exit__breaches__are_the_latest_that_are_near_enough() -> None:
    found = record(settled(0), settled(1), settled(5), settled(9), settled(11), settled(14))
    assert paid_breaches(found) == [ClaimKey(9, 0), ClaimKey(11, 0)]


def test_exit__breaches__are_one_of_each_period_and_none_that_waits_or_paid_nothing() -> None:
    found = record(
        settled(0, 1),
        settled(0, 0, status=ClaimStatus.FINAL),
        settled(1, paid=0),
        settled(1, 1, status=ClaimStatus.PENDING),
        settled(2, 3),
    )
    assert paid_breaches(found) == [ClaimKey(0, 0), ClaimKey(2, 3)]


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ((), "BreachesTooFew"),
        ((settled(4),), "BreachesTooFew"),
        ((settled(4), settled(4, 1)), "BreachesTooFew"),
        ((settled(1), settled(4), settled(7)), "BreachesTooFarApart"),
    ],
)
def test_exit__without_enough__is_the_contracts_own_word(claims: tuple[Claim, ...], name: str) -> None:
    with pytest.raises(Refused) as refused:
        paid_breaches(record(*claims))
    assert refused.value.name == name


def test_read_breach__period_and_obligation__are_read() -> None:
    assert read_breach("12/3", promises=4) == ClaimKey(12, 3)
    with pytest.raises(OptionError, match="there is no obligation 3; use 0 to 2"):
        read_breach("12/3", promises=3)


@pytest.mark.parametrize("text", ["", "1", "1/", "/1", "1/2/3", "-1/0", "1/ 0", "\u0661/0", "9" * 9 + "/0"])
def test_read_breach__anything_else__is_one_sentence(text: str) -> None:
    with pytest.raises(OptionError, match="is no claim"):
        read_breach(text, promises=1)
