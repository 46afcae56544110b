"""`post` and the committee's making: a quorum of distinct members, each round once, any submitter, any order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from chain.committee import Committee
from chain.deploy import deploy_committee
from chain.keys import LocalKey
from chain.logs import read_events
from chain.messages import report_argument
from record.eip712 import committee_domain, round_preimage
from record.events import COMMITTEE_EVENTS, Claimed, CommitteeFormed, ReportsPublished, RoundPosted
from record.hexes import checksum_address
from record.keccak import keccak256
from record.merkle import MerkleTree
from record.typed_data import Domain
from sla.agreement import ZERO_ADDRESS
from sla.report import Report
from tests.contracts.fast_chain import CallFailed
from tests.contracts.fast_world import FastWorld
from tests.contracts.world import (
    BAD,
    BUNDLE,
    KEYS,
    MEMBER_KEYS,
    QUORUM,
    ROTATION_DELAY,
    WORSE,
    World,
    fails,
    refused,
)

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
STRANGER = KEYS["stranger"]


def reports(count: int) -> list[Report]:
    return [Report(keccak256(bytes([i])), i, i % 64, 0, 990_000 + i, 5) for i in range(count)]


TREE = MerkleTree(reports(5))


def signed(
    domain: Domain, keys: Sequence[LocalKey], number: int = 1, root: bytes = TREE.root, bundle: bytes = BUNDLE
) -> list[bytes]:
    message = round_preimage(number, root, bundle, domain)
    return [key.sign(message) for key in keys]


def post(
    world: World,
    signatures: Sequence[bytes],
    number: int = 1,
    root: bytes = TREE.root,
    bundle: bytes = BUNDLE,
    carried: Sequence[Report] = (),
    by: LocalKey = STRANGER,
) -> None:
    world.committee.post(by, number, root, bundle, carried, signatures)


def publish(world: World, root: bytes, carried: Sequence[Report]) -> None:
    world.committee.publish(STRANGER, root, carried)


def test_publish__a_root_nobody_attested_or_other_reports__is_refused(world: World) -> None:
    with refused("RootNotAttested", root=TREE.root):
        publish(world, TREE.root, TREE.ordered)
    post(world, signed(world.committee.domain, MEMBER_KEYS[:QUORUM]))
    with refused("ReportsNotOfRoot", computed=bytes(32), root=TREE.root):
        publish(world, TREE.root, [])
    with refused("ReportsNotOfRoot"):
        publish(world, TREE.root, TREE.ordered[::-1])
    assert world.events(ReportsPublished) == []


def test_post__by_a_quorum__attests_the_root_now(world: World) -> None:
    world.land(world.now + 1_000)
    post(world, signed(world.committee.domain, MEMBER_KEYS[:QUORUM]))
    assert world.committee.attested_at(TREE.root) == world.now
    assert world.committee.last_round() == 1
    assert world.events(RoundPosted, ReportsPublished) == [RoundPosted(1, TREE.root, BUNDLE, 0b0111)]


def test_post__signatures_in_any_order_of_any_quorum__tells_who_signed(world: World) -> None:
    """P5: the order never matters; the event has one bit a member, whoever they are."""
    for chosen in permutations(range(4), 3):
        signatures = signed(world.committee.domain, [MEMBER_KEYS[i] for i in chosen])
        with world.undone():
            post(world, signatures)
            assert world.events(RoundPosted)[0].signers == sum(1 << i for i in chosen)
    post(world, signed(world.committee.domain, [MEMBER_KEYS[i] for i in (2, 0, 3, 1)]))
    assert world.events(RoundPosted)[0].signers == 0b1111


@pytest.mark.parametrize("by", ["operator", "provider", "customer", "stranger"])
def test_post__by_any_submitter__is_the_same(world: World, by: str) -> None:
    """P5."""
    post(world, signed(world.committee.domain, MEMBER_KEYS[1:]), by=KEYS[by])
    assert world.events(RoundPosted) == [RoundPosted(1, TREE.root, BUNDLE, 0b1110)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32])
def test_post__with_its_reports__publishes_them_checked(world: World, count: int) -> None:
    tree = MerkleTree(reports(count))
    signatures = signed(world.committee.domain, MEMBER_KEYS[:QUORUM], root=tree.root)
    post(world, signatures, root=tree.root, carried=tree.ordered)
    published = tuple(report_argument(report) for report in tree.ordered)
    assert world.events(ReportsPublished) == [ReportsPublished(tree.root, published)]


def test_post__with_other_reports__is_refused(world: World) -> None:
    """What the chain publishes is what was signed: one changed, one missing, one too many, another order."""
    ordered = TREE.ordered
    changed = [*ordered[:-1], Report(keccak256(b"x"), 0, 0, 0, 0, 0)]
    signatures = signed(world.committee.domain, MEMBER_KEYS[:QUORUM])
    for carried in (changed, ordered[:-1], [*ordered, ordered[0]], ordered[::-1], ordered[:1]):
        with refused("ReportsNotOfRoot"):
            post(world, signatures, carried=carried)
    with refused("ReportsNotOfRoot", computed=MerkleTree(ordered[:2]).root, root=TREE.root):
        post(world, signatures, carried=ordered[:2])


def test_post__copied_by_a_stranger_without_its_reports__can_still_publish_them(world: World) -> None:
    """P5: the submitter does not matter. Signatures are public as soon as they are sent; a copy without the reports,
    mined first, must not keep them off the chain, where small committees rely on them."""
    signatures = signed(world.committee.domain, MEMBER_KEYS[:QUORUM])
    post(world, signatures)
    publish(world, TREE.root, TREE.ordered)
    assert len(world.events(ReportsPublished)) == 1


@pytest.mark.parametrize("by", ["operator", "provider", "stranger"])
def test_publish__attested_root_by_anyone_and_again__tells_the_same_reports(world: World, by: str) -> None:
    """P5, P9: it changes nothing but what is known."""
    post(world, signed(world.committee.domain, MEMBER_KEYS[:QUORUM]), carried=TREE.ordered)
    attested = world.committee.attested_at(TREE.root)
    world.committee.publish(KEYS[by], TREE.root, TREE.ordered)
    first, second = world.events(ReportsPublished)
    assert first == second == ReportsPublished(TREE.root, tuple(map(report_argument, TREE.ordered)))
    assert (world.committee.attested_at(TREE.root), world.committee.last_round()) == (attested, 1)


def test_publish__root_nobody_attested__is_refused(world: World) -> None:
    """P5: an event of this committee is its word."""
    with refused("RootNotAttested", root=TREE.root):
        publish(world, TREE.root, TREE.ordered)
    with refused("RootNotAttested", root=bytes(32)):
        publish(world, bytes(32), [])


def test_publish__other_reports__are_refused(world: World) -> None:
    post(world, signed(world.committee.domain, MEMBER_KEYS[:QUORUM]))
    ordered = TREE.ordered
    for carried in ((), ordered[:-1], (*ordered, ordered[0]), (*ordered[:-1], reports(6)[5])):
        with refused("ReportsNotOfRoot"):
            publish(world, TREE.root, carried)


def test_publish__siblings_swapped__tells_the_same_set_of_reports(world: World) -> None:
    """Pairs are hashed in ascending order, so the root does not fix which of two siblings stands left: a reader of the
    event may rely on the set of reports, not on their order."""
    pair = MerkleTree(reports(2))
    signatures = signed(world.committee.domain, MEMBER_KEYS[:QUORUM], root=pair.root)
    post(world, signatures, root=pair.root, carried=pair.ordered[::-1])
    (event,) = world.events(ReportsPublished)
    assert set(event.reports) == {report_argument(report) for report in pair.ordered}


# Fewer than a quorum


def test_post__fewer_signatures_than_the_quorum__is_refused(world: World) -> None:
    """P5."""
    for count in (0, 1, 2):
        with refused("QuorumMissing", signatures=count, quorum=QUORUM):
            post(world, signed(world.committee.domain, MEMBER_KEYS[:count]))


def test_post__one_member_several_times__is_refused(world: World) -> None:
    """P5."""
    first, second, third = MEMBER_KEYS[:3]
    for keys, again in (
        ([first, first, first], first),
        ([first, second, second], second),
        ([first, second, third, first], first),
    ):
        with refused("SignerRepeated", signer=again.address.lower()):
            post(world, signed(world.committee.domain, keys))


def test_post__a_stranger_among_the_signers__is_refused(world: World) -> None:
    """P5: also on top of a quorum, so that the event tells the whole truth."""
    for keys in ([STRANGER, *MEMBER_KEYS[:2]], [*MEMBER_KEYS[:3], STRANGER]):
        with refused("SignerNotMember", signer=STRANGER.address.lower()):
            post(world, signed(world.committee.domain, keys))


def test_post__any_mix_of_signers__is_accepted_exactly_from_k_distinct_members_on() -> None:
    """P5: 400 random lists of members, strangers and repetitions, against the rule in one line."""
    world = FastWorld()
    source = random.Random(5)
    strangers = [STRANGER, KEYS["provider"]]
    message = round_preimage(1, TREE.root, BUNDLE, world.committee_domain)
    by_key = {key.address: key.sign(message) for key in (*MEMBER_KEYS, *strangers)}
    outcomes = {True: 0, False: 0}
    for _ in range(400):
        pool = MEMBER_KEYS if source.random() < 0.6 else [*MEMBER_KEYS, *strangers]
        size = source.randint(1, 5)
        keys = source.sample(pool, min(size, 4)) if source.random() < 0.6 else source.choices(pool, k=size)
        good = len(keys) >= QUORUM and len(set(keys)) == len(keys) and set(keys) <= set(MEMBER_KEYS)
        with world.chain.undone():
            try:
                signatures = [by_key[key.address] for key in keys]
                world.chain.call("Committee", world.committee, "post", 1, TREE.root, BUNDLE, [], signatures)
                accepted = True
            except CallFailed:
                accepted = False
        assert accepted == good, [key.address for key in keys]
        outcomes[good] += 1
    assert min(outcomes.values()) >= 80, outcomes


# Signatures in another form, or of something else


def test_post__signature_of_another_form__is_refused(world: World) -> None:
    """R19's care, for members: one accepted form, so nobody signs twice with one signature."""
    good = signed(world.committee.domain, MEMBER_KEYS[:QUORUM])
    r, s, v = good[0][:32], int.from_bytes(good[0][32:64]), good[0][64]
    upper = CURVE_ORDER - s
    with refused("ECDSAInvalidSignatureS", s=upper.to_bytes(32)):
        post(world, [r + upper.to_bytes(32) + bytes([55 - v]), *good[1:]])
    compact = r + (s | (v - 27) << 255).to_bytes(32)
    for broken in (b"", compact, good[0] + b"\0", good[0][:64]):
        with refused("ECDSAInvalidSignatureLength", length=len(broken)):
            post(world, [broken, *good[1:]])
    for broken in (bytes(65), good[0][:64] + bytes([v - 27]), b"\xff" * 32 + good[0][32:]):
        with refused("ECDSAInvalidSignature"):
            post(world, [broken, *good[1:]])


