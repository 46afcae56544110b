"""What each action costs in the scenario: gas units by name, asserted to be of the scenario they claim to be.

Whole transactions. The agreement's own slots are fresh; the escrow, the customer and the arbiter already hold some of
the token, as they do from the second agreement and the second payment on.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.scenario import (
    BREACH_PPM,
    CHARGE,
    COLLATERAL,
    MEMBERS,
    QUORUM,
    REPORTS,
    WINDOW,
    Scenario,
    sent,
)
from chain.connection import Receipt
from chain.escrow import ClaimStatus
from record.events import (
    AgreementAmended,
    AgreementOpened,
    Claimed,
    Compensated,
    Disputed,
    ReportsPublished,
    RoundPosted,
    Ruled,
    Settled,
    TransferWithheld,
)
from sla.agreement import Agreement
from sla.report import Report
from sla.schedule import boundary

COMPENSATION = CHARGE * 30 // 100
"""AWS compute SLA: 98.5 % lies below 99.0 %, so 30 % of the charge."""

WORSE_PPM = 940_000
"""Below 95 %: the whole charge."""

ROUNDS = (1, 1_000, 100_000)


def measure() -> dict[str, int]:
    """All actions, in the order of an agreement's life."""
    gas = single(fresh_tokens=False)
    gas |= {"claim_settle_each_of_20": _twenty(), "claim_of_60": _sixty()}
    gas |= _contested() | _corrected() | _amended()
    return gas | {f"claim_in_round_of_{size}": _in_round_of(size) for size in ROUNDS}


def single(fresh_tokens: bool) -> dict[str, int]:
    """The main job: open, post, claim, settle; ``fresh_tokens``: nobody but the provider held any before."""
    world = Scenario(fresh_tokens)
    agreement = world.agreement(3)
    opened = world.open(agreement)
    world.pass_time(40 * 86_400)
    report = _breach(world, agreement, 0, 0)
    tree, posted = world.post(1, [report])
    proof = tree.proof(report)
    assert len(tree.ordered) == REPORTS
    assert len(proof) == 10
    assert (len(world.committee.members), world.committee.quorum) == (MEMBERS, QUORUM)
    operator, customer = world.keys["operator"], world.keys["customer"].address
    held = world.token.balance_of(customer)
    assert world.escrow.claim_of(report.agreement, 0, 0).status is ClaimStatus.NONE
    claimed = sent(world.escrow.claim(operator, agreement, report, proof))
    world.pass_time(WINDOW)
    settled = sent(world.escrow.settle(operator, agreement, [(0, 0)]))
    _assert_scenario(world, opened, posted, claimed, settled)
    assert world.token.balance_of(customer) == held + COMPENSATION
    assert world.escrow.account_of(world.escrow.id_of(agreement)).collateral == COLLATERAL - COMPENSATION
    claim, settle = claimed["gasUsed"], settled["gasUsed"]
    return {
        "open": opened["gasUsed"],
        "post_3_of_5": posted["gasUsed"],
        "claim": claim,
        "settle": settle,
        "claim_settle": claim + settle,
    }


def _assert_scenario(
    world: Scenario, opened: Receipt, posted: Receipt, claimed: Receipt, settled: Receipt
) -> None:
    """What the receipts' own events say they were."""
    (terms,) = world.events(opened, AgreementOpened)
    agreement, _, _ = terms.arguments()
    assert [len(obligation.tiers) for obligation in agreement.obligations] == [3, 3, 3]
    assert agreement.service.period_cap > 0
    assert terms.collateral == COLLATERAL
    (posting,) = world.events(posted, RoundPosted)
    assert posting.signers.bit_count() == QUORUM
    assert not world.events(posted, ReportsPublished)
    (claim,) = world.events(claimed, Claimed)
    assert (claim.root, claim.compensation) == (posting.root, COMPENSATION)
    assert [event.entitlement_change for event in world.events(settled, Settled)] == [COMPENSATION]
    assert [event.amount for event in world.events(settled, Compensated)] == [COMPENSATION]
    assert not world.events(settled, TransferWithheld)


