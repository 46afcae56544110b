"""Courts, callers and times that a court as the arbiter must withstand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chain.artifacts import artifact
from tests.contracts.court_world import (
    ALLEGED,
    GUARD,
    REPORT,
    VERDICT_NONE,
    CourtWorld,
    calldata,
    court_refused,
)
from tests.contracts.life_world import KEY
from tests.contracts.world import (
    BAD,
    CHARGE,
    FEE,
    GOOD,
    KEYS,
    PAYS,
    RULE,
    UPTIME,
    WORSE,
    WORST,
    changed,
)

ADDRESS = {name: key.address for name, key in KEYS.items()}
STRANGER = ADDRESS["stranger"]
DISPUTED, RULED, SETTLED = 2, 3, 4


@pytest.fixture(scope="module")
def one() -> CourtWorld:
    return CourtWorld()


@pytest.fixture
def world(one: CourtWorld) -> CourtWorld:
    one.reset()
    return one


# The court misbehaves


def test_rule__by_anyone_but_the_court__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    for by in ("customer", "provider", "stranger"):
        with court_refused("NotTheCourt", ADDRESS[by].lower()):
            world.court_call("rule", number, ALLEGED, by=by)


def test_rule__twice__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    for first in (0, ALLEGED, REPORT):
        with world.chain.undone():
            world.give(number, first)
            for second in (0, ALLEGED, REPORT):
                with court_refused("RuledAlready", number):
                    world.give(number, second)


@pytest.mark.parametrize("ruling", [4, 2**256 - 1])
def test_rule__more_than_there_were_choices__is_refused(world: CourtWorld, ruling: int) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    with court_refused("RulingUnknown", ruling, 3):
        world.give(number, ruling)


def test_rule__of_what_was_never_asked__is_refused(world: CourtWorld) -> None:
    for number in (0, 7):
        with court_refused("RequestUnknown", number):
            world.chain.call("SmallCourt", world.court, "ruleUnasked", world.arbiter, number, ALLEGED)
        with court_refused("RequestUnknown", number):
            world.court_call("submitEvidence", number, "", by="stranger")


def test_court__that_rules_before_it_gave_a_number__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    world.manner("RulesAtOnce")
    with court_refused("RequestUnknown", 0):
        world.request(agreement)


def test_court__that_gives_a_number_twice__loses_nobodys_request(world: CourtWorld) -> None:
    """The second dispute would take over the first one's ruling."""
    first = world.court_agreement()
    second = world.court_agreement(formation={"document": bytes(32)})
    for agreement in (first, second):
        world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(first)
    world.manner("RepeatsNumbers")
    with court_refused("CourtRepeated", number):
        world.request(second)
    assert world.arbiter_view("requestOf", number)[0] == world.id_of(first)


