"""`dispute` and `submitEvidence`: a party, a bond, an allegation that helps it, within the window."""

from __future__ import annotations

import pytest

from chain.escrow import NO_DISPUTE, ClaimStatus, Dispute, Disputer
from record.events import Disputed, EvidenceSubmitted
from record.keccak import keccak256
from sla.agreement import NO_DATA
from tests.contracts.world import (
    BAD,
    BOND,
    CHARGE,
    COLLATERAL,
    GOOD,
    KEYS,
    PAYS,
    REPAIR,
    RULE,
    UPTIME,
    WINDOW,
    WORSE,
    WORST,
    World,
    fails,
    refused,
)

NONE, PENDING, DISPUTED, RULED, SETTLED = range(5)
KEY = (0, UPTIME)


@pytest.mark.parametrize(("by", "alleged"), [("provider", BAD), ("provider", GOOD), ("customer", WORST)])
def test_dispute__by_a_party_in_its_favour__holds_the_claim_and_the_bond(
    world: World, by: str, alleged: int
) -> None:
    """R7."""
    agreement = world.opened()
    agreement_id = world.escrow.id_of(agreement)
    world.claimed(agreement, WORSE)
    before = world.balance(by)

    world.dispute(agreement, by, alleged)

    deadline = world.now + RULE
    assert world.escrow.claim_of(agreement_id, *KEY).status == ClaimStatus.DISPUTED
    assert world.escrow.claim_of(agreement_id, *KEY).pending == PAYS[WORSE]
    side = Disputer.CUSTOMER if by == "customer" else Disputer.PROVIDER
    assert world.escrow.dispute_of(agreement_id, *KEY) == Dispute(
        PAYS[WORSE], PAYS[alleged], deadline, side, BOND
    )
    assert world.balance(by) == before - BOND
    assert world.balance(world.escrow.address) == COLLATERAL + BOND
    assert world.escrow.account_of(agreement_id).collateral == COLLATERAL
    assert world.events(Disputed) == [
        Disputed(
            agreement_id,
            0,
            UPTIME,
            KEYS[by].address,
            alleged,
            CHARGE,
            PAYS[alleged],
            PAYS[WORSE],
            BOND,
            deadline,
        )
    ]


@pytest.mark.parametrize("by", ["operator", "arbiter", "stranger"])
def test_dispute__by_anyone_else__is_refused(world: World, by: str) -> None:
    """R7."""
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    with refused("CallerInvalid", caller=KEYS[by].address.lower()):
        world.dispute(agreement, by, BAD)


def test_dispute__in_the_last_second_of_the_window__is_possible_and_not_after(world: World) -> None:
    """P7."""
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    end = world.now + WINDOW
    key = (agreement, *KEY, BAD, CHARGE)
    world.at(end - 1).dispute(KEYS["provider"], *key)
    with refused("NotDisputable", status=PENDING, time=end, windowEnd=end):
        world.at(end).dispute(KEYS["provider"], *key)


def test_dispute__what_is_not_pending__is_refused(world: World) -> None:
    """R7: already disputed (by either), ruled, settled. (Never claimed: see test_leafless.)"""
    agreement = world.opened()
    world.disputed(agreement)
    for by, alleged in (("provider", GOOD), ("customer", WORST)):
        with refused("NotDisputable"):
            world.dispute(agreement, by, alleged)
    window_end = world.escrow.claim_of(world.escrow.id_of(agreement), *KEY).window_end
    with refused("NotDisputable", status=DISPUTED, time=world.now, windowEnd=window_end):
        world.dispute(agreement, "provider", GOOD)
    world.rule(agreement, BAD)
    with refused("NotDisputable", status=RULED, time=world.now, windowEnd=window_end):
        world.dispute(agreement, "customer", WORST)
    world.settle(agreement)
    with refused("NotDisputable"):
        world.dispute(agreement, "customer", WORST)


def test_dispute__of_a_claim_with_no_window__is_refused(world: World) -> None:
    agreement = world.opened(stake={"dispute_window": 0})
    world.claimed(agreement, WORSE)
    with refused("NotDisputable", status=SETTLED, time=world.now, windowEnd=world.now):
        world.dispute(agreement, "provider", BAD)


@pytest.mark.parametrize(
    ("by", "alleged"),
    [
        ("provider", WORSE),
        ("provider", 970_000),
        ("provider", WORST),
        ("customer", WORSE),
        ("customer", BAD),
        ("customer", GOOD),
    ],
)
def test_dispute__that_would_not_help_the_disputer__is_refused(world: World, by: str, alleged: int) -> None:
    """R7: an allegation moves the pay in the disputer's favour, else it only delays."""
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    alleged_pay = PAYS.get(alleged, 300_000)
    with refused("AllegationUseless", alleged=alleged_pay, pending=PAYS[WORSE]):
        world.dispute(agreement, by, alleged)


