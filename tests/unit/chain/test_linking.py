"""A contract and its library: compiled, linked, deployed, recognised, wherever they lie."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

import chain.artifacts
import chain.code
import chain.connection
from chain.artifacts import Artifact, artifact
from chain.clock import ManualClock
from chain.code import check_code, immutable_places, is_same_code
from chain.compile import compile_contracts
from chain.connection import Connection
from chain.embedded import EmbeddedChain
from chain.errors import Refused, StillWaiting, Unanswered, WrongContract
from chain.keys import LocalKey
from chain.linking import LibraryMissing, creation_code, linked_addresses, runtime_code
from record.keccak import keccak256
from sla.errors import MakegoodError

ROOT = Path(__file__).resolve().parents[3]
FOLDER = chain.artifacts.FOLDER
SOURCES = Path(__file__).resolve().parent / "linked"
SIGNER = LocalKey(keccak256(b"deployer"))
START = 21


@pytest.fixture(scope="session")
def compiled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Counter and Steps, as compiled from a folder that looks like this project."""
    root = tmp_path_factory.mktemp("linked")
    shutil.copytree(SOURCES, root / "contracts")
    shutil.copy(ROOT / "contracts" / "solc.json", root / "contracts")
    for name in ("package.json", "node_modules", "scripts"):
        (root / name).symlink_to(ROOT / name)
    compile_contracts(root)
    return root / "build" / "contracts"


