"""The files that go round among a committee's members: an offer of a rotation, and signatures under it (R12)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from record.eip712 import committee_domain
from record.hexes import checksum_address
from record.keccak import keccak256
from record.rotation import (
    MAX_BYTES,
    Rotation,
    RotationFileError,
    offer_bytes,
    read_offer,
    read_signature,
    signature_bytes,
)
from record.signing import address_of, sign_digest
from record.typed_data import Domain
from sla.errors import SignatureError

COMMITTEE, OTHER, LEAVES, COMES = (checksum_address(bytes([n]) * 20) for n in range(0xC0, 0xC4))
DOMAIN = committee_domain(31337, COMMITTEE)
ROTATION = Rotation(LEAVES, COMES, 7)
KEY = keccak256(b"a member")
SIGNATURE = sign_digest(KEY, ROTATION.digest(DOMAIN))


def test_offer__written__has_one_form_and_reads_back() -> None:
    data = offer_bytes(ROTATION, DOMAIN)
    assert (
        data
        == (
            f'{{"chainId":31337,"committee":"{COMMITTEE}","format":"makegood-rotation/1","incoming":"{COMES}",'
            f'"number":"7","outgoing":"{LEAVES}"}}\n'
        ).encode()
    )
    assert read_offer(data, DOMAIN) == ROTATION
    assert read_offer(data.rstrip(b"\n"), DOMAIN) == ROTATION


def test_signature__written__says_who_signed() -> None:
    data = signature_bytes(ROTATION, DOMAIN, SIGNATURE)
    assert read_signature(data, ROTATION, DOMAIN) == (address_of(KEY), SIGNATURE)


@pytest.mark.parametrize(
    ("rotation", "problem"),
    [
        (replace(ROTATION, number=8), "signed for rotation 7, .* not for 8"),
        (replace(ROTATION, incoming=OTHER), f"{COMES} in place of {LEAVES}; not for 7, {OTHER}"),
        (replace(ROTATION, outgoing=OTHER), f"in place of {OTHER}"),
    ],
)
def test_signature__of_another_rotation__is_refused(rotation: Rotation, problem: str) -> None:
    with pytest.raises(RotationFileError, match=problem):
        read_signature(signature_bytes(ROTATION, DOMAIN, SIGNATURE), rotation, DOMAIN)


@pytest.mark.parametrize(
    ("domain", "problem"),
    [
        (committee_domain(1, COMMITTEE), "for chain 31337, but the network is chain 1"),
        (committee_domain(31337, OTHER), f"about the committee {COMMITTEE}, not {OTHER}"),
    ],
)
def test_file__of_another_chain_or_committee__is_refused(domain: Domain, problem: str) -> None:
    """P6: the digest binds both; the file says which of them is not the one meant."""
    with pytest.raises(RotationFileError, match=problem):
        read_offer(offer_bytes(ROTATION, DOMAIN), domain)
    with pytest.raises(RotationFileError, match=problem):
        read_signature(signature_bytes(ROTATION, DOMAIN, SIGNATURE), ROTATION, domain)


BROKEN = [
    (b"", "cannot be read"),
    (b"{}", "cannot be read"),
    (b"[1]", "cannot be read"),
    (b"\xff", "cannot be read"),
    (b"x" * (MAX_BYTES + 1), "more than 10000 bytes"),
    (
        offer_bytes(ROTATION, DOMAIN).replace(b"rotation/1", b"rotation/2"),
        "its format is 'makegood-rotation/2'",
    ),
    (offer_bytes(ROTATION, DOMAIN).replace(b'"7"', b"7"), "cannot be read"),
    (offer_bytes(ROTATION, DOMAIN).replace(b'"7"', b'"07"'), "cannot be read"),
    (offer_bytes(ROTATION, DOMAIN).replace(b'"7"', b'"%d"' % 2**256), "cannot be read"),
    (offer_bytes(ROTATION, DOMAIN).replace(b"31337", b"-1"), "cannot be read"),
    (offer_bytes(ROTATION, DOMAIN).replace(LEAVES.encode(), LEAVES.lower().encode()), "cannot be read"),
    (json.dumps(json.loads(offer_bytes(ROTATION, DOMAIN)), indent=2).encode(), "cannot be read"),
    (signature_bytes(ROTATION, DOMAIN, SIGNATURE), "cannot be read"),
]


@pytest.mark.parametrize(("data", "problem"), BROKEN)
def test_offer__not_as_it_was_written__is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(RotationFileError, match=problem):
        read_offer(data, DOMAIN)


def test_signature__not_in_its_one_form__is_refused() -> None:
    good = json.loads(signature_bytes(ROTATION, DOMAIN, SIGNATURE))
    upper = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141 - int.from_bytes(
        SIGNATURE[32:64]
    )
    twin = SIGNATURE[:32] + upper.to_bytes(32) + bytes([55 - SIGNATURE[64]])
    for broken in (SIGNATURE[:64], SIGNATURE + b"\0", bytes(65), twin):
        said = {**good, "signature": f"0x{broken.hex()}"}
        data = json.dumps(said, separators=(",", ":"), sort_keys=True).encode()
        with pytest.raises(SignatureError):
            read_signature(data, ROTATION, DOMAIN)


def test_signature__altered__is_somebody_elses() -> None:
    """Recovery always finds some account: whoever reads the file checks that it is a member."""
    other = sign_digest(KEY, ROTATION.digest(committee_domain(31337, OTHER)))
    signer, _ = read_signature(signature_bytes(ROTATION, DOMAIN, other), ROTATION, DOMAIN)
    assert signer != address_of(KEY)
