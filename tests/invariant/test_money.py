"""P1, P2, P7, P9, P10, P12 after every step of random histories, P8 at their end, against a model of its own."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.contracts.world import START
from tests.differential.seeds import seeded, show
from tests.invariant.machine import CHARGE, COUNT, KINDS, PEOPLE, Money, counts

pytest.importorskip("pyrevm")

HISTORIES = int(os.environ.get("MAKEGOOD_HISTORIES", "60"))
STEPS = 100
"""Of a long history."""

ACTIONS = (
    "open", "donate", "deposit", "deposit with arrears", "claim", "claim paid at once", "dispute by the provider",
    "dispute by the customer", "evidence", "rule for the provider", "rule for the customer", "settle after the window",
    "settle after silence", "settle after a ruling", "settle several", "release", "withdraw", "withdraw elsewhere",
    "transfer withheld", "arrears", "cap hit",
)  # fmt: skip
REFUSALS = (
    "PeriodUnknown", "ClaimTooLate", "RootTooEarly", "AlreadyClaimed", "ChargeMismatch", "OutsideSaneBounds",
    "NothingOwed", "CallerInvalid", "NotDisputable", "AllegationUseless", "NotDisputed", "RulingTooLate",
    "NotReleasable", "NothingToWithdraw", "TransferFailed", "AgreementUnknown",
)  # fmt: skip


WANTED = (*ACTIONS, *REFUSALS, "P7, settled", "P7, disputed")

WEIGHTS = {
    "open": 2, "donate": 1, "deposit": 3, "pass time": 2, "travel": 3, "let fail": 3, "block": 1, "breach": 12,
    "attest": 2, "bring": 3, "dispute": 12, "evidence": 3, "rule": 8, "settle": 6, "release": 2, "withdraw": 6,
    "other terms": 1,
}  # fmt: skip
"""How often a rule is taken in a long history: what moves money comes more often."""


def take(step: str, machine: Money, source: random.Random) -> None:
    """One step, where its rule has something to act on."""
    pick = source.randrange(10**6)
    who = source.choice(PEOPLE)
    party = source.choice(("provider", "customer", "provider", "customer", "stranger"))
    maybe = source.random() < 0.5
    match step:
        case "open" if len(machine.agreements) < 16:
            machine.open_one(source.randrange(len(KINDS)), who)
        case "donate":
            machine.donate(source.choice(("plain", "fee")), source.randint(1, 10**6))
        case "deposit":
            machine.deposit(pick, source.choice(("provider", "customer")), source.randint(0, 10**6), maybe)
        case "pass time":
            machine.pass_time(source.randint(0, 1), source.randint(0, 3))
        case "travel":
            machine.travel_to_where_something_changes(pick, source.choice((-1, 0, 0, 1)))
        case "let fail":
            machine.let_transfers_of_the_flaky_token_fail(maybe)
        case "block":
            machine.let_the_plain_token_block_or_admit(who)
        case "breach":
            machine.breach(pick, source.randrange(9), who, maybe)
        case "attest":
            charge = source.choice((CHARGE, 0, 777, CHARGE + 1))
            machine.attest(pick, source.randint(0, COUNT), charge)
        case "bring" if machine.reports:
            machine.bring(pick, who)
        case "dispute" if machine.places(1):
            machine.dispute(pick, source.randrange(10**6), party)
        case "evidence":
            machine.evidence(pick, party)
        case "rule" if machine.places(2):
            by = source.choice(("arbiter", "arbiter", "arbiter", "customer"))
            machine.ruling(pick, source.randrange(10**6), by)
        case "settle":
            machine.settle(pick, [pick // 7] * source.randint(0, 2), who)
        case "release":
            machine.release(pick, who)
        case "withdraw":
            machine.withdraw(pick, who, source.choice(PEOPLE), maybe)
        case "other terms":
            action = source.choice(("deposit", "settle", "release", "dispute"))
            machine.act_under_other_terms(pick, source.randrange(10**6), action, who)


def check(machine: Money) -> None:
    """Every invariant."""
    machine.every_balance_is_the_models()
    machine.events_alone_rebuild_the_state()
    machine.nobody_is_paid_more_than_there_was()
    machine.nobody_lowers_what_another_can_withdraw()
    machine.a_pending_claim_is_either_disputable_or_due()


def test_money__in_any_history__is_where_the_rules_say() -> None:
    """Short histories by hypothesis, which shrinks what it finds, then long ones.

    At the end every action succeeded and every refusal was seen, or the test proved too little.
    """
    counts.clear()
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=HISTORIES // 2,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    source = seeded("money")
    for _ in range(HISTORIES):
        machine = Money()
        machine.begin()
        check(machine)
        history: list[str] = []
        for step in source.choices(list(WEIGHTS), list(WEIGHTS.values()), k=STEPS):
            history.append(f"{step} at {machine.world.now - START}")
            try:
                take(step, machine, source)
                check(machine)
            except Exception:
                print(*history[-20:], sep="\n")
                raise
        machine.wind_up()
    show("successes and refusals:", {name: counts[name] for name in WANTED})
