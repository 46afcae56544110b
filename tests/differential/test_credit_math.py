"""P4: the compensation formula in Solidity and in Python, equal bit for bit over the whole domain of the types."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from chain.messages import obligation_argument
from sla.agreement import PPM, UINT96_MAX, Comparator, MissingData, Obligation, PayUnit, Tier
from sla.compensation import compensation, entitlement, rate, tier_rate, tier_reached
from tests.contracts.fast_chain import FastChain
from tests.differential.seeds import seeded, show

OBLIGATIONS = 5_000
LEVELS = 24
"""Attainments compared for each obligation: 120 000 cases a run."""

UINT64_MAX = 2**64 - 1

BRANCHES = (
    "at least",
    "at most",
    "parts of the charge",
    "amount",
    "within the objective",
    *(f"tier {k}" for k in range(16)),
    "no tiers at all",
    "tiers out of order",
    "exactly on a bound",
    "one beyond a bound",
    "step 0",
    "step 0 with a slope",
    "whole steps only",
    "slope floored",
    "charge floored",
    "no cap",
    "below the cap",
    "one below the cap",
    "exactly the cap",
    "cap hit",
    "cap hit by one",
    "attained 0",
    "attained at its maximum",
    "charge 0",
    "charge at its maximum",
    "more than a uint96",
    "more than 2^255",
)


@pytest.fixture(scope="module")
def chain() -> FastChain:
    return FastChain(1)


@pytest.fixture(scope="module")
def harness(chain: FastChain) -> str:
    return chain.deploy("CreditMathHarness")


def number(source: random.Random, bits: int) -> int:
    """Any size is as likely as any other; now and then the ends of the type."""
    if source.random() < 0.15:
        return source.choice((0, 1, 2, 2**bits - 2, 2**bits - 1))
    return source.getrandbits(source.randint(1, bits))


def near(source: random.Random, value: int, most: int) -> int:
    return min(max(value + source.choice((-1, 0, 1)), 0), most)


def any_tiers(source: random.Random) -> list[Tier]:
    """Anything the types hold: unordered, doubled, without pay, with a slope but no step."""
    return [
        Tier(number(source, 64), number(source, 96), number(source, 96), number(source, 64))
        for _ in range(source.randint(0, 16))
    ]


def ordered_tiers(source: random.Random, comparator: Comparator) -> list[Tier]:
    """From the objective outwards, as agreements have them, mostly of ordinary size."""
    most = 2 ** source.randint(5, 64) - 1
    bounds = sorted({source.randint(0, most) for _ in range(source.choice((1, 2, 3, 4, 16)))})
    if comparator == Comparator.AT_LEAST:
        bounds.reverse()
    money = source.randint(4, 96)
    tiers = []
    for bound in bounds:
        slope = source.choice((0, number(source, money)))
        step = source.choice((1, 10, number(source, 64))) if slope else 0
        tiers.append(Tier(bound, number(source, money), slope, step))
    return tiers


def steepest_tiers(source: random.Random, comparator: Comparator) -> list[Tier]:
    """What comes closest to overflow: the longest distance in the smallest steps at the highest slope."""
    bound = UINT64_MAX if comparator == Comparator.AT_LEAST else 0
    return [Tier(bound, UINT96_MAX - source.randint(0, 1), UINT96_MAX - source.randint(0, 1), 1)]


def any_obligation(source: random.Random) -> Obligation:
    comparator = source.choice(list(Comparator))
    kind = source.random()
    tiers = any_tiers(source) if kind < 0.3 else ordered_tiers(source, comparator)
    if kind > 0.98:
        tiers = steepest_tiers(source, comparator)
    return Obligation(
        indicator=source.randbytes(32),
        comparator=comparator,
        pay_unit=source.choice(list(PayUnit)),
        missing_data=source.choice(list(MissingData)),
        cap=0 if source.random() < 0.3 else number(source, 96),
        sane_min=number(source, 64),
        sane_max=number(source, 64),
        tiers=tuple(tiers),
    )


def any_level(source: random.Random, obligation: Obligation) -> int:
    """Half of them within one of a bound or of the ends of the type."""
    bounds = [tier.bound for tier in obligation.tiers]
    if source.random() < 0.5:
        return near(source, source.choice((0, UINT64_MAX, *bounds * 2)), UINT64_MAX)
    if bounds and source.random() < 0.7:
        return min(max(source.choice(bounds) + source.randint(-1_000_000, 1_000_000), 0), UINT64_MAX)
    return number(source, 64)


def with_cap_in_reach(
    source: random.Random, obligation: Obligation, cases: list[tuple[int, int]]
) -> Obligation:
    """The cap set within one of what one of the cases pays."""
    free = replace(obligation, cap=0)
    amounts = [amount for case in cases if 0 < (amount := compensation(free, *case)) <= UINT96_MAX]
    return (
        replace(obligation, cap=near(source, source.choice(amounts), UINT96_MAX)) if amounts else obligation
    )


def branches(obligation: Obligation, attained: int, charge: int) -> set[str]:
    """What is special about a case, from the obligation and the Python formula's parts."""
    found = {
        "at least" if obligation.comparator == Comparator.AT_LEAST else "at most",
        "parts of the charge" if obligation.pay_unit == PayUnit.CHARGE_PPM else "amount",
    }
    bounds = [tier.bound for tier in obligation.tiers]
    towards_worse = -1 if obligation.comparator == Comparator.AT_LEAST else 1
    checks = {
        "no tiers at all": not bounds,
        "tiers out of order": bounds != sorted(bounds, reverse=towards_worse < 0),
        "exactly on a bound": attained in bounds,
        "one beyond a bound": attained - towards_worse in bounds,
        "attained 0": attained == 0,
        "attained at its maximum": attained == UINT64_MAX,
        "charge 0": charge == 0,
        "charge at its maximum": charge == UINT96_MAX,
        "no cap": obligation.cap == 0,
    }
    reached = tier_reached(obligation, attained)
    if reached is None:
        checks["within the objective"] = True
    else:
        tier = obligation.tiers[reached]
        paid = tier_rate(tier, attained)
        checks[f"tier {reached}"] = True
        checks["step 0"] = tier.step == 0
        checks["step 0 with a slope"] = tier.step == 0 < tier.slope
        if tier.step and tier.slope:
            rest = abs(tier.bound - attained) % tier.step
            checks["whole steps only"] = rest == 0
            checks["slope floored"] = rest > 0
        if obligation.pay_unit == PayUnit.CHARGE_PPM:
            checks["charge floored"] = paid * charge % PPM > 0
            paid = paid * charge // PPM
        checks["more than a uint96"] = obligation.cap == 0 and paid > UINT96_MAX
        # A rate below 2^160 times a charge below 2^96 is still below 2^256 before the division.
        checks["more than 2^255"] = rate(obligation, attained) * charge > 2**255
        if obligation.cap:
            checks["below the cap"] = paid < obligation.cap
            checks["one below the cap"] = paid == obligation.cap - 1
            checks["exactly the cap"] = paid == obligation.cap
            checks["cap hit"] = paid > obligation.cap
            checks["cap hit by one"] = paid == obligation.cap + 1
    return found | {name for name, holds in checks.items() if holds}


