"""P13 against a real chain: a fleet of four is killed (SIGKILL) at every step and started again on the same journals.
In the end there is one post per round, one claim, one payment, and nobody signed two things.

Run as a script this file is the fleet: it reads worlds from stdin, a line of JSON each, and runs each in a child that
may die.
"""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import pytest
from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint

from chain.committee import Committee
from chain.connection import Connection
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.logs import read_events
from chain.token import Token
from oracle.fleet import Fleet
from oracle.journal import Journal, Owner
from oracle.ports import Step, Subject, no_step
from oracle.settings import Settings
from record.eip712 import agreement_preimage, observation_digest, round_digest
from record.events import (
    COMMITTEE_EVENTS,
    ESCROW_EVENTS,
    Claimed,
    Compensated,
    ReportsPublished,
    RoundPosted,
    Settled,
)
from record.keccak import keccak256
from record.signing import recover
from record.terms import load_terms
from sla.report import Report
from tests.shop_terms import moment, shop_terms

ROOT = Path(__file__).resolve().parents[2]
ANVIL = ROOT / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
LENGTH = 10
CHARGE = 1_000
SETTINGS = Settings(
    observe_after_seconds=1, collect_after_seconds=4, turn_seconds=4, cycle_seconds=2, dry_run=False
)
MEMBERS = [LocalKey(keccak256(f"member {number}".encode())) for number in range(4)]
OPERATOR, PROVIDER, CUSTOMER, ARBITER = (
    LocalKey(keccak256(name.encode())) for name in ("operator", "provider", "customer", "arbiter")
)

# The step, and the how manyth time it is taken: the second signature of a round is another member's.
STEPS = [
    ("observation written", 1),
    ("observation signed", 3),
    ("bundle stored", 1),
    ("round written", 1),
    ("round signed", 1),
    ("round signed", 2),
    ("round signed", 3),
    ("posted", 1),
    ("claimed", 1),
    ("settling", 1),
    ("settled", 1),
    ("posted", 2),
]

pytestmark = pytest.mark.skipif(not ANVIL.exists(), reason="needs the native anvil of `make setup`")


@dataclass(frozen=True)
class Deployment:
    """One world on the chain; ``terms`` is the document's text, ``folder`` holds journals and samples."""

    rpc: str
    escrow: str
    committee: str
    token: str
    terms: str
    folder: str


# The fleet, in its own process


class ChainClock:
    """The chain's time; sleeping moves it. As it goes, the monitor's rows come in: none lies in the future."""

    def __init__(self, web3: Web3, folder: Path) -> None:
        self._web3 = web3
        self._folder = folder
        self._reveal()

    def now(self) -> float:
        return float(self._web3.eth.get_block("latest")["timestamp"])

    def sleep(self, seconds: float) -> None:
        self._web3.provider.make_request(RPCEndpoint("evm_increaseTime"), [math.ceil(seconds)])
        self._web3.provider.make_request(RPCEndpoint("evm_mine"), [])
        self._reveal()

    def _reveal(self) -> None:
        head, *rows = (self._folder / "to-come.csv").read_text().splitlines()
        until = f"{moment(int(self.now()))}Z"
        seen = self._folder / "samples.new"
        seen.write_text("\n".join([head, *(row for row in rows if row.partition(",")[0] <= until)]) + "\n")
        seen.replace(self._folder / "samples.csv")


def run_fleet(world: Deployment, crash_at: str) -> None:
    """Run until the breach is paid and both periods are attested, or until the crash."""
    name, _, times = crash_at.partition("#")
    left = [int(times or 1)]

    def step(taken: str) -> None:
        if taken == name:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    troubles: list[str] = []
    fleet = fleet_of(world, step, troubles)
    fleet.start()
    while not is_done(fleet):
        time.sleep(0.2)
    fleet.stop()
    assert not troubles, troubles


def fleet_of(world: Deployment, step: Step, troubles: list[str]) -> Fleet:
    def on_event(kind: str, details: object) -> None:
        if kind == "trouble":
            troubles.append(str(details))

    connection = Connection(Web3(HTTPProvider(world.rpc)))
    return Fleet(
        connection,
        world.escrow,
        world.committee,
        MEMBERS,
        [load_terms(world.terms)],
        folder=Path(world.folder),
        settings=SETTINGS,
        files=Path(world.folder),
        clock=ChainClock(connection.web3, Path(world.folder)),
        on_event=on_event,
        step=step,
    )