def test_court__that_calls_back_while_it_is_asked__finds_the_arbiter_closed(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    other = world.court_agreement(formation={"document": bytes(32)})
    for each in (agreement, other):
        world.disputed(each, BAD, WORST, "customer")
    asked = world.request(other)
    world.give(asked, ALLEGED)
    calls = {
        "request": calldata("request", *world.fixed(agreement), KEY),
        "withdraw": calldata("withdraw", world.token, STRANGER, STRANGER),
    }
    for call in calls.values():
        with world.chain.undone():
            world.manner("Calls", world.arbiter, call)
            number = world.request(agreement)
            assert world.chain.view("SmallCourt", world.court, "called") is False
            answer = world.chain.view("SmallCourt", world.court, "answer")
            assert answer == GUARD
            assert world.arbiter_view("requestOf", number)[5] == VERDICT_NONE


# Time, and disputes that are over


def test_court__rules_after_the_ruling_deadline__changes_nothing(world: CourtWorld) -> None:
    """The court can close its case; the escrow's default for silence stands."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    deadline = world.now + RULE
    number = world.request(agreement)
    world.chain.travel(deadline)
    world.give(number, ALLEGED)
    with court_refused("RulingTooLate", deadline, deadline):
        world.execute(number, agreement, WORST)
    world.settle(agreement, [KEY])
    with court_refused("DisputeReplaced", 0, deadline):
        world.execute(number, agreement, WORST)
    assert world.pending(agreement) == (0, SETTLED)


def test_execute__ruling_in_time_but_brought_at_the_deadline__is_too_late(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    deadline = world.now + RULE
    number = world.request(agreement)
    world.give(number, ALLEGED)
    world.chain.travel(deadline - 1)
    with world.chain.undone():
        world.execute(number, agreement, WORST)
    world.chain.travel(deadline)
    with court_refused("RulingTooLate", deadline, deadline):
        world.execute(number, agreement, WORST)


def test_execute__for_a_later_dispute_of_the_same_claim__is_refused(world: CourtWorld) -> None:
    """A correction after the silence is disputed anew: what the court said of the first dispute is not for that."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    old = world.now + RULE
    number = world.request(agreement)
    world.chain.travel(old)
    world.settle(agreement, [KEY])
    world.give(number, ALLEGED)
    world.claimed(agreement, WORSE, revision=1)
    world.dispute(agreement, KEY, (WORST, CHARGE), "customer")
    new = world.now + RULE
    with court_refused("DisputeReplaced", new, old):
        world.execute(number, agreement, WORST)
    assert world.arbiter_view("disputeIDOf", world.id_of(agreement), *KEY) == (False, 0)
    again = world.request(agreement)
    assert again != number
    world.give(again, REPORT)
    world.execute(again, agreement, WORSE)
    assert world.pending(agreement) == (PAYS[WORSE], RULED)


def test_execute__after_a_concession__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.concede(agreement, KEY, PAYS[WORST], "provider")
    world.give(number, REPORT)
    with court_refused("DisputeReplaced"):
        world.execute(number, agreement, BAD)
    assert world.pending(agreement) == (PAYS[WORST], RULED)


def test_execute__before_the_court_ruled_and_twice__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    with court_refused("NothingRuled", number):
        world.execute(number, agreement, WORST)
    world.give(number, ALLEGED)
    world.execute(number, agreement, WORST)
    with court_refused("DisputeReplaced"):
        world.execute(number, agreement, WORST)
    assert world.fees(STRANGER) == (FEE, 0)


def test_execute__report_corrected_meanwhile__rules_for_the_highest_report(world: CourtWorld) -> None:
    """R5: a revision is recorded during the dispute; the report's side is what stands by then."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.claimed(agreement, WORSE, revision=1)
    world.give(number, REPORT)
    with court_refused("RulingDiffers", PAYS[BAD], PAYS[WORSE]):
        world.execute(number, agreement, BAD)
    world.execute(number, agreement, WORSE)
    assert world.pending(agreement) == (PAYS[WORSE], RULED)


# Whoever passes it on chooses nothing


@pytest.mark.parametrize(("ruling", "right"), [(ALLEGED, WORST), (REPORT, BAD)])
def test_execute__finding_that_pays_something_else__is_refused(
    world: CourtWorld, ruling: int, right: int
) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.give(number, ruling)
    for finding in {GOOD, BAD, WORSE, WORST} - {right}:
        with court_refused("RulingDiffers", PAYS[finding], PAYS[right]):
            world.execute(number, agreement, finding)
    with court_refused("OutsideSaneBounds"):
        world.execute(number, agreement, 2**64 - 1)
    assert world.pending(agreement) == (PAYS[BAD], DISPUTED)


def test_execute__with_terms_of_another_agreement__is_refused(world: CourtWorld) -> None:
    """A ruling for one agreement never decides another's dispute of the same period and obligation."""
    mine = world.court_agreement()
    others = world.court_agreement(formation={"document": bytes(32)})
    for agreement in (mine, others):
        world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(mine)
    world.give(number, ALLEGED)
    with court_refused("NotDisputedNow", world.id_of(mine), 0, UPTIME):
        world.execute(number, others, WORST)
    assert world.pending(others) == (PAYS[BAD], DISPUTED)
    with court_refused("AgreementUnknown"):
        world.execute(number, changed(mine, stake={"arbiter_fee": 0}), WORST)


# Nothing is left out


def test_errors__of_the_arbiters_abi__all_have_a_test() -> None:
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_court*.py"))
    named = set(re.findall(r'court_refused\(\s*"(\w+)"', tests))
    known = {entry["name"] for entry in artifact("CourtArbiter").abi if entry["type"] == "error"}
    # The guard's is found by its selector, where the arbiter is called back; terms that have a dispute pay what fits.
    assert known - named == {"ReentrancyGuardReentrantCall", "SafeCastOverflowedUintDowncast"}
