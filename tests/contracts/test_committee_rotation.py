"""Rotation (R12): one member replaced by another, after a delay, by the committee's own quorum and nobody else."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from eth_account import Account

from chain.keys import LocalKey
from record.eip712 import ROUND_TYPES, committee_domain, round_preimage
from record.events import Claimed, MemberRotated, RotationProposed, RoundPosted
from record.hexes import checksum_address
from record.keccak import keccak256
from record.merkle import MerkleTree
from record.rotation import PendingRotation, Rotation
from record.typed_data import Domain, typed_data
from sla.agreement import ZERO_ADDRESS
from sla.report import Report
from tests.contracts.fast_chain import CHAIN_ID, CallFailed, FastChain
from tests.contracts.world import BUNDLE, KEYS, MEMBER_KEYS, QUORUM, ROTATION_DELAY, World, refused

STRANGER = KEYS["stranger"]
NEWCOMER = LocalKey(keccak256(b"newcomer"))
ANOTHER = LocalKey(keccak256(b"another newcomer"))
MEMBERS = tuple(key.address for key in MEMBER_KEYS)
FIRST = Rotation(MEMBERS[1], NEWCOMER.address, 0)
"""The usual rotation: the second member leaves."""
TREE = MerkleTree([Report(keccak256(b"one"), 0, 0, 0, 1, 1), Report(keccak256(b"two"), 0, 0, 0, 2, 2)])


def signed(rotation: Rotation, keys: Sequence[LocalKey], domain: Domain) -> list[bytes]:
    return [key.sign(rotation.preimage(domain)) for key in keys]


def propose(
    world: World, rotation: Rotation = FIRST, keys: Sequence[LocalKey] = MEMBER_KEYS[:QUORUM]
) -> None:
    signatures = signed(rotation, keys, world.committee.domain)
    world.committee.propose_rotation(STRANGER, rotation, signatures)


def rotate(world: World, rotation: Rotation = FIRST, keys: Sequence[LocalKey] = MEMBER_KEYS[:QUORUM]) -> None:
    """Propose, wait, and carry out."""
    propose(world, rotation, keys)
    world.travel(world.now + ROTATION_DELAY)
    world.committee.rotate(STRANGER)


def post(world: World, keys: Sequence[LocalKey], number: int = 1, root: bytes = TREE.root) -> None:
    message = round_preimage(number, root, BUNDLE, world.committee.domain)
    world.committee.post(STRANGER, number, root, BUNDLE, (), [key.sign(message) for key in keys])


# The way it goes


def test_rotation__proposed_by_a_quorum__waits_for_its_delay_and_is_told(world: World) -> None:
    """P12: the event says who, when and by whom."""
    propose(world, keys=[MEMBER_KEYS[3], MEMBER_KEYS[0], MEMBER_KEYS[2]])
    effective_at = world.now + ROTATION_DELAY
    assert world.events(RotationProposed) == [
        RotationProposed(MEMBERS[1], NEWCOMER.address, 0, effective_at, 0b1101)
    ]
    assert world.committee.pending_rotation() == PendingRotation(MEMBERS[1], NEWCOMER.address, effective_at)
    assert world.committee.rotations() == 1
    assert world.committee.members == MEMBERS
    post(world, MEMBER_KEYS[:QUORUM])


def test_rotation__carried_out_by_anyone__gives_the_newcomer_the_leavers_index(world: World) -> None:
    rotate(world)
    assert world.committee.members == (MEMBERS[0], NEWCOMER.address, *MEMBERS[2:])
    assert world.events(MemberRotated) == [MemberRotated(MEMBERS[1], NEWCOMER.address, 1)]
    numbers = [
        world.view("Committee", world.committee.address, "memberNumber", account)
        for account in (MEMBERS[0], NEWCOMER.address, MEMBERS[2], MEMBERS[1])
    ]
    assert numbers == [1, 2, 3, 0]
    assert world.committee.pending_rotation() is None
    assert (world.committee.quorum, len(world.committee.members)) == (QUORUM, 4)


def test_rotation__at_its_second_and_one_before__is_possible_and_refused(world: World) -> None:
    propose(world)
    effective_at = world.now + ROTATION_DELAY
    world.travel(effective_at - 1)
    with refused("RotationTooEarly", time=effective_at - 1, effectiveAt=effective_at):
        world.committee.rotate(STRANGER)
    world.travel(effective_at)
    world.committee.rotate(STRANGER)
    assert NEWCOMER.address in world.committee.members


def test_rotation__a_member_agrees_to_its_own_leaving__counts(world: World) -> None:
    rotate(world, keys=[MEMBER_KEYS[1], *MEMBER_KEYS[2:]])
    assert MEMBERS[1] not in world.committee.members


def test_rotation__one_after_another__replaces_all_members_by_the_then_members_quorum(world: World) -> None:
    """The newcomers' own signatures count for the next one, until nobody of the first members is left."""
    keys = list(MEMBER_KEYS)
    fresh = [LocalKey(keccak256(f"fresh {number}".encode())) for number in range(4)]
    for number, newcomer in enumerate(fresh):
        rotation = Rotation(keys[number].address, newcomer.address, number)
        rotate(world, rotation, keys[1:] if number < 2 else keys[:3])
        keys[number] = newcomer
    assert world.committee.members == tuple(key.address for key in fresh)
    post(world, fresh[:QUORUM])


