"""What an untouched pack is said to be, with roots and without."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from audit import Kind, TrustRoots, run, run_files
from audit.findings import Basis, Outcome
from record.keccak import keccak256
from sla.agreement import ZERO_ADDRESS
from tests.unit.audit.story import Story
from tests.unit.audit.world import BOND, CHARGE, FEE, KEYS

ROOT = Path(__file__).resolve().parents[3]


def test_audit__untouched_pack_with_roots__passes(story: Story) -> None:
    verdict = run(story.folder, story.roots)

    assert (verdict.kind, verdict.first_difference) == (Kind.PASS, None)
    assert verdict.head is not None
    assert verdict.head[2] == story.roots.block_hash
    assert verdict.counts["signatures of parties"] == 4
    assert verdict.counts["signatures of rounds"] == 6
    assert verdict.counts["observations"] == 12


def test_audit__untouched_pack_without_roots__is_only_consistent(story: Story) -> None:
    verdict = run(story.folder, None)

    assert (verdict.kind, verdict.first_difference) == (Kind.INTERNALLY_CONSISTENT, None)


def test_audit__payments__are_those_of_the_agreed_tiers(story: Story) -> None:
    """985 000 ppm is below 99 %: 30 % of the charge. Ruled 130 h: three whole days beyond 48 h at 10 000 a day."""
    repair, uptime = run(story.folder, story.roots).payments

    assert (repair.amount, repair.withheld) == (3 * 10_000, True)
    assert (uptime.amount, uptime.withheld) == (CHARGE * 30 // 100, False)
    assert [found.basis for found in (*repair.settlements, *uptime.settlements)] == [
        Basis.RULING,
        Basis.REPORT,
    ]
    assert uptime.settlements[0].observed == tuple(
        value for _, value in sorted(zip(_members(), [985_000, 995_000, 990_000, 985_000], strict=True))
    )


def test_audit__dispute__is_shown_with_its_evidence_and_ruling(story: Story) -> None:
    (dispute,) = run(story.folder, story.roots).disputes

    assert dispute.disputer == KEYS["provider"].address
    assert (dispute.reported.compensation, dispute.alleged.compensation) == (40_000, 0)
    assert [(found.uri, found.content_hash) for found in dispute.evidence] == [
        ("ipfs://log", keccak256(b"log"))
    ]
    assert (dispute.outcome, dispute.winner) == (Outcome.RULED, KEYS["provider"].address)
    assert (dispute.bond, dispute.fee) == (BOND, FEE)


def test_audit__balances__are_those_of_the_chain(story: Story) -> None:
    """P1, P12: the events alone rebuild the escrow's accounts and what it holds."""
    verdict = run(story.folder, story.roots)
    world = story.world

    for found in verdict.agreements:
        account = world.escrow.account_of(found.agreement_id)
        assert (found.collateral, found.due, found.open_claims) == (
            account.collateral,
            account.due,
            account.open_claims,
        )
    (token,) = verdict.tokens
    contract = world.connection.web3.eth.contract(world.token, abi=world.token_abi)  # type: ignore[call-overload]
    assert token.held == contract.functions.balanceOf(world.escrow.address).call()
    assert token.withdrawable == world.escrow.withdrawable(world.token, KEYS["customer"].address) == 30_000
    assert token.donated == 0


@pytest.mark.parametrize(
    "other",
    [
        {"chain_id": 1},
        {"escrow": ZERO_ADDRESS},
        {"committees": ()},
        {"committees": (ZERO_ADDRESS,)},
        {"block_hash": bytes(32)},
    ],
)
def test_audit__other_trust_roots__fail(story: Story, other: dict[str, object]) -> None:
    roots: TrustRoots = replace(story.roots, **other)  # type: ignore[arg-type]

    assert run_files(story.files, roots).kind is Kind.FAIL


def test_audit__imports__no_writer() -> None:
    """It shares nothing with those who wrote the history but rules and records."""
    program = "import sys, audit; print(*{name.split('.')[0] for name in sys.modules})"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    loaded = set(answer.stdout.split())
    assert {"audit", "record", "sla"} <= loaded
    ours = {"api", "benchmarks", "chain", "cli", "index", "metering", "oracle", "portal", "scripts"}
    assert loaded & {*ours, "web3", "eth_tester", "eth", "eth_account", "sqlalchemy", "httpx"} == set()


def _members() -> list[bytes]:
    return [bytes.fromhex(KEYS[f"member {number}"].address[2:]) for number in range(4)]
