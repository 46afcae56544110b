"""`claim`: only what a committee attested, for a period that is over, of the agreement that was signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chain.escrow import ClaimStatus
from chain.messages import claim_arguments, obligation_argument, terms_argument
from record.eip712 import obligation_hash
from record.events import Claimed, Compensated, Settled
from record.merkle import MerkleTree, report_leaf
from sla.agreement import Agreement
from sla.report import Report
from tests.contracts.world import (
    BAD,
    CHARGE,
    CLAIM,
    COLLATERAL,
    GOOD,
    KEYS,
    MONTH,
    PAYS,
    REPAIR,
    REPAIR_OBLIGATION,
    START,
    UPTIME,
    UPTIME_OBLIGATION,
    WINDOW,
    WORSE,
    World,
    changed,
    refused,
)

END = START + MONTH
LAST = END + CLAIM - 1
"""The last second in which the first period can be claimed."""


def attested(world: World, agreement: Agreement, *attained: int, **report: Any) -> tuple[Report, MerkleTree]:
    """A report attested at the end of the first period."""
    world.land(max(world.now + 1, world.end_of(agreement, report.get("period", 0))))
    leaves = [world.report(agreement, level, **report) for level in attained]
    return leaves[0], world.post(*leaves)


@pytest.mark.parametrize("by", ["provider", "customer", "operator", "stranger"])
def test_claim__attested_breach_by_anyone__waits_for_its_window(world: World, by: str) -> None:
    agreement = world.opened()
    report, tree = attested(world, agreement, WORSE, revision=3)
    world.claim(agreement, report, tree, by)

    claim = world.escrow.claim_of(report.agreement, 0, UPTIME)
    assert (claim.pending, claim.settled, claim.revision) == (PAYS[WORSE], 0, 3)
    assert (claim.window_end, claim.status) == (world.now + WINDOW, ClaimStatus.PENDING)
    assert world.escrow.account_of(report.agreement).open_claims == 1
    assert world.events(Claimed) == [
        Claimed(
            report.agreement,
            0,
            UPTIME,
            3,
            WORSE,
            CHARGE,
            PAYS[WORSE],
            ClaimStatus.PENDING,
            world.now + WINDOW,
            tree.root,
        )
    ]
    assert world.balance(world.escrow.address) == COLLATERAL


def test_claim__with_a_window_of_zero__pays_in_the_same_transaction(world: World) -> None:
    agreement = world.opened(stake={"dispute_window": 0})
    report, tree = attested(world, agreement, WORSE)
    before = world.balance("customer")
    world.claim(agreement, report, tree)

    claim = world.escrow.claim_of(report.agreement, 0, UPTIME)
    assert (claim.pending, claim.settled, claim.status) == (0, PAYS[WORSE], ClaimStatus.SETTLED)
    account = world.escrow.account_of(report.agreement)
    assert (account.collateral, account.due, account.open_claims) == (COLLATERAL - PAYS[WORSE], 0, 0)
    assert world.balance("customer") == before + PAYS[WORSE]
    assert world.events(Settled, Compensated) == [
        Settled(report.agreement, 0, UPTIME, PAYS[WORSE], PAYS[WORSE]),
        Compensated(report.agreement, KEYS["customer"].address, PAYS[WORSE]),
    ]


@pytest.mark.parametrize("window", [0, WINDOW])
@pytest.mark.parametrize("settled", [False, True])
def test_claim__replayed__pays_once(world: World, window: int, settled: bool) -> None:
    """P6: the same leaf again, or another finding of its revision. (A higher one is a correction.)"""
    agreement = world.opened(stake={"dispute_window": window})
    report, tree = attested(world, agreement, WORSE, 0)
    world.claim(agreement, report, tree)
    if settled:
        world.land(world.now + WINDOW + 1)
        world.settle(agreement)
    held = world.balance("customer")
    again = [report, replace(report, attained=0), replace(report, attained=1)]
    tree = world.post(*again)
    for leaf in again:
        with refused("RevisionNotHigher", revision=0, claimed=0):
            world.claim(agreement, leaf, tree)
    world.settle(agreement)
    assert world.balance("customer") == held


def test_claim__within_the_objective__owes_nothing(world: World) -> None:
    """P3."""
    agreement = world.opened()
    for attained in (GOOD, 999_900):
        report, tree = attested(world, agreement, attained)
        with refused("NothingOwed", attained=attained):
            world.claim(agreement, report, tree)
    report, tree = attested(world, agreement, 999_899)
    world.claim(agreement, report, tree)


def test_claim__too_little_for_one_base_unit__owes_nothing(world: World) -> None:
    """R5: a first claim pays more than 0; 10 % of a charge of 9 is floored to 0."""
    agreement = world.opened(service={"charge": 9})
    report, tree = attested(world, agreement, BAD)
    with refused("NothingOwed", attained=BAD):
        world.claim(agreement, report, tree)


# What was attested


def test_claim__report_nobody_attested__is_refused(world: World) -> None:
    agreement = world.opened()
    world.travel(END)
    tree = MerkleTree([world.report(agreement, WORSE), world.report(agreement, BAD, period=1)])
    with refused("RootNotAttested", root=tree.root):
        world.claim(agreement, tree.ordered[0], tree)


@pytest.mark.parametrize(
    "forged",
    [
        {"attained": WORSE - 1},
        {"charge": CHARGE - 1},
        {"period": 1},
        {"obligation": 1},
        {"revision": 1},
        {"agreement": bytes(32)},
    ],
)
def test_claim__any_member_of_the_leaf_changed__is_not_attested(world: World, forged: dict[str, Any]) -> None:
    """P6: a leaf binds agreement, period, obligation and revision, attainment and charge."""
    agreement = world.opened(service={"charge": 0, "charge_max": CHARGE})
    report = world.report(agreement, WORSE, charge=CHARGE)
    world.land(END + MONTH)
    tree = world.post(replace(report, **forged))
    with refused("RootNotAttested"):
        world.escrow.claim(KEYS["operator"], agreement, report, tree.proof(replace(report, **forged)))


def test_claim__report_of_another_agreement__is_not_attested(world: World) -> None:
    """R1, P6: same parties, same terms but the document."""
    agreement = world.opened()
    twin = world.opened(formation={"document": bytes(32)})
    report, tree = attested(world, twin, WORSE)
    with refused("RootNotAttested"):
        world.escrow.claim(KEYS["operator"], agreement, report, tree.proof(report))


def test_claim__root_of_another_committee__is_not_attested(world: World) -> None:
    """P10: another committee is another agreement, though its members are the same."""
    agreement = world.opened()
    other = world.new_committee()
    world.land(END)
    report = world.report(agreement, WORSE)
    tree = world.post(report, committee=other)
    with refused("RootNotAttested", root=tree.root):
        world.claim(agreement, report, tree)


def test_claim__proof_that_is_cut_short_or_too_long__is_not_attested(world: World) -> None:
    agreement = world.opened()
    report, tree = attested(world, agreement, WORSE)
    proof = tree.proof(report)
    for broken in ((), proof[:-1], (*proof, bytes(32)), proof[::-1], (report_leaf(report), *proof)):
        with refused("RootNotAttested"):
            world.escrow.claim(KEYS["operator"], agreement, report, broken)
    world.escrow.claim(KEYS["operator"], agreement, report, proof)


# When


def test_claim__root_attested_a_second_before_the_periods_end__is_too_early(world: World) -> None:
    """R9, PEERS.md 4: nothing committed for an unfinished period counts, whenever it is brought."""
    agreement = world.opened()
    report = world.report(agreement, WORSE)
    world.land(END - 1)
    tree = world.post(report)
    with refused("RootTooEarly", attestedAt=END - 1, periodEnd=END):
        world.claim(agreement, report, tree)
    with refused("RootTooEarly", attestedAt=END - 1, periodEnd=END):
        world.at(LAST).claim(KEYS["operator"], agreement, report, tree.proof(report))


def test_claim__root_attested_at_the_periods_end__counts(world: World) -> None:
    """R9: periods are half-open."""
    agreement = world.opened()
    report, tree = attested(world, agreement, WORSE)
    assert world.committee.attested_at(tree.root) == END
    world.claim(agreement, report, tree)


def test_claim__zone_that_lags__waits_for_its_own_midnight(world: World) -> None:
    """The end of a period is the UTC boundary plus `zoneLagSeconds`."""
    agreement = world.opened(service={"zone_lag_seconds": 50_400})
    report = world.report(agreement, WORSE)
    world.land(END + 50_399)
    tree = world.post(report)
    with refused("RootTooEarly", attestedAt=END + 50_399, periodEnd=END + 50_400):
        world.claim(agreement, report, tree)
    late = world.post(replace(report, revision=1))
    world.claim(agreement, replace(report, revision=1), late)


def test_claim__until_the_claim_deadline__and_not_from_then_on(world: World) -> None:
    """R9: a late first report is valid until the claim deadline, not at it."""
    agreement = world.opened()
    report, tree = attested(world, agreement, WORSE)
    proof = tree.proof(report)
    world.at(LAST).claim(KEYS["operator"], agreement, report, proof)
    with refused("ClaimTooLate", time=LAST + 1, claimDeadline=LAST + 1):
        world.at(LAST + 1).claim(KEYS["operator"], agreement, report, proof)


def test_claim__period_beyond_the_last__is_unknown(world: World) -> None:
    agreement = world.opened(service={"count": 2})
    report, tree = attested(world, agreement, WORSE, period=2)
    with refused("PeriodUnknown", period=2, count=2):
        world.claim(agreement, report, tree)
    report, tree = attested(world, agreement, WORSE, period=1)
    world.claim(agreement, report, tree)


# Which obligation


def claim_with(
    world: World, agreement: Agreement, report: Report, tree: MerkleTree, hashes: list[bytes], obligation: Any
) -> None:
    call = world.escrow.contract.functions.claim(
        terms_argument(agreement),
        hashes,
        obligation_argument(obligation),
        *claim_arguments(report),
        list(tree.proof(report)),
    )
    world.connection.send(KEYS["operator"], call)


def test_claim__obligation_beyond_the_last__is_unknown(world: World) -> None:
    agreement = world.opened()
    report, tree = attested(world, agreement, WORSE, obligation=2)
    hashes = [obligation_hash(obligation) for obligation in agreement.obligations]
    with refused("ObligationUnknown", index=2, count=2):
        claim_with(world, agreement, report, tree, hashes, UPTIME_OBLIGATION)
    with refused("ObligationUnknown", index=2, count=0):
        claim_with(world, agreement, report, tree, [], UPTIME_OBLIGATION)


def test_claim__obligation_that_was_not_signed__is_unknown(world: World) -> None:
    """P10: kinder tiers, the other obligation in its place, one too many or too few, in another order."""
    agreement = world.opened()
    report, tree = attested(world, agreement, WORSE)
    uptime, repair = (obligation_hash(obligation) for obligation in agreement.obligations)
    kinder = replace(UPTIME_OBLIGATION, tiers=UPTIME_OBLIGATION.tiers[:1])
    for hashes, obligation in (
        ([uptime, repair], kinder),
        ([uptime, repair], REPAIR_OBLIGATION),
        ([uptime], UPTIME_OBLIGATION),
        ([uptime, repair, repair], UPTIME_OBLIGATION),
        ([uptime, bytes(32)], UPTIME_OBLIGATION),
        ([repair, uptime], UPTIME_OBLIGATION),
    ):
        with refused("AgreementUnknown"):
            claim_with(world, agreement, report, tree, hashes, obligation)
    # Its own place is filled in, so anything may stand there.
    claim_with(world, agreement, report, tree, [b"\xee" * 32, repair], UPTIME_OBLIGATION)


def test_claim__the_second_obligation_by_the_firsts_index__is_unknown(world: World) -> None:
    """A report about uptime is not computed by the tiers of repair time."""
    agreement = world.opened()
    report, tree = attested(world, agreement, 500, obligation=REPAIR)
    assert report.obligation == REPAIR
    hashes = [obligation_hash(obligation) for obligation in agreement.obligations]
    with refused("AgreementUnknown"):
        claim_with(world, agreement, report, tree, hashes, UPTIME_OBLIGATION)
    world.claim(agreement, report, tree)
    # 500 hours are 15 whole days beyond 120: 50 000 + 15 * 20 000.
    assert world.escrow.claim_of(report.agreement, 0, REPAIR).pending == 350_000


def test_claim__terms_that_were_changed__are_unknown(world: World) -> None:
    """P10: whoever claims cannot choose the window, the cap or the recipient."""
    agreement = world.opened()
    report, tree = attested(world, agreement, WORSE)
    parts: list[dict[str, dict[str, Any]]] = [
        {"parties": {"customer": KEYS["stranger"].address}},
        {"stake": {"dispute_window": 0}},
        {"service": {"charge": CHARGE + 1}},
        {"service": {"period_cap": 0}},
        {"service": {"committee": world.new_committee().address}},
    ]
    for part in parts:
        with refused("AgreementUnknown"):
            world.claim(changed(agreement, **part), report, tree)


# Charges and bounds


@pytest.mark.parametrize("charge", [0, CHARGE - 1, CHARGE + 1, 2**96 - 1])
def test_claim__another_charge_than_the_fixed_one__is_refused(world: World, charge: int) -> None:
    """R21."""
    agreement = world.opened()
    report, tree = attested(world, agreement, WORSE, charge=charge)
    with refused("ChargeMismatch", charge=charge, allowed=CHARGE):
        world.claim(agreement, report, tree)


def test_claim__metered_charge__is_anything_up_to_its_maximum(world: World) -> None:
    """R21."""
    agreement = world.opened(service={"charge": 0, "charge_max": CHARGE})
    report, tree = attested(world, agreement, WORSE, charge=CHARGE + 1)
    with refused("ChargeMismatch", charge=CHARGE + 1, allowed=CHARGE):
        world.claim(agreement, report, tree)
    for charge in (1_001, CHARGE):
        report, tree = attested(world, agreement, WORSE, charge=charge)
        with world.undone():
            world.claim(agreement, report, tree)
            assert world.escrow.claim_of(report.agreement, 0, UPTIME).pending == charge * 3 // 10


def test_claim__neither_fixed_nor_metered_charge__must_be_zero(world: World) -> None:
    """R21: amounts need no charge, so none may be stated."""
    agreement = replace(world.agreement(service={"charge": 0}), obligations=(REPAIR_OBLIGATION,) * 2)
    world.open(agreement)
    report, tree = attested(world, agreement, 500, charge=1)
    with refused("ChargeMismatch", charge=1, allowed=0):
        world.claim(agreement, report, tree)


def test_claim__at_the_sane_bound__is_a_report_as_any(world: World) -> None:
    agreement = world.opened()
    report, tree = attested(world, agreement, 1_000, obligation=REPAIR)
    world.claim(agreement, report, tree)
    # 880 hours beyond 120 are 36 whole days: 50 000 + 36 * 20 000.
    assert world.escrow.claim_of(report.agreement, 0, REPAIR).pending == 770_000