def test_rotation__the_leaver_comes_back__is_a_member_again(world: World) -> None:
    rotate(world)
    now = [MEMBER_KEYS[0], NEWCOMER, MEMBER_KEYS[2]]
    rotate(world, Rotation(NEWCOMER.address, MEMBERS[1], 1), now)
    assert world.committee.members == MEMBERS


# What is refused


def test_propose__while_one_is_pending__is_refused(world: World) -> None:
    """One at a time; also the same once more."""
    propose(world)
    effective_at = world.now + ROTATION_DELAY
    pending = {"incoming": NEWCOMER.address.lower(), "effectiveAt": effective_at}
    for rotation in (FIRST, Rotation(MEMBERS[0], ANOTHER.address, 1), Rotation(MEMBERS[1], MEMBERS[1], 1)):
        with refused("RotationPending", **pending):
            propose(world, rotation)
    world.travel(effective_at + ROTATION_DELAY)
    with refused("RotationPending", **pending):
        propose(world, Rotation(MEMBERS[0], ANOTHER.address, 1))


def test_rotate__while_none_is_pending__is_refused(world: World) -> None:
    with refused("NoRotationPending"):
        world.committee.rotate(STRANGER)
    rotate(world)
    with refused("NoRotationPending"):
        world.committee.rotate(STRANGER)


def test_propose__outgoing_is_no_member__is_refused(world: World) -> None:
    for account in (STRANGER.address, ZERO_ADDRESS, NEWCOMER.address):
        with refused("SignerNotMember", signer=account.lower()):
            propose(world, Rotation(account, ANOTHER.address, 0))
    rotate(world)
    with refused("SignerNotMember", signer=MEMBERS[1].lower()):
        propose(world, Rotation(MEMBERS[1], ANOTHER.address, 1), [MEMBER_KEYS[0], *MEMBER_KEYS[2:]])


def test_propose__incoming_is_zero_or_a_member__is_refused(world: World) -> None:
    """Members stay n distinct accounts; a recovered zero is nobody."""
    for account in (ZERO_ADDRESS, *MEMBERS):
        with refused("MemberInvalid", member=account.lower()):
            propose(world, Rotation(MEMBERS[1], account, 0))
    rotate(world)
    with refused("MemberInvalid", member=NEWCOMER.address.lower()):
        propose(world, Rotation(MEMBERS[0], NEWCOMER.address, 1), [MEMBER_KEYS[0], *MEMBER_KEYS[2:]])


def test_propose__without_a_quorum_of_distinct_members__is_refused(world: World) -> None:
    """P5, for rotations as for rounds."""
    first, second, third, _ = MEMBER_KEYS
    for count in range(QUORUM):
        with refused("QuorumMissing", signatures=count, quorum=QUORUM):
            propose(world, keys=MEMBER_KEYS[:count])
    with refused("SignerRepeated", signer=second.address.lower()):
        propose(world, keys=[first, second, second])
    for stranger in (STRANGER, NEWCOMER):
        with refused("SignerNotMember", signer=stranger.address.lower()):
            propose(world, keys=[first, second, third, stranger])
    with refused("ECDSAInvalidSignatureLength", length=64):
        good = signed(FIRST, MEMBER_KEYS[:QUORUM], world.committee.domain)
        world.committee.propose_rotation(STRANGER, FIRST, [good[0][:64], *good[1:]])


