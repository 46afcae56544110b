"""Sending through a real node that mines late, loses and replaces transactions (P13). Over HTTP, as in production."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from web3 import Web3
from web3.types import RPCEndpoint

import chain.outbox
from chain.connection import TIP, Connection, connect
from chain.deploy import deploy_test_token
from chain.errors import ChainError, Refused, StillWaiting
from chain.keys import LocalKey
from chain.token import Token
from chain.web3signer import Web3Signer
from record.keccak import keccak256
from tests.unit.chain.server import serving
from tests.unit.chain.web3signer_server import signer

ROOT = Path(__file__).resolve().parents[2]
ANVIL = ROOT / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
SECRET = keccak256(b"operator")
OPERATOR, POOR = LocalKey(SECRET), LocalKey(keccak256(b"poor"))

pytestmark = pytest.mark.skipif(not ANVIL.exists(), reason="needs the native anvil of `make setup`")


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(ANVIL), "--hardfork", "prague", "--port", str(port), "--silent"]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        end = time.monotonic() + 20
        while True:
            assert process.poll() is None, "anvil ended"
            with suppress(ChainError):
                found = connect(f"http://127.0.0.1:{port}", 31337)
                break
            assert time.monotonic() < end, "anvil does not answer"
            time.sleep(0.05)
        tell(found, "anvil_setBalance", OPERATOR.address, hex(10**20))
        yield found
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def token(connection: Connection) -> Token:
    return Token(connection, deploy_test_token(connection, OPERATOR, "Test USD", "tUSD", 6))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain.outbox, "RECEIPT_TIMEOUT_SECONDS", 0.5)


def tell(connection: Connection, method: str, *parameters: Any) -> Any:
    answer = connection.web3.provider.make_request(RPCEndpoint(method), list(parameters))
    assert "error" not in answer, answer
    return answer["result"]


@contextmanager
def not_mining(connection: Connection) -> Iterator[None]:
    tell(connection, "evm_setAutomine", False)
    try:
        yield
    finally:
        tell(connection, "evm_mine")
        tell(connection, "evm_setAutomine", True)


def pool(connection: Connection) -> int:
    return sum(int(count, 16) for count in tell(connection, "txpool_status").values())


def test_send__mined_late__is_not_sent_again_and_has_its_receipt(
    connection: Connection, token: Token
) -> None:
    """The same call, brought again while it waits and after it was mined: one transaction."""
    before = token.balance_of(POOR.address)
    with not_mining(connection):
        with pytest.raises(StillWaiting, match=r"still waits to be mined after 0\.5 s") as first:
            token.mint(OPERATOR, POOR.address, 5)
        for amount in (5, 6):
            with pytest.raises(StillWaiting, match="nothing else was sent"):
                token.mint(OPERATOR, POOR.address, amount)
        assert pool(connection) == 1
    receipt = token.mint(OPERATOR, POOR.address, 5)

    assert receipt is not None
    assert bytes(receipt["transactionHash"]) == first.value.transaction
    assert token.balance_of(POOR.address) == before + 5
    token.mint(OPERATOR, POOR.address, 5)
    assert token.balance_of(POOR.address) == before + 10


def test_send__fees_rose_above_what_it_offered__is_offered_for_more_and_happens_once(
    connection: Connection, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node that runs for months is not stopped by one transaction that nobody mines."""
    before = token.balance_of(POOR.address)
    base_fee = connection.web3.eth.get_block("latest")["baseFeePerGas"]
    with not_mining(connection):
        with monkeypatch.context() as cheap:
            cheap.setattr(Connection, "_max_fee", lambda *_: base_fee + TIP)
            with pytest.raises(StillWaiting) as first:
                token.mint(OPERATOR, POOR.address, 5)
        with pytest.raises(StillWaiting) as second:
            token.mint(OPERATOR, POOR.address, 5)
        assert pool(connection) == 1
    receipt = token.mint(OPERATOR, POOR.address, 5)

    assert receipt is not None
    assert bytes(receipt["transactionHash"]) == second.value.transaction != first.value.transaction
    assert token.balance_of(POOR.address) == before + 5


