"""The whole life of an agreement, followed by the audit to the last base unit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit import Kind, Verdict, run
from audit.findings import AgreementBalance, Basis, Ending, Outcome
from cli.main import main
from sla.agreement import Agreement, MissingData
from tests.unit.audit.life import BAD, GOOD, UNKNOWN, downstream_of, make_life
from tests.unit.audit.story import Story
from tests.unit.audit.world import (
    BOND,
    CHARGE,
    CLAIM,
    DAY,
    FEE,
    KEYS,
    PERIOD,
    RULE,
    START,
    UPTIME,
    WINDOW,
    World,
    embedded_world,
)

WORSE = [980_000] * 4
"""30 % of the charge."""

OVERDUE = 2 * DAY
PROVIDER, CUSTOMER = KEYS["provider"].address, KEYS["customer"].address
POLICED = {policy: replace(UPTIME, missing_data=policy, sane_min=900_000) for policy in MissingData}
"""Below 90 % no uptime is believed; the worst sane one is below 99 % and costs 30 %."""


@pytest.fixture(scope="module")
def the_world() -> World:
    return embedded_world()


@pytest.fixture
def world(the_world: World) -> Iterator[World]:
    tester = the_world.connection.web3.provider.ethereum_tester  # type: ignore[attr-defined]
    assert the_world.clock is not None
    snapshot, time = tester.take_snapshot(), the_world.clock.time
    yield the_world
    tester.revert_to_snapshot(snapshot)
    the_world.clock.time = time
    the_world.bundles.clear()


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return make_life(tmp_path_factory.mktemp("life"))


def passed(world: World, folder: Path) -> Verdict:
    """The verdict, a PASS, with the balances of the chain (P12)."""
    verdict = run(folder / "pack", world.export(folder / "pack"))
    assert (verdict.kind, verdict.first_difference) == (Kind.PASS, None)
    check_balances(world, verdict)
    return verdict


def check_balances(world: World, verdict: Verdict) -> None:
    for found in verdict.agreements:
        account = world.escrow.account_of(found.agreement_id)
        assert (found.collateral, found.due, found.open_claims) == (
            account.collateral,
            account.due,
            account.open_claims,
        )
        spent = found.compensated + found.credited + found.released
        assert found.received + found.credits == spent + found.collateral
        assert tuple(one.id for one in found.versions) == world.escrow.versions_of(found.agreement_id)
        for one in found.versions:
            assert one.count == world.escrow.account_of(one.id).count
    for token in verdict.tokens:
        contract = world.connection.web3.eth.contract(token.token, abi=world.token_abi)  # type: ignore[call-overload]
        assert token.held == contract.functions.balanceOf(world.escrow.address).call()


def only(verdict: Verdict) -> AgreementBalance:
    (found,) = verdict.agreements
    return found


def opened(world: World, *obligations: object, **stake: object) -> Agreement:
    """In force, and its first period over."""
    agreement = world.agreement(*obligations, **stake)  # type: ignore[arg-type]
    world.open(agreement)
    world.travel(world.end_of(agreement, 0))
    return agreement


def later(world: World, seconds: int) -> None:
    assert world.clock is not None
    world.travel(int(world.clock.now()) + seconds)


# The story


def test_audit__a_whole_life__is_recomputed_to_the_last_base_unit(life: Story) -> None:
    """P12: 300 000 were conceded, 10 000 ruled; 20 000 settled, then corrected to 10 000: due is 10 000 less."""
    verdict = run(life.folder, life.roots)
    assert (verdict.kind, verdict.first_difference) == (Kind.PASS, None)
    check_balances(life.world, verdict)
    below, upper = verdict.agreements

    assert [(paid.amount, paid.due, paid.downstream) for paid in verdict.payments] == [
        (150_000, 310_000, below.agreement_id),
        (160_000, 160_000, below.agreement_id),
        (100_000, 100_000, None),
        (20_000, 20_000, below.agreement_id),
    ]
    assert (upper.credited, upper.compensated, upper.due) == (330_000, 0, -10_000)
    assert (upper.received, upper.collateral) == (150_000 + 200_000 + 500_000, 520_000)
    assert (below.credits, below.compensated, below.collateral) == (330_000, 100_000, 10 * CHARGE + 230_000)
    assert [(one.count, one.ending) for one in upper.versions] == [
        (3, Ending.AMENDED),
        (6, Ending.TERMINATED),
    ]
    assert [(one.count, one.ending) for one in below.versions] == [(2, Ending.EXITED)]


def test_audit__a_whole_life__tells_what_each_settlement_rests_on(life: Story) -> None:
    verdict = run(life.folder, life.roots)

    assert [(one.basis, one.derivation.compensation, one.change) for one in verdict.settlements] == [
        (Basis.CONCESSION, 300_000, 300_000),
        (Basis.RULING, 10_000, 10_000),
        (Basis.REPORT, 100_000, 100_000),
        (Basis.REPORT, 20_000, 20_000),
        (Basis.SILENCE, 0, 0),
        (Basis.REPORT, 10_000, -10_000),
    ]
    assert verdict.settlements[-1].before == 20_000
    assert [(one.outcome, one.is_leafless, one.contested) for one in verdict.disputes] == [
        (Outcome.CONCEDED, False, 100_000),
        (Outcome.SILENT, True, 0),
    ]
    (case,) = verdict.cases
    assert (case.outcome, case.standing.compensation) == (Outcome.RULED, 90_000)
    assert case.ruling is not None
    assert case.ruling.compensation == 10_000


def test_audit_command__a_whole_life__is_told_to_people_and_programs(life: Story) -> None:
    told = CliRunner().invoke(main, ["audit", str(life.folder)])
    written = json.loads(CliRunner().invoke(main, ["audit", str(life.folder), "--json"]).output)

    assert told.exit_code == 0
    for words in (
        "Payment 1: 150 000 from #2 into the escrow of #1",
        "Payment 3: 100 000 to the customer of #1",
        "attained 980 000 (conceded by the opponent; the last report of round 1 has revision 0)",
        "where nothing was reported, with a bond of 500",
        "the opponent conceded it, the bond went back",
        "Case: period 0, obligation 1 of #2",
        "revision 0 reports no data, outside the sane bounds; the missing-data policy says 90 000",
        "the arbiter found 72, that is 10 000",
        "entitlement: - 10 000 (joint cap 2 000 000; 0 settled for others in this period before; instead of 20 000",
        ": 3 periods, amended",
        ": 6 periods, terminated",
        ": 2 periods, exited",
    ):
        assert words in told.output, words
    assert [one["ending"] for one in written["agreements"][1]["versions"]] == ["amended", "terminated"]
    assert [one["outcome"] for one in written["cases"]] == ["ruled"]
    assert written["payments"][0]["downstream"] == written["agreements"][0]["agreement"]


# Silence and missing data (R6, R22, P8)


@pytest.mark.parametrize(
    ("policy", "pays"),
    [(MissingData.IGNORE, 0), (MissingData.BREACH, 300_000), (MissingData.ARBITER, 0)],
)
def test_audit__nobody_reports_and_nobody_rules__the_policy_decides(
    world: World, tmp_path: Path, policy: MissingData, pays: int
) -> None:
    agreement = opened(world, POLICED[policy])
    later(world, OVERDUE)
    world.escrow.dispute(KEYS["customer"], agreement, 0, 0, 985_000, CHARGE)
    later(world, RULE + DAY)
    world.settle(agreement, (0, 0))

    verdict = passed(world, tmp_path)

    assert [(one.basis, one.change) for one in verdict.settlements] == [(Basis.MISSING_DATA, pays)]
    assert [payment.amount for payment in verdict.payments] == [pays] * (pays > 0)
    assert (verdict.settlements[0].round, verdict.settlements[0].observed) == (None, ())


@pytest.mark.parametrize(
    ("policy", "pays"),
    [(MissingData.IGNORE, 0), (MissingData.BREACH, 300_000), (MissingData.ARBITER, 0)],
)
def test_audit__case_without_a_ruling__the_policy_decides(
    world: World, tmp_path: Path, policy: MissingData, pays: int
) -> None:
    agreement = opened(world, POLICED[policy])
    world.report(agreement, [899_999] * 4)
    later(world, RULE + DAY)
    world.settle(agreement, (0, 0))

    verdict = passed(world, tmp_path)

    assert [(one.basis, one.change) for one in verdict.settlements] == [(Basis.MISSING_DATA, pays)]
    assert [(one.outcome, one.attained) for one in verdict.cases] == [(Outcome.SILENT, 899_999)]


def test_audit__late_report_after_a_silent_dispute__is_followed(world: World, tmp_path: Path) -> None:
    """It was settled at nothing; the report that comes at last pays."""
    agreement = opened(world, UPTIME)
    later(world, OVERDUE)
    world.escrow.dispute(KEYS["customer"], agreement, 0, 0, 985_000, CHARGE)
    later(world, RULE + DAY)
    world.settle(agreement, (0, 0))
    world.report(agreement, BAD)
    later(world, WINDOW + DAY)
    world.settle(agreement, (0, 0))

    verdict = passed(world, tmp_path)

    assert [one.change for one in verdict.settlements] == [0, 100_000]


def test_audit__case_corrected_disputed_and_ruled__is_followed(world: World, tmp_path: Path) -> None:
    agreement = opened(world, POLICED[MissingData.BREACH])
    world.report(agreement, UNKNOWN)
    world.report(agreement, [1] * 4, revision=1)
    world.escrow.dispute(KEYS["provider"], agreement, 0, 0, 1_000_000, CHARGE)
    world.report(agreement, UNKNOWN, revision=2)
    world.escrow.rule(KEYS["arbiter"], agreement, 0, 0, 995_000, CHARGE)
    world.settle(agreement, (0, 0))

    verdict = passed(world, tmp_path)

    assert [one.outcome for one in verdict.cases] == [Outcome.CORRECTED, Outcome.CONTESTED]
    (dispute,) = verdict.disputes
    assert (dispute.contested, dispute.winner, dispute.fee) == (300_000, PROVIDER, FEE)
    assert [one.basis for one in verdict.settlements] == [Basis.RULING]


def test_audit__ruling_between_what_was_contested_and_recorded__is_measured_against_the_contested(
    world: World, tmp_path: Path
) -> None:
    """100 000 was contested by the customer; 300 000 recorded meanwhile; ruled 100 000: the provider wins the bond."""
    agreement = opened(world, UPTIME)
    world.report(agreement, BAD)
    world.escrow.dispute(KEYS["customer"], agreement, 0, 0, 985_000, CHARGE)
    world.report(agreement, WORSE, revision=1)
    world.escrow.rule(KEYS["arbiter"], agreement, 0, 0, 995_000, CHARGE)
    world.settle(agreement, (0, 0))

    (dispute,) = passed(world, tmp_path).disputes

    assert (dispute.contested, dispute.winner, dispute.bond) == (100_000, PROVIDER, BOND)


# Corrections (R5)


@pytest.mark.parametrize("window", [WINDOW, 0])
def test_audit__corrections_up_and_down__move_only_the_difference(
    world: World, tmp_path: Path, window: int
) -> None:
    agreement = opened(world, UPTIME, dispute_window=window)
    for revision, seen in enumerate((BAD, WORSE, GOOD, BAD)):
        world.report(agreement, seen, revision=revision)
        if window:
            later(world, window + DAY)
            world.settle(agreement, (0, 0))

    verdict = passed(world, tmp_path)

    assert [one.change for one in verdict.settlements] == [100_000, 200_000, -300_000, 100_000]
    assert [payment.amount for payment in verdict.payments] == [100_000, 200_000]
    assert only(verdict).due == -200_000


def test_audit__correction_before_settlement__replaces_what_was_pending(world: World, tmp_path: Path) -> None:
    agreement = opened(world, UPTIME)
    world.report(agreement, WORSE)
    world.report(agreement, BAD, revision=5)
    later(world, WINDOW + DAY)
    world.settle(agreement, (0, 0))

    verdict = passed(world, tmp_path)

    assert [(one.revision, one.change) for one in verdict.settlements] == [(5, 100_000)]


# Versions (R13, R15)


def test_audit__claims_of_two_versions__are_paid_from_one_account(world: World, tmp_path: Path) -> None:
    agreement = opened(world, UPTIME, collateral=150_000)
    new = world.successor(agreement, 2)
    world.amend(new, agreement, 2)
    world.travel(world.end_of(new, 0))
    tree = world.post((agreement, 1, 0, BAD), (new, 0, 0, BAD))
    world.claim(agreement, tree, 1)
    world.claim(new, tree, 0)
    later(world, WINDOW + DAY)
    world.settle(agreement, (1, 0))
    world.settle(new, (0, 0))
    world.amend(world.successor(new, 12, collateral=60_000), new, 12)

    verdict = passed(world, tmp_path)

    assert [(payment.amount, payment.due) for payment in verdict.payments] == [
        (100_000, 100_000),
        (50_000, 100_000),
        (50_000, 50_000),
    ]
    assert [one.count for one in only(verdict).versions] == [2, 12, 12]
    assert only(verdict).collateral == 10_000


def test_audit__release__waits_for_the_version_that_can_be_claimed_longest(
    world: World, tmp_path: Path
) -> None:
    """The new terms close their claims a month before the old ones do."""
    agreement = opened(world, UPTIME)
    short = world.successor(agreement, 2)
    short = replace(
        short,
        service=replace(short.service, count=1),
        stake=replace(short.stake, claim_within=CLAIM - 2 * PERIOD + 3 * DAY),
    )
    world.amend(short, agreement, 2)
    world.travel(START + 2 * PERIOD + 3_600 + CLAIM)
    world.escrow.release(KEYS["stranger"], short)

    assert only(passed(world, tmp_path)).released == 10 * CHARGE


def test_audit__terminated_before_it_began__is_released_after_its_claims_could_have_come(
    world: World, tmp_path: Path
) -> None:
    agreement = replace(world.agreement(UPTIME))
    agreement = replace(agreement, service=replace(agreement.service, start=START + 3 * DAY))
    world.open(agreement)
    world.terminate(agreement, 0, START + DAY)
    world.travel(START + 3 * DAY + 3_600 + CLAIM)
    world.escrow.release(KEYS["provider"], agreement)

    verdict = passed(world, tmp_path)

    assert (only(verdict).versions[0].count, only(verdict).released) == (0, 10 * CHARGE)


def test_audit__amendment_and_termination_by_contract_wallets__are_named_with_roots(
    world: World, tmp_path: Path
) -> None:
    """R19: that the escrow accepted them is the proof; alone the pack proves nothing."""
    wallet, _ = world.connection.deploy(KEYS["operator"], "ContractWallet", CUSTOMER)
    agreement = world.agreement(UPTIME)
    agreement = replace(agreement, parties=replace(agreement.parties, customer=wallet))
    world.open(agreement)
    new = world.successor(agreement, 3)
    world.amend(new, agreement, 3)
    world.terminate(new, 5, START + DAY)

    verdict = passed(world, tmp_path)
    alone = run(tmp_path / "pack", None)

    assert [note.partition(" ")[0] for note in verdict.notes] == ["Agreement", "Agreement", "Termination"]
    assert all("ERC-1271" in note and wallet in note for note in verdict.notes)
    assert alone.kind is Kind.FAIL
    assert "only the trust roots could prove" in str(alone.first_difference)


# Back-to-back (R14), arrears (R4)


def chain_of_three(world: World) -> Sequence[Agreement]:
    """The customer of each is the provider of the next; compensation goes down by one each time."""
    names = ("provider", "customer", "stranger", "operator")
    found: list[Agreement] = []
    named = bytes(32)
    for provider, customer in reversed(list(pairwise(names))):
        agreement = world.agreement(UPTIME, collateral=0, downstream=named, dispute_window=0)
        parties = replace(agreement.parties, provider=KEYS[provider].address, customer=KEYS[customer].address)
        agreement = replace(agreement, parties=parties)
        world.open(agreement, provider, customer)
        if found:
            world.escrow.link(KEYS["stranger"], agreement, found[0])
        found.insert(0, agreement)
        named = world.escrow.id_of(agreement)
    return found


def test_audit__chain_of_three__forwards_one_step_a_call(world: World, tmp_path: Path) -> None:
    """R14."""
    upper, middle, lower = chain_of_three(world)
    world.travel(world.end_of(upper, 0))
    tree = world.post(*((agreement, 0, 0, BAD) for agreement in (upper, middle, lower)))
    for agreement in (lower, middle, upper):
        world.claim(agreement, tree, 0)
    world.escrow.deposit(KEYS["provider"], upper, 120_000)
    world.settle(middle)
    world.settle(lower)

    verdict = passed(world, tmp_path)

    assert [payment.amount for payment in verdict.payments] == [100_000] * 3
    assert [payment.downstream is None for payment in verdict.payments] == [False, False, True]
    assert [found.due for found in verdict.agreements] == [0, 0, 0]
    assert [found.collateral for found in verdict.agreements] == [0, 0, 20_000]


def test_audit__downstream_released__pays_the_customer_again(world: World, tmp_path: Path) -> None:
    below = downstream_of(world)
    below = replace(
        below,
        service=replace(below.service, count=1),
        stake=replace(below.stake, claim_within=3 * DAY),
    )
    world.open(below, "customer", "stranger")
    upper = world.agreement(UPTIME, downstream=world.escrow.id_of(below))
    world.open(upper)
    world.escrow.link(KEYS["stranger"], upper, below)
    world.travel(world.end_of(below, 0) + 3 * DAY)
    world.escrow.release(KEYS["stranger"], below)
    world.report(upper, BAD)
    later(world, WINDOW + DAY)
    world.settle(upper, (0, 0))

    verdict = passed(world, tmp_path)

    assert [(payment.amount, payment.downstream) for payment in verdict.payments] == [(100_000, None)]


def test_audit__release_with_arrears__pays_them_first(world: World, tmp_path: Path) -> None:
    """R15: a downstream without collateral owes 100 000, is credited 300 000 later: its customer has its due."""
    below = downstream_of(world)
    formation = replace(below.formation, collateral=0)
    below = replace(
        below,
        service=replace(below.service, count=1),
        stake=replace(below.stake, claim_within=4 * DAY),
        formation=formation,
    )
    world.open(below, "customer", "stranger")
    upper = world.agreement(UPTIME, downstream=world.escrow.id_of(below))
    world.open(upper)
    world.escrow.link(KEYS["stranger"], upper, below)
    world.travel(world.end_of(below, 0))
    tree = world.post((below, 0, 0, BAD), (upper, 0, 0, WORSE))
    world.claim(below, tree, 0)
    world.claim(upper, tree, 0)
    world.travel(world.end_of(below, 0) + 4 * DAY)
    world.settle(below, (0, 0))
    world.settle(upper, (0, 0))
    world.escrow.release(KEYS["customer"], below)

    verdict = passed(world, tmp_path)

    assert [(payment.amount, payment.downstream is None) for payment in verdict.payments] == [
        (300_000, False),
        (100_000, True),
    ]
    assert verdict.agreements[0].released == 200_000


def test_audit__several_calls_in_one_transaction__are_told_apart(world: World, tmp_path: Path) -> None:
    agreement = opened(world, UPTIME, UPTIME, collateral=120_000)
    tree = world.post((agreement, 0, 0, BAD), (agreement, 0, 1, BAD))
    world.claim(agreement, tree, 0, 0)
    world.claim(agreement, tree, 0, 1)
    later(world, WINDOW + DAY)
    calls = world.escrow.calls
    inner = [
        calls.settle(agreement, [(0, 0)]),
        calls.settle(agreement, [(0, 1)]),
        calls.deposit(agreement, 30_000),
        calls.settle(agreement, []),
        calls.deposit(agreement, 60_000),
    ]
    world.connection.send(KEYS["provider"], calls.multicall(inner))

    verdict = passed(world, tmp_path)

    assert [(payment.amount, payment.due) for payment in verdict.payments] == [
        (100_000, 100_000),
        (20_000, 100_000),
        (30_000, 80_000),
        (50_000, 50_000),
    ]
    assert only(verdict).collateral == 10_000