def test_propose__signatures_of_something_else__are_a_strangers(world: World) -> None:
    """P6: another chain, committee, number, direction or newcomer."""
    ours = world.committee.domain
    members = MEMBER_KEYS[:QUORUM]
    others = [
        signed(FIRST, members, committee_domain(world.connection.chain_id + 1, world.committee.address)),
        signed(FIRST, members, world.new_committee().domain),
        signed(FIRST, members, world.escrow.domain),
        signed(Rotation(MEMBERS[1], NEWCOMER.address, 1), members, ours),
        signed(Rotation(MEMBERS[0], NEWCOMER.address, 0), members, ours),
        signed(Rotation(MEMBERS[1], ANOTHER.address, 0), members, ours),
        signed(Rotation(NEWCOMER.address, MEMBERS[1], 0), members, ours),
    ]
    for signatures in others:
        with refused("SignerNotMember"):
            world.committee.propose_rotation(STRANGER, FIRST, signatures)
    assert world.committee.rotations() == 0


def test_propose__signatures_of_an_earlier_rotation__move_nobody_again(world: World) -> None:
    """P6: the number makes each proposal's signatures good for one time. The same three rotate one out and in again;
    what they signed the first time must not put it out a second time."""
    by = [MEMBER_KEYS[0], *MEMBER_KEYS[2:]]
    old = signed(FIRST, by, world.committee.domain)
    rotate(world, FIRST, by)
    rotate(world, Rotation(NEWCOMER.address, MEMBERS[1], 1), by)
    assert world.committee.members == MEMBERS
    with refused("SignerNotMember"):
        world.committee.propose_rotation(STRANGER, FIRST, old)


def test_round_and_rotation__signatures__never_stand_for_one_another(world: World) -> None:
    """P6: the struct's type is in the digest."""
    round_signatures = [
        key.sign(round_preimage(1, TREE.root, BUNDLE, world.committee.domain)) for key in MEMBER_KEYS
    ]
    with refused("SignerNotMember"):
        world.committee.propose_rotation(STRANGER, FIRST, round_signatures)
    with refused("SignerNotMember"):
        rotation_signatures = signed(FIRST, MEMBER_KEYS, world.committee.domain)
        world.committee.post(STRANGER, 1, TREE.root, BUNDLE, (), rotation_signatures)


def test_rotation__signed_by_wallets__is_accepted(world: World) -> None:
    """Three ways to one digest: ours, eth-account's over the JSON a wallet shows, Solidity's."""
    data = FIRST.typed_data(world.committee.domain)
    by_wallet = [
        bytes(Account.sign_typed_data(keccak256(f"member {number}".encode()), full_message=data).signature)
        for number in range(QUORUM)
    ]
    assert by_wallet == signed(FIRST, MEMBER_KEYS[:QUORUM], world.committee.domain)
    assert data != typed_data(
        world.committee.domain, "Round", ROUND_TYPES, {"round": 1, "root": TREE.root, "bundle": BUNDLE}
    )
    world.committee.propose_rotation(STRANGER, FIRST, by_wallet)


# Rounds before and after


def test_post__by_who_was_rotated_out__is_refused(world: World) -> None:
    """R12: signers are checked at posting, whenever they signed."""
    propose(world)
    message = round_preimage(1, TREE.root, BUNDLE, world.committee.domain)
    before = [key.sign(message) for key in MEMBER_KEYS]
    world.travel(world.now + ROTATION_DELAY)
    world.committee.rotate(STRANGER)
    for signatures in (before, before[:QUORUM]):
        with refused("SignerNotMember", signer=MEMBERS[1].lower()):
            world.committee.post(STRANGER, 1, TREE.root, BUNDLE, (), signatures)
    world.committee.post(STRANGER, 1, TREE.root, BUNDLE, (), [before[0], *before[2:]])


def test_post__by_the_newcomer__counts_from_the_rotation_on_at_the_leavers_bit(world: World) -> None:
    propose(world)
    keys = [MEMBER_KEYS[0], NEWCOMER, MEMBER_KEYS[3]]
    with refused("SignerNotMember", signer=NEWCOMER.address.lower()):
        post(world, keys)
    world.travel(world.now + ROTATION_DELAY)
    with refused("SignerNotMember", signer=NEWCOMER.address.lower()):
        post(world, keys)
    world.committee.rotate(STRANGER)
    post(world, keys)
    assert world.events(RoundPosted) == [RoundPosted(1, TREE.root, BUNDLE, 0b1011)]


