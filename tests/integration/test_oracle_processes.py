"""Four `makegood oracle run` processes over HTTP, on a real chain, probing a real server that goes down: the breach is
posted, claimed and paid, though one process is killed and started again."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from eth_keyfile.keyfile import create_keyfile_json
from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.logs import read_events
from chain.token import Token
from cli.main import main
from record.eip712 import agreement_preimage
from record.events import (
    COMMITTEE_EVENTS,
    ESCROW_EVENTS,
    AgreementOpened,
    Claimed,
    Compensated,
    ReportsPublished,
    RoundPosted,
    Settled,
)
from record.keccak import keccak256
from record.terms import load_terms
from sla.report import Report
from tests.shop_terms import shop_terms

ROOT = Path(__file__).resolve().parents[2]
ANVIL = ROOT / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
LENGTH = 6
CHARGE = 1_000
PASSWORD = "correct horse"
SECRETS = [keccak256(f"member {number}".encode()) for number in range(4)]
MEMBERS = [LocalKey(secret) for secret in SECRETS]
OPERATOR, PROVIDER, CUSTOMER, ARBITER = (
    LocalKey(keccak256(name.encode())) for name in ("operator", "provider", "customer", "arbiter")
)

pytestmark = pytest.mark.skipif(not ANVIL.exists(), reason="needs the native anvil of `make setup`")


class Shop(http.server.BaseHTTPRequestHandler):
    """Answers 200, or 503 when it is broken."""

    broken = False

    def do_GET(self) -> None:
        self.send_response(503 if Shop.broken else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def free_ports(count: int) -> list[int]:
    """All taken at once, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture
def shop() -> Iterator[str]:
    Shop.broken = False
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def rpc() -> Iterator[str]:
    (port,) = free_ports(1)
    command = [
        ANVIL, "--hardfork", "prague", "--port", port, "--slots-in-an-epoch", "1", "--silent",
    ]  # fmt: skip
    chain = subprocess.Popen([str(part) for part in command], start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        web3 = Web3(HTTPProvider(url))
        until(web3.is_connected, 20)
        for key in (*MEMBERS, OPERATOR, PROVIDER, CUSTOMER, ARBITER):
            web3.provider.make_request(RPCEndpoint("anvil_setBalance"), [key.address, hex(10**20)])
        yield url
    finally:
        os.killpg(chain.pid, signal.SIGKILL)
        chain.wait()


def until(happened: Callable[[], object], seconds: float, told: Callable[[], object] = lambda: "") -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


class Deployment:
    """Contracts, an open agreement about the shop, and a folder for each member's node."""

    def __init__(self, rpc: str, shop: str, folder: Path) -> None:
        self.rpc, self.folder = rpc, folder
        self.connection = Connection(Web3(HTTPProvider(rpc)))
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, OPERATOR))
        addresses = [key.address for key in MEMBERS]
        self.committee = Committee(self.connection, deploy_committee(self.connection, OPERATOR, addresses, 3))
        self.token = Token(
            self.connection, deploy_test_token(self.connection, OPERATOR, "Test USD", "TUSD", 0)
        )
        self.token.mint(OPERATOR, PROVIDER.address, 10 * CHARGE)
        self.token.approve(PROVIDER, self.escrow.address, 10 * CHARGE)
        self.ports = free_ports(4)
        (folder / "documents").mkdir()
        (folder / "password").write_text(PASSWORD + "\n")
        (folder / "makegood.toml").write_text(
            f'rpc = "{rpc}"\nchain_id = 31337\nescrow = "{self.escrow.address}"\nfirst_block = 0\n'
            f'committee = "{self.committee.address}"\ntoken = "{self.token.address}"\ndocuments = "documents"\n'
        )
        for number in range(4):
            self._node(number)
        self.shop = shop
        # Mined at once while the contracts are set up; every second from here on.
        self.connection.web3.provider.make_request(RPCEndpoint("evm_setIntervalMining"), [1])

    def open(self, start: int) -> None:
        """Sign and open; the document is put into the folder only now, while the nodes run."""
        text = terms(start, self.committee.address, self.token.address, self.shop)
        agreement = load_terms(text).agreement()
        preimage = agreement_preimage(agreement, self.escrow.domain)
        self.escrow.open(OPERATOR, agreement, PROVIDER.sign(preimage), CUSTOMER.sign(preimage))
        self.agreement = self.escrow.id_of(agreement)
        (self.folder / "documents" / "shop.yaml").write_text(text)

    def node_file(self, number: int) -> Path:
        return self.folder / f"node{number}.toml"

    def _node(self, number: int) -> None:
        # 2 rounds of hashing instead of 262 144: what is tested is not the keystore.
        keystore = create_keyfile_json(SECRETS[number], PASSWORD.encode(), kdf="pbkdf2", iterations=2)
        (self.folder / f"key{number}.json").write_text(json.dumps(keystore))
        peers = "\n".join(
            f'"{MEMBERS[other].address}" = "http://127.0.0.1:{self.ports[other]}"'
            for other in range(4)
            if other != number
        )
        self.node_file(number).write_text(
            f'network = "makegood.toml"\ndata = "data{number}"\nlisten = "127.0.0.1:{self.ports[number]}"\n'
            f'dry_run = false\n[key]\nkeystore = "key{number}.json"\npassword_file = "password"\n'
            f"[peers]\n{peers}\n[times]\nobserve_after_seconds = 1\ncollect_after_seconds = 2\nturn_seconds = 3\n"
            f"cycle_seconds = 1\n"
        )

    def events(self) -> list[Any]:
        contracts = {self.escrow.address: ESCROW_EVENTS, self.committee.address: COMMITTEE_EVENTS}
        head = self.connection.web3.eth.block_number
        return [one.event for one in read_events(self.connection, contracts, 0, head)]