def test_post__signatures_of_something_else__are_a_strangers(world: World) -> None:
    """P6: another chain, another committee, an escrow's domain, another round, root or bundle."""
    ours = world.committee.domain
    others = [
        signed(committee_domain(world.connection.chain_id + 1, world.committee.address), MEMBER_KEYS[:3]),
        signed(world.new_committee().domain, MEMBER_KEYS[:3]),
        signed(world.escrow.domain, MEMBER_KEYS[:3]),
        signed(ours, MEMBER_KEYS[:3], number=2),
        signed(ours, MEMBER_KEYS[:3], root=keccak256(b"other")),
        signed(ours, MEMBER_KEYS[:3], bundle=keccak256(b"other")),
    ]
    for signatures in others:
        with refused("SignerNotMember"):
            post(world, signatures)


# Rounds


def test_post__rounds__increase_and_may_skip(world: World) -> None:
    """R11."""
    for number in (3, 4, 1_000, 2**64 - 1):
        root = keccak256(number.to_bytes(32))
        post(world, signed(world.committee.domain, MEMBER_KEYS[:3], number, root), number, root)
        assert world.committee.last_round() == number
        for stale in {number, number - 1, 0, 1}:
            with refused("RoundNotAfter", round=stale, last=number):
                post(world, signed(world.committee.domain, MEMBER_KEYS[:3], stale), stale)


