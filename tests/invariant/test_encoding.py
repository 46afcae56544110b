"""What the invariant tests write for themselves, for speed, is what `record/` and eth_abi write."""

from __future__ import annotations

import random

from eth_abi import encode

from chain.messages import agreement_argument, obligation_argument, terms_argument
from record.eip712 import agreement_digest, escrow_domain, obligation_hash, obligations_hash, round_digest
from record.merkle import MerkleTree, report_leaf, verify
from sla.agreement import NO_DATA
from sla.report import Report
from tests.contracts.fast_chain import function
from tests.contracts.world import usual_agreement
from tests.invariant.calls import Call, Signature
from tests.invariant.deal import Deal
from tests.invariant.encoding import error_data, event_log
from tests.invariant.model_committee import round_digest as quick_round_digest
from tests.invariant.rounds import Tree

TOKEN, COMMITTEE = "0x" + "11" * 20, "0x" + "22" * 20
DOMAIN = escrow_domain(1, "0x" + "33" * 20)
DEAL = Deal("A", usual_agreement(TOKEN, COMMITTEE), DOMAIN)
FIXED = (terms_argument(DEAL.agreement), obligations_hash(DEAL.agreement.obligations))


def abi(name: str, *arguments: object) -> bytes:
    """By web3's own codec."""
    selector, kinds, _ = function("SLAEscrow", name)
    return selector + encode(kinds, arguments)


def test_deal__its_id_and_hashes__are_those_of_record() -> None:
    assert DEAL.id == agreement_digest(DEAL.agreement, DOMAIN)
    assert DEAL.hashes == [obligation_hash(one) for one in DEAL.agreement.obligations]
    assert quick_round_digest(DOMAIN, 7, b"r" * 32, b"b" * 32) == round_digest(
        7, b"r" * 32, b"b" * 32, DOMAIN
    )


def test_calldata__of_every_shape__is_eth_abis() -> None:
    one = Signature("ann", DEAL.id)
    signatures = (one.encoded(), one.encoded())
    whole = agreement_argument(DEAL.agreement)
    parts = (FIXED[0], DEAL.hashes, obligation_argument(DEAL.agreement.obligations[1]))
    keys, proof = [(1, 2), (3, 1)], [b"p" * 32, b"q" * 32]
    formation = whole[3]
    expected = {
        Call("open", "ann", (DEAL, one, one)): abi("open", whole, *signatures),
        Call("amend", "ann", (DEAL, one, one, DEAL, 5)): abi("amend", whole, *signatures, *FIXED, 5),
        Call("terminate", "ann", (DEAL, 3, 9, one, one)): abi("terminate", *FIXED, 3, 9, *signatures),
        Call("exit", "ann", (DEAL, DEAL.agreement.formation, 2, tuple(keys))): abi(
            "exit", *FIXED, formation, 2, keys
        ),
        Call("link", "ann", (DEAL, DEAL)): abi("link", *FIXED, *FIXED),
        Call("deposit", "ann", (DEAL, 77)): abi("deposit", *FIXED, 77),
        Call("claim", "ann", (DEAL, (4, 1), 6, (NO_DATA, 8), tuple(proof))): abi(
            "claim", *parts, (4, 1), 6, (NO_DATA, 8), proof
        ),
        Call("dispute", "ann", (DEAL, (4, 1), (5, 6))): abi("dispute", *parts, (4, 1), (5, 6)),
        Call("concede", "ann", (DEAL, (4, 1), 5)): abi("concede", *FIXED, (4, 1), 5),
        Call("submitEvidence", "ann", (DEAL, (4, 1), b"h" * 32, "uri")): abi(
            "submitEvidence", *FIXED, (4, 1), b"h" * 32, "uri"
        ),
        Call("settle", "ann", (DEAL, tuple(keys))): abi("settle", *FIXED, keys),
        Call("withdraw", "ann", (TOKEN, COMMITTEE, TOKEN)): abi("withdraw", TOKEN, COMMITTEE, TOKEN),
        Call("multicall", "ann", ((Call("deposit", "ann", (DEAL, 1)),),)): abi(
            "multicall", [abi("deposit", *FIXED, 1)]
        ),
    }
    for call, calldata in expected.items():
        assert call.calldata() == calldata, call


def test_log_and_error__of_dynamic_values__are_eth_abis() -> None:
    values = (DEAL.id, 2, 3, TOKEN, b"h" * 32, "where it lies")
    address, topics, data = event_log(TOKEN, "EvidenceSubmitted", values)
    assert (address, topics[1:]) == (TOKEN, [DEAL.id, bytes(12) + b"\x11" * 20])
    assert data == encode(["uint32", "uint8", "bytes32", "string"], [2, 3, b"h" * 32, "where it lies"])
    assert error_data("PartyChanged", ("customer",))[4:] == encode(["string"], ["customer"])
    settled = event_log(TOKEN, "Settled", (DEAL.id, 1, 0, 5, -7))[2]
    assert settled == encode(["uint32", "uint8", "uint96", "int256"], [1, 0, 5, -7])


def test_tree__of_any_size__is_the_one_of_record() -> None:
    source = random.Random(1)
    for size in (1, 2, 3, 7, 12):
        reports = [Report(source.randbytes(32), n, 0, 1, NO_DATA, n) for n in range(size)]
        quick, slow = Tree(reports), MerkleTree(reports)
        assert (quick.root, quick.ordered) == (slow.root, slow.ordered)
        for index, report in enumerate(quick.ordered):
            assert quick.proof(index) == slow.proof(report)
            assert verify(quick.root, report_leaf(report), quick.proof(index))
