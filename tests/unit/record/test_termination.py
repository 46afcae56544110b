"""The files that go round between two parties who end an agreement: an offer, and signatures under it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from record.eip712 import escrow_domain
from record.hexes import checksum_address
from record.keccak import keccak256
from record.offer import OfferError
from record.signing import address_of, sign_digest
from record.termination import (
    MAX_BYTES,
    Termination,
    TerminationFileError,
    offer_bytes,
    read_offer,
    read_signature,
    signature_bytes,
    verify,
)
from record.terms import load_terms
from record.typed_data import Domain
from tests.unit.cli.terms_hostile import PROVIDER, change

ESCROW, OTHER = (checksum_address(bytes([n]) * 20) for n in (0xC0, 0xC1))
DOMAIN = escrow_domain(31337, ESCROW)
KEY = keccak256(b"a provider")
AGREEMENT = load_terms(change(PROVIDER, address_of(KEY))).agreement()
TERMINATION = Termination(keccak256(b"an agreement"), 3, 1_800_000_000)
SIGNATURE = sign_digest(KEY, TERMINATION.digest(DOMAIN))
SIGNED = signature_bytes(TERMINATION, DOMAIN, AGREEMENT, "provider", SIGNATURE)


def test_offer__written__has_one_form_and_reads_back() -> None:
    data = offer_bytes(TERMINATION, DOMAIN)
    assert (
        data
        == (
            f'{{"agreement":"0x{TERMINATION.agreement.hex()}","chainId":31337,"count":3,"escrow":"{ESCROW}",'
            f'"format":"makegood-termination/1","validBy":1800000000}}\n'
        ).encode()
    )
    assert read_offer(data, DOMAIN) == TERMINATION
    assert read_offer(data.rstrip(b"\n"), DOMAIN) == TERMINATION


def test_signature__written__says_who_signed() -> None:
    assert read_signature(SIGNED, TERMINATION, DOMAIN, AGREEMENT) == ("provider", SIGNATURE)
    verify(SIGNATURE, TERMINATION, DOMAIN, AGREEMENT, "provider")


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (replace(TERMINATION, count=4), "end after 3 periods, .* not for .* end after 4 periods"),
        (replace(TERMINATION, valid_by=1_800_000_001), "08:00:00 UTC, not for .* 08:00:01 UTC"),
        (replace(TERMINATION, agreement=bytes(32)), "not for agreement 0x0000"),
    ],
)
def test_signature__of_another_termination__is_refused(other: Termination, problem: str) -> None:
    with pytest.raises(TerminationFileError, match=problem):
        read_signature(SIGNED, other, DOMAIN, AGREEMENT)


@pytest.mark.parametrize(
    ("domain", "problem"),
    [
        (escrow_domain(1, ESCROW), "for chain 31337, but the network is chain 1"),
        (escrow_domain(31337, OTHER), f"for the escrow {ESCROW}, but the network's is {OTHER}"),
    ],
)
def test_files__of_another_chain_or_escrow__are_refused(domain: Domain, problem: str) -> None:
    with pytest.raises(TerminationFileError, match=problem):
        read_offer(offer_bytes(TERMINATION, DOMAIN), domain)
    with pytest.raises(TerminationFileError, match=problem):
        read_signature(SIGNED, TERMINATION, domain, AGREEMENT)


@pytest.mark.parametrize(
    ("member", "value", "problem"),
    [
        ("role", "arbiter", "its role is 'arbiter'"),
        ("address", OTHER, f"it names the account {OTHER}, but the provider is"),
        ("signature", "0xzz", "cannot be read"),
        ("signature", "0x", "cannot be read"),
        ("count", "3", "cannot be read"),
        ("count", 1 << 24, "cannot be read"),
        ("validBy", 1 << 40, "cannot be read"),
        ("agreement", "0x12", "cannot be read"),
        ("format", "makegood-signature/1", "its format is 'makegood-signature/1'"),
        ("more", 1, "cannot be read"),
    ],
)
def test_signature__member_that_is_wrong__is_named(member: str, value: object, problem: str) -> None:
    said = {**json.loads(SIGNED), member: value}
    data = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(TerminationFileError, match=problem):
        read_signature(data, TERMINATION, DOMAIN, AGREEMENT)


def test_signature__by_another_key__names_it() -> None:
    stranger = keccak256(b"a stranger")
    signature = sign_digest(stranger, TERMINATION.digest(DOMAIN))
    with pytest.raises(OfferError, match=f"that of {address_of(stranger)}, but the provider is"):
        verify(signature, TERMINATION, DOMAIN, AGREEMENT, "provider")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff", b"{}" * 100_000, b" " * (MAX_BYTES + 1)]
)
def test_files__that_are_something_else__are_one_sentence(data: bytes) -> None:
    with pytest.raises(TerminationFileError):
        read_offer(data, DOMAIN)
    with pytest.raises(TerminationFileError):
        read_signature(data, TERMINATION, DOMAIN, AGREEMENT)
