"""An external signer: asked as its published API says, believed only as far as its signatures recover."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from eth_account import Account
from hypothesis import example, given
from hypothesis import strategies as st

from chain.errors import SignerError
from chain.keys import checked
from chain.transactions import Transaction
from chain.web3signer import Web3Signer, public_keys
from record.keccak import keccak256
from record.signing import CURVE_ORDER, recover, sign_digest
from sla.errors import MakegoodError, RecordError
from tests.unit.chain.server import Said, Speak, serving
from tests.unit.chain.web3signer_server import identifier, signer

KEY, OTHER = keccak256(b"ours"), keccak256(b"another's")
ADDRESS = Account.from_key(KEY).address
MESSAGE = b"\x19\x01" + bytes(64)


def changed(answer: Callable[[Said], Said], only: str = "/sign/") -> Speak:
    """The signer, but for some answers."""
    honest = signer([KEY])

    def speak(method: str, path: str, body: bytes) -> Said:
        said = honest(method, path, body)
        return answer(said) if only in path else said

    return speak


def test_sign__a_signer_with_the_key__signs_keccak_of_the_message() -> None:
    with serving(signer([OTHER, KEY])) as url:
        external = Web3Signer(url + "/", ADDRESS)
        signature = external.sign(MESSAGE)

        assert external.is_up()
        assert external.address == ADDRESS
        assert signature == bytes(Account.unsafe_sign_hash(keccak256(MESSAGE), KEY).signature)


def test_transaction__signed_by_an_external_signer__is_what_eth_account_makes() -> None:
    fields = {
        "chainId": 31337,
        "nonce": 7,
        "gas": 90_000,
        "maxFeePerGas": 3 * 10**9,
        "maxPriorityFeePerGas": 10**9,
    }
    to = Account.from_key(OTHER).address
    expected = Account.sign_transaction({**fields, "to": to, "value": 0, "data": b"\x01\x02", "type": 2}, KEY)
    with serving(signer([KEY])) as url:
        raw = Transaction(31337, 7, 10**9, 3 * 10**9, 90_000, to, b"\x01\x02").signed(
            Web3Signer(url, ADDRESS)
        )

    assert raw == bytes(expected.raw_transaction)


def test_signer__that_is_absent__is_told_without_the_secrets_of_its_address() -> None:
    with serving(signer([KEY])) as url:
        port = url.rsplit(":", 1)[1]
    with pytest.raises(SignerError, match="Connection refused") as refused:
        Web3Signer(f"http://user:secret@127.0.0.1:{port}/path?token=secret", ADDRESS)
    assert "secret" not in str(refused.value)


def test_signer__that_went_away__is_told_and_not_up() -> None:
    with serving(signer([KEY])) as url:
        external = Web3Signer(url, ADDRESS)
    assert not external.is_up()
    with pytest.raises(SignerError, match="gives no answer"):
        external.sign(MESSAGE)


def test_signer__without_the_key__is_refused() -> None:
    with serving(signer([OTHER])) as url, pytest.raises(SignerError, match="holds 1 keys, but not that of"):
        Web3Signer(url, ADDRESS)


def test_signer__that_lost_the_key_since__is_told() -> None:
    with serving(changed(lambda _: Said(404))) as url, pytest.raises(SignerError, match="no longer holds"):
        Web3Signer(url, ADDRESS).sign(MESSAGE)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no signature"),
        (b"OK", "no signature"),
        (b"\xff\xfe", "no signature"),
        (b"0x123", "no signature"),
        (b"0x" + b"00" * 64, "64 bytes"),
        (b"0x" + b"11" * 66, "66 bytes"),
        (b"0x" + b"00" * 65, "no valid signature"),
        (b"0x" + b"ff" * 65, "v is 255"),
        (("0x" + sign_digest(OTHER, keccak256(MESSAGE)).hex()).encode(), "signed with the key of"),
        (("0x" + sign_digest(KEY, keccak256(b"else")).hex()).encode(), "or signed something else"),
        (("0x" + sign_digest(KEY, keccak256(keccak256(MESSAGE))).hex()).encode(), "signed with the key of"),
    ],
)
def test_sign__an_answer_that_is_not_our_signature__is_refused(body: bytes, words: str) -> None:
    with (
        serving(changed(lambda _: Said(200, {}, body))) as url,
        pytest.raises(SignerError, match=words),
    ):
        Web3Signer(url, ADDRESS).sign(MESSAGE)


@pytest.mark.parametrize("status", [301, 302, 400, 401, 500, 503])
def test_signer__any_other_status__is_told(status: int) -> None:
    elsewhere = {"Location": "http://127.0.0.1:1/"}
    with (
        serving(changed(lambda _: Said(status, elsewhere), "/publicKeys")) as url,
        pytest.raises(SignerError, match=f"would not list its keys: HTTP {status}"),
    ):
        Web3Signer(url, ADDRESS)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b"[1]", b"[[]]", b"null", b"[" * 100_000])
def test_signer__a_list_of_keys_that_is_none__is_told(body: bytes) -> None:
    with (
        serving(changed(lambda _: Said(200, {}, body), "/publicKeys")) as url,
        pytest.raises(SignerError, match="no list of public keys"),
    ):
        Web3Signer(url, ADDRESS)


def test_signer__an_endless_answer__is_cut_off() -> None:
    def endless() -> object:
        while True:
            yield b" " * 65_536

    with (
        serving(changed(lambda _: Said(200, {}, endless()), "/publicKeys")) as url,  # type: ignore[arg-type]
        pytest.raises(SignerError, match="longer than 4194304 bytes"),
    ):
        Web3Signer(url, ADDRESS)


@pytest.mark.parametrize("url", ["", "localhost:9000", "file:///etc/passwd", "http://"])
def test_signer__an_address_that_is_none__is_refused(url: str) -> None:
    with pytest.raises(SignerError, match="not one of http or https"):
        Web3Signer(url, ADDRESS)


def test_signer__an_account_in_lower_case__is_refused() -> None:
    with pytest.raises(RecordError, match="checksummed"):
        Web3Signer("http://127.0.0.1:1", ADDRESS.lower())


def test_public_keys__in_every_usual_form__have_the_address_eth_account_gives() -> None:
    whole = identifier(KEY)
    compressed = "0x" + ("02" if int(whole[-1], 16) % 2 == 0 else "03") + whole[2:66]
    forms = [whole, whole[2:], "0x04" + whole[2:], compressed]

    assert public_keys(json.dumps(forms).encode()) == [(form, ADDRESS) for form in forms]


@given(st.binary(max_size=200))
@example(b"[" * 5_000)
@example(json.dumps(["0x" + "ff" * 64, "0x02" + "ff" * 32, "0x03" + "00" * 32]).encode())
def test_public_keys__arbitrary_bytes__are_a_list_or_none(body: bytes) -> None:
    found = public_keys(body)

    assert found is None or all(len(address) == 42 for _, address in found)


@given(signature=st.binary(max_size=70), message=st.binary(max_size=100))
@example(signature=bytes(64) + b"\x1b", message=b"")
@example(signature=b"\xff" * 65, message=b"")
def test_checked__arbitrary_bytes__are_refused(signature: bytes, message: bytes) -> None:
    with pytest.raises(MakegoodError):
        checked(signature, message, ADDRESS)


@given(message=st.binary(max_size=100), is_high=st.booleans(), is_short=st.booleans())
def test_checked__an_equal_form_of_our_signature__becomes_the_accepted_one(
    message: bytes, is_high: bool, is_short: bool
) -> None:
    """KMS-backed signers give v as 0 or 1, and s in either half."""
    accepted = sign_digest(KEY, keccak256(message))
    s, v = int.from_bytes(accepted[32:64]), accepted[64]
    if is_high:
        s, v = CURVE_ORDER - s, 55 - v
    form = accepted[:32] + s.to_bytes(32) + bytes([v - 27 if is_short else v])

    assert checked(form, message, ADDRESS) == accepted
    assert recover(keccak256(message), accepted) == ADDRESS
