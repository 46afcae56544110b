"""The contracts on a bare EVM (pyrevm), without blocks or transactions: thousands of calls a second, any clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import pytest
from eth_abi import decode, encode
from eth_utils import function_abi_to_4byte_selector, to_checksum_address
from eth_utils.abi import collapse_if_tuple

from chain.artifacts import abis_of, artifact
from chain.linking import creation_code
from record.events import Event, decode_event

CHAIN_ID = 31337
GAS = 30_000_000
DEPLOYER = "0x" + "de" * 20

_PANIC = {bytes.fromhex("4e487b71"): ("Panic", ["uint256"])}
_OUTPUT = re.compile(r"^Revert \{ gas_used: \d+, output: 0x([0-9a-f]*) \}$")


class CallFailed(Exception):
    """A call that reverted (``data`` is what it answered) or ran out of gas (``data`` is None)."""

    def __init__(self, data: bytes | None, reason: str) -> None:
        super().__init__(reason)
        self.data = data


@cache
def function(contract: str, name: str) -> tuple[bytes, list[str], list[str]]:
    """Selector, types of the arguments, types of the results."""
    entry: Any = next(e for e in artifact(contract).abi if e["type"] == "function" and e["name"] == name)
    kinds = [[collapse_if_tuple(value) for value in entry[side]] for side in ("inputs", "outputs")]
    return bytes(function_abi_to_4byte_selector(entry)), kinds[0], kinds[1]


@cache
def errors(contract: str) -> dict[bytes, tuple[str, list[str]]]:
    """Selector of each custom error, its libraries' among them -> its name and the types of its values."""
    entries: list[Any] = [e for abi in abis_of(contract) for e in abi if e["type"] == "error"]
    return {
        bytes(function_abi_to_4byte_selector(entry)): (
            entry["name"],
            [collapse_if_tuple(value) for value in entry["inputs"]],
        )
        for entry in entries
    }


@lru_cache(maxsize=100_000)
def view_calldata(contract: str, name: str, arguments: tuple[Any, ...]) -> bytes:
    """Views are asked the same again and again, and mostly answer the same: both are encoded once."""
    selector, inputs, _ = function(contract, name)
    return selector + encode(inputs, arguments)


@lru_cache(maxsize=100_000)
def view_result(contract: str, name: str, answer: bytes) -> Any:
    """The one result of a view, or a tuple of them."""
    results = decode(function(contract, name)[2], answer)
    return results[0] if len(results) == 1 else results


class FastChain:
    """One EVM. Calls commit; ``undone()`` takes back what happens within it."""

    def __init__(self, time: int) -> None:
        pyrevm = pytest.importorskip("pyrevm")
        self._new_block: Callable[..., Any] = pyrevm.BlockEnv
        environment = pyrevm.Env(cfg=pyrevm.CfgEnv(chain_id=CHAIN_ID))
        self.evm = pyrevm.EVM(env=environment, spec_id="PRAGUE", gas_limit=GAS)
        self.evm.set_balance(DEPLOYER, 10**24)
        self._libraries: dict[str, str] = {}
        self.time = 0
        self.travel(time)

    def travel(self, time: int) -> None:
        """Let every call from here on happen at ``time``."""
        self.time = time
        self.evm.set_block_env(self._new_block(timestamp=time, gas_limit=2**63))

    def deploy(self, name: str, *arguments: Any) -> str:
        """The checksummed address of a new contract, its libraries deployed before it."""
        compiled = artifact(name)
        libraries = {library: self._library(library) for library in compiled.libraries}
        constructor: Any = next((e for e in compiled.abi if e["type"] == "constructor"), {"inputs": []})
        kinds = [collapse_if_tuple(value) for value in constructor["inputs"]]
        code = creation_code(compiled, libraries) + encode(kinds, arguments)
        return str(to_checksum_address(self.evm.deploy(DEPLOYER, code)))

    def _library(self, name: str) -> str:
        """One for all contracts; taken back, it is brought again."""
        if name not in self._libraries or not self.evm.get_code(self._libraries[name]):
            self._libraries[name] = self.deploy(name)
        return self._libraries[name]

    def call(self, contract: str, address: str, name: str, *arguments: Any, sender: str = DEPLOYER) -> Any:
        """Call a function by its name; its one result, or a tuple of them. CallFailed when it reverts."""
        selector, inputs, outputs = function(contract, name)
        answer = self.send(address, selector + encode(inputs, arguments), sender)
        results = decode(outputs, answer)
        return results[0] if len(results) == 1 else results

    def view(self, contract: str, address: str, name: str, *arguments: Any) -> Any:
        """Read a view, whose arguments are plain values."""
        answer = self.send(address, view_calldata(contract, name, arguments))
        return view_result(contract, name, answer)

    def send(self, address: str, calldata: bytes, sender: str = DEPLOYER, gas: int = GAS) -> bytes:
        """A call as bytes. CallFailed when it reverts."""
        try:
            return bytes(self.evm.message_call(sender, address, calldata=calldata, gas=gas))
        except RuntimeError as error:
            raise self.failed(error) from None

    @staticmethod
    def failed(error: BaseException) -> CallFailed:
        """What the EVM says of a call or a deployment that failed."""
        reverted = _OUTPUT.match(str(error))
        return CallFailed(bytes.fromhex(reverted[1]) if reverted else None, str(error)[:200])

    def refusal(self, contract: str, failure: CallFailed) -> tuple[str, tuple[Any, ...]]:
        """The custom error of a failed call, or the compiler's own Panic: name and values."""
        data = failure.data or b""
        name, kinds = {**errors(contract), **_PANIC}[data[:4]]
        return name, decode(kinds, data[4:])

    def logs(self) -> list[tuple[str, list[bytes], bytes]]:
        """(address, topics, data) of what the last call emitted."""
        return [
            (str(to_checksum_address(log.address)), *(_topics_and_data(log))) for log in self.evm.result.logs
        ]

    def events(self, address: str, allowed: Sequence[type[Event]]) -> list[Event]:
        """What the contract at ``address`` emitted in the last call."""
        return [decode_event(topics, data, allowed) for at, topics, data in self.logs() if at == address]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Take back what happens within."""
        checkpoint = self.evm.snapshot()
        try:
            yield
        finally:
            self.evm.revert(checkpoint)


def _topics_and_data(log: Any) -> tuple[list[bytes], bytes]:
    topics, data = log.data
    return [bytes(topic) for topic in topics], bytes(data)