EDGES = {
    "exactly on a bound", "one beyond a bound", "attained 0", "attained at its maximum", "charge at its maximum",
    "one below the cap", "exactly the cap", "cap hit by one",
}  # fmt: skip


def test_compensation__any_values_of_the_types__is_equal_in_solidity_and_python(
    chain: FastChain, harness: str
) -> None:
    """P4, R10: rate and compensation; unvalidated obligations too, since the formula must not rely on `open`."""
    source = seeded("credit math")
    counts = Counter(dict.fromkeys(BRANCHES, 0))
    at_an_edge = cases_compared = 0
    for _ in range(OBLIGATIONS):
        obligation = any_obligation(source)
        cases = [
            (any_level(source, obligation), UINT96_MAX if source.random() < 0.05 else number(source, 96))
            for _ in range(LEVELS)
        ]
        if source.random() < 0.5:
            obligation = with_cap_in_reach(source, obligation, cases)
        argument = obligation_argument(obligation)
        rates = chain.call("CreditMathHarness", harness, "rates", argument, cases)
        paid = chain.call("CreditMathHarness", harness, "compensations", argument, cases)
        for case, solidity_rate, solidity_paid in zip(cases, rates, paid, strict=True):
            assert solidity_rate == rate(obligation, case[0]), (obligation, case)
            assert solidity_paid == compensation(obligation, *case), (obligation, case)
            found = branches(obligation, *case)
            counts.update(found)
            at_an_edge += bool(found & EDGES)
            cases_compared += 1
    print(
        f"{cases_compared:,} cases, {at_an_edge / cases_compared:.0%} within one of a bound, a cap or a maximum"
    )
    assert cases_compared >= 100_000
    assert at_an_edge >= 0.3 * cases_compared
    assert set(counts) == set(BRANCHES)
    show("cases by branch:", counts)


def test_entitlement__any_cap_and_total__is_equal_in_solidity_and_python(
    chain: FastChain, harness: str
) -> None:
    """P4, R3: 20 000 cases, half within one of the cap."""
    source = seeded("entitlement")
    counts = Counter(dict.fromkeys(("no cap", "below", "equal", "above"), 0))
    for _ in range(200):
        caps = [0 if source.random() < 0.2 else number(source, 96) for _ in range(100)]
        totals = [
            near(source, cap, 2**256 - 1) if source.random() < 0.5 else number(source, 256) for cap in caps
        ]
        found = chain.call("CreditMathHarness", harness, "entitlements", caps, totals)
        for cap, total, solidity in zip(caps, totals, found, strict=True):
            assert solidity == entitlement(cap, total)
            kind = "no cap" if not cap else "below" if total < cap else "equal" if total == cap else "above"
            counts[kind] += 1
    show("entitlements:", counts)
