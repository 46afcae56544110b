"""Proofs and signatures from anybody: only what was in the round, only what the key made (P6)."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import encode
from eth_keys import KeyAPI
from eth_keys.backends import NativeECCBackend
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from record.abi import encode_word
from record.hexes import checksum_address
from record.keccak import keccak256
from record.merkle import MerkleTree, report_leaf, verify
from record.signing import CURVE_ORDER, address_of, recover, sign_digest
from sla.errors import SignatureError
from sla.report import Report
from tests.unit.record.hostile import EDGES, damaged, refused_or_read, uint

REPORTS = st.builds(
    Report, st.binary(min_size=32, max_size=32), uint(32), uint(8), uint(16), uint(64), uint(96)
)
NODES = st.binary(min_size=32, max_size=32)
TREE = MerkleTree([Report(bytes([number]) * 32, number, 0, 0, 2**64 - 1, 2**96 - 1) for number in range(11)])
KEY, DIGEST = b"\x01" * 32, b"\x02" * 32
SIGNATURE = sign_digest(KEY, DIGEST)
NUMBERS = st.sampled_from(
    [0, 1, CURVE_ORDER // 2, CURVE_ORDER // 2 + 1, CURVE_ORDER - 1, CURVE_ORDER, CURVE_ORDER + 1, 2**256 - 1]
) | st.integers(1, CURVE_ORDER // 2)


@settings(max_examples=100)
@given(place=st.integers(0, 10), data=st.data())
def test_verify__any_other_proof__proves_nothing(place: int, data: st.DataObject) -> None:
    """Siblings of other lengths, too: what is hashed is a concatenation, and could be cut elsewhere."""
    report = TREE.ordered[place]
    proof = TREE.proof(report)
    whole = b"".join(proof)
    bent = data.draw(damaged(st.just(whole)))
    size = data.draw(st.sampled_from([1, 16, 31, 32, 33, 64, 128]))
    other = tuple(bent[at : at + size] for at in range(0, len(bent), size))

    assert verify(TREE.root, report_leaf(report), proof)
    assert verify(TREE.root, report_leaf(report), other) == (other == proof)


@settings(max_examples=75)
@given(
    stranger=REPORTS,
    nodes=st.lists(
        st.sampled_from([n for r in TREE.ordered for n in (report_leaf(r), *TREE.proof(r))]) | NODES,
        max_size=6,
    ),
)
def test_verify__a_report_that_was_not_in_the_round__is_proven_by_no_nodes(
    stranger: Report, nodes: list[bytes]
) -> None:
    if stranger not in TREE.ordered:
        assert not verify(TREE.root, report_leaf(stranger), nodes)


@settings(max_examples=40)
@given(reports=st.lists(REPORTS, max_size=8))
def test_merkle_tree__any_reports__are_refused_or_each_is_proven_from_its_abi_encoding(
    reports: list[Report],
) -> None:
    tree = refused_or_read(MerkleTree, reports)

    assert (tree is not None) == (0 < len(reports) == len(set(reports)))
    for report in reports if tree else []:
        types = ["bytes32", "uint32", "uint8", "uint16", "uint64", "uint96"]
        members = [getattr(report, name) for name in Report.__dataclass_fields__]
        assert tree is not None
        assert verify(tree.root, keccak256(keccak256(encode(types, members))), tree.proof(report))


@given(field=st.sampled_from(list(Report.__dataclass_fields__)[1:]), number=st.sampled_from([-1, *EDGES]))
def test_report_leaf__a_number_its_type_does_not_hold__is_refused(field: str, number: int) -> None:
    """Cut to its type it would be another report, that nobody signed."""
    bits = {"period": 32, "obligation": 8, "revision": 16, "attained": 64, "charge": 96}[field]
    values = {"agreement": bytes(32), "period": 0, "obligation": 0, "revision": 0, "attained": 0, "charge": 0}
    report = Report(**{**values, field: number})  # type: ignore[arg-type]

    assert (refused_or_read(report_leaf, report) is not None) == (0 <= number < 2**bits)


@settings(max_examples=100)
@given(
    kind=st.sampled_from(["bool", "uint8", "uint16", "uint64", "uint96", "uint256", "bytes32", "address"]),
    value=st.booleans()
    | st.none()
    | st.sampled_from([-1, *EDGES])
    | st.integers()
    | st.floats()
    | st.binary(max_size=34)
    | NODES
    | st.binary(min_size=20, max_size=20).map(checksum_address)
    | st.text(max_size=5),
)
def test_encode_word__any_value__is_refused_or_its_abi_encoding(kind: str, value: Any) -> None:
    word = refused_or_read(lambda given: encode_word(kind, given), value)

    fits = {
        "bool": isinstance(value, bool),
        "bytes32": isinstance(value, bytes) and len(value) == 32,
        "address": isinstance(value, str) and len(value) == 42,
    }
    is_number = type(value) is int and kind.startswith("uint") and 0 <= value < 2 ** int(kind[4:])
    assert word == (encode([kind], [value]) if fits.get(kind, is_number) else None)


@given(text=st.text(max_size=5) | st.text(st.characters(categories=["Cs"]), max_size=2))
def test_encode_word__any_string__is_refused_or_the_hash_of_its_bytes(text: str) -> None:
    has_half = any("\ud800" <= letter <= "\udfff" for letter in text)

    word = refused_or_read(lambda given: encode_word("string", given), text)
    assert word == (None if has_half else keccak256(text.encode()))


def of_reference(digest: bytes, v: int, r: int, s: int) -> str | None:
    """The signer by eth-keys' own arithmetic in Python; None where there is none."""
    reference = KeyAPI(NativeECCBackend())
    try:
        key = reference.ecdsa_recover(digest, reference.Signature(vrs=(v - 27, r, s)))
    except (BadSignature, ValidationError, ValueError):
        return None
    return key.to_checksum_address()


def signer(digest: bytes, signature: bytes) -> str | None:
    """Whoever signed; None where it was refused with a sentence."""
    return refused_or_read(lambda given: recover(digest, given), signature, SignatureError)


@settings(max_examples=60)
@given(
    r=NUMBERS,
    s=NUMBERS,
    v=st.sampled_from([26, 27, 28, 29]),
    digest=st.sampled_from([DIGEST, bytes(32), b"\xff" * 32]),
)
def test_recover__numbers_at_the_edges__are_refused_or_the_signer_of_the_reference(
    r: int, s: int, v: int, digest: bytes
) -> None:
    found = signer(digest, r.to_bytes(32) + s.to_bytes(32) + bytes([v]))

    is_one_form = v in (27, 28) and s <= CURVE_ORDER // 2
    assert found == (of_reference(digest, v, r, s) if is_one_form else None)


@settings(max_examples=100)
@given(signature=damaged(st.just(SIGNATURE)))
def test_recover__a_damaged_signature__is_never_that_of_the_key(signature: bytes) -> None:
    """P6: of all 65 bytes only these are the key's for this digest."""
    assert (signer(DIGEST, signature) == address_of(KEY)) == (signature == SIGNATURE)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_recover__a_digest_of_another_length__is_refused(length: int) -> None:
    assert signer(bytes(length), SIGNATURE) is None
