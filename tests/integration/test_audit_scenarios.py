"""What can happen on a chain besides the usual, and what strangers can do: the audit follows, and never falls over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError

from audit import Kind, TrustRoots, Verdict, run
from audit.findings import Basis, Outcome
from chain.committee import INLINE_REPORTS, Committee
from chain.errors import ChainError
from chain.messages import agreement_argument
from chain.pack import export_pack
from record.eip712 import agreement_preimage, round_preimage
from record.keccak import keccak256
from record.merkle import MerkleTree
from sla.agreement import Agreement
from sla.report import Report
from tests.open_arguments import OPEN_ARGUMENTS
from tests.unit.audit.world import (
    BOND,
    CHARGE,
    CLAIM,
    DAY,
    FEE,
    KEYS,
    MEMBERS,
    QUORUM,
    REPAIR,
    RULE,
    UPTIME,
    WINDOW,
    World,
    embedded_world,
)

BAD, WORSE = [995_000] * 4, [980_000] * 4
"""Uptimes that cost 10 % and 30 % of the charge."""

PROVIDER, CUSTOMER = KEYS["provider"].address, KEYS["customer"].address


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


def passed(world: World, folder: Path) -> Verdict:
    verdict = audited(world, folder)
    assert (verdict.kind, verdict.first_difference) == (Kind.PASS, None)
    for found in verdict.agreements:
        account = world.escrow.account_of(found.agreement_id)
        assert (found.collateral, found.due, found.open_claims) == (
            account.collateral,
            account.due,
            account.open_claims,
        )
    return verdict


def audited(world: World, folder: Path, roots: TrustRoots | None = None) -> Verdict:
    return run(folder / "pack", world.export(folder / "pack") if roots is None else roots)


def breached(world: World, agreement: Agreement, *seen: Sequence[int | None]) -> None:
    """The agreement's first period is over; a claim for each obligation."""
    world.travel(world.end_of(agreement, 0))
    tree = world.post(*((agreement, 0, index, values) for index, values in enumerate(seen)))
    for index in range(len(seen)):
        world.claim(agreement, tree, 0, index)


