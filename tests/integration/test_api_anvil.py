"""The API over a JSON-RPC node: a real reorg, and a node that dies."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from web3 import Web3

from api.app import create_app
from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.escrow import Escrow
from chain.token import Token
from record.eip712 import agreement_preimage
from record.hexes import to_hex
from sla.agreement import Agreement
from tests.contracts.world import COLLATERAL, KEYS, MEMBER_KEYS, START, usual_agreement

ANVIL = Path(__file__).resolve().parents[2] / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"

pytestmark = pytest.mark.skipif(not ANVIL.exists(), reason="anvil comes for Linux x86-64 only")


@pytest.fixture
def node() -> Iterator[tuple[subprocess.Popen[bytes], Connection]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(ANVIL), "--hardfork", "prague", "--port", str(port), "--timestamp", str(START), "--silent"]
    with subprocess.Popen(command) as process:
        web3 = Web3(Web3.HTTPProvider(f"http://127.0.0.1:{port}"))
        try:
            end = time.monotonic() + 30
            while not web3.is_connected():
                assert process.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            yield process, Connection(web3)
        finally:
            process.kill()


def test_api__a_reorg_and_a_dead_node__follows_the_one_and_tells_the_other(
    node: tuple[subprocess.Popen[bytes], Connection],
) -> None:
    process, connection = node

    def ask(method: str, *parameters: Any) -> None:
        answer = connection.web3.provider.make_request(method, list(parameters))  # type: ignore[arg-type]
        assert "error" not in answer, answer

    for key in KEYS.values():
        ask("anvil_setBalance", key.address, hex(10**20))
    operator = KEYS["operator"]
    escrow = Escrow(connection, deploy_escrow(connection, operator))
    members = [key.address for key in MEMBER_KEYS]
    committee = Committee(connection, deploy_committee(connection, operator, members, 3))
    token = Token(connection, deploy_test_token(connection, operator, "Test USD", "tUSD", 6))
    token.mint(operator, KEYS["provider"].address, 10**12)
    token.approve(KEYS["provider"], escrow.address, 10**12)
    agreement = usual_agreement(token.address, committee.address)
    open_(escrow, agreement)
    path = f"/agreements/{to_hex(escrow.id_of(agreement))}"
    client = TestClient(create_app(escrow))
    assert client.get(path).json()["collateral"] == {"amount": str(COLLATERAL), "text": "20.00 tUSD"}
    before = client.get("/health").json()

    ask("anvil_reorg", 1, [])

    after = client.get("/health").json()
    assert before["headBlock"] == after["headBlock"]
    assert before["headHash"] != after["headHash"]
    assert client.get(path).status_code == 404
    open_(escrow, agreement)
    assert client.get(path).json()["opened"]["block"] > before["headBlock"]

    process.kill()
    process.wait()

    answer = client.get(path)
    assert (answer.status_code, answer.json()["kind"]) == (503, "outside")


def open_(escrow: Escrow, agreement: Agreement) -> None:
    """Signed by both, brought by the operator."""
    message = agreement_preimage(agreement, escrow.domain)
    signatures = [KEYS[name].sign(message) for name in ("provider", "customer")]
    escrow.open(KEYS["operator"], agreement, *signatures)
