"""What is signed and what is hashed, three ways: the contracts, a wallet (eth-account), and `record` (R1, P6)."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from chain.messages import agreement_argument, obligation_argument, report_argument
from record.eip712 import (
    OBSERVATION_TYPES,
    ROUND_TYPES,
    agreement_digest,
    agreement_typed_data,
    formation_hash,
    obligation_hash,
    obligations_hash,
    observation_digest,
    round_preimage,
)
from record.hexes import checksum_address
from record.keccak import keccak256
from record.merkle import MerkleTree, report_leaf, verify
from record.typed_data import typed_data
from record.typed_messages import observation_message
from sla.agreement import (
    Agreement,
    Comparator,
    Formation,
    MissingData,
    Obligation,
    Parties,
    PayUnit,
    ScheduleUnit,
    Service,
    Stake,
    Tier,
)
from sla.report import Observation, Report
from tests.contracts.fast_chain import CHAIN_ID
from tests.contracts.fast_world import FastWorld
from tests.contracts.world import MEMBER_KEYS, UPTIME_OBLIGATION


@pytest.fixture(scope="module")
def world() -> FastWorld:
    return FastWorld()


@pytest.fixture(scope="module")
def harness(world: FastWorld) -> str:
    return world.chain.deploy("CreditMathHarness")


def any_agreement(source: random.Random, obligations: int) -> Agreement:
    """Any values of the types; not one that could be opened."""

    def address() -> str:
        return checksum_address(source.randbytes(20))

    def numbers(*bits: int) -> Any:
        return [source.getrandbits(source.choice((1, width))) for width in bits]

    start, length, count, lag, *charges = numbers(40, 32, 24, 32, 96, 96, 96)
    stake: list[Any] = [address(), *numbers(96, 96, 32, 32, 32, 32), source.randbytes(32)]
    formation: list[Any] = [source.randbytes(32), *numbers(96), source.randbytes(32), *numbers(40, 16, 16)]

    def obligation() -> Obligation:
        enums = (source.choice(list(kind)) for kind in (Comparator, PayUnit, MissingData))
        tiers = tuple(Tier(*numbers(64, 96, 96, 64)) for _ in range(source.randint(0, 16)))
        members: list[Any] = [source.randbytes(32), *enums, *numbers(96, 64, 64), tiers]
        return Obligation(*members)

    return Agreement(
        Parties(address(), address(), address()),
        Service(address(), start, source.choice(list(ScheduleUnit)), length, count, lag, *charges),
        Stake(*stake),
        Formation(*formation),
        tuple(obligation() for _ in range(obligations)),
    )


def wallet_digest(data: Any) -> bytes:
    """The 32 bytes a wallet signs for typed data."""
    signable = encode_typed_data(full_message=data)
    return keccak256(b"\x19" + signable.version + signable.header + signable.body)


@pytest.mark.parametrize("obligations", range(1, 65))
def test_agreement__with_any_number_of_obligations__has_one_digest_three_ways(
    world: FastWorld, harness: str, obligations: int
) -> None:
    """R1, P6."""
    agreement = any_agreement(random.Random(obligations), obligations)
    whole, formation, array = world.chain.call(
        "CreditMathHarness", harness, "hashes", agreement_argument(agreement)
    )
    digest = agreement_digest(agreement, world.domain)

    assert formation == formation_hash(agreement.formation)
    assert array == obligations_hash(agreement.obligations)
    assert keccak256(b"\x19\x01" + world.domain.separator() + whole) == digest
    assert wallet_digest(agreement_typed_data(agreement, world.domain)) == digest


def test_obligations_hash__rebuilt_with_any_one_of_them__is_the_same(world: FastWorld, harness: str) -> None:
    """What later calls do: anything may stand in the place that is filled in."""
    source = random.Random(2)
    agreement = any_agreement(source, 12)
    hashes = [obligation_hash(obligation) for obligation in agreement.obligations]
    for index, obligation in enumerate(agreement.obligations):
        one = world.chain.call(
            "CreditMathHarness", harness, "hashObligation", obligation_argument(obligation)
        )
        assert one == hashes[index]
        others = [*hashes[:index], source.randbytes(32), *hashes[index + 1 :]]
        rebuilt = world.chain.call("CreditMathHarness", harness, "hashWithOne", others, index, one)
        assert rebuilt == obligations_hash(agreement.obligations)


@pytest.mark.parametrize("obligations", [1, 2, 63, 64])
def test_open__signed_by_wallets__returns_the_digest_they_signed(world: FastWorld, obligations: int) -> None:
    """R1: with the signatures of eth-account, over the JSON a wallet shows."""
    many = replace(world.agreement(), obligations=(UPTIME_OBLIGATION,) * obligations)
    data = agreement_typed_data(many, world.domain)
    signatures = [
        bytes(Account.sign_typed_data(keccak256(name), full_message=data).signature)
        for name in (b"provider", b"customer")
    ]
    with world.chain.undone():
        world.act("open", agreement_argument(many), *signatures, by="operator")
        account = world.view("accountOf", agreement_digest(many, world.domain))
        assert account[4] == 1


def test_domains__as_the_contracts_tell_them__are_those_we_sign_for(world: FastWorld) -> None:
    """ERC-5267, P6."""
    for name, address, domain in (
        ("SLAEscrow", world.escrow, world.domain),
        ("Committee", world.committee, world.committee_domain),
    ):
        fields, title, version, chain_id, contract, salt, extensions = world.chain.call(
            name, address, "eip712Domain"
        )
        assert (fields, salt, extensions) == (b"\x0f", bytes(32), ())
        assert (title, version) == (domain.name, domain.version)
        assert (chain_id, checksum_address(contract)) == (CHAIN_ID, domain.verifying_contract)


def test_round__signed_by_wallets__is_accepted_for_any_values(world: FastWorld) -> None:
    """P5, P6: the committee recovers what eth-account signed over the JSON; our digest is the same."""
    source = random.Random(3)
    with world.chain.undone():
        for number in sorted(source.getrandbits(bits) | 1 << (bits - 1) for bits in range(1, 65, 3)):
            message = {"round": number, "root": source.randbytes(32), "bundle": source.randbytes(32)}
            data = typed_data(world.committee_domain, "Round", ROUND_TYPES, message)
            signatures = [
                bytes(Account.sign_typed_data(keccak256(f"member {i}".encode()), full_message=data).signature)
                for i in range(3)
            ]
            preimage = round_preimage(number, message["root"], message["bundle"], world.committee_domain)  # type: ignore[arg-type]
            assert wallet_digest(data) == keccak256(preimage)
            assert signatures == [key.sign(preimage) for key in MEMBER_KEYS[:3]]
            world.chain.call("Committee", world.committee, "post", *message.values(), [], signatures)


def test_observation__any_values__has_the_digest_a_wallet_signs(world: FastWorld) -> None:
    """Observations never reach a contract in this version: two ways, and they bind the committee (P6)."""
    source = random.Random(4)
    for _ in range(50):
        observation = Observation(
            source.randbytes(32),
            source.getrandbits(32),
            source.getrandbits(8),
            source.getrandbits(16),
            source.random() < 0.5,
            source.getrandbits(64),
            source.getrandbits(96),
            source.randbytes(32),
        )
        message = observation_message(observation)
        data = typed_data(world.committee_domain, "Observation", OBSERVATION_TYPES, message)
        # Booleans are written as such, integers as decimals.
        assert wallet_digest(data) == observation_digest(observation, world.committee_domain)


# The Merkle tree of reports


def any_report(source: random.Random) -> Report:
    return Report(source.randbytes(32), *(source.getrandbits(bits) for bits in (32, 8, 16, 64, 96)))


def test_leaf__any_report__is_equal_in_solidity_and_python(world: FastWorld, harness: str) -> None:
    source = random.Random(5)
    for _ in range(200):
        report = any_report(source)
        leaf = world.chain.call("CreditMathHarness", harness, "leaf", report_argument(report))
        assert leaf == report_leaf(report)


@pytest.mark.parametrize("count", [*range(1, 18), 31, 32, 33, 64, 100, 257])
def test_tree__of_any_size__has_one_root_and_proofs_that_openzeppelin_follows(
    world: FastWorld, harness: str, count: int
) -> None:
    """`ReportTree` builds what `record.merkle` builds, and `MerkleProof` accepts its proofs."""
    source = random.Random(count)
    tree = MerkleTree([any_report(source) for _ in range(count)])
    root = world.chain.call(
        "CreditMathHarness", harness, "rootOf", [report_argument(report) for report in tree.ordered]
    )
    assert root == tree.root
    for report in source.sample(tree.ordered, min(count, 8)):
        proof = list(tree.proof(report))
        assert verify(tree.root, report_leaf(report), proof)
        reached = world.chain.call("CreditMathHarness", harness, "rootOfProof", report_leaf(report), proof)
        assert reached == tree.root


def test_leaf__of_anything__is_never_an_inner_node() -> None:
    """A leaf is the hash of 32 bytes, an inner node the hash of 64: neither can pose as the other."""
    source = random.Random(6)
    tree = MerkleTree([any_report(source) for _ in range(8)])
    inner = tree.proof(tree.ordered[0])[-1]
    assert all(report_leaf(report) != inner for report in tree.ordered)
    assert not verify(tree.root, keccak256(inner), tree.proof(tree.ordered[0])[:-1])