def test_post__round_zero__is_never_after_anything(world: World) -> None:
    with refused("RoundNotAfter", round=0, last=0):
        post(world, signed(world.committee.domain, MEMBER_KEYS[:3], 0), 0)


def test_post__a_root_again__is_refused_and_keeps_its_first_time(world: World) -> None:
    """R9: an attestation cannot be made to look later."""
    post(world, signed(world.committee.domain, MEMBER_KEYS[:3]))
    first = world.now
    world.travel(first + 1_000)
    with refused("RootAlreadyAttested", root=TREE.root):
        post(world, signed(world.committee.domain, MEMBER_KEYS[:3], 2), 2)
    assert world.committee.attested_at(TREE.root) == first


def test_post__a_root_of_zero__is_refused(world: World) -> None:
    with refused("RootEmpty"):
        post(world, signed(world.committee.domain, MEMBER_KEYS[:3], root=bytes(32)), root=bytes(32))


def test_post__replayed__is_refused(world: World) -> None:
    """P6, P13: a lost answer and a second try do no harm."""
    signatures = signed(world.committee.domain, MEMBER_KEYS[:3])
    post(world, signatures)
    with refused("RoundNotAfter", round=1, last=1):
        post(world, signatures)


# Retries


@pytest.mark.parametrize("first", [0, 1])
def test_claim__two_roots_contradict_each_other__the_first_brought_stands(world: World, first: int) -> None:
    """R11: whichever was attested first. The other stays attested: it is evidence."""
    agreement = world.opened()
    world.land(world.end_of(agreement, 0))
    said = [world.report(agreement, attained) for attained in (BAD, WORSE)]
    trees = [world.post(report) for report in said]
    world.claim(agreement, said[first], trees[first])
    with refused("RevisionNotHigher", revision=0, claimed=0):
        world.claim(agreement, said[1 - first], trees[1 - first])
    assert [(one.attained, one.root) for one in world.events(Claimed)] == [
        (said[first].attained, trees[first].root)
    ]
    assert all(world.committee.attested_at(tree.root) for tree in trees)


