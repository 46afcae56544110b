"""Signatures in one form only (R19)."""

from contextlib import suppress

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from record.hexes import checksum_address, parse_address
from record.signing import address_of, recover, sign_digest
from sla.errors import RecordError, SignatureError

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
KEYS = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
DIGESTS = st.binary(min_size=32, max_size=32)
KEY, DIGEST = b"\x01" * 32, b"\x02" * 32


@given(key=KEYS, digest=DIGESTS)
def test_sign_digest__any_key_and_digest__equals_eth_account_and_recovers(key: bytes, digest: bytes) -> None:
    signature = sign_digest(key, digest)

    assert signature == bytes(Account.unsafe_sign_hash(digest, key).signature)
    assert recover(digest, signature) == address_of(key) == Account.from_key(key).address


def test_recover__the_same_signature_with_s_in_the_upper_half__is_refused() -> None:
    """P6: no second form of a signature exists."""
    signature = sign_digest(KEY, DIGEST)
    s = int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + (ORDER - s).to_bytes(32, "big") + bytes([55 - signature[64]])

    with pytest.raises(SignatureError, match="upper half"):
        recover(DIGEST, twin)


@pytest.mark.parametrize("v", [0, 1, 2, 26, 29, 37, 255])
def test_recover__v_other_than_27_or_28__is_refused(v: int) -> None:
    with pytest.raises(SignatureError, match="27 or 28"):
        recover(DIGEST, sign_digest(KEY, DIGEST)[:64] + bytes([v]))


@pytest.mark.parametrize("length", [0, 64, 66, 130])
def test_recover__other_lengths__are_refused(length: int) -> None:
    """64 bytes is the compact form of EIP-2098, which OpenZeppelin's ECDSA refuses for bytes signatures."""
    with pytest.raises(SignatureError, match=f"{length} bytes"):
        recover(DIGEST, bytes(length))


@given(signature=st.binary(min_size=64, max_size=64), v=st.sampled_from([27, 28]), digest=DIGESTS)
def test_recover__arbitrary_bytes__is_an_address_or_a_signature_error(
    signature: bytes, v: int, digest: bytes
) -> None:
    try:
        signer = recover(digest, signature + bytes([v]))
    except SignatureError:
        return
    assert parse_address(signer) == signer


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (0, 0), (ORDER, 1)])
def test_recover__numbers_off_the_curve__are_refused(r: int, s: int) -> None:
    with pytest.raises(SignatureError):
        recover(DIGEST, r.to_bytes(32, "big") + s.to_bytes(32, "big") + b"\x1b")


@given(other=DIGESTS)
def test_recover__another_digest__is_another_signer(other: bytes) -> None:
    if other == DIGEST:
        return
    with suppress(SignatureError):
        assert recover(other, sign_digest(KEY, DIGEST)) != address_of(KEY)


@pytest.mark.parametrize(
    "address",
    [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0xde709f2102306220921060314715629080e2fb77",
    ],
)
def test_checksum_address__the_examples_of_erc_55__are_reproduced(address: str) -> None:
    assert checksum_address(address.lower()) == address
    assert parse_address(address) == address
    with pytest.raises(RecordError, match="checksummed"):
        parse_address(address.swapcase())
