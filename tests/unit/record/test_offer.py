"""The signature file: it proves one party's will about one agreement, and anything else is refused in one sentence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.eip712 import Domain, agreement_digest, escrow_domain
from record.offer import Offer, OfferError, offer_bytes, offer_of, read_offer, read_signature
from record.signing import CURVE_ORDER, sign_digest
from record.terms import load_terms
from tests.unit.cli.terms_hostile import CUSTOMER, PROVIDER, SOUND, change

PROVIDER_KEY, CUSTOMER_KEY = (1001).to_bytes(32), (1002).to_bytes(32)
AGREEMENT = load_terms(SOUND).agreement()
DOMAIN = escrow_domain(31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
NOW = 1_795_305_600


def signed(
    key: bytes = PROVIDER_KEY, domain: Domain = DOMAIN, role: str = "provider", text: str = SOUND
) -> Offer:
    agreement = load_terms(text).agreement()
    return offer_of(agreement, domain, role, sign_digest(key, agreement_digest(agreement, domain)))


def refusal(data: bytes, role: str = "provider", now: int = NOW, is_contract: bool = False) -> str:
    with pytest.raises(OfferError) as refused:
        read_signature(data, AGREEMENT, DOMAIN, role, now, is_contract)
    assert refused.value.remedy
    return refused.value.problem


@pytest.mark.parametrize(("key", "role"), [(PROVIDER_KEY, "provider"), (CUSTOMER_KEY, "customer")])
def test_read_signature__of_the_right_party__is_the_65_bytes_that_were_made(key: bytes, role: str) -> None:
    offer = signed(key, role=role)
    data = offer_bytes(offer)

    assert read_signature(data, AGREEMENT, DOMAIN, role, NOW) == offer.signature
    assert len(offer.signature) == 65
    assert read_offer(data) == offer
    assert json.loads(data)["address"] == {"provider": PROVIDER, "customer": CUSTOMER}[role]


def test_read_signature__wrong_party__names_both_accounts() -> None:
    assert (
        refusal(offer_bytes(signed(CUSTOMER_KEY)))
        == f"the signature is that of {CUSTOMER}, but the provider is {PROVIDER}"
    )
    assert (
        refusal(offer_bytes(signed(CUSTOMER_KEY, role="customer")))
        == "it was signed as customer, not as provider"
    )
    other = replace(signed(), address=CUSTOMER)
    assert refusal(offer_bytes(other)) == f"it names the account {CUSTOMER}, but the provider is {PROVIDER}"


def test_read_signature__wrong_chain__names_both() -> None:
    other = signed(domain=escrow_domain(1, DOMAIN.verifying_contract))

    assert refusal(offer_bytes(other)) == "it was signed for chain 1, but the network is chain 31337"


def test_read_signature__wrong_contract__names_both() -> None:
    other = signed(domain=escrow_domain(31337, PROVIDER))

    assert PROVIDER in refusal(offer_bytes(other))
    assert DOMAIN.verifying_contract in refusal(offer_bytes(other))


def test_read_signature__other_terms__says_so() -> None:
    assert "under other terms" in refusal(offer_bytes(signed(text=change("atLeast: 99%", "atLeast: 99.0%"))))


def test_read_signature__id_that_is_not_of_these_terms__says_so() -> None:
    assert "another agreement" in refusal(offer_bytes(replace(signed(), agreement=bytes(32))))


def test_read_signature__relabelled_for_this_chain__is_not_believed() -> None:
    """The words around a signature prove nothing: what was signed elsewhere recovers to somebody else."""
    elsewhere = signed(domain=escrow_domain(1, DOMAIN.verifying_contract))
    forged = replace(signed(), signature=elsewhere.signature)

    assert "the signature is that of" in refusal(offer_bytes(forged))


def test_read_signature__expired_offer__says_when() -> None:
    open_by = AGREEMENT.formation.open_by
    data = offer_bytes(signed())

    assert read_signature(data, AGREEMENT, DOMAIN, "provider", open_by - 1)
    assert "the offer ended at 2027-05-01 00:00:00 UTC" in refusal(data, now=open_by)


def test_read_signature__malleable_twin__is_refused() -> None:
    good = signed().signature
    twin = good[:32] + (CURVE_ORDER - int.from_bytes(good[32:64])).to_bytes(32) + bytes([55 - good[64]])

    assert "upper half" in refusal(offer_bytes(replace(signed(), signature=twin)))


@pytest.mark.parametrize(
    ("mangle", "words"),
    [
        (lambda good: good[:64], "64 bytes, the compact form of EIP-2098"),
        (lambda good: good + b"\x00", "66 bytes"),
        (lambda good: good[:63], "63 bytes"),
        (lambda good: good[:64] + b"\x00", "v is 0"),
        (lambda good: good[:64] + b"\x1d", "v is 29"),
        (lambda good: bytes(64) + b"\x1b", "no key made this signature"),
        (lambda good: b"\xff" * 32 + good[32:], "no key made this signature"),
    ],
)  # fmt: skip
def test_read_signature__malformed__says_what_it_is(mangle, words) -> None:  # type: ignore[no-untyped-def]
    assert words in refusal(offer_bytes(replace(signed(), signature=mangle(signed().signature))))


@pytest.mark.parametrize("signature", [b"\x00", b"\x01" * 64, b"\x01" * 66, b"\x01" * 6_500])
def test_read_signature__of_a_contract_wallet__may_have_any_length(signature: bytes) -> None:
    data = offer_bytes(replace(signed(), signature=signature))

    assert read_signature(data, AGREEMENT, DOMAIN, "provider", NOW, is_contract=True) == signature
    assert refusal(data)


GOOD = offer_bytes(signed())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cannot be read: $ is not JSON"),
        (GOOD[:-40], "cannot be read: $ is not JSON"),
        (b"\xff\xfe", "cannot be read: $ is not JSON"),
        (b"null", "is not an object"),
        (b"[" * 100_000, "lies deeper than 64 levels"),
        (b" " * 100_001, "has more than 100000 bytes"),
        (GOOD.replace(b"signature/1", b"signature/2"), "its format is 'makegood-signature/2'"),
        (GOOD.replace(b'"role":"provider"', b'"role":"arbiter"'), "$.role is 'arbiter'"),
        (GOOD.replace(b'"chainId":31337', b'"chainId":31337.0'), "is the number 31337.0"),
        (GOOD.replace(b'"chainId":31337', b'"chainId":-1'), "is not a number below"),
        (GOOD.replace(b'"chainId":31337,', b""), "$.chainId is missing"),
        (GOOD.replace(b'"chainId"', b'"chain"'), "$.chain is not known"),
        (GOOD.replace(b'"role":', b'"role":"customer","role":'), "occurs twice"),
        (GOOD.replace(PROVIDER.encode(), PROVIDER.lower().encode()), "is not a checksummed address"),
        (GOOD.replace(b'"signature":"0x', b'"signature":"'), "the signature is not one in hex"),
        (GOOD.replace(b'"signature":"0x', b'"signature":"0xzz'), "is not hex"),
        (GOOD.replace(b'"signature":"0x', b'"signature":"0xA'), "is not hex"),
        (GOOD.replace(b'"signature":"0x', b'"signature":"0xAA'), "is not lower-case hex"),
        (json.dumps(json.loads(GOOD), indent=1).encode(), "is not in canonical form"),
    ],
)  # fmt: skip
def test_read_offer__anything_else__is_refused(data: bytes, words: str) -> None:
    assert words in refusal(data)


@given(place=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255))
def test_read_signature__any_byte_changed__is_refused(place: int, byte: int) -> None:
    changed = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
    if changed != GOOD:
        assert refusal(changed)


@given(data=st.binary(max_size=200))
def test_read_offer__arbitrary_bytes__are_refused_and_nothing_else(data: bytes) -> None:
    assert refusal(data)
