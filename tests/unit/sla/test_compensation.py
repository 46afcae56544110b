"""The compensation formula: promises P2 and P3, and the peer's failures that concern it (PEERS.md 1, 2, 6, 7)."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.agreement import NO_DATA, UINT96_MAX, Comparator, MissingData, Obligation, PayUnit, Tier
from sla.compensation import (
    compensation,
    entitlement,
    is_sane,
    missing_compensation,
    rate,
    standing,
    tier_reached,
    worst_attained,
    worst_compensation,
)
from sla.errors import RuleBroken
from sla.obligation_validation import check_obligation

UINT64_MAX = 2**64 - 1


def promise(
    comparator: Comparator,
    tiers: list[tuple[int, int, int, int]],
    pay_unit: PayUnit = PayUnit.CHARGE_PPM,
    cap: int = 0,
    sane: tuple[int, int] = (0, 1_000_000),
) -> Obligation:
    rows = tuple(Tier(*tier) for tier in tiers)
    return Obligation(bytes(32), comparator, pay_unit, MissingData.IGNORE, cap, *sane, rows)


UPTIME = promise(
    Comparator.AT_LEAST, [(999_900, 100_000, 0, 0), (990_000, 300_000, 0, 0), (950_000, 1_000_000, 0, 0)]
)
LATENCY = promise(Comparator.AT_MOST, [(250, 100, 0, 0), (500, 300, 0, 0)], PayUnit.AMOUNT)


@st.composite
def valid_obligations(draw: st.DrawFn) -> Obligation:
    """Obligations the escrow accepts, built tier by tier from the objective outwards."""
    comparator = draw(st.sampled_from(Comparator))
    bounds = sorted(draw(st.sets(st.integers(1, 10**6), min_size=1, max_size=6)))
    if comparator is Comparator.AT_LEAST:
        bounds.reverse()
    tiers, base = [], 0
    for index, bound in enumerate(bounds):
        slope = draw(st.integers(0, 10**6))
        step = draw(st.integers(1, 10**5)) if slope else 0
        base += draw(st.integers(0 if slope or base else 1, 10**9))
        tiers.append((bound, base, slope, step))
        if slope and index + 1 < len(bounds):
            base += slope * (abs(bounds[index + 1] - bound) // step)
    return promise(
        comparator,
        tiers,
        draw(st.sampled_from(PayUnit)),
        draw(st.one_of(st.just(0), st.integers(1, 10**12))),
        (0, 10**6 + 1),
    )


ANY_OBLIGATIONS = st.builds(
    promise,
    st.sampled_from(Comparator),
    st.lists(
        st.tuples(
            st.integers(0, UINT64_MAX),
            st.integers(0, UINT96_MAX),
            st.integers(0, UINT96_MAX),
            st.integers(0, UINT64_MAX),
        ),
        max_size=16,
    ),
    st.sampled_from(PayUnit),
    st.integers(0, UINT96_MAX),
)


def clause(obligation: Obligation, attained: int, charge: int) -> int:
    """The reference, in fractions: the amount of the worst tier in an unbroken run of passed bounds."""
    amount = Fraction(0)
    for tier in obligation.tiers:
        distance = tier.bound - attained
        if obligation.comparator is Comparator.AT_MOST:
            distance = -distance
        if distance <= 0:
            break
        whole_steps = 0 if tier.step == 0 else (Fraction(distance, tier.step)).__floor__()
        amount = Fraction(tier.base + tier.slope * whole_steps)
    if obligation.pay_unit is PayUnit.CHARGE_PPM:
        amount = amount * charge / 1_000_000
    paid = amount.__floor__()
    return paid if not obligation.cap or paid <= obligation.cap else obligation.cap


@pytest.mark.parametrize(
    ("attained", "tier", "paid"),
    [
        (1_000_000, None, 0),
        (999_900, None, 0),
        (999_899, 0, 100),
        (990_000, 0, 100),
        (989_999, 1, 300),
        (950_000, 1, 300),
        (949_999, 2, 1_000),
        (0, 2, 1_000),
    ],
)
def test_compensation__at_and_around_every_bound__follows_the_table(
    attained: int, tier: int | None, paid: int
) -> None:
    assert tier_reached(UPTIME, attained) == tier
    assert compensation(UPTIME, attained, 1_000) == paid


def test_compensation__part_of_an_odd_charge__is_floored() -> None:
    assert compensation(UPTIME, 995_000, 999) == 99
    assert compensation(UPTIME, 995_000, 9) == 0


def test_compensation__per_day_beyond_a_deadline__counts_whole_days_only() -> None:
    repair = promise(Comparator.AT_MOST, [(48, 0, 840, 24)], PayUnit.AMOUNT, sane=(0, 10_000))

    assert [compensation(repair, hours, 0) for hours in (48, 71, 72, 95, 96, 120)] == [
        0, 0, 840, 840, 1_680, 2_520,
    ]  # fmt: skip


def test_compensation__above_the_cap__is_the_cap() -> None:
    penalty = promise(Comparator.AT_MOST, [(0, 0, 1_000, 1)], cap=2_500, sane=(0, 1_000))

    assert compensation(penalty, 99, 25_000) == 2_475
    assert compensation(penalty, 100, 25_000) == 2_500
    assert compensation(penalty, 101, 25_000) == 2_500


def test_compensation__smaller_than_objective_met__pays_nothing_and_does_not_fail() -> None:
    """PEERS.md 1: "smaller than" objectives reverted on a good value (unsigned underflow)."""
    assert compensation(LATENCY, 0, 0) == 0
    assert compensation(LATENCY, 250, 0) == 0
    assert compensation(LATENCY, 251, 0) == 100


@pytest.mark.parametrize("attained", [1_000_001, 2_000_000, UINT64_MAX])
def test_compensation__over_delivery__pays_nothing_and_does_not_fail(attained: int) -> None:
    """PEERS.md 2: over-delivery made a reward above 100 % and reverted."""
    assert compensation(UPTIME, attained, UINT96_MAX) == 0


def test_compensation__worse_attainment__never_pays_less_than_a_better_one() -> None:
    """PEERS.md 6: 98 % paid 5 %, 95 % paid 10 %, and 90 % paid only 9.52 %."""
    table = promise(Comparator.AT_LEAST, [(990_000, 50_000, 0, 0), (980_000, 100_000, 0, 0)])

    assert [compensation(table, level, 100) for level in (990_000, 985_000, 950_000, 900_000)] == [
        0,
        5,
        10,
        10,
    ]


def test_compensation__objective_zero__counts_every_incident() -> None:
    """PEERS.md 7: an objective of 0 ("zero incidents") divided by zero."""
    incidents = promise(Comparator.AT_MOST, [(0, 0, 2_500, 1)], PayUnit.AMOUNT, sane=(0, 100))

    assert [compensation(incidents, count, 0) for count in (0, 1, 4)] == [0, 2_500, 10_000]


@given(obligation=ANY_OBLIGATIONS, attained=st.integers(0, UINT64_MAX), charge=st.integers(0, UINT96_MAX))
def test_compensation__any_obligation_at_all__equals_the_clause_and_fits_256_bits(
    obligation: Obligation, attained: int, charge: int
) -> None:
    """P4: over the whole domain of the types, sensible or not; CreditMath.sol multiplies unchecked."""
    assert compensation(obligation, attained, charge) == clause(obligation, attained, charge)
    assert rate(obligation, attained) * max(charge, 1) < 2**256


@given(obligation=valid_obligations())
def test_valid_obligations__as_drawn__are_accepted_by_the_rules(obligation: Obligation) -> None:
    check_obligation(0, obligation, 10**9)


@given(obligation=valid_obligations(), charge=st.integers(0, 10**9), data=st.data())
def test_compensation__within_the_objective__is_zero(
    obligation: Obligation, charge: int, data: st.DataObject
) -> None:
    """P3, first half."""
    bound = obligation.tiers[0].bound
    within = (bound, UINT64_MAX) if obligation.comparator is Comparator.AT_LEAST else (0, bound)
    assert compensation(obligation, data.draw(st.integers(*within)), charge) == 0


@given(
    obligation=valid_obligations(),
    levels=st.tuples(st.integers(0, 10**6 + 1), st.integers(0, 10**6 + 1)),
    charge=st.integers(0, 10**9),
)
def test_compensation__as_attainment_worsens__never_decreases(
    obligation: Obligation, levels: tuple[int, int], charge: int
) -> None:
    """P3, second half."""
    low, high = sorted(levels)
    better, worse = (high, low) if obligation.comparator is Comparator.AT_LEAST else (low, high)
    assert compensation(obligation, better, charge) <= compensation(obligation, worse, charge)


@given(obligation=valid_obligations(), attained=st.integers(0, 10**6 + 1), charge=st.integers(0, 10**9))
def test_compensation__at_any_sane_level__stays_between_zero_cap_and_worst(
    obligation: Obligation, attained: int, charge: int
) -> None:
    """P2 for one obligation."""
    paid = compensation(obligation, attained, charge)
    assert 0 <= paid <= worst_compensation(obligation, charge)
    assert obligation.cap == 0 or paid <= obligation.cap


@given(cap=st.integers(0, UINT96_MAX), amounts=st.lists(st.integers(0, UINT96_MAX), min_size=1, max_size=8))
def test_entitlement__of_a_period__is_the_sum_up_to_the_joint_cap(cap: int, amounts: list[int]) -> None:
    """P2 for a period."""
    total = sum(amounts)
    assert entitlement(cap, total) == (total if cap == 0 or total < cap else cap)


@given(obligation=ANY_OBLIGATIONS, attained=st.integers(0, UINT64_MAX), charge=st.integers(0, UINT96_MAX))
def test_compensation__enums_as_the_plain_numbers_of_an_event__is_the_same(
    obligation: Obligation, attained: int, charge: int
) -> None:
    """What was decoded from the chain may carry 0 and 1 where Python writes names."""
    decoded = replace(
        obligation,
        comparator=int(obligation.comparator),  # type: ignore[arg-type]
        pay_unit=int(obligation.pay_unit),  # type: ignore[arg-type]
    )
    assert compensation(decoded, attained, charge) == compensation(obligation, attained, charge)
    assert worst_attained(decoded) == worst_attained(obligation)


def test_worst_attained__by_direction__is_the_far_sane_bound() -> None:
    assert worst_attained(UPTIME) == 0
    assert worst_attained(LATENCY) == 1_000_000
    assert worst_compensation(UPTIME, 1_000) == 1_000


def test_is_sane__bounds_and_no_data__include_the_bounds_only() -> None:
    odd = promise(Comparator.AT_MOST, [(5, 1, 0, 0)], PayUnit.AMOUNT, sane=(1, 9))

    assert [is_sane(odd, level) for level in (0, 1, 9, 10, NO_DATA)] == [False, True, True, False, False]


def test_tiers__that_ignore_direction__are_refused() -> None:
    """PEERS.md 6, at its root: such a table cannot be opened."""
    upside_down = promise(Comparator.AT_LEAST, [(980_000, 100_000, 0, 0), (990_000, 50_000, 0, 0)])

    with pytest.raises(RuleBroken) as refusal:
        check_obligation(0, upside_down, 100)
    assert refusal.value.rule == "TiersUnordered"


# What a report pays while nobody rules (R22)

POLICIES = {policy: replace(UPTIME, missing_data=policy, sane_min=900_000) for policy in MissingData}
CHARGE = 1_000_000


@pytest.mark.parametrize("policy", MissingData)
def test_standing__within_the_sane_bounds__is_the_compensation_whatever_the_policy(
    policy: MissingData,
) -> None:
    """99.5 % is below 99.99 %: 10 %; 92 % is below 95 %: all of the charge; both bounds are sane."""
    promised = POLICIES[policy]
    assert standing(promised, 995_000, CHARGE) == 100_000
    assert standing(promised, 920_000, CHARGE) == CHARGE
    assert standing(promised, 900_000, CHARGE) == CHARGE
    assert standing(promised, 1_000_000, CHARGE) == 0


@pytest.mark.parametrize("attained", [899_999, 1_000_001, NO_DATA, 0])
def test_standing__outside_the_sane_bounds__is_what_the_policy_says(attained: int) -> None:
    """The worst sane uptime is 90 %, which costs the whole charge."""
    paid = {policy: standing(promised, attained, CHARGE) for policy, promised in POLICIES.items()}

    assert paid == {MissingData.IGNORE: 0, MissingData.BREACH: CHARGE, MissingData.ARBITER: 0}


def test_standing__breach_at_most__counts_the_upper_sane_bound_up_to_the_cap() -> None:
    """From 250 on 100, from 500 on 300 and 10 more for each whole 100: at 1 000 it is 350, capped at 320."""
    slow = promise(
        Comparator.AT_MOST, [(250, 100, 0, 0), (500, 300, 10, 100)], PayUnit.AMOUNT, sane=(1, 1_000)
    )
    breach = replace(slow, missing_data=MissingData.BREACH)

    assert standing(breach, NO_DATA, 0) == 350
    assert standing(replace(breach, cap=320), 0, 0) == 320
    assert missing_compensation(breach, 0) == 350
    assert missing_compensation(slow, 0) == 0


@given(
    promised=valid_obligations(),
    policy=st.sampled_from(MissingData),
    attained=st.integers(0, UINT64_MAX),
    charge=st.integers(0, 10**12),
)
def test_standing__any_report__never_exceeds_the_worst_sane_one(
    promised: Obligation, policy: MissingData, attained: int, charge: int
) -> None:
    """P2: nobody loses more to silence than to the worst that could have been measured."""
    promised = replace(promised, missing_data=policy)
    found = standing(promised, attained, charge)

    assert 0 <= found <= worst_compensation(promised, charge)
    if is_sane(promised, attained):
        assert found == compensation(promised, attained, charge)
    elif policy is not MissingData.BREACH:
        assert found == 0