def test_claim__a_leaf_kept_by_a_retry__is_good_by_either_root_once(world: World) -> None:
    """R11, P6: a retry keeps every leaf; the same leaf under two roots pays once."""
    agreement = world.opened()
    world.land(world.end_of(agreement, 0))
    report = world.report(agreement, BAD)
    trees = [world.post(report) for _ in range(2)]
    assert trees[0].root != trees[1].root
    world.claim(agreement, report, trees[1])
    with refused("RevisionNotHigher", revision=0, claimed=0):
        world.claim(agreement, report, trees[0])


def test_claim__a_leaf_changed_by_a_retry__needs_its_revision_raised(world: World) -> None:
    """R11: then it replaces the other."""
    agreement = world.opened()
    world.land(world.end_of(agreement, 0))
    before = world.report(agreement, BAD)
    after = replace(world.report(agreement, WORSE), revision=1)
    first, second = world.post(before), world.post(after)
    world.claim(agreement, before, first)
    world.claim(agreement, after, second)
    assert [(one.revision, one.attained) for one in world.events(Claimed)] == [(0, BAD), (1, WORSE)]
    with refused("RevisionNotHigher", revision=0, claimed=1):
        world.claim(agreement, before, first)


# Its making


def form(world: World, members: Sequence[str], quorum: int, delay: int = ROTATION_DELAY) -> Committee:
    address = deploy_committee(world.connection, KEYS["operator"], list(members), quorum, delay)
    return Committee(world.connection, address)


def addresses(count: int) -> list[str]:
    return [checksum_address(keccak256(bytes([i]))[:20]) for i in range(count)]