def test_send__dropped_by_the_node__is_sent_again_with_the_same_nonce(
    connection: Connection, token: Token
) -> None:
    before = token.balance_of(POOR.address)
    with not_mining(connection):
        with pytest.raises(StillWaiting) as lost:
            token.mint(OPERATOR, POOR.address, 5)
        tell(connection, "anvil_dropTransaction", "0x" + lost.value.transaction.hex())
        assert pool(connection) == 0
    receipt = token.mint(OPERATOR, POOR.address, 5)

    assert receipt is not None
    assert bytes(receipt["transactionHash"]) == lost.value.transaction
    assert token.balance_of(POOR.address) == before + 5


def test_send__replaced_by_another_process__is_told_and_forgotten(
    connection: Connection, token: Token
) -> None:
    """Somebody with the same key sends a transaction of its nonce for more; ours can never be mined."""
    before = token.balance_of(POOR.address)
    nonce = connection.web3.eth.get_transaction_count(Web3.to_checksum_address(OPERATOR.address))
    with not_mining(connection):
        with pytest.raises(StillWaiting):
            token.mint(OPERATOR, POOR.address, 5)
        fields = {"to": POOR.address, "value": 1, "gas": 21_000, "nonce": nonce, "chainId": 31337}
        fees = {"maxFeePerGas": 10**12, "maxPriorityFeePerGas": 10**11}
        connection.web3.eth.send_raw_transaction(
            Account.sign_transaction(fields | fees, SECRET).raw_transaction
        )
    assert token.balance_of(POOR.address) == before

    token.mint(OPERATOR, POOR.address, 5)
    assert token.balance_of(POOR.address) == before + 5


def test_send__while_another_process_has_one_waiting__does_not_happen_twice(
    connection: Connection, token: Token
) -> None:
    """Two processes with one key take the same nonce: the same call is the same transaction, another is refused."""
    before = token.balance_of(POOR.address)
    url = connection.web3.provider.name.removeprefix("the node at ")  # type: ignore[attr-defined]
    other = Token(connect(url), token.address)
    with not_mining(connection):
        for each in (token, other):
            with pytest.raises(StillWaiting):
                each.mint(OPERATOR, POOR.address, 5)
        with pytest.raises(ChainError, match="waits to be mined"):
            Token(connect(url), token.address).mint(OPERATOR, POOR.address, 6)
        assert pool(connection) == 1
    for each in (token, other):
        each.mint(OPERATOR, POOR.address, 5)
    assert token.balance_of(POOR.address) == before + 5


def test_send__without_ether__says_how_much_is_needed(connection: Connection, token: Token) -> None:
    with pytest.raises(ChainError, match=r"has too little ether for the gas"):
        token.mint(LocalKey(keccak256(b"broke")), POOR.address, 5)


def test_send__what_a_contract_refuses__is_its_own_error(connection: Connection, token: Token) -> None:
    """Also in a constructor, which is estimated instead of tried."""
    with pytest.raises(Refused, match="holds 0 of the token and needs 7"):
        connection.send(LocalKey(keccak256(b"nobody")), token.contract.functions.transfer(POOR.address, 7))
    with pytest.raises(Refused, match="a quorum of 9 of 1 members is out of range"):
        connection.deploy(OPERATOR, "Committee", [OPERATOR.address], 9, 0)


def test_send__signed_by_an_external_signer__is_mined(connection: Connection, token: Token) -> None:
    before = token.balance_of(POOR.address)
    with serving(signer([SECRET])) as url:
        token.mint(Web3Signer(url, OPERATOR.address), POOR.address, 5)
    assert token.balance_of(POOR.address) == before + 5
