"""A Kleros-style court as the arbiter: what is asked, what is ruled, what reaches the escrow, and whose the fee is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi import decode, encode

from sla.agreement import MissingData
from tests.contracts.court_world import (
    ALLEGED,
    COST,
    EXTRA,
    QUESTION,
    REPORT,
    VERDICT_NONE,
    VERDICT_REFUSED,
    CourtWorld,
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
    UPTIME_OBLIGATION,
    WORSE,
    WORST,
    changed,
)
from tests.contracts.world import REPORT as REPORT_WITHIN

ADDRESS = {name: key.address for name, key in KEYS.items()}
STRANGER = ADDRESS["stranger"]
RULED, FINAL = 3, 5


@pytest.fixture(scope="module")
def one() -> CourtWorld:
    return CourtWorld()


@pytest.fixture
def world(one: CourtWorld) -> CourtWorld:
    one.reset()
    return one


# What the court says reaches the escrow


@pytest.mark.parametrize(
    ("by", "reported", "alleged", "ruling", "found", "pays", "winner"),
    [
        ("customer", BAD, WORST, ALLEGED, WORST, PAYS[WORST], "customer"),
        ("customer", BAD, WORST, REPORT, BAD, PAYS[BAD], "provider"),
        ("provider", WORSE, GOOD, ALLEGED, GOOD, 0, "provider"),
        ("provider", WORSE, GOOD, REPORT, WORSE, PAYS[WORSE], "customer"),
    ],
)
def test_court__rules_for_one_side__is_the_escrows_ruling_and_pays_the_funder(
    world: CourtWorld, by: str, reported: int, alleged: int, ruling: int, found: int, pays: int, winner: str
) -> None:
    """1 is what was alleged, 2 the report; the bond less the fee is the winner's, the fee whoever's paid the court."""
    agreement = world.court_agreement()
    world.disputed(agreement, reported, alleged, by)
    before = {who: world.balance(who) for who in ("provider", "customer", "stranger")}
    number = world.request(agreement)
    world.give(number, ruling)
    world.execute(number, agreement, found)
    assert world.pending(agreement) == (pays, RULED)
    assert world.balance(winner) - before[winner] == BOND - FEE
    assert world.fees(STRANGER) == (FEE, 0)
    world.fetch(world.token, STRANGER)
    assert world.balance("stranger") - before["stranger"] == FEE
    assert world.balance(world.arbiter) == 0
    world.settle(agreement, [KEY])
    assert world.pending(agreement) == (0, FINAL)


def test_court__refuses_to_rule__leaves_the_escrows_default(world: CourtWorld) -> None:
    """0: nothing is passed on. On the arbiter's silence the report stands and the bond returns."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement)
    world.give(number, 0)
    assert world.arbiter_view("requestOf", number)[5] == VERDICT_REFUSED
    for finding in (BAD, WORST):
        with court_refused("NothingRuled", number):
            world.execute(number, agreement, finding)
    before = world.balance("customer")
    world.chain.travel(world.now + RULE)
    world.settle(agreement, [KEY])
    assert world.balance("customer") - before == PAYS[BAD] + BOND


