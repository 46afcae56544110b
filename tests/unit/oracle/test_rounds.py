"""What rounds on the chain attested, and what of it is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from eth_abi import encode

from chain.errors import Refused
from chain.escrow_state import ClaimStatus
from chain.messages import agreement_argument
from oracle.keeper import bring_reports, settle_due
from oracle.ledger import Ledger
from oracle.ports import Block, ClaimState, PostedRound, Subject, View
from oracle.rounds import RoundBook
from record.bundle import Bundle
from record.events import (
    AgreementOpened,
    ReportsPublished,
    RoundPosted,
)
from record.keccak import keccak256
from record.merkle import MerkleTree, report_leaf, verify
from sla.agreement import NO_DATA
from sla.report import Report
from tests.unit.oracle.test_proposal import ALL
from tests.unit.oracle.world import (
    CHARGE,
    COMMITTEE,
    LENGTH,
    SETTINGS,
    START,
    WINDOW,
    World,
    agreement_id,
    terms,
)

AGREEMENT = terms().agreement()
ID = agreement_id(AGREEMENT)
END = START + LENGTH
AGREEMENT_TYPE = (
    "((address,address,address),(address,uint40,uint8,uint32,uint24,uint32,uint96,uint96,uint96),"
    "(address,uint96,uint96,uint32,uint32,uint32,uint32,bytes32),(bytes32,uint96,bytes32,uint40,uint16,uint16),"
    "(bytes32,uint8,uint8,uint8,uint96,uint64,uint64,(uint64,uint96,uint96,uint64)[])[])"
)
BREACH = Report(ID, 0, 0, 0, 985_000, CHARGE)
FINE = replace(BREACH, attained=990_000)
PENDING = ClaimState(ClaimStatus.PENDING, 0, END + WINDOW)
SETTLED = ClaimState(ClaimStatus.SETTLED, 0, None)


def posted(number: int, reports: Sequence[Report], time: int = END) -> PostedRound:
    return PostedRound(number, MerkleTree(reports).root, b"bundle", time, tuple(reports))


def view(time: int = END, claims: dict[Subject, ClaimState] | None = None) -> View:
    block = Block(1, bytes(32), time)
    return View(block, block, START, {ID: AGREEMENT}, (), claims or {}, COMMITTEE)


def book(*rounds: PostedRound) -> RoundBook:
    made = RoundBook(lambda bundle_hash: None)
    made.read(rounds)
    return made


def test_breaches__attested_breach__comes_with_a_proof_and_its_amount() -> None:
    one = posted(4, [BREACH, replace(FINE, period=1)])
    (found,) = book(one).claimable(view())

    assert (found.report, found.amount) == (BREACH, CHARGE // 10)
    assert verify(one.root, report_leaf(BREACH), found.proof)


@pytest.mark.parametrize(
    "report",
    [
        FINE,
        replace(BREACH, attained=NO_DATA),
        replace(BREACH, attained=1_000_001),
        replace(BREACH, charge=CHARGE + 1),
        replace(BREACH, agreement=bytes(32)),
        replace(BREACH, obligation=1),
        replace(BREACH, period=3),
    ],
    ids=["fine", "no-data", "insane", "charge", "agreement", "obligation", "period"],
)
def test_breaches__what_the_escrow_would_refuse__is_not_claimed(report: Report) -> None:
    """R21, R22: and what pays nothing costs nothing."""
    assert list(book(posted(4, [report])).claimable(view())) == []


def test_breaches__claimed_by_anybody__is_not_claimed_again() -> None:
    assert list(book(posted(4, [BREACH])).claimable(view(claims={Subject(ID, 0, 0): PENDING}))) == []
    assert list(book(posted(4, [BREACH])).claimable(view(claims={Subject(ID, 0, 0): SETTLED}))) == []


def test_breaches__attested_too_early__is_not_claimed() -> None:
    """R9."""
    assert list(book(posted(4, [BREACH], END - 1)).claimable(view())) == []


def test_breaches__claim_deadline_passed__is_not_claimed() -> None:
    late = END + AGREEMENT.stake.claim_within

    assert len(list(book(posted(4, [BREACH])).claimable(view(late - 1)))) == 1
    assert list(book(posted(4, [BREACH])).claimable(view(late))) == []


def test_breaches__two_revisions__the_higher_one_counts() -> None:
    """R5: a first claim brings what the committee last said."""
    higher = replace(BREACH, revision=1, attained=890_000)

    (found,) = book(posted(4, [higher]), posted(5, [BREACH])).claimable(view())
    assert found.report == higher
    assert list(book(posted(4, [BREACH]), posted(5, [replace(FINE, revision=1)])).claimable(view())) == []


def test_book__round_without_reports__is_read_from_its_bundle_once_somebody_has_it() -> None:
    bundle = Bundle(COMMITTEE.chain_id, COMMITTEE.address, 4, 3, (BREACH,), tuple(ALL))
    kept: dict[bytes, bytes] = {}
    made = RoundBook(kept.get)
    bare = PostedRound(4, MerkleTree([BREACH]).root, bundle.hash, END, None)

    assert made.read([bare]) == [bare]
    assert made.read([bare]) == []
    assert made.attested == {}

    kept[bundle.hash] = bundle.to_bytes()
    assert made.read([bare]) == []
    assert made.attested == {Subject(ID, 0, 0): END}


@pytest.mark.parametrize("data", [b"garbage", b"{}"])
def test_book__bundle_that_is_none_or_of_another_root__is_not_believed(data: bytes) -> None:
    other = Bundle(COMMITTEE.chain_id, COMMITTEE.address, 4, 3, (FINE,), tuple(ALL)).to_bytes()
    for found in (data, other):
        made = RoundBook(lambda bundle_hash, found=found: found)  # type: ignore[misc]
        made.read([PostedRound(4, MerkleTree([BREACH]).root, keccak256(found), END, None)])
        assert made.attested == {}


def test_book__chain_took_a_round_back__it_is_forgotten() -> None:
    made = book(posted(4, [BREACH]), posted(5, [replace(BREACH, period=1)]))
    made.read([posted(4, [BREACH])])

    assert made.attested == {Subject(ID, 0, 0): END}


def test_book__reports_are_published_later__are_read_then() -> None:
    """Whoever copies a posting may leave its reports out; nobody can keep them out."""
    whole = posted(4, [BREACH])
    made = book(replace(whole, reports=None))
    assert made.attested == {}

    made.read([whole])
    assert len(list(made.claimable(view()))) == 1


def test_ledger__agreement_of_another_committee__is_not_ours() -> None:
    call = encode([AGREEMENT_TYPE, "bytes", "bytes"], [agreement_argument(AGREEMENT), b"", b""])
    opened = AgreementOpened(ID, AGREEMENT.parties.provider, AGREEMENT.parties.customer, 3_000, call)
    ours, others = Ledger(COMMITTEE.address), Ledger(AGREEMENT.parties.arbiter)
    for ledger in (ours, others):
        ledger.take(opened, lambda: END)

    assert ours.agreements == {ID: AGREEMENT}
    assert others.agreements == {}


def test_ledger__reports_published__belong_to_the_round_of_their_root() -> None:
    ledger = Ledger(COMMITTEE.address)
    ledger.take(RoundPosted(4, b"root", b"bundle", 7), lambda: END)
    ledger.take(ReportsPublished(b"root", ((ID, 0, 0, 0, 985_000, CHARGE),)), lambda: END)

    assert ledger.rounds == [PostedRound(4, b"root", b"bundle", END, (BREACH,))]


def test_ledger__reports_published_again_in_another_order__change_nothing() -> None:
    """Sibling leaves may be swapped under one root: a stranger could publish back and forth."""
    ledger = Ledger(COMMITTEE.address)
    ledger.take(RoundPosted(4, b"root", b"bundle", 7), lambda: END)
    two = ((ID, 0, 0, 0, 985_000, CHARGE), (ID, 1, 0, 0, 1_000_000, CHARGE))
    ledger.take(ReportsPublished(b"root", two), lambda: END)
    before = list(ledger.rounds)
    ledger.take(ReportsPublished(b"root", two[::-1]), lambda: END)

    assert ledger.rounds == before


def test_book__reports_published_later__costs_no_second_look_at_the_others() -> None:
    asked: list[bytes] = []
    made = RoundBook(lambda bundle_hash: asked.append(bundle_hash))
    bare = PostedRound(4, b"r" * 32, b"b" * 32, END, None)
    whole = posted(5, [BREACH])
    made.read([bare, replace(whole, reports=None)])
    asked.clear()
    made.read([bare, whole])

    assert asked == [bare.bundle]
    assert made.attested == {Subject(ID, 0, 0): END}


def test_keeper__somebody_claimed_at_the_same_time__goes_on_with_the_next(tmp_path: Path) -> None:
    """The contract refuses the second one by name; that is fine."""
    world = World(tmp_path, (980,) * 4)
    for name in ("shop", "bank"):
        world.open(terms(name))
    world.start()
    contracts = world.contracts
    refused: list[Report] = []
    real = contracts.claim

    def claim(agreement: object, report: Report, proof: Sequence[bytes]) -> None:
        if not refused:
            refused.append(report)
            raise Refused("RevisionNotHigher", {"revision": 0, "highest": 0}, "claim")
        real(agreement, report, proof)  # type: ignore[arg-type]

    contracts.claim = claim  # type: ignore[method-assign]
    world.run(LENGTH + SETTINGS.collect_after_seconds + 1)
    world.stop()

    assert len(world.told("not claimed")) == 1
    assert len(world.told("claimed")) == 2


def test_keeper__claim__is_settled_from_its_deadline_on_and_once(tmp_path: Path) -> None:
    """P7: settle iff not before the deadline."""
    world = World(tmp_path, (980,) * 4)
    opened = world.open()
    world.start()
    world.run(LENGTH + SETTINGS.collect_after_seconds)
    subject = Subject(opened, 0, 0)
    node, now = world.nodes[0], world.contracts.time

    pending = world.contracts.claims[subject]
    world.contracts.claims[subject] = replace(pending, due=now + 1)
    settle_due(node, node.look()[0])
    assert world.told("settled") == []

    world.contracts.claims[subject] = replace(pending, due=now)
    settle_due(node, node.look()[0])
    settle_due(node, node.look()[0])
    bring_reports(node, node.look()[0])
    world.stop()

    assert len(world.told("settled")) == 1
    assert world.contracts.sent == ["post", "claim", "settle"]
