"""A report outside the sane bounds opens a case: it pays nothing by itself, the arbiter may rule it without a bond, and
on silence the missing-data policy applies (R22)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chain.escrow import NO_DISPUTE, Claim, ClaimStatus, Dispute, Disputer
from record.events import BondReturned, Claimed, Ruled, Settled
from record.keccak import keccak256
from sla.agreement import NO_DATA, Agreement, MissingData
from tests.contracts.world import (
    BOND,
    CHARGE,
    CLAIM,
    COLLATERAL,
    FEE,
    KEYS,
    MONTH,
    PAYS,
    REPAIR,
    REPAIR_OBLIGATION,
    RULE,
    START,
    UPTIME_OBLIGATION,
    WINDOW,
    WORSE,
    World,
    refused,
)

KEY = (0, REPAIR)
DISPUTED, RULED, FINAL = 2, 3, 5
ABOVE = 1_001
"""A repair time beyond the sane maximum of 1 000 hours."""
WORST = 770_000
"""What 1 000 hours pay: 50 000 and 36 whole days beyond 120 hours at 20 000."""
LONG, SHORT, MET = 500, 100, 48
"""Sane repair times, and what they pay."""
OWED = {LONG: 350_000, SHORT: 20_000, MET: 0}
ZERO = "0x" + "00" * 20


def agreed(world: World, policy: MissingData, window: int = WINDOW) -> Agreement:
    """The usual agreement, its repair time under the policy."""
    agreement = world.agreement(stake={"dispute_window": window})
    obligations = (UPTIME_OBLIGATION, replace(REPAIR_OBLIGATION, missing_data=policy))
    agreement = replace(agreement, obligations=obligations)
    world.open(agreement)
    return agreement


def bring(world: World, agreement: Agreement, attained: int, revision: int = 0) -> None:
    world.claimed(agreement, attained, obligation=REPAIR, revision=revision)


def case(world: World, policy: MissingData = MissingData.BREACH) -> Agreement:
    agreement = agreed(world, policy)
    bring(world, agreement, ABOVE)
    return agreement


def claim_of(world: World, agreement: Agreement) -> Claim:
    return world.escrow.claim_of(world.escrow.id_of(agreement), *KEY)


def dispute_of(world: World, agreement: Agreement) -> Dispute:
    return world.escrow.dispute_of(world.escrow.id_of(agreement), *KEY)


# Opening


@pytest.mark.parametrize(
    ("policy", "stands"), [(MissingData.IGNORE, 0), (MissingData.BREACH, WORST), (MissingData.ARBITER, 0)]
)
@pytest.mark.parametrize("attained", [0, ABOVE, NO_DATA - 1, NO_DATA])
def test_case__a_first_report_outside_the_bounds__waits_for_a_ruling(
    world: World, attained: int, policy: MissingData, stands: int
) -> None:
    """R22: NO_DATA is never sane. Nothing is pulled and nothing is paid."""
    agreement = agreed(world, policy)
    agreement_id = world.escrow.id_of(agreement)
    before = {who: world.balance(who) for who in KEYS}
    world.land(world.end_of(agreement, 0))
    report = world.report(agreement, attained, obligation=REPAIR, revision=3)
    tree = world.post(report)
    world.claim(agreement, report, tree, by="stranger")

    deadline = world.now + RULE
    assert claim_of(world, agreement) == Claim(stands, 0, deadline, 3, ClaimStatus.DISPUTED)
    assert dispute_of(world, agreement) == Dispute(stands, 0, deadline, Disputer.NOBODY, 0)
    assert world.escrow.account_of(agreement_id).open_claims == 1
    assert {who: world.balance(who) for who in KEYS} == before
    assert world.events(Claimed) == [
        Claimed(agreement_id, *KEY, 3, attained, CHARGE, stands, DISPUTED, deadline, tree.root)
    ]


def test_case__under_another_charge_than_agreed__is_refused(world: World) -> None:
    """R21 comes first."""
    agreement = agreed(world, MissingData.BREACH)
    world.land(world.end_of(agreement, 0))
    report = world.report(agreement, ABOVE, obligation=REPAIR, charge=CHARGE + 1)
    with refused("ChargeMismatch", charge=CHARGE + 1, allowed=CHARGE):
        world.claim(agreement, report, world.post(report))


def test_case__with_a_window_of_zero__still_waits_for_the_arbiter(world: World) -> None:
    """It never pays by itself."""
    agreement = agreed(world, MissingData.BREACH, window=0)
    bring(world, agreement, ABOVE)
    assert claim_of(world, agreement).status == ClaimStatus.DISPUTED
    assert world.events(Settled) == []


def test_case__over_a_pending_claim__takes_its_place(world: World) -> None:
    agreement = agreed(world, MissingData.IGNORE)
    bring(world, agreement, LONG)
    bring(world, agreement, NO_DATA, 1)
    deadline = world.now + RULE
    assert claim_of(world, agreement) == Claim(0, 0, deadline, 1, ClaimStatus.DISPUTED)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).open_claims == 1


def test_case__over_a_settled_claim__keeps_what_was_settled(world: World) -> None:
    """R5."""
    agreement = agreed(world, MissingData.IGNORE)
    agreement_id = world.escrow.id_of(agreement)
    world.paid(agreement, LONG, obligation=REPAIR)
    bring(world, agreement, NO_DATA, 1)
    deadline = world.now + RULE
    assert claim_of(world, agreement) == Claim(0, OWED[LONG], deadline, 1, ClaimStatus.DISPUTED)
    assert world.escrow.account_of(agreement_id).open_claims == 1
    world.travel(deadline)
    world.settle(agreement, KEY)
    assert world.escrow.account_of(agreement_id).due == -OWED[LONG]


# Silence


@pytest.mark.parametrize(
    ("policy", "pays"), [(MissingData.IGNORE, 0), (MissingData.BREACH, WORST), (MissingData.ARBITER, 0)]
)
def test_case__nobody_rules__pays_what_the_policy_says(world: World, policy: MissingData, pays: int) -> None:
    """R22, P8: and no bond returns, as there was none."""
    agreement = case(world, policy)
    deadline = world.now + RULE
    before = {who: world.balance(who) for who in KEYS}
    world.at(deadline - 1).settle(KEYS["stranger"], agreement, [KEY])
    assert claim_of(world, agreement).status == ClaimStatus.DISPUTED
    world.travel(deadline)
    world.settle(agreement, KEY)

    assert claim_of(world, agreement) == Claim(0, pays, deadline, 0, ClaimStatus.SETTLED)
    gained = {who: world.balance(who) - before[who] for who in KEYS}
    assert gained == {who: pays * (who == "customer") for who in KEYS}
    assert world.events(BondReturned) == []
    assert dispute_of(world, agreement) == NO_DISPUTE
    assert world.escrow.account_of(world.escrow.id_of(agreement)).open_claims == 0


# Rulings


@pytest.mark.parametrize("ruling", [MET, SHORT, LONG])
def test_case__ruled__pays_the_ruling_and_moves_no_bond(world: World, ruling: int) -> None:
    agreement = case(world)
    agreement_id = world.escrow.id_of(agreement)
    before = {who: world.balance(who) for who in KEYS}
    world.escrow.rule(KEYS["arbiter"], agreement, *KEY, ruling, CHARGE)

    assert {who: world.balance(who) for who in KEYS} == before
    assert world.events(Ruled) == [Ruled(agreement_id, *KEY, ruling, CHARGE, OWED[ruling], ZERO)]
    assert claim_of(world, agreement).status == ClaimStatus.RULED
    assert dispute_of(world, agreement) == NO_DISPUTE
    world.settle(agreement, KEY)
    assert world.balance("customer") == before["customer"] + OWED[ruling]
    assert claim_of(world, agreement).status == ClaimStatus.FINAL
    assert world.escrow.account_of(agreement_id).open_claims == 0


def test_case__ruled_outside_the_bounds__is_refused(world: World) -> None:
    agreement = case(world)
    with refused("OutsideSaneBounds", attained=ABOVE, min=1, max=1_000):
        world.escrow.rule(KEYS["arbiter"], agreement, *KEY, ABOVE, CHARGE)


def test_case__until_its_ruling_deadline__can_be_ruled_and_not_from_then_on(world: World) -> None:
    agreement = case(world)
    deadline = world.now + RULE
    arbiter = KEYS["arbiter"]
    world.at(deadline - 1).rule(arbiter, agreement, *KEY, LONG, CHARGE)
    with refused("RulingTooLate", time=deadline, rulingDeadline=deadline):
        world.at(deadline).rule(arbiter, agreement, *KEY, LONG, CHARGE)


@pytest.mark.parametrize("by", ["provider", "customer"])
def test_case__evidence_of_the_parties__is_taken(world: World, by: str) -> None:
    agreement = case(world)
    world.escrow.submit_evidence(KEYS[by], agreement, *KEY, keccak256(b"log"), "https://example.com/log")


@pytest.mark.parametrize("by", ["provider", "customer", "stranger"])
def test_case__nothing_was_alleged__so_nobody_can_concede(world: World, by: str) -> None:
    agreement = case(world)
    for alleged in (0, WORST):
        with refused("CallerInvalid", caller=KEYS[by].address.lower()):
            world.escrow.concede(KEYS[by], agreement, *KEY, alleged)


# Disputes


@pytest.mark.parametrize(
    ("policy", "by", "alleged"),
    [
        (MissingData.BREACH, "provider", LONG),
        (MissingData.BREACH, "provider", MET),
        (MissingData.IGNORE, "customer", SHORT),
        (MissingData.ARBITER, "customer", LONG),
    ],
)
def test_case__disputed_by_a_party__contests_what_the_policy_says(
    world: World, policy: MissingData, by: str, alleged: int
) -> None:
    """With a bond, and the arbiter's whole time again."""
    agreement = case(world, policy)
    standing = claim_of(world, agreement).pending
    opened = claim_of(world, agreement).window_end
    before = {who: world.balance(who) for who in ("provider", "customer")}
    world.travel(opened - 10)
    world.escrow.dispute(KEYS[by], agreement, *KEY, alleged, CHARGE)

    deadline = world.now + RULE
    side = Disputer.CUSTOMER if by == "customer" else Disputer.PROVIDER
    assert dispute_of(world, agreement) == Dispute(standing, OWED[alleged], deadline, side, BOND)
    assert world.balance(by) == before[by] - BOND
    assert world.escrow.account_of(world.escrow.id_of(agreement)).open_claims == 1

    world.travel(opened + 10)
    world.escrow.rule(KEYS["arbiter"], agreement, *KEY, alleged, CHARGE)
    assert world.balance(by) == before[by] - FEE
    world.settle(agreement, KEY)
    assert claim_of(world, agreement).settled == OWED[alleged]


