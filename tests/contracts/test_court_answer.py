"""What the disputer's opponent answers, so that a court is never left with two wrong values (R7, R8)."""

from __future__ import annotations

import pytest
from eth_abi import decode, encode

from record.keccak import keccak256
from sla.agreement import Agreement
from tests.contracts.court_world import (
    ALLEGED,
    ANSWER,
    REPORT,
    VERDICT_ANSWER,
    VERDICT_REPORT,
    CourtWorld,
    calldata,
    court_refused,
    topic,
)
from tests.contracts.life_world import KEY
from tests.contracts.world import (
    BAD,
    BOND,
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
from tests.contracts.world import REPORT as REPORT_WITHIN

ADDRESS = {name: key.address for name, key in KEYS.items()}
DISPUTED, RULED = 2, 3
PARTIES = ("customer", "provider")


@pytest.fixture(scope="module")
def one() -> CourtWorld:
    return CourtWorld()


@pytest.fixture
def world(one: CourtWorld) -> CourtWorld:
    one.reset()
    return one


def by_a_hair(world: CourtWorld) -> Agreement:
    """The report says 299 999 where the truth is 0; the customer, who likes it, disputes it for 300 000."""
    agreement = world.court_agreement(service={"charge": 0, "charge_max": CHARGE})
    world.claimed(agreement, WORSE, charge=CHARGE - 1)
    world.dispute(agreement, KEY, (WORSE, CHARGE), "customer")
    return agreement


# The truth can be ruled, whoever disputes first


def test_answer__to_a_dispute_by_a_hair_of_a_wrong_report__lets_the_court_rule_the_truth(
    world: CourtWorld,
) -> None:
    agreement = by_a_hair(world)
    before = {who: world.balance(who) for who in PARTIES}
    with court_refused("NotDisputable"):
        world.dispute(agreement, KEY, (GOOD, CHARGE), "provider")
    world.answer(agreement, GOOD, "provider", CHARGE - 1)
    number = world.request(agreement, by="provider")
    world.give(number, ANSWER)
    assert world.arbiter_view("requestOf", number)[5] == VERDICT_ANSWER
    world.execute(number, agreement, GOOD, CHARGE - 1)
    assert world.pending(agreement) == (0, RULED)
    world.settle(agreement, [KEY])
    assert world.balance("customer") - before["customer"] == 0
    assert world.balance("provider") - before["provider"] == BOND - FEE
    assert world.fees(ADDRESS["provider"]) == (FEE, 0)


def test_answer__of_the_customer__raises_a_far_too_low_report_that_the_provider_lowered(
    world: CourtWorld,
) -> None:
    """The same the other way round: the bond, too, goes to whom the truth favours."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, GOOD, "provider")
    before = world.balance("customer")
    number = world.request(agreement)
    world.answer(agreement, WORST, "customer")
    world.give(number, ANSWER)
    world.execute(number, agreement, WORST)
    world.settle(agreement, [KEY])
    assert world.balance("customer") - before == PAYS[WORST] + BOND - FEE


def test_answer__to_a_dispute_without_a_report__is_ruled_against_a_wrong_one_that_came_since(
    world: CourtWorld,
) -> None:
    """R6: the customer disputes a silent period, and only then brings the wrong report."""
    agreement = world.court_agreement()
    world.chain.travel(agreement.service.start + agreement.service.length + REPORT_WITHIN)
    world.dispute(agreement, KEY, (WORSE, CHARGE), "customer")
    world.claimed(agreement, WORST)
    world.answer(agreement, GOOD, "provider")
    number = world.request(agreement)
    world.give(number, ANSWER)
    world.execute(number, agreement, GOOD)
    assert world.pending(agreement) == (0, RULED)


@pytest.mark.parametrize(("ruling", "right"), [(ALLEGED, WORST), (REPORT, WORSE), (ANSWER, BAD)])
def test_answer__that_was_given__leaves_the_other_choices_as_they_are(
    world: CourtWorld, ruling: int, right: int
) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, WORSE, WORST, "customer")
    world.answer(agreement, BAD, "provider")
    number = world.request(agreement)
    world.give(number, ruling)
    for finding in {GOOD, BAD, WORSE, WORST} - {right}:
        with court_refused("AnswerDiffers" if ruling == ANSWER else "RulingDiffers"):
            world.execute(number, agreement, finding)
    world.execute(number, agreement, right)
    assert world.pending(agreement) == (PAYS[right], RULED)


def test_answer__ruled__is_passed_on_word_for_word(world: CourtWorld) -> None:
    """What pays the same is not the same: the record says what the court found."""
    agreement = by_a_hair(world)
    world.answer(agreement, GOOD, "provider", CHARGE - 1)
    number = world.request(agreement)
    world.give(number, ANSWER)
    for attained, charge in ((GOOD, CHARGE), (GOOD - 1, CHARGE - 1)):
        with court_refused("AnswerDiffers", attained, charge, GOOD, CHARGE - 1):
            world.execute(number, agreement, attained, charge)
    assert world.pending(agreement)[1] == DISPUTED


def test_answer__what_the_chain_shows__is_who_said_what_of_which_dispute(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    assert world.arbiter_view("answerOf", world.id_of(agreement), *KEY) == (0, 0, False, 0)
    world.disputed(agreement, WORSE, WORST, "customer")
    world.answer(agreement, BAD, "provider")
    ((signature, topics, data),) = world.court_events()
    assert signature == topic("Answered(bytes32,uint32,uint8,uint40,address,uint64,uint96,uint96)")
    assert topics == [world.id_of(agreement), encode(["address"], [ADDRESS["provider"]])]
    kinds = ["uint32", "uint8", "uint40", "uint64", "uint96", "uint96"]
    assert decode(kinds, data) == (0, UPTIME, world.now + RULE, BAD, CHARGE, PAYS[BAD])
    assert world.arbiter_view("answerOf", world.id_of(agreement), *KEY) == (BAD, CHARGE, True, PAYS[BAD])


# A court that names an answer nobody gave


def test_court__rules_for_an_answer_that_nobody_gave__rules_for_the_report(world: CourtWorld) -> None:
    """And none can be given any more: nobody writes a value under a verdict that is known."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.give(number, ANSWER)
    ((signature, _, data),) = world.court_events()
    assert (signature, decode(["uint256"], data)) == (topic("Ruling(address,uint256,uint256)"), (ANSWER,))
    assert world.arbiter_view("requestOf", number)[5] == VERDICT_REPORT
    with court_refused("RuledAlready", number):
        world.answer(agreement, GOOD, "provider")
    for finding in (GOOD, WORSE, WORST):
        with court_refused("RulingDiffers", PAYS[finding], PAYS[BAD]):
            world.execute(number, agreement, finding)
    world.execute(number, agreement, BAD)
    assert world.pending(agreement) == (PAYS[BAD], RULED)


def test_court__that_answers_in_the_opponents_place_while_it_is_asked__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    world.manner(
        "Calls", world.arbiter, calldata("answer", *world.with_uptime(agreement), KEY, (GOOD, CHARGE))
    )
    world.request(agreement)
    assert world.chain.view("SmallCourt", world.court, "called") is False
    answer = world.chain.view("SmallCourt", world.court, "answer")
    assert answer == keccak256(b"CallerInvalid(address)")[:4] + encode(["address"], [world.court])
    assert world.arbiter_view("answerOf", world.id_of(agreement), *KEY) == (0, 0, False, 0)


# Who may answer, what, when


@pytest.mark.parametrize(("disputer", "alleged"), [("customer", WORST), ("provider", GOOD)])
def test_answer__by_anyone_but_the_disputers_opponent__is_refused(
    world: CourtWorld, disputer: str, alleged: int
) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, alleged, disputer)
    (opponent,) = set(PARTIES) - {disputer}
    for by in (disputer, "stranger", "arbiter"):
        with court_refused("CallerInvalid", ADDRESS[by].lower()):
            world.answer(agreement, WORSE, by)
    world.answer(agreement, WORSE, opponent)