@pytest.mark.parametrize(("count", "quorum"), [(1, 1), (2, 2), (3, 2), (4, 3), (4, 4), (64, 33), (64, 64)])
def test_committee__formed__tells_its_members_and_quorum(world: World, count: int, quorum: int) -> None:
    """P12, R12: the event says all that a committee begins with."""
    members = addresses(count)
    committee = form(world, members, quorum)
    assert committee.members == tuple(members)
    assert (committee.quorum, committee.last_round()) == (quorum, 0)
    assert (committee.rotation_delay, committee.rotations()) == (ROTATION_DELAY, 0)
    assert committee.pending_rotation() is None
    for number, member in enumerate(members, 1):
        assert world.view("Committee", committee.address, "memberNumber", member) == number
    assert world.view("Committee", committee.address, "memberNumber", STRANGER.address) == 0
    formed = CommitteeFormed(tuple(members), quorum, ROTATION_DELAY)
    last = world.connection.web3.eth.block_number
    logged = read_events(world.connection, {committee.address: COMMITTEE_EVENTS}, 0, last)
    assert [one.event for one in logged] == [formed]


FORMATIONS: list[tuple[list[str], int, str, dict[str, Any]]] = [
    ([], 0, "MembersOutOfRange", {"members": 0, "max": 64}),
    (addresses(65), 33, "MembersOutOfRange", {"members": 65, "max": 64}),
    (addresses(3), 0, "QuorumOutOfRange", {"quorum": 0, "members": 3}),
    (addresses(3), 1, "QuorumOutOfRange", {"quorum": 1, "members": 3}),
    (addresses(3), 4, "QuorumOutOfRange", {"quorum": 4, "members": 3}),
    (addresses(4), 2, "QuorumOutOfRange", {"quorum": 2, "members": 4}),
    ([*addresses(2), ZERO_ADDRESS], 2, "MemberInvalid", {"member": ZERO_ADDRESS}),
    ([*addresses(2), addresses(1)[0]], 2, "MemberInvalid", {"member": addresses(1)[0].lower()}),
]


@pytest.mark.parametrize(("members", "quorum", "error", "values"), FORMATIONS)
def test_committee__that_could_attest_two_truths_or_none__is_not_formed(
    members: list[str], quorum: int, error: str, values: dict[str, Any]
) -> None:
    """Two quorums share a member; nobody counts twice; a recovered zero is nobody."""
    chain = FastWorld().chain
    with pytest.raises(RuntimeError) as failure:
        chain.deploy("Committee", members, quorum, ROTATION_DELAY)
    name, found = chain.refusal("Committee", chain.failed(failure.value))
    assert (name, dict(zip(values, found, strict=True))) == (error, values)


def test_committee__quorum_near_the_end_of_its_type__is_not_formed() -> None:
    chain = FastWorld().chain
    for quorum in (2**255, 2**255 + 1, 2**256 - 1):
        with pytest.raises(RuntimeError, match="Revert"):
            chain.deploy("Committee", addresses(3), quorum, ROTATION_DELAY)


@pytest.mark.parametrize("delay", [1, 60, 400 * 86_400])
def test_committee__rotation_delay_of_a_second_to_400_days__is_formed(world: World, delay: int) -> None:
    """R12, R20."""
    assert form(world, addresses(4), 3, delay).rotation_delay == delay


@pytest.mark.parametrize("delay", [0, 400 * 86_400 + 1, 2**256 - 1])
def test_committee__rotation_delay_out_of_bounds__is_not_formed(delay: int) -> None:
    """R12, R20: without a delay nobody could notice that a stranger comes in; with a longer one none ever would."""
    chain = FastWorld().chain
    with pytest.raises(RuntimeError) as failure:
        chain.deploy("Committee", addresses(4), 3, delay)
    found = chain.refusal("Committee", chain.failed(failure.value))
    assert found == ("RotationDelayOutOfRange", (delay, 400 * 86_400))


def test_post__to_an_account_without_code__is_noticed(world: World) -> None:
    """The escrow's view of a committee that is none: the claim reverts."""
    agreement = world.agreement(service={"committee": STRANGER.address})
    world.open(agreement)
    world.land(world.end_of(agreement, 0))
    report = world.report(agreement, 0)
    tree = world.post(report)
    with fails():
        world.claim(agreement, report, tree)