@pytest.mark.parametrize(("by", "alleged"), [("provider", 1_000), ("customer", LONG)])
def test_case__disputed_to_ones_own_cost__is_useless(world: World, by: str, alleged: int) -> None:
    agreement = case(world)
    pays = {1_000: WORST, LONG: OWED[LONG]}[alleged]
    with refused("AllegationUseless", alleged=pays, pending=WORST):
        world.escrow.dispute(KEYS[by], agreement, *KEY, alleged, CHARGE)


def test_case__until_its_ruling_deadline__can_be_disputed_and_not_from_then_on(world: World) -> None:
    """P7."""
    agreement = case(world)
    deadline = world.now + RULE
    call = (KEYS["provider"], agreement, *KEY, LONG, CHARGE)
    world.at(deadline - 1).dispute(*call)
    with refused("NotDisputable", status=DISPUTED, time=deadline, windowEnd=deadline):
        world.at(deadline).dispute(*call)


def test_case__disputed_once__is_a_dispute_like_any(world: World) -> None:
    """Not again by the other; conceded by the other; on silence the policy, and the bond returns."""
    agreement = case(world)
    before = world.balance("provider")
    world.escrow.dispute(KEYS["provider"], agreement, *KEY, LONG, CHARGE)
    deadline = world.now + RULE
    with refused("NotDisputable"):
        world.escrow.dispute(KEYS["customer"], agreement, *KEY, 1_000, CHARGE)
    with world.undone():
        world.escrow.concede(KEYS["customer"], agreement, *KEY, OWED[LONG])
        world.settle(agreement, KEY)
        assert claim_of(world, agreement).settled == OWED[LONG]
    world.travel(deadline)
    world.settle(agreement, KEY)
    assert claim_of(world, agreement).settled == WORST
    assert world.balance("provider") == before


