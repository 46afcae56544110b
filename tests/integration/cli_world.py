"""A network on a real anvil, and the command line as people use it there."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from web3.types import RPCEndpoint

from chain.anvil import Anvil, fund
from chain.committee import Committee
from chain.connection import Connection, connect
from chain.deploy import deploy_committee, deploy_escrow, deploy_test_token
from chain.escrow import Escrow
from chain.keys import LocalKey
from chain.network import Network, network_text
from chain.token import Token
from cli.main import main
from record.bundle import Bundle
from record.eip712 import round_preimage
from record.keccak import keccak256
from record.merkle import MerkleTree
from record.terms import TermsDocument, load_terms
from sla.report import Report

SECRETS = {
    who: keccak256(who.encode()) for who in ("provider", "customer", "arbiter", "stranger", "operator")
}
KEYS = {who: LocalKey(secret) for who, secret in SECRETS.items()}
MEMBERS = [LocalKey(keccak256(f"member {number}".encode())) for number in range(4)]
QUORUM = 3
ONE = 10**6
PERIOD = 60
FILLED = {
    "<what the service is called>": "The shop",
    "<what is provided, in a sentence>": "A shop on the web.",
    "<what this agreement is called>": "The shop answers",
    "<what the provider promises, in a sentence>": "The front page answers.",
    "<the contract or tariff these terms restate>": "None.",
    "<what exactly is covered>": "The front page.",
    "<who answers for it>": "Operations",
    "<what exactly is promised to be available>": "The front page",
}


class CliWorld:
    """The network in ``folder``, its people, and ``run``: one command, its exit code expected."""

    def __init__(self, folder: Path, rpc: str) -> None:
        self.folder = folder
        self.rpc = rpc
        self.connection: Connection = connect(rpc)
        self._start = 0
        operator = KEYS["operator"]
        fund(self.connection.web3, [key.address for key in (*KEYS.values(), *MEMBERS)])
        members = [key.address for key in MEMBERS]
        self.committee = Committee(
            self.connection, deploy_committee(self.connection, operator, members, QUORUM)
        )
        self.escrow = Escrow(self.connection, deploy_escrow(self.connection, operator))
        self.token = Token(
            self.connection, deploy_test_token(self.connection, operator, "Test USD", "tUSD", 6)
        )
        for who in KEYS:
            self.token.mint(operator, KEYS[who].address, 10_000 * ONE)
            (folder / f"{who}.key").write_text(f"0x{SECRETS[who].hex()}\n")
        self.network = Network(
            rpc=rpc,
            chain_id=self.connection.chain_id,
            escrow=self.escrow.address,
            first_block=0,
            committee=self.committee.address,
            token=self.token.address,
            documents=Path("documents"),
            api=None,
        )
        self.network_file = self.write_network("makegood.toml", self.network)

    # The command line

    def run(self, *words: str | Path, code: int = 0, network: Path | None = None) -> Result:
        """One command; what it said when it ended otherwise than with ``code``."""
        command = [str(word) for word in words]
        environment = {"MAKEGOOD_NETWORK": str(network or self.network_file)}
        result = CliRunner(env=environment).invoke(main, command)
        assert result.exit_code == code, (
            f"{command}: {result.exit_code}\n{result.output}\n{result.exception!r}"
        )
        return result

    def json(self, *words: str | Path) -> Any:
        """What a command says to machines."""
        return json.loads(self.run(*words, "--json").stdout)

    def key(self, who: str) -> list[str]:
        """The options that make a command sign as somebody."""
        return ["--bare-key", str(self.folder / f"{who}.key")]

    # Terms

    def write_network(self, name: str, network: Network) -> Path:
        """A network file."""
        file = self.folder / name
        file.write_text(network_text(network))
        return file

    def terms(self, name: str = "shop", replaced: dict[str, str] | None = None) -> Path:
        """A terms file whose first period begins in a minute of the chain's time, none when another's does: they would
        be the same agreement."""
        file = self.folder / f"{name}.yaml"
        file.unlink(missing_ok=True)
        self._start = max(self.now + 60, self._start + 1)
        start = datetime.fromtimestamp(self._start, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        people = [
            word
            for role in ("provider", "customer", "arbiter")
            for word in (f"--{role}", KEYS[role].address, f"--{role}-name", role.capitalize())
        ]
        self.run(
            "terms", "new", file, "--quick", "--every", f"{PERIOD} seconds", "--start", start, *people,
            "--url", "http://127.0.0.1:9/",
        )  # fmt: skip
        text = file.read_text()
        for old, new in {**FILLED, **(replaced or {})}.items():
            assert old in text, f"{old} is not in the terms"
            text = text.replace(old, new)
        file.write_text(text)
        return file

    def signatures(self, terms: Path) -> list[str]:
        """Both parties sign; the options that bring their signatures."""
        options = []
        for role in ("provider", "customer"):
            out = terms.with_suffix(f".{role}.json")
            out.unlink(missing_ok=True)
            self.run("terms", "sign", terms, "--as", role, "--out", out, "--yes", *self.key(role))
            options += ["--signature", str(out)]
        return options

    def opened(self, name: str = "shop") -> tuple[str, TermsDocument]:
        """An agreement in force: its id and its words."""
        terms = self.terms(name)
        said = self.json("open", terms, *self.signatures(terms), *self.key("provider"))
        return said["agreement"], load_terms(terms.read_text())

    # The chain

    @property
    def now(self) -> int:
        """The chain's time, not behind the world's."""
        return max(self.connection.now(), int(time.time()))

    @property
    def height(self) -> int:
        """The newest block: every transaction makes one."""
        return int(self.connection.web3.eth.block_number)

    def travel(self, seconds: int) -> None:
        """Let time pass."""
        provider = self.connection.web3.provider
        provider.make_request(RPCEndpoint("evm_increaseTime"), [seconds])
        provider.make_request(RPCEndpoint("evm_mine"), [])

    def balance(self, who: str) -> int:
        """Somebody's tokens."""
        return self.token.balance_of(KEYS[who].address)

    def claimed(self, agreement_id: str, document: TermsDocument, attained: int, period: int = 0) -> None:
        """The committee attests a breach, and it is claimed."""
        agreement = document.agreement()
        identity = bytes.fromhex(agreement_id[2:])
        report = Report(identity, period, 0, 0, attained, agreement.service.charge)
        self.post([report])
        self.escrow.claim(KEYS["operator"], agreement, report, MerkleTree([report]).proof(report))

    def post(self, reports: Sequence[Report], published: bool = True) -> bytes:
        """A round, signed by a quorum, and its bundle; unless ``published``, its reports stand only there."""
        number = self.committee.last_round() + 1
        bundle = Bundle(
            self.connection.chain_id, self.committee.address, number, QUORUM, tuple(reports), ()
        ).to_bytes()
        root = MerkleTree(reports).root
        preimage = round_preimage(number, root, keccak256(bundle), self.committee.domain)
        signed = sorted((key.address.lower(), key.sign(preimage)) for key in MEMBERS[:QUORUM])
        ordered = MerkleTree(reports).ordered if published else ()
        signatures = [each for _, each in signed]
        self.committee.post(KEYS["operator"], number, root, keccak256(bundle), ordered, signatures)
        return bundle

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Nothing is sent and no file is written within."""
        files, height = self._files(), self.height
        yield
        assert self.height == height, "something was sent"
        assert self._files() == files, "a file was written"

    def _files(self) -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.name.startswith("chain.")
        }


@contextmanager
def cli_world(folder: Path) -> Iterator[CliWorld]:
    """The world, while its chain runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    anvil = Anvil(folder / "chain.json", port, None, folder / "chain.log")
    anvil.start()
    try:
        yield CliWorld(folder, anvil.url)
    finally:
        anvil.stop()