@pytest.fixture
def compiled(compiled_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder, where the chain room looks for our contracts."""

    def found(name: str) -> Artifact:
        return artifact(name, compiled_folder if (compiled_folder / f"{name}.json").is_file() else FOLDER)

    for module in (chain.artifacts, chain.code, chain.connection):
        monkeypatch.setattr(module, "artifact", found)
    monkeypatch.setattr(chain.connection, "OURS", frozenset({"Counter"}))
    monkeypatch.setattr(chain.connection, "KNOWN_ABIS", ("Counter",))
    return compiled_folder


@pytest.fixture
def connection(compiled: Path) -> Connection:
    return Connection(EmbeddedChain([SIGNER.address], ManualClock(1_800_000_000)).web3)


def counter_at(connection: Connection, address: str) -> Any:
    return connection.contract("Counter", address)


def code_at(connection: Connection, address: str) -> bytes:
    return bytes(connection.web3.eth.get_code(Web3.to_checksum_address(address)))


def library_of(connection: Connection, address: str, folder: Path) -> str:
    """Where the contract's library lies, read from its code at the compiler's first reference."""
    content = json.loads((folder / "Counter.json").read_text())
    (references,) = content["deployedLinkReferences"].values()
    start = references["Steps"][0]["start"]
    return str(Web3.to_checksum_address(code_at(connection, address)[start : start + 20]))


# Compiling


def test_compile__a_contract_with_a_library__keeps_where_it_is_linked(compiled_folder: Path) -> None:
    """The placeholder is `__$`, 34 hex digits of the name's keccak256, `$__`; nothing else stands at a reference."""
    counter = artifact("Counter", compiled_folder)
    placeholder = f"__${keccak256(b'project/contracts/Steps.sol:Steps').hex()[:34]}$__"
    for code, links in (
        (counter.bytecode, counter.links),
        (counter.deployed_bytecode, counter.deployed_links),
    ):
        found = [i for i in range(len(code)) if code.startswith(placeholder, i)]
        assert found == [2 + 2 * place for place in links["Steps"]]
        assert len(found) >= 2
    assert counter.libraries == ["Steps"]
    assert artifact("Steps", compiled_folder).libraries == []


# Linking


def test_creation_code__without_the_librarys_address__says_what_is_missing(compiled_folder: Path) -> None:
    with pytest.raises(LibraryMissing, match="Counter calls the library Steps, whose address was not given"):
        creation_code(artifact("Counter", compiled_folder), {"Other": SIGNER.address})
    assert issubclass(LibraryMissing, MakegoodError)


def test_linked_addresses__places_that_disagree__are_no_address(compiled_folder: Path) -> None:
    counter = artifact("Counter", compiled_folder)
    code = bytearray(runtime_code(counter))
    assert linked_addresses(counter, bytes(code)) == {"Steps": "0x" + "00" * 20}
    code[counter.deployed_links["Steps"][0]] = 1
    assert linked_addresses(counter, bytes(code)) is None


# Deploying


def test_deploy__a_contract_with_a_library__is_one_call_and_works(connection: Connection) -> None:
    """The constructor, a change of the contract's own storage and a view all go through the library."""
    address, _ = connection.deploy(SIGNER, "Counter", START)
    counter = counter_at(connection, address)
    connection.send(SIGNER, counter.functions.step(5))
    assert connection.read(counter.functions.start()) == START
    assert connection.read(counter.functions.value()) == 2 * (2 * START + 5)


def test_deploy__several__share_the_library(connection: Connection, compiled: Path) -> None:
    first, second = (connection.deploy(SIGNER, "Counter", start)[0] for start in (1, 2))
    assert first != second
    assert library_of(connection, first, compiled) == library_of(connection, second, compiled)
    assert connection.web3.eth.get_transaction_count(Web3.to_checksum_address(SIGNER.address)) == 3


def test_deploy__when_the_reply_was_lost__is_found_when_asked_again(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P13: the library is not deployed a second time, so the contract's own transaction is the same call."""
    real = connection._outbox._receipt

    def lost_after_the_library(*transactions: bytes) -> Any:
        if connection._libraries:
            raise Unanswered("the line is down", "wait")
        return real(*transactions)

    with monkeypatch.context() as patch:
        patch.setattr(connection._outbox, "_receipt", lost_after_the_library)
        patch.setattr("chain.outbox.FIRST_PAUSE", 0.0)
        with pytest.raises(StillWaiting) as waiting:
            connection.deploy(SIGNER, "Counter", START)
    address, receipt = connection.deploy(SIGNER, "Counter", START)
    assert receipt["transactionHash"] == waiting.value.transaction
    assert connection.read(counter_at(connection, address).functions.start()) == START
    assert connection.web3.eth.get_transaction_count(Web3.to_checksum_address(SIGNER.address)) == 2


def test_deploy__after_the_chain_was_taken_back__brings_the_library_again(
    connection: Connection, compiled: Path
) -> None:
    """Another contract may lie at its address by then."""
    tester: Any = connection.web3.provider.ethereum_tester  # type: ignore[attr-defined]
    before = tester.take_snapshot()
    gone = library_of(connection, connection.deploy(SIGNER, "Counter", START)[0], compiled)
    tester.revert_to_snapshot(before)
    other, _ = connection.deploy(SIGNER, "TestToken", "Test USD", "tUSD", 6)
    assert other == gone

    address, _ = connection.deploy(SIGNER, "Counter", START)
    assert connection.read(counter_at(connection, address).functions.value()) == 4 * START
    assert library_of(connection, address, compiled) != gone


def test_send__what_the_library_refuses__is_told_by_name(connection: Connection) -> None:
    """Its errors are in its own ABI, not in the contract's."""
    counter = counter_at(connection, connection.deploy(SIGNER, "Counter", START)[0])
    with pytest.raises(Refused) as refused:
        connection.send(SIGNER, counter.functions.step(10))
    assert (refused.value.name, refused.value.values_by_name) == ("StepTooLong", {"step": 10, "max": 9})


# Recognising


def checked(name: str, address: str, codes: dict[str, bytes]) -> None:
    check_code(name, address, lambda at: codes.get(at, b""), 1)


def deployed(connection: Connection, folder: Path) -> tuple[str, str, dict[str, bytes]]:
    """The addresses of a contract and its library, and the code at both."""
    address = connection.deploy(SIGNER, "Counter", START)[0]
    library = library_of(connection, address, folder)
    return address, library, {at: code_at(connection, at) for at in (address, library)}


def test_check_code__one_byte_changed_anywhere__is_another_contract(
    connection: Connection, compiled: Path
) -> None:
    """Only what the constructor wrote may differ, and the library's address if the library lies there."""
    address, library, codes = deployed(connection, compiled)
    checked("Counter", address, codes)
    for at, name in ((address, "Counter"), (library, "Steps")):
        free = {
            place + i for place in immutable_places(runtime_code(artifact(name, compiled))) for i in range(32)
        }
        assert free, "an immutable of the contract, and a library's own address"
        for place in range(0, len(codes[at]), 3):
            changed = bytearray(codes[at])
            changed[place] ^= 1
            if place in free:
                checked("Counter", address, {**codes, at: bytes(changed)})
                continue
            with pytest.raises(WrongContract, match=at):
                checked("Counter", address, {**codes, at: bytes(changed)})


def test_check_code__linked_elsewhere__is_looked_at_there(connection: Connection, compiled: Path) -> None:
    address, library, codes = deployed(connection, compiled)
    elsewhere = "0x" + "11" * 20
    moved = codes[address].replace(bytes.fromhex(library[2:]), bytes.fromhex(elsewhere[2:]))
    with pytest.raises(
        WrongContract, match="calls a library that is not ours: there is no contract at 0x1111"
    ):
        checked("Counter", address, {**codes, address: moved})
    with pytest.raises(
        WrongContract, match=r"calls a library that is not ours: the contract at 0x1111.* is not the Steps"
    ):
        checked("Counter", address, {**codes, address: moved, elsewhere: codes[address]})
    checked("Counter", address, {**codes, address: moved, elsewhere: codes[library]})


def test_check_code__a_contract_that_is_absent_or_another__is_told(
    connection: Connection, compiled: Path
) -> None:
    address, library, codes = deployed(connection, compiled)
    with pytest.raises(WrongContract, match=f"there is no contract at {SIGNER.address} on chain 1"):
        checked("Counter", SIGNER.address, codes)
    with pytest.raises(WrongContract, match="is not the Counter this version was built for"):
        checked("Counter", library, codes)
    assert not is_same_code(runtime_code(artifact("Counter", compiled)), codes[address])