# Reports after it


@pytest.mark.parametrize("attained", [MET, SHORT, LONG])
def test_case__a_sane_higher_revision__takes_its_place(world: World, attained: int) -> None:
    """Whatever it pays; a full window, and the arbiter is no longer asked."""
    agreement = case(world)
    bring(world, agreement, attained, 1)
    claim = Claim(OWED[attained], 0, world.now + WINDOW, 1, ClaimStatus.PENDING)
    assert claim_of(world, agreement) == claim
    assert dispute_of(world, agreement) == NO_DISPUTE
    assert world.escrow.account_of(world.escrow.id_of(agreement)).open_claims == 1
    with refused("NotDisputed", status=1):
        world.escrow.rule(KEYS["arbiter"], agreement, *KEY, LONG, CHARGE)
    world.travel(world.now + WINDOW)
    world.settle(agreement, KEY)
    assert claim_of(world, agreement).settled == OWED[attained]


def test_case__another_insane_revision__begins_anew(world: World) -> None:
    agreement = case(world)
    world.travel(world.now + RULE - 10)
    bring(world, agreement, NO_DATA, 1)
    deadline = world.now + RULE
    assert claim_of(world, agreement) == Claim(WORST, 0, deadline, 1, ClaimStatus.DISPUTED)
    assert dispute_of(world, agreement) == Dispute(WORST, 0, deadline, Disputer.NOBODY, 0)
    assert world.escrow.account_of(world.escrow.id_of(agreement)).open_claims == 1


