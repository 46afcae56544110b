"""Transactions are built and signed as eth-account builds and signs them."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.errors import SignerError
from chain.keys import LocalKey
from chain.sending_errors import ether
from chain.transactions import Transaction
from record.hexes import checksum_address
from record.keccak import keccak256
from record.signing import recover

SECRET = keccak256(b"key")
KEY = LocalKey(SECRET)
WORDS = st.integers(0, 2**64 - 1)


@settings(max_examples=60)
@given(
    chain_id=st.integers(1, 2**53 - 1),
    nonce=WORDS,
    tip=WORDS,
    fee=WORDS,
    gas=WORDS,
    to=st.none() | st.binary(min_size=20, max_size=20).map(checksum_address),
    data=st.binary(max_size=300),
    value=WORDS,
)
def test_signed__any_fields__are_the_bytes_of_eth_account(
    chain_id: int, nonce: int, tip: int, fee: int, gas: int, to: str | None, data: bytes, value: int
) -> None:
    transaction = Transaction(chain_id, nonce, tip, fee, gas, to, data, value)
    fields: dict[str, Any] = {
        "type": 2, "chainId": chain_id, "nonce": nonce, "maxPriorityFeePerGas": tip, "maxFeePerGas": fee, "gas": gas,
        "to": to or "", "value": value, "data": data,
    }  # fmt: skip
    raw = transaction.signed(KEY)

    assert raw == bytes(Account.sign_transaction(fields, SECRET).raw_transaction)
    assert Account.recover_transaction(raw) == KEY.address
    assert recover(keccak256(transaction.preimage()), KEY.sign(transaction.preimage())) == KEY.address


def test_signed__by_a_signer_that_uses_another_key__is_refused() -> None:
    class Impostor:
        address = KEY.address

        def sign(self, message: bytes) -> bytes:
            return LocalKey(keccak256(b"another")).sign(message)

    with pytest.raises(SignerError, match="signed with the key of"):
        Transaction(1, 0, 0, 0, 21_000, None, b"").signed(Impostor())


def test_dearer__only_when_fees_rose_by_more_than_an_eighth__offers_more_of_both() -> None:
    cheap = Transaction(1, 7, 80, 800, 21_000, None, b"x", 5)

    assert cheap.dearer(900) is None
    assert cheap.dearer(901) == Transaction(1, 7, 91, 901, 21_000, None, b"x", 5)


@pytest.mark.parametrize(
    ("wei", "text"),
    [(0, "0"), (1, "0.000000000000000001"), (15 * 10**17, "1.5"), (10**18, "1"), (10**19, "10")],
)
def test_ether__of_wei__loses_nothing(wei: int, text: str) -> None:
    assert ether(wei) == text
