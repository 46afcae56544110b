"""A pack out of a JSON-RPC node: headers and receipts rebuilt from their fields, and all of it recomputed."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from web3 import Web3

from audit import Kind, run
from chain.connection import Connection
from chain.errors import ChainError
from chain.pack_blocks import RpcBlocks
from tests.unit.audit.world import KEYS, START, World, live

ROOT = Path(__file__).resolve().parents[2]
ANVIL = ROOT / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"

pytestmark = pytest.mark.skipif(not ANVIL.exists(), reason="anvil comes for Linux x86-64 only")


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(ANVIL),
        "--hardfork",
        "prague",
        "--port",
        str(port),
        "--timestamp",
        str(START - 300),
        "--silent",
    ]
    with subprocess.Popen(command) as node:
        web3 = Web3(Web3.HTTPProvider(f"http://127.0.0.1:{port}"))
        try:
            end = time.monotonic() + 30
            while not web3.is_connected():
                assert node.poll() is None
                assert time.monotonic() < end
                time.sleep(0.05)
            yield Connection(web3)
        finally:
            node.kill()


@pytest.fixture(scope="module")
def world(connection: Connection) -> World:
    """The same history as on the embedded chain."""

    def ask(method: str, *parameters: object) -> None:
        connection.web3.provider.make_request(method, list(parameters))  # type: ignore[arg-type]

    def travel(time: int) -> None:
        ask("evm_setNextBlockTimestamp", time)
        ask("evm_mine")

    for key in KEYS.values():
        ask("anvil_setBalance", key.address, hex(10**20))
    return World(connection, travel)


def test_audit__pack_of_a_json_rpc_node__passes(world: World, tmp_path: Path) -> None:
    live(world)

    roots = world.export(tmp_path / "pack")
    verdict = run(tmp_path / "pack", roots)

    assert (verdict.kind, verdict.first_difference) == (Kind.PASS, None)
    assert [payment.amount for payment in verdict.payments] == [30_000, 300_000]


def test_rpc_blocks__answer_that_does_not_hash_to_its_block__is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: a lying node is found out when the pack is written, not when it is audited."""
    blocks = RpcBlocks(world.connection)
    number = world.connection.web3.eth.block_number
    honest = blocks._ask

    def lie(method: str, *parameters: object) -> object:
        answer = honest(method, *parameters)
        if method == "eth_getBlockByNumber":
            return {**answer, "timestamp": hex(int(answer["timestamp"], 16) + 1)}
        return {**answer, "cumulativeGasUsed": "0x1"}

    monkeypatch.setattr(blocks, "_ask", lie)

    with pytest.raises(ChainError, match="does not hash"):
        blocks.header(number)
    with pytest.raises(ChainError, match="are not those of its header"):
        blocks.receipts(number)