def test_request__what_the_court_and_its_pages_see__is_what_the_standards_say(world: CourtWorld) -> None:
    """ERC-792 and ERC-1497: three choices, the court's own extra data, exactly its cost; the events of both."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    deadline = world.now + RULE
    number = world.request(agreement)
    events = {signature: (topics, data) for signature, topics, data in world.court_events()}
    arbitrable, choices, extra, paid, _, _ = world.chain.view("SmallCourt", world.court, "cases", number)
    assert (arbitrable, choices, extra, paid) == (world.arbiter.lower(), 3, EXTRA, COST)

    topics, data = events[topic("Dispute(address,uint256,uint256,uint256)")]
    assert topics == [encode(["address"], [world.court]), encode(["uint256"], [number])]
    assert decode(["uint256", "uint256"], data) == (0, number)
    topics, data = events[topic("Requested(uint256,bytes32,uint32,uint8,uint40,address)")]
    assert topics == [encode(["uint256"], [number]), world.id_of(agreement)]
    assert decode(["uint32", "uint8", "uint40", "address"], data) == (0, UPTIME, deadline, STRANGER.lower())
    assert world.arbiter_view("requestOf", number) == (
        world.id_of(agreement), STRANGER.lower(), 0, UPTIME, deadline, VERDICT_NONE,
    )  # fmt: skip
    assert world.arbiter_view("disputeIDOf", world.id_of(agreement), *KEY) == (True, number)
    assert world.arbiter_view("extraData") == EXTRA

    world.court_call("submitEvidence", number, "ipfs://proof", by="provider")
    ((signature, topics, data),) = world.court_events()
    assert signature == topic("Evidence(address,uint256,address,string)")
    assert topics == [encode([kind], [value]) for kind, value in (
        ("address", world.court), ("uint256", number), ("address", ADDRESS["provider"]))]  # fmt: skip
    assert decode(["string"], data) == ("ipfs://proof",)

    world.give(number, ALLEGED)
    ((signature, topics, data),) = world.court_events()
    assert signature == topic("Ruling(address,uint256,uint256)")
    assert topics == [encode(["address"], [world.court]), encode(["uint256"], [number])]
    assert decode(["uint256"], data) == (ALLEGED,)
    with court_refused("RuledAlready", number):
        world.court_call("submitEvidence", number, "ipfs://late", by="provider")
    world.chain.deploy("CourtArbiter", world.escrow, world.court, EXTRA, QUESTION)


# Who may ask, about what


def test_request__of_what_nobody_disputes__is_refused(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    id_ = world.id_of(agreement)
    with court_refused("NotDisputedNow", id_, 0, UPTIME):
        world.request(agreement)
    world.claimed(agreement, BAD)
    with court_refused("NotDisputedNow", id_, 0, UPTIME):
        world.request(agreement)
    assert world.arbiter_view("disputeIDOf", id_, *KEY) == (False, 0)


def test_request__of_a_case_without_disputer__is_refused_until_a_party_disputes_it(world: CourtWorld) -> None:
    """Nobody alleges anything in a case, so there is nothing to choose from."""
    judged = replace(UPTIME_OBLIGATION, missing_data=MissingData.ARBITER)
    agreement = replace(world.agreement(parties={"arbiter": world.arbiter}), obligations=(judged,))
    world.open(agreement)
    world.claimed(agreement, 2**64 - 1)
    with court_refused("NotDisputedNow"):
        world.request(agreement)
    world.dispute(agreement, KEY, (WORST, CHARGE), "customer")
    number = world.request(agreement)
    world.give(number, ALLEGED)
    world.execute(number, agreement, WORST)
    assert world.pending(agreement) == (PAYS[WORST], RULED)


def test_request__without_any_report__rules_what_the_policy_says_or_what_was_alleged(
    world: CourtWorld,
) -> None:
    """R6: a leafless dispute. Ruling 2 is what stands: here nothing, so the objective was met."""
    agreement = world.court_agreement()
    world.chain.travel(agreement.service.start + agreement.service.length + REPORT_WITHIN)
    world.dispute(agreement, KEY, (WORST, CHARGE), "customer")
    number = world.request(agreement)
    world.give(number, REPORT)
    with court_refused("RulingDiffers", PAYS[WORST], 0):
        world.execute(number, agreement, WORST)
    world.execute(number, agreement, GOOD)
    assert world.pending(agreement) == (0, RULED)


def test_request__at_the_ruling_deadline__is_too_late(world: CourtWorld) -> None:
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    deadline = world.now + RULE
    world.chain.travel(deadline - 1)
    with world.chain.undone():
        world.request(agreement)
    world.chain.travel(deadline)
    with court_refused("DeadlineOver", deadline, deadline):
        world.request(agreement)


def test_request__twice_for_the_same_dispute__is_refused(world: CourtWorld) -> None:
    """Whoever asked first has paid, and has the fee."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    number = world.request(agreement, by="customer")
    with court_refused("RequestedAlready", number):
        world.request(agreement)
    world.give(number, 0)
    with court_refused("RequestedAlready", number):
        world.request(agreement)


@pytest.mark.parametrize("value", [0, COST - 1, COST + 1])
def test_request__for_another_sum_than_the_cost__is_refused(world: CourtWorld, value: int) -> None:
    """No ether ever stays in between."""
    agreement = world.court_agreement()
    world.disputed(agreement, BAD, WORST, "customer")
    with court_refused("CostDiffers", value, COST):
        world.request(agreement, value=value)
    world.chain.call("SmallCourt", world.court, "setPrice", COST + 7)
    with court_refused("CostDiffers", COST, COST + 7):
        world.request(agreement)
    world.request(agreement, value=COST + 7)
    assert world.chain.evm.get_balance(world.arbiter) == 0
    assert world.chain.evm.get_balance(world.court) == COST + 7


def test_request__terms_of_another_arbiter_or_terms_that_nobody_signed__are_refused(
    world: CourtWorld,
) -> None:
    """Whoever pays must get what was paid for: fake terms have no dispute."""
    agreement = world.agreement()
    world.open(agreement)
    world.claimed(agreement, BAD)
    world.dispute(agreement, KEY, (WORST, CHARGE), "customer")
    with court_refused("NotTheArbiter", ADDRESS["arbiter"].lower()):
        world.request(agreement)
    mine = changed(agreement, parties={"arbiter": world.arbiter})
    with court_refused("NotDisputedNow", world.id_of(mine), 0, UPTIME):
        world.request(mine)