class Running:
    """One node's process; its lines, as they come."""

    def __init__(self, world: Deployment, number: int) -> None:
        self.log = world.folder / f"log{number}-{time.monotonic_ns()}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*MAKEGOOD, "oracle", "run", "--node", str(world.node_file(number)), "--json"],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                start_new_session=True,
            )

    def told(self, kind: str) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines()
        return [one for one in map(json.loads, lines) if one["kind"] == kind]

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


MAKEGOOD = [sys.executable, "-c", "from cli.main import main; main()"]


def makegood(*arguments: str) -> Result:
    """In this process: what it prints and how it ends is the same, and starting takes no time."""
    return CliRunner().invoke(main, arguments)


def test_processes__one_is_killed_and_restarted__the_breach_is_posted_claimed_and_paid(
    rpc: str, shop: str, tmp_path: Path
) -> None:
    world = Deployment(rpc, shop, tmp_path)
    nodes = [Running(world, number) for number in range(4)]
    lives = list(nodes)

    def told() -> str:
        return "\n".join(life.log.read_text() for life in lives)

    try:
        until(lambda: all(node.told("started") for node in nodes), 30, told)
        start = int(time.time()) + 3
        world.open(start)
        until(lambda: all(node.told("document read") for node in nodes), 10, told)
        # The agreement counts once its block is final.
        until(lambda: final(world) and time.time() > start, 20)

        checked = makegood("oracle", "check", "--node", str(world.node_file(1)), "--json")
        assert checked.exit_code == 0, checked.stdout + checked.stderr
        findings = json.loads(checked.stdout)["findings"]
        assert {found["about"]: found["status"] for found in findings if found["status"] != "ok"} == {}
        assert sum(found["about"].startswith("peer ") for found in findings) == 3
        assert any("this node runs" in found["found"] for found in findings)
        assert any("answers 200" in found["found"] for found in findings)

        until(lambda: time.time() >= start + LENGTH, 20)
        Shop.broken = True
        nodes[0].kill()
        assert nodes[0].process.returncode == -signal.SIGKILL
        time.sleep(1)
        nodes[0] = Running(world, 0)
        lives.append(nodes[0])
        until(lambda: world.token.balance_of(CUSTOMER.address), 40, told)

        for node in nodes:
            node.process.send_signal(signal.SIGTERM)
        assert [node.process.wait(20) for node in nodes] == [0] * 4, told()
        assert all(node.told("stopped") for node in nodes)
    finally:
        for life in lives:
            life.kill()
    check(world)
    assert not [line for life in lives for line in life.told("trouble")], told()


