"""P4, R10, R20: what `open` refuses is what `sla.validation` refuses: the same rule, values and order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chain.artifacts import artifact
from chain.messages import agreement_argument
from record.hexes import checksum_address
from sla.agreement import (
    NO_DATA,
    UINT96_MAX,
    ZERO_ADDRESS,
    Agreement,
    Comparator,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier,
)
from sla.compensation import is_passed, tier_rate
from sla.errors import RuleBroken
from sla.rule_sentences import RULE_SENTENCES
from sla.schedule import deadline_end, last_claim_deadline
from sla.validation import check_agreement, largest_charge, largest_period_compensation
from tests.contracts.fast_chain import CallFailed, FastChain
from tests.differential.seeds import seeded, show

CASES = 5_000
NOW = 1_800_000_000
DAY = 86_400
LONGEST = 400 * DAY

Change = Callable[[random.Random, Agreement], Agreement]


@pytest.fixture(scope="module")
def chain() -> FastChain:
    return FastChain(NOW)


@pytest.fixture(scope="module")
def harness(chain: FastChain) -> str:
    return chain.deploy("CreditMathHarness")


# Agreements that are accepted


def address(source: random.Random) -> str:
    return checksum_address(source.randbytes(20))


def good_obligation(source: random.Random) -> Obligation:
    """Built tier by tier from the objective outwards, now and then on the edge of a rule."""
    comparator = source.choice(list(Comparator))
    most = source.choice((100, 1_000_000, 2**40, NO_DATA - 1))
    bounds = sorted(source.sample(range(1, min(most, 2**40)), source.choice((1, 2, 3, 5, 16))))
    if comparator == Comparator.AT_LEAST:
        bounds.reverse()
    tiers: list[Tier] = []
    base = 0
    for bound in bounds:
        if tiers:
            base = tier_rate(tiers[-1], bound)
        base += source.choice((0, 1, source.randrange(10_000)))
        slope = 0 if base and source.random() < 0.6 else source.randint(1, 1_000)
        step = max(1, abs(bounds[0] - bounds[-1]) // 100) * source.randint(1, 5) if slope else 0
        tiers.append(Tier(bound, base, slope, step))
    low, high = min(bounds), max(bounds)
    return Obligation(
        indicator=source.randbytes(32),
        comparator=comparator,
        pay_unit=source.choice(list(PayUnit)),
        missing_data=source.choice(list(MissingData)),
        cap=source.choice((0, source.randrange(1, 10**9))),
        sane_min=low - 1 if comparator == Comparator.AT_LEAST else source.choice((0, low)),
        sane_max=high + 1 if comparator == Comparator.AT_MOST else source.choice((most, high)),
        tiers=tuple(tiers),
    )


def good_agreement(source: random.Random) -> Agreement:
    months = source.random() < 0.5
    charge = source.randrange(1, 10**9)
    metered = source.random() < 0.4
    bond = source.randrange(1, 10**6)
    return Agreement(
        Parties(address(source), address(source), address(source)),
        Service(
            committee=address(source),
            start=NOW + source.randint(-20 * DAY, 400 * DAY),
            unit=ScheduleUnit.MONTHS if months else ScheduleUnit.SECONDS,
            length=source.randint(1, 13) if months else source.randint(21 * DAY, LONGEST),
            count=source.choice((1, 12, 120)),
            zone_lag_seconds=source.choice((0, 50_400)),
            charge=0 if metered else charge,
            charge_max=charge if metered else 0,
            period_cap=source.choice((0, source.randrange(1, 10**9))),
        ),
        Stake(
            token=address(source),
            bond=bond,
            arbiter_fee=source.choice((0, bond, source.randint(0, bond))),
            dispute_window=source.choice((0, LONGEST, source.randint(0, LONGEST))),
            report_within=source.randint(0, 30 * DAY),
            claim_within=source.choice((LONGEST, source.randint(30 * DAY + 1, LONGEST))),
            rule_within=source.choice((1, LONGEST, source.randint(1, LONGEST))),
            downstream=bytes(32),
        ),
        Formation(
            document=source.randbytes(32),
            collateral=source.getrandbits(96),
            predecessor=bytes(32),
            open_by=NOW + source.choice((1, 7 * DAY)),
            exit_breaches=(breaches := source.choice((0, 0, 1, 3))),
            exit_periods=breaches + source.randint(0, 2) if breaches else 0,
        ),
        tuple(good_obligation(source) for _ in range(source.choice((1, 1, 2, 3)))),
    )


# Changes around every rule, each on either side of it


def part(name: str, **members: Callable[[random.Random, Agreement], Any]) -> Change:
    def change(source: random.Random, agreement: Agreement) -> Agreement:
        values = {member: value(source, agreement) for member, value in members.items()}
        return replace(agreement, **{name: replace(getattr(agreement, name), **values)})

    return change


def one_of(*values: Any) -> Callable[[random.Random, Agreement], Any]:
    return lambda source, _: source.choice(values)


def some_obligation(edit: Callable[[random.Random, Obligation], Obligation]) -> Change:
    """Change one of the obligations, whichever."""

    def change(source: random.Random, agreement: Agreement) -> Agreement:
        if not agreement.obligations:
            return agreement
        obligations = list(agreement.obligations)
        at = source.randrange(len(obligations))
        obligations[at] = edit(source, obligations[at])
        return replace(agreement, obligations=tuple(obligations))

    return change


def some_tier(edit: Callable[[random.Random, Obligation, int], dict[str, int]]) -> Change:
    """Change one tier of one obligation, whichever."""

    def change(source: random.Random, obligation: Obligation) -> Obligation:
        if not obligation.tiers:
            return obligation
        at = source.randrange(len(obligation.tiers))
        tiers = list(obligation.tiers)
        tiers[at] = replace(tiers[at], **edit(source, obligation, at))
        return replace(obligation, tiers=tuple(tiers))

    return some_obligation(change)


def clamp(value: int, bits: int) -> int:
    most: int = 2**bits - 1
    return min(max(value, 0), most)


def beside_the_bounds(source: random.Random, obligation: Obligation, _: int) -> dict[str, int]:
    value = source.choice((obligation.sane_min, obligation.sane_max)) + source.choice((-1, 0, 1))
    return {"bound": clamp(value, 64)}


def beside_its_neighbour(source: random.Random, obligation: Obligation, at: int) -> dict[str, int]:
    value = obligation.tiers[at - 1].bound + source.choice((-1, 0, 1))
    return {"bound": clamp(value, 64)}


def beside_the_better_pay(source: random.Random, obligation: Obligation, at: int) -> dict[str, int]:
    before = obligation.tiers[at - 1]
    if at and is_passed(obligation.comparator, before.bound, obligation.tiers[at].bound):
        return {"base": clamp(tier_rate(before, obligation.tiers[at].bound) + source.choice((-1, 0, 1)), 96)}
    return {"base": 0}


def sane_bounds(source: random.Random, obligation: Obligation) -> Obligation:
    low, high = obligation.sane_min, obligation.sane_max
    members: dict[str, int] = source.choice(
        (
            {"sane_min": high},
            {"sane_min": clamp(high - 1, 64)},
            {"sane_min": clamp(high + 1, 64)},
            {"sane_max": low},
            {"sane_max": NO_DATA},
            {"sane_max": NO_DATA - 1},
            {"sane_min": source.getrandbits(64)},
            {"sane_max": source.getrandbits(64)},
            {"sane_min": clamp(low + 1, 64)},
            {"sane_max": clamp(high - 1, 64)},
        )
    )
    return replace(obligation, sane_min=members.get("sane_min", low), sane_max=members.get("sane_max", high))


def number_of_tiers(source: random.Random, obligation: Obligation) -> Obligation:
    count = source.choice((0, 1, 16, 17, 18))
    tiers = [*obligation.tiers, *(obligation.tiers[-1:] or (Tier(1, 1, 0, 0),)) * 18]
    return replace(obligation, tiers=tuple(tiers[:count]))


def pays_about_a_uint96(source: random.Random, obligation: Obligation) -> Obligation:
    """One tier, no cap, whose worst pay is within one of the largest amount, or far beyond it."""
    if obligation.comparator == Comparator.AT_LEAST:
        tier = Tier(source.choice((2, 3)), UINT96_MAX - source.choice((0, 1, 2)), 1, 1)
        bounds = {"sane_min": 0, "sane_max": 10}
    else:
        tier = Tier(1, source.getrandbits(96), source.choice((1, UINT96_MAX)), 1)
        bounds = {"sane_min": 0, "sane_max": source.choice((2, 3, NO_DATA - 1))}
    cap = source.choice((0, 0, UINT96_MAX, 1))
    return replace(obligation, tiers=(tier,), cap=cap, pay_unit=source.choice(list(PayUnit)), **bounds)  # type: ignore[arg-type]


def about_the_largest_exposure(source: random.Random, agreement: Agreement) -> Agreement:
    """A joint cap within one of what all periods may pay together; the obligations pay more than it."""
    count = max(agreement.service.count, 1)
    cap = clamp(UINT96_MAX // count + source.choice((-1, 0, 1, 2)), 96)
    costly = replace(
        good_obligation(source), pay_unit=PayUnit.AMOUNT, cap=0, comparator=Comparator.AT_MOST,
        sane_min=0, sane_max=9, tiers=(Tier(0, UINT96_MAX, 0, 0),),
    )  # fmt: skip
    service = replace(agreement.service, period_cap=source.choice((cap, cap, 0)))
    return replace(agreement, service=service, obligations=(costly,) * source.choice((1, 2)))


def about_the_limit_of_time(source: random.Random, agreement: Agreement) -> Agreement:
    """Moved so that the very last deadline is within a few seconds of 2^40 (months: within days)."""
    stake = agreement.stake
    if agreement.service.count == 0:
        return agreement
    last = last_claim_deadline(agreement) + stake.dispute_window + stake.rule_within
    start = agreement.service.start + 2**40 - last + source.choice((-2, -1, 0, 1, 5 * DAY, -5 * DAY))
    return replace(agreement, service=replace(agreement.service, start=clamp(start, 40)))


def about_the_first_end(source: random.Random, agreement: Agreement) -> Agreement:
    """Moved so that the first period ends within a second of now."""
    if agreement.service.count == 0:
        return agreement
    end = deadline_end(agreement.service, 0)
    start = agreement.service.start + NOW - end + source.choice((-1, 0, 1, -40 * DAY))
    return replace(agreement, service=replace(agreement.service, start=clamp(start, 40)))


def number_of_obligations(source: random.Random, agreement: Agreement) -> Agreement:
    count = source.choice((0, 0, 1, 64, 65, 65))
    one = agreement.obligations or (good_obligation(source),)
    return replace(agreement, obligations=one[:1] * count)


ADDRESSES = ("provider", "customer", "arbiter")
WINDOWS = ("dispute_window", "report_within", "claim_within", "rule_within")
CHANGES: list[Change] = [
    *(part("parties", **{who: one_of(ZERO_ADDRESS)}) for who in ADDRESSES),
    part("stake", token=one_of(ZERO_ADDRESS)),
    part("service", committee=one_of(ZERO_ADDRESS)),
    part("parties", customer=lambda _, a: a.parties.provider),
    part("parties", arbiter=lambda s, a: s.choice((a.parties.provider, a.parties.customer))),
    part("service", length=one_of(0, 1, 13, 14, LONGEST, LONGEST + 1, 2**32 - 1)),
    part("service", unit=one_of(*ScheduleUnit)),
    part("service", count=one_of(0, 1, 2**24 - 1)),
    part("service", zone_lag_seconds=one_of(50_399, 50_400, 50_401, 2**32 - 1)),
    *(part("stake", **{name: one_of(LONGEST, LONGEST + 1, 2**32 - 1)}) for name in WINDOWS),
    part("stake", report_within=lambda s, a: clamp(a.stake.claim_within + s.choice((-1, 0, 1)), 32)),
    part("stake", claim_within=lambda s, a: clamp(a.stake.report_within + s.choice((-1, 0, 1)), 32)),
    part("stake", rule_within=one_of(0, 1)),
    about_the_limit_of_time,
    about_the_first_end,
    part("formation", open_by=one_of(0, NOW - 1, NOW, NOW + 1, 2**40 - 1)),
    part("stake", bond=one_of(0, 1, UINT96_MAX)),
    part("stake", bond=one_of(0), arbiter_fee=one_of(0)),
    part("stake", arbiter_fee=lambda s, a: clamp(a.stake.bond + s.choice((-1, 0, 1)), 96)),
    part("service", charge=one_of(0, 1, UINT96_MAX)),
    part("service", charge_max=one_of(0, 1, UINT96_MAX)),
    part("service", charge=one_of(0), charge_max=one_of(0)),
    part("formation", exit_breaches=one_of(0, 1, 2, 2**16 - 1), exit_periods=one_of(0, 1, 2, 2**16 - 1)),
    number_of_obligations,
    some_obligation(number_of_tiers),
    some_obligation(sane_bounds),
    some_tier(beside_the_bounds),
    some_tier(beside_its_neighbour),
    some_tier(lambda s, o, at: {"step": s.choice((0, 1)), "slope": s.choice((0, 1))}),
    some_tier(lambda s, o, at: {"base": 0, "slope": 0, "step": 0}),
    some_tier(beside_the_better_pay),
    some_tier(lambda s, o, at: {"base": s.getrandbits(96)}),
    some_tier(lambda s, o, at: {"bound": s.getrandbits(64)}),
    some_obligation(pays_about_a_uint96),
    some_obligation(lambda s, o: replace(o, comparator=s.choice(list(Comparator)))),
    about_the_largest_exposure,
    part("service", period_cap=one_of(0, 1, UINT96_MAX)),
]


def python_verdict(agreement: Agreement) -> tuple[str, tuple[Any, ...]]:
    try:
        check_agreement(agreement, NOW)
    except RuleBroken as broken:
        return broken.rule, broken.values
    return "accepted", ()


def solidity_verdict(chain: FastChain, harness: str, agreement: Agreement) -> tuple[str, tuple[Any, ...]]:
    try:
        chain.call("CreditMathHarness", harness, "check", agreement_argument(agreement))
    except CallFailed as failure:
        name, values = chain.refusal("CreditMathHarness", failure)
        return name, tuple(checksum_address(v) if is_address(v) else v for v in values)
    return "accepted", ()


def is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("0x")


def test_check__agreements_around_every_rule__are_refused_alike(chain: FastChain, harness: str) -> None:
    """Five thousand agreements with none to three changes: same rule and values, or both accept."""
    source = seeded("terms check")
    counts = Counter(dict.fromkeys(("accepted", *RULE_SENTENCES), 0))
    for case in range(CASES):
        agreement = good_agreement(source)
        changes = source.choices(CHANGES, k=source.choice((0, 1, 1, 1, 2, 3)))
        # So that no rule goes untested in a run, whatever the seed: every change in turn, alone.
        if case < 20 * len(CHANGES):
            changes = [CHANGES[case % len(CHANGES)]]
        for change in changes:
            agreement = change(source, agreement)
        expected = python_verdict(agreement)
        assert solidity_verdict(chain, harness, agreement) == expected, agreement
        counts[expected[0]] += 1
    assert set(counts) == {"accepted", *RULE_SENTENCES}
    show("verdicts:", counts)


def test_check__good_agreements__are_accepted_by_both_and_bound_what_can_be_owed(
    chain: FastChain, harness: str
) -> None:
    """R10: whatever is accepted can never owe more than a uint96, in all its periods together."""
    source = seeded("good terms")
    for _ in range(300):
        agreement = good_agreement(source)
        assert python_verdict(agreement)[0] in ("accepted", "FirstPeriodOver"), agreement
        assert solidity_verdict(chain, harness, agreement) == python_verdict(agreement)
        assert largest_period_compensation(agreement) * agreement.service.count <= UINT96_MAX
        assert largest_charge(agreement.service) > 0


def test_check__errors__are_those_of_the_rules() -> None:
    """The harness knows every error of TermsCheck, so that the comparison above misses none."""
    names = {entry["name"] for entry in artifact("TermsCheck").abi if entry["type"] == "error"}
    assert names == set(RULE_SENTENCES)
