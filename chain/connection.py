"""One chain, one way to send: try with ``eth_call``, sign, send, poll for the receipt.

Whatever the node, the line between or the contract does wrong comes out as an error of ``chain.errors``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.exceptions import ContractLogicError, Web3Exception
from web3.types import BlockData, TxReceipt

from chain.artifacts import abis_of, artifact
from chain.code import check_code, no_contract
from chain.errors import ChainError, WrongContract, refusal
from chain.guard import guard
from chain.http import is_http
from chain.keys import Signer
from chain.linking import creation_code
from chain.node import HttpNode
from chain.outbox import Outbox
from chain.sending_errors import sending_error
from chain.transactions import Transaction
from record.hexes import checksum_address
from sla.errors import Kind, MakegoodError

ETH_TESTER = 131277322940537
DEVELOPMENT_CHAINS = frozenset({1337, 31337, ETH_TESTER})
"""Ganache and Geth's dev mode, Hardhat and anvil, eth-tester."""

TRANSFERS_GAS = 3 * 365_000
"""A settlement makes up to three transfers, each of which the escrow wants room for."""

TIP = 10**9
"""Wei per gas for whoever mines."""

OURS = frozenset({"SLAEscrow", "Committee", "CourtArbiter"})
"""Contracts whose code must be the code of this version. Tokens are other people's."""

KNOWN_ABIS = (*sorted(OURS), "TestToken")
"""Whose errors may come out of a call, besides those of the contract that is called."""

Receipt = TxReceipt
"""A transaction's receipt, for those who do not import web3."""


class WrongNode(ChainError):
    """What was named is no node's address, or is a node of another chain: trying again does not help."""

    kind = Kind.INPUT


def connect(rpc: str, chain_id: int | None = None) -> Connection:
    """The chain behind the HTTP address of a node's JSON-RPC; ChainError when there is none, or another chain."""
    if not is_http(rpc):
        raise WrongNode(
            "the address given is no way to reach a node, only http and https are",
            "give the address of the node's JSON-RPC, as in http://127.0.0.1:8545",
        )
    return Connection(Web3(HttpNode(rpc)), chain_id)