def test_audit__withheld_and_withdrawn__is_followed_to_the_end(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    breached(world, agreement, BAD)
    world.travel(world.end_of(agreement, 0) + WINDOW + DAY)
    world.tell(world.token, "set", CUSTOMER, True, 0, False)
    world.settle(agreement, (0, 0))
    world.escrow.withdraw(KEYS["customer"], world.token, CUSTOMER, KEYS["stranger"].address)

    verdict = passed(world, tmp_path)

    assert [payment.withheld for payment in verdict.payments] == [True]
    assert verdict.tokens[0].withdrawable == 0


def test_audit__too_little_collateral__shows_arrears_and_their_payment(world: World, tmp_path: Path) -> None:
    """P2: what is owed beyond the collateral is recorded, and paid from the next deposit."""
    agreement = world.agreement(UPTIME, collateral=70_000)
    world.open(agreement)
    breached(world, agreement, BAD)
    world.travel(world.end_of(agreement, 0) + WINDOW + DAY)
    world.settle(agreement, (0, 0))
    between = passed(world, tmp_path)
    world.escrow.deposit(KEYS["provider"], agreement, 10_000)
    world.escrow.deposit(KEYS["stranger"], agreement, 90_000)

    verdict = passed(world, tmp_path)

    assert between.agreements[0].due == 30_000
    assert [(payment.amount, payment.due) for payment in verdict.payments] == [
        (70_000, 100_000),
        (10_000, 30_000),
        (20_000, 20_000),
    ]
    assert {payment.settlements for payment in verdict.payments} == {tuple(verdict.settlements)}
    assert (verdict.agreements[0].due, verdict.agreements[0].collateral) == (0, 70_000)


def test_audit__zero_window__pays_in_the_claim(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME, REPAIR, dispute_window=0)
    world.open(agreement)
    breached(world, agreement, BAD, [60, 80, 90, 100])

    verdict = passed(world, tmp_path)

    assert [payment.amount for payment in verdict.payments] == [100_000, 10_000]


def test_audit__joint_cap__pays_only_what_is_left_of_it(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME, UPTIME, UPTIME)
    agreement = replace(agreement, service=replace(agreement.service, period_cap=350_000))
    world.open(agreement)
    breached(world, agreement, BAD, WORSE, BAD)
    world.travel(world.end_of(agreement, 0) + WINDOW + DAY)
    world.settle(agreement, (0, 0), (0, 1), (0, 2), (3, 0), (0, 0))

    verdict = passed(world, tmp_path)

    assert [found.change for found in verdict.settlements] == [100_000, 250_000, 0]
    assert [payment.amount for payment in verdict.payments] == [350_000]


def test_audit__silent_arbiter__returns_both_bonds_in_one_settlement(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME, UPTIME, UPTIME)
    world.open(agreement)
    breached(world, agreement, BAD, BAD, BAD)
    world.escrow.dispute(KEYS["provider"], agreement, 0, 0, 1_000_000, CHARGE)
    world.escrow.dispute(KEYS["customer"], agreement, 0, 1, 900_000, CHARGE)
    world.escrow.dispute(KEYS["customer"], agreement, 0, 2, 900_000, CHARGE)
    world.tell(world.token, "set", PROVIDER, True, 0, False)
    world.travel(world.end_of(agreement, 0) + RULE + DAY)
    world.settle(agreement, (0, 0), (0, 1), (0, 2))

    verdict = passed(world, tmp_path)

    assert {dispute.outcome for dispute in verdict.disputes} == {Outcome.SILENT}
    assert {found.basis for found in verdict.settlements} == {Basis.SILENCE}
    assert [payment.amount for payment in verdict.payments] == [300_000]
    assert verdict.tokens[0].withdrawable == BOND


def test_audit__ruling_to_nothing__settles_without_a_payment(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    breached(world, agreement, BAD)
    world.escrow.dispute(KEYS["provider"], agreement, 0, 0, 1_000_000, CHARGE)
    world.escrow.rule(KEYS["arbiter"], agreement, 0, 0, 999_900, CHARGE)
    world.settle(agreement, (0, 0))

    verdict = passed(world, tmp_path)

    assert verdict.payments == ()
    assert verdict.settlements[0].derivation.tier is None
    assert (verdict.disputes[0].winner, verdict.disputes[0].fee) == (PROVIDER, FEE)


def test_audit__release_at_the_end__empties_the_account(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    world.travel(world.end_of(agreement, 11) + CLAIM)
    world.escrow.release(KEYS["stranger"], agreement)
    world.escrow.release(KEYS["stranger"], agreement)

    verdict = passed(world, tmp_path)

    assert verdict.agreements[0].released == 10 * CHARGE
    assert verdict.tokens[0].held == 0


def test_audit__fee_on_transfer__counts_what_arrives(world: World, tmp_path: Path) -> None:
    """R18: deposits measure what arrived."""
    agreement = world.agreement(UPTIME)
    world.tell(world.token, "set", CUSTOMER, False, 100_000, False)
    world.open(agreement)
    breached(world, agreement, BAD)
    world.travel(world.end_of(agreement, 0) + WINDOW + DAY)
    world.settle(agreement, (0, 0))

    verdict = passed(world, tmp_path)

    assert verdict.agreements[0].received == 9 * CHARGE
    assert verdict.tokens[0].donated == 0


def test_audit__gift_to_the_escrow__is_named_a_donation(world: World, tmp_path: Path) -> None:
    """P1: equality without donations."""
    world.open(world.agreement(UPTIME))
    world.tell(world.token, "transfer", world.escrow.address, 5, by="stranger")

    assert passed(world, tmp_path).tokens[0].donated == 5


def test_audit__evidence_that_is_no_text__is_read_as_far_as_it_goes(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    breached(world, agreement, BAD)
    world.escrow.dispute(KEYS["provider"], agreement, 0, 0, 1_000_000, CHARGE)
    call = world.escrow.calls.submit_evidence(agreement, 0, 0, bytes(32), "abcd")
    data = bytes.fromhex(call._encode_transaction_data()[2:]).replace(b"abcd", b"\xff\x1b[m")
    world.connection._transact(KEYS["customer"], world.escrow.address, data)

    assert passed(world, tmp_path).disputes[0].evidence[0].uri == "�\x1b[m"


def test_audit__signature_by_contract__is_named_with_roots_and_not_believed_without(
    world: World, tmp_path: Path
) -> None:
    """R19: that the contract accepted it is the proof, so there must be a chain to prove it."""
    wallet, _ = world.connection.deploy(KEYS["operator"], "ContractWallet", PROVIDER)
    world.tell(world.token, "mint", wallet, 10 * CHARGE)
    agreement = world.agreement(UPTIME)
    world.open(replace(agreement, parties=replace(agreement.parties, provider=wallet)))

    verdict = passed(world, tmp_path)
    alone = run(tmp_path / "pack", None)

    assert any("ERC-1271" in note and wallet in note for note in verdict.notes)
    assert alone.kind is Kind.FAIL
    assert "only the trust roots could prove" in str(alone.first_difference)


def test_audit__other_committee__is_out_of_scope_and_its_money_recomputed(
    world: World, tmp_path: Path
) -> None:
    ours, other = world.committee, world.new_committee()
    agreement = world.agreement(UPTIME, dispute_window=0)
    world.committee = other
    theirs = world.agreement(UPTIME, dispute_window=0)
    world.open(theirs)
    world.open(agreement)
    breached(world, theirs, BAD)
    world.committee = ours

    verdict = passed(world, tmp_path)

    assert [found.in_scope for found in verdict.agreements] == [False, True]
    assert [payment.amount for payment in verdict.payments] == [100_000]
    assert verdict.payments[0].settlements[0].round is None
    assert any("not in scope" in note for note in verdict.notes)
    both = world.export(tmp_path / "both", [ours.address, other.address])
    assert run(tmp_path / "both", both).kind is Kind.PASS


def test_audit__token_that_hides_transfers__fails_unless_it_does_not_count(
    world: World, tmp_path: Path
) -> None:
    """P1, R18: a stranger's token must not spoil the audit of the others."""
    honest = world.agreement(UPTIME)
    world.open(honest)
    liar = world.new_token()
    world.tell(liar, "set", CUSTOMER, False, 0, True)
    world.open(world.agreement(UPTIME, token=liar))

    roots = world.export(tmp_path / "pack")
    verdict = run(tmp_path / "pack", roots)
    limited = run(tmp_path / "pack", replace(roots, tokens=(world.token,)))

    assert verdict.kind is Kind.FAIL
    assert f"the escrow owes {10 * CHARGE} of {liar}, and has 0" in str(verdict.first_difference)
    assert limited.kind is Kind.PASS


def test_audit__terms_that_overlap_in_the_call__are_read_as_the_contract_reads_them(
    world: World, tmp_path: Path
) -> None:
    """Anyone may bring an agreement: an encoding that general decoders refuse must not hide it."""
    agreement = world.agreement(replace(UPTIME, indicator=bytes(32)), dispute_window=0)
    call = overlapping(world, agreement)
    with pytest.raises(DecodingError):
        decode(OPEN_ARGUMENTS, call, strict=False)
    selector = keccak256(f"open({','.join(OPEN_ARGUMENTS)})".encode())[:4]
    world.connection._transact(KEYS["stranger"], world.escrow.address, selector + call)
    breached(world, agreement, BAD)

    verdict = passed(world, tmp_path)

    assert verdict.agreements[0].agreement == agreement
    assert [payment.amount for payment in verdict.payments] == [100_000]


@pytest.mark.parametrize(
    ("seen", "reported", "charge", "said"),
    [
        ([995_000, 995_000, 995_000, 995_000], 980_000, CHARGE, "the median of its observations is 995000"),
        (
            [980_000, 980_000, None, None],
            980_000,
            CHARGE,
            "the median of its observations is 18446744073709551615",
        ),
        ([980_000, 980_000], 980_000, CHARGE, "who did not observe it"),
        ([980_000, 980_000, 980_000], 980_000, CHARGE + 1, "is reported with a charge of 1000001"),
    ],
)
def test_audit__quorum_that_signs_what_it_did_not_see__fails(
    world: World, tmp_path: Path, seen: Sequence[int | None], reported: int, charge: int, said: str
) -> None:
    """The chain accepts what a quorum signs; the audit asks what its members saw."""
    agreement = world.agreement(UPTIME)
    agreement_id = world.open(agreement)
    world.travel(world.end_of(agreement, 0))
    report = Report(agreement_id, 0, 0, 0, reported, charge)
    world.post_bundle([report], world.observe(agreement, 0, 0, seen))

    verdict = audited(world, tmp_path)

    assert verdict.kind is Kind.FAIL
    assert said in str(verdict.first_difference)


def test_audit__observation_left_out_of_the_reports__fails(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME, UPTIME)
    agreement_id = world.open(agreement)
    world.travel(world.end_of(agreement, 0))
    seen = [*world.observe(agreement, 0, 0, [1_000_000] * 4), *world.observe(agreement, 0, 1, BAD)]
    world.post_bundle([Report(agreement_id, 0, 0, 0, 1_000_000, CHARGE)], seen)

    verdict = audited(world, tmp_path)

    assert verdict.kind is Kind.FAIL
    assert "was observed, but not reported" in str(verdict.first_difference)


def test_audit__bundle_that_nobody_has__fails(world: World, tmp_path: Path) -> None:
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    world.travel(world.end_of(agreement, 0))
    world.post((agreement, 0, 0, BAD))
    world.bundles.clear()

    verdict = audited(world, tmp_path)

    assert verdict.kind is Kind.FAIL
    assert "the bundle of this round is missing" in str(verdict.first_difference)


def test_audit__round_too_large_for_its_call__is_recomputed_from_its_bundle(
    world: World, tmp_path: Path
) -> None:
    agreement = world.agreement(UPTIME)
    agreement_id = world.open(agreement)
    world.travel(world.end_of(agreement, 0))
    periods = range(INLINE_REPORTS + 1)
    seen = [one for period in periods for one in world.observe(agreement, period, 0, BAD)]
    tree = world.post_bundle(
        [Report(agreement_id, period, 0, 0, 995_000, CHARGE) for period in periods], seen
    )
    world.claim(agreement, tree, 0)

    assert passed(world, tmp_path).counts["reports"] == INLINE_REPORTS + 1


def test_audit__reports_published_by_a_stranger_in_another_order__change_nothing(
    world: World, tmp_path: Path
) -> None:
    """The root is the same with the two sides of a node exchanged: nobody may spoil an audit so."""
    agreement = world.agreement(UPTIME, UPTIME)
    world.open(agreement)
    world.travel(world.end_of(agreement, 0))
    tree = world.post((agreement, 0, 0, BAD), (agreement, 0, 1, WORSE))
    world.committee.publish(KEYS["stranger"], tree.root, tuple(reversed(tree.ordered)))

    assert passed(world, tmp_path).counts["reports"] == 2


def test_audit__rounds_that_contradict_each_other__are_named(world: World, tmp_path: Path) -> None:
    """R11: the first brought stands, the other is evidence."""
    agreement = world.agreement(UPTIME)
    world.open(agreement)
    world.travel(world.end_of(agreement, 0))
    world.post((agreement, 0, 0, BAD))
    second = world.post((agreement, 0, 0, WORSE))
    world.claim(agreement, second, 0)

    assert any("contradict each other" in note for note in passed(world, tmp_path).notes)


def test_export__round_posted_by_another_contract__takes_the_stored_signatures(
    world: World, tmp_path: Path
) -> None:
    agreement = world.agreement(UPTIME)
    agreement_id = world.open(agreement)
    world.travel(world.end_of(agreement, 0))
    wallet, _ = world.connection.deploy(KEYS["operator"], "ContractWallet", KEYS["operator"].address)
    signatures = post_through(world, wallet, Report(agreement_id, 0, 0, 0, 1_000_000, CHARGE), agreement)

    with pytest.raises(ChainError, match="are not in the transaction that posted it"):
        world.export(tmp_path / "pack")
    export_pack(
        world.connection,
        world.escrow.address,
        [world.committee.address],
        0,
        world.bundles.get,
        tmp_path / "pack",
        blocks=world.blocks,
        signatures=lambda committee, number: signatures,
    )
    assert run(tmp_path / "pack", None).kind is Kind.INTERNALLY_CONSISTENT


def test_export__contract_that_was_deployed_before__is_refused(world: World, tmp_path: Path) -> None:
    head = world.connection.web3.eth.block_number
    with pytest.raises(ChainError, match="was not deployed in blocks"):
        export_pack(
            world.connection,
            world.escrow.address,
            [],
            head,
            world.bundles.get,
            tmp_path / "pack",
            blocks=world.blocks,
        )
    assert list(tmp_path.iterdir()) == []


def test_export__folder_with_an_older_pack__is_replaced_whole(world: World, tmp_path: Path) -> None:
    world.export(tmp_path / "pack")
    (tmp_path / "pack" / "left-over.json").write_text("1")
    world.open(world.agreement(UPTIME))

    passed(world, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def overlapping(world: World, agreement: Agreement) -> bytes:
    """The arguments of ``open`` whose one obligation begins with the word that points to it: its indicator is 0."""
    message = agreement_preimage(agreement, world.escrow.domain)
    signatures = [KEYS[name].sign(message) for name in ("provider", "customer")]
    call = encode(OPEN_ARGUMENTS, [agreement_argument(agreement), *signatures])
    pointer, indicator = (32).to_bytes(32), agreement.obligations[0].indicator
    assert call.count(pointer + indicator) == 1
    shorter = call.replace(pointer + indicator, indicator)
    offsets = [int.from_bytes(call[at : at + 32]) for at in (0, 32, 64)]
    return encode(["uint256"] * 3, [offsets[0], offsets[1] - 32, offsets[2] - 32]) + shorter[96:]


def post_through(world: World, wallet: str, report: Report, agreement: Agreement) -> list[bytes]:
    """Post a round in the wallet's name; its signatures."""
    committee: Committee = world.committee
    observed = world.observe(agreement, 0, 0, [1_000_000] * len(MEMBERS))
    bundle = world.bundle([report], observed)
    tree = MerkleTree([report])
    message = round_preimage(bundle.round, tree.root, bundle.hash, committee.domain)
    signatures = [KEYS[name].sign(message) for name in MEMBERS[:QUORUM]]
    call: Any = committee.contract.functions.post(bundle.round, tree.root, bundle.hash, [], signatures)
    contract = world.connection.contract("ContractWallet", wallet)
    inner = bytes.fromhex(call._encode_transaction_data()[2:])
    world.connection.send(KEYS["operator"], contract.functions.execute(committee.address, inner))
    return signatures