def _twenty() -> int:
    """Twenty monthly periods of one agreement, each breached, claimed by itself, settled in one call."""
    world = Scenario(fresh_tokens=False)
    agreement = world.agreement(3)
    world.open(agreement)
    operator, customer = world.keys["operator"], world.keys["customer"].address
    held = world.token.balance_of(customer)
    total = 0
    for period in range(20):
        world.pass_time(32 * 86_400)
        report = _breach(world, agreement, period, 0)
        tree, _ = world.post(period + 1, [report])
        total += sent(world.escrow.claim(operator, agreement, report, tree.proof(report)))["gasUsed"]
    world.pass_time(WINDOW)
    keys = [(period, 0) for period in range(20)]
    total += sent(world.escrow.settle(operator, agreement, keys))["gasUsed"]
    assert world.token.balance_of(customer) == held + 20 * COMPENSATION
    return total // 20


def _sixty() -> int:
    """One claim in an agreement of sixty obligations."""
    world = Scenario(fresh_tokens=False)
    agreement = world.agreement(60)
    world.open(agreement)
    world.pass_time(40 * 86_400)
    report = _breach(world, agreement, 0, 30)
    tree, _ = world.post(1, [report])
    return int(
        sent(world.escrow.claim(world.keys["operator"], agreement, report, tree.proof(report)))["gasUsed"]
    )


def _contested() -> dict[str, int]:
    """The customer alleges that it was worse than claimed, and the arbiter agrees."""
    world, agreement, report = _claimed()
    customer = world.keys["customer"]
    world.token.mint(world.keys["operator"], customer.address, agreement.stake.bond)
    world.token.approve(customer, world.escrow.address, agreement.stake.bond)
    found = (report.period, report.obligation, WORSE_PPM, CHARGE)
    disputed = sent(world.escrow.dispute(customer, agreement, *found))
    assert [event.compensation for event in world.events(disputed, Disputed)] == [CHARGE]
    ruled = sent(world.escrow.rule(world.keys["arbiter"], agreement, *found))
    assert [event.winner for event in world.events(ruled, Ruled)] == [customer.address]
    assert not world.events(ruled, TransferWithheld)
    return {"dispute": disputed["gasUsed"], "rule": ruled["gasUsed"]}


def _corrected() -> dict[str, int]:
    """A higher revision of what was settled, which pays more: brought, and the difference settled."""
    world, agreement, report = _claimed()
    operator = world.keys["operator"]
    world.pass_time(WINDOW)
    sent(world.escrow.settle(operator, agreement, [(0, 0)]))
    better = replace(report, revision=1, attained=WORSE_PPM)
    tree, _ = world.post(2, [better])
    claimed = sent(world.escrow.claim(operator, agreement, better, tree.proof(better)))
    world.pass_time(WINDOW)
    settled = sent(world.escrow.settle(operator, agreement, [(0, 0)]))
    assert [event.amount for event in world.events(settled, Compensated)] == [CHARGE - COMPENSATION]
    return {"correct": claimed["gasUsed"], "correct_settle": claimed["gasUsed"] + settled["gasUsed"]}


def _amended() -> dict[str, int]:
    """New terms of the same size after twelve periods, with as much collateral again."""
    world = Scenario(fresh_tokens=False)
    agreement = world.agreement(3)
    world.open(agreement)
    start = boundary(agreement.service, 12)
    successor = replace(
        agreement,
        service=replace(agreement.service, start=start, count=24),
        formation=replace(agreement.formation, predecessor=world.escrow.id_of(agreement)),
    )
    amended = world.amend(successor, agreement, 12)
    assert [event.collateral for event in world.events(amended, AgreementAmended)] == [COLLATERAL]
    return {"amend": amended["gasUsed"]}


def _in_round_of(size: int) -> int:
    """The claim of one breach in a round of ``size`` reports."""
    world, agreement, report = _agreed()
    tree, _ = world.post(1, [report], size)
    assert len(tree.ordered) == size
    claimed = sent(world.escrow.claim(world.keys["operator"], agreement, report, tree.proof(report)))
    return int(claimed["gasUsed"])


def _agreed() -> tuple[Scenario, Agreement, Report]:
    """An agreement, and the report of a breach in its first period, which is over."""
    world = Scenario(fresh_tokens=False)
    agreement = world.agreement(3)
    world.open(agreement)
    world.pass_time(40 * 86_400)
    return world, agreement, _breach(world, agreement, 0, 0)


def _claimed() -> tuple[Scenario, Agreement, Report]:
    """The same, the breach claimed."""
    world, agreement, report = _agreed()
    tree, _ = world.post(1, [report])
    sent(world.escrow.claim(world.keys["operator"], agreement, report, tree.proof(report)))
    return world, agreement, report


def _breach(world: Scenario, agreement: Agreement, period: int, obligation: int) -> Report:
    return Report(world.escrow.id_of(agreement), period, obligation, 0, BREACH_PPM, CHARGE)