class Connection:
    """A web3 connection pinned to one chain id. Safe for threads."""

    def __init__(self, web3: Web3, chain_id: int | None = None) -> None:
        guard(web3)
        self.web3 = web3
        self.chain_id = web3.eth.chain_id
        self._outbox = Outbox(web3)
        self._checked: set[tuple[str, str]] = set()
        self._libraries: dict[str, str] = {}
        if chain_id is not None and chain_id != self.chain_id:
            raise WrongNode(
                f"the node is on chain {self.chain_id}, not {chain_id}", "point to a node of the right chain"
            )

    @property
    def is_development(self) -> bool:
        """Whether this chain's tokens are worth nothing."""
        return self.chain_id in DEVELOPMENT_CHAINS

    def now(self) -> int:
        """The time of the latest block, in seconds UTC: what contracts go by."""
        return int(self.web3.eth.get_block("latest")["timestamp"])

    def contract(self, name: str, address: str) -> Contract:
        """The contract ``name`` at ``address``; WrongContract if there is no code, or not that of this version."""
        checksummed = Web3.to_checksum_address(checksum_address(address))
        if (name, checksummed) not in self._checked:
            if name in OURS:
                check_code(name, checksummed, self._code_at, self.chain_id)
            elif not self._code_at(checksummed):
                raise no_contract(address, self.chain_id)
            self._checked.add((name, checksummed))
        return self.web3.eth.contract(checksummed, abi=artifact(name).abi)

    def deploy(self, signer: Signer, name: str, *arguments: Any) -> tuple[str, TxReceipt]:
        """The new contract's address and its receipt.

        Libraries it is linked to are deployed before it, once for all contracts that this connection deploys: brought
        again after a reply was lost, the same call is found.
        """
        compiled = artifact(name)
        libraries = {library: self._library(signer, library) for library in compiled.libraries}
        factory = self.web3.eth.contract(abi=compiled.abi, bytecode=creation_code(compiled, libraries))
        with self._outbox.turn(signer.address), _told(name, compiled.abi, signer.address):
            data = bytes(HexBytes(factory.constructor(*arguments).data_in_transaction))
            receipt = self._outbox.look_after(signer, signer.address, None, data, self._max_fee)
            if receipt is None:
                receipt = self._transact(signer, None, data)
        return str(_succeeded(receipt, name)["contractAddress"]), receipt

    def read(self, function: ContractFunction, block: int | None = None) -> Any:
        """The result of a view."""
        with _told(function.fn_name, function.contract_abi):
            return function.call(block_identifier="latest" if block is None else block)

    def send(
        self, signer: Signer, function: ContractFunction, dry_run: bool = False, value: int = 0
    ) -> TxReceipt | None:
        """Try, then send and wait for the receipt; Refused with the contract's own error when it would fail.

        With ``dry_run`` it is only tried. A call whose receipt did not come is not sent twice: brought again, it is
        looked up first. ``value`` is in wei.
        """
        name, sender = function.fn_name, Web3.to_checksum_address(signer.address)
        trial: Any = {"from": sender, "value": value} if value else {"from": sender}
        with _told(name, function.contract_abi, sender):
            if dry_run:
                function.call(trial)
                return None
            to, data = str(function.address), bytes(HexBytes(function._encode_transaction_data()))

            def tried() -> int:
                function.call(trial)
                return self._max_fee()

            with self._outbox.turn(sender):
                receipt = self._outbox.look_after(signer, sender, to, data, tried, value)
                if receipt is None:
                    function.call(trial)
                    receipt = self._transact(signer, to, data, value)
            if receipt["status"] != 1:
                # The chain moved on between the try and the block: tried again, the contract says why.
                function.call(trial)
            return _succeeded(receipt, name)

    def wait(self, transaction: bytes) -> TxReceipt:
        """Poll for a receipt; StillWaiting when none comes."""
        return self._outbox.wait(transaction)

    def _library(self, signer: Signer, name: str) -> str:
        """Where the library is. A chain that was taken back may have lost it, and have another contract there."""
        if name in self._libraries:
            with suppress(WrongContract):
                check_code(name, self._libraries[name], self._code_at, self.chain_id)
                return self._libraries[name]
        self._libraries[name] = self.deploy(signer, name)[0]
        return self._libraries[name]

    def _code_at(self, address: str) -> bytes:
        return bytes(self.web3.eth.get_code(Web3.to_checksum_address(address)))

    def _transact(self, signer: Signer, to: str | None, data: bytes, value: int = 0) -> TxReceipt:
        sender = Web3.to_checksum_address(signer.address)
        head = self.web3.eth.get_block("latest")
        call: dict[str, Any] = {"from": sender, "data": data, **({} if to is None else {"to": to})}
        if value:
            call["value"] = value
        transaction = Transaction(
            chain_id=self.chain_id,
            nonce=self.web3.eth.get_transaction_count(sender),
            max_priority_fee=TIP,
            max_fee=self._max_fee(head),
            gas=self._gas(call, head["gasLimit"]),
            to=to,
            data=data,
            value=value,
        )
        return self._outbox.send(signer, sender, transaction)

    def _max_fee(self, head: BlockData | None = None) -> int:
        """Wei per gas that will do for the next blocks: the base fee can double in six."""
        base_fee = (head or self.web3.eth.get_block("latest")).get("baseFeePerGas")
        if base_fee is None:
            raise ChainError(f"chain {self.chain_id} has no base fee", "use a chain that follows EIP-1559")
        return 2 * base_fee + TIP

    def _gas(self, call: dict[str, Any], limit: int) -> int:
        """A quarter above the estimate, and the room the escrow asks for its transfers: a token may be cheaper to try
        than to use, and what is not used is not paid. py-evm estimates by slow bisection: there, plenty."""
        if self.chain_id == ETH_TESTER:
            return min(limit, 12_000_000)
        estimate = self.web3.eth.estimate_gas(call)  # type: ignore[arg-type]
        return min(limit, estimate * 5 // 4 + TRANSFERS_GAS)


def _succeeded(receipt: TxReceipt, what: str) -> TxReceipt:
    if receipt["status"] != 1:
        raise ChainError(
            f"{what} failed in block {receipt['blockNumber']}",
            "the chain moved on meanwhile; look and try again",
        )
    return receipt


@contextmanager
def _told(what: str, abi: Any, sender: str | None = None) -> Iterator[None]:
    """Whatever the contract, the node or the line says, as an error of ours."""
    try:
        yield
    except ContractLogicError as error:
        abis = [abi, *(known for name in KNOWN_ABIS for known in abis_of(name))]
        raise refusal(error, abis, what) from None
    except ChainError as error:
        if type(error) is not ChainError or sender is None:
            raise
        raise sending_error(error, sender) from None
    except MakegoodError:
        raise
    except (Web3Exception, OSError, KeyError, TypeError, ValueError) as error:
        raise ChainError(f"{what}: the node said: {error}", "look at the chain, then try again") from None