def test_answer__twice__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    world.answer(agreement, GOOD, "provider")
    with court_refused("AnsweredAlready", world.id_of(agreement), 0, UPTIME):
        world.answer(agreement, WORSE, "provider")
    world.request(agreement)
    with court_refused("AnsweredAlready"):
        world.answer(agreement, GOOD, "provider")
    assert world.arbiter_view("answerOf", world.id_of(agreement), *KEY) == (GOOD, CHARGE, True, 0)


@pytest.mark.parametrize("ruling", [0, ALLEGED, REPORT, ANSWER])
def test_answer__after_the_verdict__is_refused(world: CourtWorld, ruling: int) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.give(number, ruling)
    with court_refused("RuledAlready", number):
        world.answer(agreement, GOOD, "provider")


def test_answer__at_the_ruling_deadline__is_too_late(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    deadline = world.now + RULE
    world.chain.travel(deadline - 1)
    with world.chain.undone():
        world.answer(agreement, GOOD, "provider")
    world.chain.travel(deadline)
    with court_refused("DeadlineOver", deadline, deadline):
        world.answer(agreement, GOOD, "provider")


def test_answer__that_could_not_be_ruled__is_refused(world: CourtWorld) -> None:
    """The same bounds and charges as for any finding: an answer can always be passed on."""
    agreement = world.court_agreement()
    metered = by_a_hair(world)
    world.disputed(agreement, BAD, WORST, "customer")
    for attained in (GOOD + 1, 2**64 - 1):
        with court_refused("OutsideSaneBounds", attained, 0, GOOD):
            world.answer(agreement, attained, "provider")
    for charge in (CHARGE - 1, CHARGE + 1):
        with court_refused("ChargeMismatch", charge, CHARGE):
            world.answer(agreement, GOOD, "provider", charge)
    with court_refused("ChargeMismatch", CHARGE + 1, CHARGE):
        world.answer(metered, GOOD, "provider", CHARGE + 1)
    count = len(agreement.obligations)
    with court_refused("ObligationUnknown", count, count):
        world.answer(agreement, GOOD, "provider", key=(0, count))


def test_answer__where_nobody_disputes__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    with court_refused("NotDisputedNow", world.id_of(agreement), 0, UPTIME):
        world.answer(agreement, GOOD, "provider")
    world.disputed(agreement, BAD, WORST, "customer")
    with court_refused("NotDisputedNow", world.id_of(agreement), 1, UPTIME):
        world.answer(agreement, GOOD, "provider", key=(1, UPTIME))
    world.concede(agreement, KEY, PAYS[WORST], "provider")
    with court_refused("NotDisputedNow"):
        world.answer(agreement, GOOD, "provider")


def test_answer__with_terms_that_nobody_signed__is_refused(world: CourtWorld) -> None:
    """The stranger writes itself into the terms as the provider: those have no dispute."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    forged = changed(agreement, parties={"provider": ADDRESS["stranger"]})
    with court_refused("NotDisputedNow"):
        world.answer(forged, GOOD, "stranger")


def test_answer__to_a_dispute_of_another_arbiters__is_refused(world: CourtWorld) -> None:
    agreement = world.opened()
    world.disputed(agreement, BAD, WORST, "customer")
    with court_refused("NotTheArbiter", ADDRESS["arbiter"].lower()):
        world.answer(agreement, GOOD, "provider")


# Answers stay with their dispute


def test_answer__in_another_agreements_dispute__decides_nothing_here(world: CourtWorld) -> None:
    mine = world.court_agreement()
    others = world.court_agreement(formation={"document": bytes(32)})
    for agreement in (mine, others):
        world.disputed(agreement, BAD, WORST, "customer")
    world.answer(others, GOOD, "provider")
    number = world.request(mine)
    world.give(number, ANSWER)
    with court_refused("RulingDiffers", PAYS[GOOD], PAYS[BAD]):
        world.execute(number, mine, GOOD)
    asked = world.request(others)
    world.give(asked, ANSWER)
    with court_refused("NotDisputedNow", world.id_of(others), 0, UPTIME):
        world.execute(asked, mine, GOOD)
    world.execute(asked, others, GOOD)
    assert (world.pending(mine), world.pending(others)) == ((PAYS[BAD], DISPUTED), (0, RULED))


def test_answer__to_a_dispute_that_ran_out__is_not_one_to_the_next(world: CourtWorld) -> None:
    """After the silence a correction is disputed anew: that dispute has its own answer."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    old = world.now + RULE
    first = world.request(agreement)
    world.answer(agreement, GOOD, "provider")
    world.give(first, ANSWER)
    world.chain.travel(old)
    world.settle(agreement, [KEY])
    world.claimed(agreement, WORSE, revision=1)
    world.dispute(agreement, KEY, (WORST, CHARGE), "customer")
    assert world.arbiter_view("answerOf", world.id_of(agreement), *KEY) == (0, 0, False, 0)
    with court_refused("DisputeReplaced", world.now + RULE, old):
        world.execute(first, agreement, GOOD)
    second = world.request(agreement)
    with world.chain.undone():
        world.give(second, ANSWER)
        with court_refused("RulingDiffers", PAYS[GOOD], PAYS[WORSE]):
            world.execute(second, agreement, GOOD)
    world.answer(agreement, BAD, "provider")
    world.give(second, ANSWER)
    world.execute(second, agreement, BAD)
    assert world.pending(agreement) == (PAYS[BAD], RULED)