def test_dispute__allegation_outside_the_sane_bounds_or_charge__is_refused(world: World) -> None:
    """R21, R22: an allegation is bounded as a report is."""
    agreement = world.opened()
    world.claimed(agreement, 500, obligation=REPAIR)
    world.claimed(agreement, WORSE)
    for attained in (0, 1_001, NO_DATA):
        with refused("OutsideSaneBounds", attained=attained, min=1, max=1_000):
            world.escrow.dispute(KEYS["customer"], agreement, 0, REPAIR, attained, CHARGE)
    with refused("ChargeMismatch", charge=CHARGE - 1, allowed=CHARGE):
        world.escrow.dispute(KEYS["provider"], agreement, 0, UPTIME, WORSE, CHARGE - 1)


def test_dispute__of_a_metered_charge__may_allege_another_charge(world: World) -> None:
    """R21: the same attainment at a lower charge helps the provider."""
    agreement = world.opened(service={"charge": 0, "charge_max": CHARGE})
    world.land(world.end_of(agreement, 0))
    report = world.report(agreement, WORSE, charge=CHARGE)
    world.claim(agreement, report, world.post(report))
    world.escrow.dispute(KEYS["provider"], agreement, 0, UPTIME, WORSE, CHARGE // 2)
    assert world.escrow.dispute_of(report.agreement, *KEY).alleged == PAYS[WORSE] // 2


def test_dispute__without_the_bond__fails_and_leaves_the_claim_pending(world: World) -> None:
    """R16: the bond is pulled from the caller, as far as the caller allowed."""
    agreement = world.opened()
    world.claimed(agreement, WORSE)
    world.token.approve(KEYS["provider"], world.escrow.address, BOND - 1)
    with fails():
        world.dispute(agreement, "provider", BAD)
    claim = world.escrow.claim_of(world.escrow.id_of(agreement), *KEY)
    assert claim.status == ClaimStatus.PENDING


def test_dispute__token_that_keeps_a_fee__puts_at_stake_what_arrived(world: World) -> None:
    """R18."""
    agreement = world.opened(world.moody_address)
    world.claimed(agreement, WORSE)
    world.moods(fee_ppm=100_000)
    world.dispute(agreement, "provider", BAD)
    assert world.escrow.dispute_of(world.escrow.id_of(agreement), *KEY).bond == BOND * 9 // 10
    assert world.events(Disputed)[0].bond == BOND * 9 // 10


def test_dispute__of_one_obligation__leaves_the_others_alone(world: World) -> None:
    agreement = world.opened()
    world.claimed(agreement, 500, obligation=REPAIR)
    world.disputed(agreement)
    agreement_id = world.escrow.id_of(agreement)
    assert world.escrow.claim_of(agreement_id, 0, REPAIR).status == ClaimStatus.PENDING
    assert world.escrow.dispute_of(agreement_id, 0, REPAIR) == NO_DISPUTE


# Evidence

URI = "https://example.com/evidence/ü"
HASH = keccak256(b"a log file")


@pytest.mark.parametrize("by", ["provider", "customer"])
def test_evidence__by_a_party_while_the_ruling_waits__is_an_event(world: World, by: str) -> None:
    """R7: any number, from both."""
    agreement = world.opened()
    world.disputed(agreement)
    for _ in range(2):
        world.escrow.submit_evidence(KEYS[by], agreement, *KEY, HASH, URI)
    event = EvidenceSubmitted(world.escrow.id_of(agreement), *KEY, KEYS[by].address, HASH, URI)
    assert world.events(EvidenceSubmitted) == [event, event]


@pytest.mark.parametrize("by", ["arbiter", "operator", "stranger"])
def test_evidence__by_anyone_else__is_refused(world: World, by: str) -> None:
    agreement = world.opened()
    world.disputed(agreement)
    with refused("CallerInvalid", caller=KEYS[by].address.lower()):
        world.escrow.submit_evidence(KEYS[by], agreement, *KEY, HASH, URI)


def test_evidence__without_a_dispute__is_refused(world: World) -> None:
    agreement = world.opened()
    with refused("NotDisputed", status=NONE):
        world.escrow.submit_evidence(KEYS["provider"], agreement, *KEY, HASH, URI)
    world.claimed(agreement, WORSE)
    with refused("NotDisputed", status=PENDING):
        world.escrow.submit_evidence(KEYS["provider"], agreement, *KEY, HASH, URI)
    world.dispute(agreement, "provider", BAD)
    world.rule(agreement, BAD)
    with refused("NotDisputed", status=RULED):
        world.escrow.submit_evidence(KEYS["provider"], agreement, *KEY, HASH, URI)


def test_evidence__until_the_ruling_deadline__and_not_from_then_on(world: World) -> None:
    agreement = world.opened()
    world.disputed(agreement)
    deadline = world.now + RULE
    world.at(deadline - 1).submit_evidence(KEYS["customer"], agreement, *KEY, HASH, URI)
    with refused("RulingTooLate", time=deadline, rulingDeadline=deadline):
        world.at(deadline).submit_evidence(KEYS["customer"], agreement, *KEY, HASH, URI)


def test_evidence__of_an_agreement_that_is_not_open__is_refused(world: World) -> None:
    with refused("AgreementUnknown"):
        world.escrow.submit_evidence(KEYS["customer"], world.agreement(), *KEY, HASH, URI)