def final(world: Deployment) -> bool:
    """Whether the chain's final block holds the agreement."""
    block = world.connection.web3.eth.get_block("finalized")["number"]
    contracts = {world.escrow.address: ESCROW_EVENTS}
    found = [one.event for one in read_events(world.connection, contracts, 0, block)]
    return any(isinstance(event, AgreementOpened) for event in found)


def check(world: Deployment) -> None:
    """Each period has its report; once for the breach a claim, a settlement and a payment."""
    events = world.events()
    rounds = [event.round for event in events if isinstance(event, RoundPosted)]
    reports = [
        Report(*one) for event in events if isinstance(event, ReportsPublished) for one in event.reports
    ]
    attained = {report.period: report.attained for report in reports if report.agreement == world.agreement}
    assert attained.keys() == {0, 1}
    assert attained[0] == 1_000_000
    # One probe of the second period may have come before the shop broke.
    assert attained[1] < 200_000
    assert len(set(rounds)) == len(rounds) <= 3
    assert [event.compensation for event in events if isinstance(event, Claimed)] == [CHARGE]
    assert len([event for event in events if isinstance(event, Settled)]) == 1
    assert [event.amount for event in events if isinstance(event, Compensated)] == [CHARGE]
    assert world.token.balance_of(CUSTOMER.address) == CHARGE


def test_check__set_up_is_broken__says_what_and_how_to_mend_it(rpc: str, shop: str, tmp_path: Path) -> None:
    world = Deployment(rpc, shop, tmp_path)
    (tmp_path / "documents" / "broken.yaml").write_text("kind: [")
    (tmp_path / "password").write_text("wrong\n")
    one = makegood("oracle", "check", "--node", str(world.node_file(0)))
    assert one.exit_code == 1
    assert "fail  key" in one.stdout
    assert "does not open with this password" in one.stdout
    assert "fail  document broken.yaml" in one.stdout
    assert makegood("oracle", "run", "--node", str(world.node_file(0))).exit_code == 2

    # Nobody else runs, another chain answers, and the key is nobody's.
    (tmp_path / "password").write_text(PASSWORD)
    stranger = create_keyfile_json(keccak256(b"stranger"), PASSWORD.encode(), kdf="pbkdf2", iterations=2)
    (tmp_path / "key0.json").write_text(json.dumps(stranger))
    two = makegood("oracle", "run", "--node", str(world.node_file(0)))
    assert (two.exit_code, "is no member of committee" in two.stderr) == (2, True), two.stderr
    file = tmp_path / "makegood.toml"
    file.write_text(file.read_text().replace("chain_id = 31337", "chain_id = 1"))
    three = makegood("oracle", "run", "--node", str(world.node_file(1)))
    assert (three.exit_code, "on chain 31337, not 1" in three.stderr) == (2, True), three.stderr
    assert not (tmp_path / "data0").exists()
    assert not (tmp_path / "data1").exists()


def terms(start: int, committee: str, token: str, url: str) -> str:
    return shop_terms(
        start=start,
        every=LENGTH,
        provider=PROVIDER.address,
        customer=CUSTOMER.address,
        arbiter=ARBITER.address,
        token=token,
        committee=committee,
        source={
            "type": "http-probe",
            "connectionDetails": {"url": url, "intervalMilliseconds": 500, "timeoutMilliseconds": 1000},
        },
        charge=CHARGE,
        worst=50,
    )