def test_case__with_a_revision_no_higher__stays(world: World) -> None:
    agreement = case(world)
    for attained in (LONG, NO_DATA):
        with refused("RevisionNotHigher", revision=0, claimed=0):
            bring(world, agreement, attained, 0)


def test_case__over_its_ruling_deadline__can_be_corrected_until_the_claim_deadline(world: World) -> None:
    """As any claim that nobody disputes."""
    agreement = case(world)
    deadline = START + MONTH + CLAIM
    world.travel(world.now + RULE)
    report = world.report(agreement, LONG, obligation=REPAIR, revision=1)
    proof = world.post(report).proof(report)
    world.at(deadline - 1).claim(KEYS["operator"], agreement, report, proof)
    with refused("ClaimTooLate", time=deadline, claimDeadline=deadline):
        world.at(deadline).claim(KEYS["operator"], agreement, report, proof)


@pytest.mark.parametrize(("policy", "stands"), [(MissingData.BREACH, WORST), (MissingData.IGNORE, 0)])
def test_case__during_a_dispute__is_only_recorded(world: World, policy: MissingData, stands: int) -> None:
    """The dispute goes on: its deadline, its bond, what was contested."""
    agreement = agreed(world, policy)
    bring(world, agreement, LONG)
    world.escrow.dispute(KEYS["provider"], agreement, *KEY, MET, CHARGE)
    contest = dispute_of(world, agreement)
    bring(world, agreement, NO_DATA, 1)
    assert dispute_of(world, agreement) == contest
    deadline = contest.ruling_deadline
    assert claim_of(world, agreement) == Claim(stands, 0, deadline, 1, ClaimStatus.DISPUTED)
    before = world.balance("customer")
    world.travel(deadline)
    world.settle(agreement, KEY)
    assert world.balance("customer") == before + stands
    assert world.balance(world.escrow.address) == COLLATERAL - stands


def test_case__of_uptime__counts_nothing_of_the_charge(world: World) -> None:
    """R22: at least: the worst sane uptime is 0, which pays the whole charge."""
    agreement = world.agreement()
    breach = replace(UPTIME_OBLIGATION, sane_min=900_000, missing_data=MissingData.BREACH)
    agreement = replace(agreement, obligations=(breach, REPAIR_OBLIGATION))
    world.open(agreement)
    world.claimed(agreement, 899_999)
    claim = world.escrow.claim_of(world.escrow.id_of(agreement), 0, 0)
    assert (claim.pending, claim.status) == (CHARGE, ClaimStatus.DISPUTED)
    assert PAYS[WORSE] < CHARGE