def is_done(fleet: Fleet) -> bool:
    """Both periods attested, the breach paid."""
    view = fleet.nodes[0].chain.look()
    periods = {report.period for posted in view.rounds for report in posted.reports or ()}
    return periods == {0, 1} and [claim.due for claim in view.claims.values()] == [None]


def serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            run_fleet(Deployment(**order["world"]), order["crash_at"])
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


# The chain and the worlds on it


@pytest.fixture(scope="module")
def rpc() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [ANVIL, "--hardfork", "prague", "--port", str(port), "--slots-in-an-epoch", "1", "--silent"]
    chain = subprocess.Popen([str(part) for part in command], start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        web3 = Web3(HTTPProvider(url))
        end = time.monotonic() + 20
        while not web3.is_connected():
            assert chain.poll() is None, "anvil ended"
            assert time.monotonic() < end, "anvil does not answer"
            time.sleep(0.05)
        for key in (*MEMBERS, OPERATOR, PROVIDER, CUSTOMER, ARBITER):
            web3.provider.make_request(RPCEndpoint("anvil_setBalance"), [key.address, hex(10**20)])
        yield url
    finally:
        os.killpg(chain.pid, signal.SIGKILL)
        chain.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(server: subprocess.Popen[str], world: Deployment, crash_at: str = "") -> int:
    """The exit code of a fleet: 0, or minus the signal that killed it."""
    into, out = stream(server.stdin), stream(server.stdout)
    print(json.dumps({"world": asdict(world), "crash_at": crash_at}), file=into, flush=True)
    return int(out.readline())


def stream(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def deploy(rpc: str, folder: Path) -> Deployment:
    """Escrow, committee and token; an open agreement of two periods, the first of them breached."""
    connection = Connection(Web3(HTTPProvider(rpc)))
    members = [key.address for key in MEMBERS]
    escrow = Escrow(connection, deploy_escrow(connection, OPERATOR))
    committee = deploy_committee(connection, OPERATOR, members, 3)
    token = Token(connection, deploy_test_token(connection, OPERATOR, "Test USD", "TUSD", 0))
    token.mint(OPERATOR, PROVIDER.address, 10 * CHARGE)
    token.approve(PROVIDER, escrow.address, 10 * CHARGE)
    start = int(connection.web3.eth.get_block("latest")["timestamp"]) + 5
    text = terms(start, committee, token.address)
    agreement = load_terms(text).agreement()
    message = agreement_preimage(agreement, escrow.domain)
    escrow.open(OPERATOR, agreement, PROVIDER.sign(message), CUSTOMER.sign(message))
    rows = [
        f"{moment(start + second)}Z,true,{503 if second == 7 else 200},900" for second in range(2 * LENGTH)
    ]
    (folder / "to-come.csv").write_text("\n".join(["time,known,status,latency_us", *rows]) + "\n")
    return Deployment(rpc, escrow.address, committee, token.address, text, str(folder))


def terms(start: int, committee: str, token: str) -> str:
    return shop_terms(
        start=start,
        every=LENGTH,
        provider=PROVIDER.address,
        customer=CUSTOMER.address,
        arbiter=ARBITER.address,
        token=token,
        committee=committee,
        source={"type": "replay", "connectionDetails": {"path": "samples.csv", "format": "csv"}},
        charge=CHARGE,
        window=6,
        objective=99,
        worst=90,
    )


# What must hold in the end


def check(world: Deployment) -> None:
    connection = Connection(Web3(HTTPProvider(world.rpc)))
    committee = Committee(connection, world.committee)
    contracts = {world.escrow: ESCROW_EVENTS, world.committee: COMMITTEE_EVENTS}
    events = [one.event for one in read_events(connection, contracts, 0, connection.web3.eth.block_number)]
    agreement = load_terms(world.terms).agreement()
    opened = Escrow(connection, world.escrow).id_of(agreement)

    rounds = [event for event in events if isinstance(event, RoundPosted)]
    reports = [
        Report(*one) for event in events if isinstance(event, ReportsPublished) for one in event.reports
    ]
    # 9 of 10 samples were good: 90 %, a tenth of the charge.
    assert sorted(reports, key=lambda report: report.period) == [
        Report(opened, 0, 0, 0, 900_000, CHARGE),
        Report(opened, 1, 0, 0, 1_000_000, CHARGE),
    ]
    assert len({event.round for event in rounds}) == len(rounds) <= 2
    assert [event.compensation for event in events if isinstance(event, Claimed)] == [CHARGE // 10]
    assert len([event for event in events if isinstance(event, Settled)]) == 1
    assert [event.amount for event in events if isinstance(event, Compensated)] == [CHARGE // 10]
    assert Token(connection, world.token).balance_of(CUSTOMER.address) == CHARGE // 10
    check_journals(world, committee, opened, rounds)


def check_journals(world: Deployment, committee: Committee, opened: bytes, rounds: list[RoundPosted]) -> None:
    """Whoever signed for the chain has it in the journal, and all journals agree on what each member said."""
    said: dict[tuple[str, int, int], bytes] = {}
    for place, key in enumerate(MEMBERS):
        owner = Owner(committee.connection.chain_id, committee.address, key.address)
        journal = Journal(Path(world.folder) / f"{key.address}.sqlite", owner)
        for posted in rounds:
            signed = journal.round(posted.round)
            if posted.signers >> place & 1:
                assert signed is not None
                assert signed.signature is not None
                assert (signed.root, signed.bundle) == (posted.root, posted.bundle)
                digest = round_digest(posted.round, signed.root, signed.bundle, committee.domain)
                assert recover(digest, signed.signature) == key.address
                assert journal.bundle(posted.bundle) is not None
        for period in (0, 1):
            for heard in journal.observations(Subject(opened, period, 0)):
                digest = observation_digest(heard.observation, committee.domain)
                assert recover(digest, heard.signature) == heard.member
                named = (heard.member, period, heard.observation.revision)
                assert said.setdefault(named, digest) == digest
        journal.close()
    assert {member for member, _, _ in said} == {key.address for key in MEMBERS}


def transactions(world: Deployment) -> int:
    """How many the members have sent, those that failed included."""
    web3 = Web3(HTTPProvider(world.rpc))
    return sum(web3.eth.get_transaction_count(Web3.to_checksum_address(key.address)) for key in MEMBERS)


@pytest.mark.parametrize(
    ("step", "times"), STEPS, ids=[f"{step} {times}".replace(" ", "-") for step, times in STEPS]
)
def test_fleet__killed_at_a_step_and_started_again__posts_claims_and_pays_once(
    rpc: str, server: subprocess.Popen[str], tmp_path: Path, step: str, times: int
) -> None:
    world = deploy(rpc, tmp_path)
    before = transactions(world)

    assert run(server, world, f"{step}#{times}") == -signal.SIGKILL
    assert run(server, world) == 0

    check(world)
    # Two rounds at most, one claim, one settlement: no transaction was sent in vain.
    assert transactions(world) - before <= 4


@pytest.mark.parametrize("kind", [RoundPosted, Claimed, Settled])
def test_fleet__chain_takes_the_last_blocks_back__does_it_again_and_pays_once(
    rpc: str, tmp_path: Path, kind: type[RoundPosted | Claimed | Settled]
) -> None:
    """P13: a reorg above finality. anvil shows no removed logs, so only block hashes tell."""
    world = deploy(rpc, tmp_path)
    troubles: list[str] = []
    fleet = fleet_of(world, no_step, troubles)
    clock = ChainClock(Web3(HTTPProvider(rpc)), Path(world.folder))
    taken_back = False
    while not is_done(fleet) or not taken_back:
        clock.sleep(SETTINGS.cycle_seconds)
        before = happened(world, kind)
        fleet.cycle()
        if happened(world, kind) > before and not taken_back:
            clock._web3.provider.make_request(RPCEndpoint("anvil_reorg"), [2, []])
            assert happened(world, kind) == before
            taken_back = True
    fleet.stop()

    assert troubles == []
    check(world)


def test_node__finality_itself_is_broken__forgets_what_it_read(rpc: str, tmp_path: Path) -> None:
    """Finalized blocks are read once, pinned by their hash: another hash, and nothing read so far counts."""
    world = deploy(rpc, tmp_path)
    fleet = fleet_of(world, no_step, [])
    chain = fleet.nodes[0].chain
    web3 = Web3(HTTPProvider(rpc))
    web3.provider.make_request(RPCEndpoint("anvil_mine"), [3])
    assert len(chain.look().agreements) == 1

    web3.provider.make_request(RPCEndpoint("anvil_reorg"), [4, []])

    assert len(chain.look().agreements) == 0
    fleet.stop()


def happened(world: Deployment, kind: type[RoundPosted | Claimed | Settled]) -> int:
    connection = Connection(Web3(HTTPProvider(world.rpc)))
    contracts = {world.escrow: ESCROW_EVENTS, world.committee: COMMITTEE_EVENTS}
    events = read_events(connection, contracts, 0, connection.web3.eth.block_number)
    return sum(isinstance(one.event, kind) for one in events)


if __name__ == "__main__":
    serve()