def test_claim__by_a_root_of_before_the_rotation__is_paid(world: World) -> None:
    """R12: old roots stay valid. Nobody who signed this one is needed again."""
    agreement = world.agreement()
    world.open(agreement)
    world.land(world.end_of(agreement, 0))
    report = world.report(agreement, 0)
    tree = world.post(report)
    attested = world.committee.attested_at(tree.root)
    rotate(world)
    assert world.committee.attested_at(tree.root) == attested
    world.claim(agreement, report, tree)
    assert [claimed.root for claimed in world.events(Claimed)] == [tree.root]


# Anything in any order, against a model of ten lines


class Model:
    """Who is a member, and who comes in when."""

    def __init__(self, members: list[str]) -> None:
        self.members = members
        self.pending: tuple[str, str, int] | None = None
        self.proposed = 0

    def propose(self, outgoing: str, incoming: str, signers: Sequence[str], number: int, now: int) -> bool:
        real = set(signers) <= set(self.members) and len(set(signers)) == len(signers) >= QUORUM
        fine = (
            self.pending is None
            and outgoing in self.members
            and incoming not in (*self.members, ZERO_ADDRESS)
            and real
            and number == self.proposed
        )
        if fine:
            self.pending = (outgoing, incoming, now + ROTATION_DELAY)
            self.proposed += 1
        return fine

    def rotate(self, now: int) -> bool:
        if self.pending is None or now < self.pending[2]:
            return False
        outgoing, incoming, _ = self.pending
        self.members[self.members.index(outgoing)] = incoming
        self.pending = None
        return True


@pytest.mark.parametrize("seed", range(3))
def test_rotation__any_calls_in_any_order__members_stay_distinct_and_only_quorums_change_them(
    seed: int,
) -> None:
    """P5, R12: 700 calls of honest and hostile callers, each accepted exactly when the model says so; the contract's
    members are the model's after each, and rounds are accepted by their quorums only."""
    source = random.Random(f"rotation {seed}")
    chain = FastChain(1_800_000_000)
    keys = [LocalKey(keccak256(f"pool {number}".encode())) for number in range(7)]
    by_address = {key.address: key for key in keys}
    accounts = [*by_address, ZERO_ADDRESS]
    model = Model([key.address for key in keys[:4]])
    committee = chain.deploy("Committee", model.members, QUORUM, ROTATION_DELAY)
    domain = committee_domain(CHAIN_ID, committee)
    counts: dict[tuple[str, bool], int] = {}
    number = 0
    for step in range(700):
        chain.travel(chain.time + source.choice([1, ROTATION_DELAY // 3, ROTATION_DELAY]))
        signers = source.sample(model.members, source.choice([2, 3, 3, 3, 4]))
        if source.random() < 0.15:
            signers[-1] = source.choice(list(by_address))
        what = source.choice(["propose", "rotate", "post"])
        if what == "propose":
            outgoing, incoming = source.choice(model.members), source.choice(accounts)
            if source.random() < 0.1:
                outgoing = source.choice(accounts)
            stated = model.proposed if source.random() < 0.85 else source.randrange(model.proposed + 2)
            preimage = Rotation(outgoing, incoming, stated).preimage(domain)
            signatures = [by_address[signer].sign(preimage) for signer in signers]
            expected = model.propose(outgoing, incoming, signers, stated, chain.time)
            call: tuple[Any, ...] = ("proposeRotation", outgoing, incoming, signatures)
        elif what == "rotate":
            expected = model.rotate(chain.time)
            call = ("rotate",)
        else:
            number += 1
            root = keccak256(step.to_bytes(4))
            preimage = round_preimage(number, root, BUNDLE, domain)
            signatures = [by_address[signer].sign(preimage) for signer in signers]
            expected = set(signers) <= set(model.members) and len(set(signers)) == len(signers) >= QUORUM
            call = ("post", number, root, BUNDLE, [], signatures)
        try:
            chain.call("Committee", committee, *call)
            accepted = True
        except CallFailed:
            accepted = False
        assert accepted == expected, (step, what)
        counts[what, accepted] = counts.get((what, accepted), 0) + 1
        members = [checksum_address(member) for member in chain.call("Committee", committee, "members")]
        assert members == model.members
        assert len(set(members)) == 4
        for account in accounts:
            index = chain.call("Committee", committee, "memberNumber", account)
            assert index == (members.index(account) + 1 if account in members else 0)
    assert len(counts) == 6
    assert min(counts.values()) >= 25, counts
