"""One chain, one way to send: try with ``eth_call``, sign, send, poll for the receipt."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3Exception
from web3.types import TxReceipt

from chain.artifacts import artifact
from chain.errors import ChainError, refusal
from chain.keys import Signer

ETH_TESTER = 131277322940537
DEVELOPMENT_CHAINS = frozenset({1337, 31337, ETH_TESTER})
"""Ganache and Geth's dev mode, Hardhat and anvil, eth-tester."""

RECEIPT_TIMEOUT_SECONDS = 60
TRANSFERS_GAS = 3 * 365_000
"""A settlement makes up to three transfers, each of which the escrow wants room for."""

Receipt = TxReceipt
"""A transaction's receipt, for those who do not import web3."""


class Connection:
    """A web3 connection pinned to one chain id."""

    def __init__(self, web3: Web3, chain_id: int | None = None) -> None:
        self.web3 = web3
        self.chain_id = web3.eth.chain_id
        if chain_id is not None and chain_id != self.chain_id:
            raise ChainError(
                f"the node is on chain {self.chain_id}, not {chain_id}", "point to a node of the right chain"
            )

    @property
    def is_development(self) -> bool:
        """Whether this chain's tokens are worth nothing."""
        return self.chain_id in DEVELOPMENT_CHAINS

    def contract(self, name: str, address: str) -> Contract:
        """The contract ``name`` at ``address``; ChainError if there is no code."""
        checksummed = Web3.to_checksum_address(address)
        if not self.web3.eth.get_code(checksummed):
            raise ChainError(f"there is no contract at {address}", "check the address and the chain")
        return self.web3.eth.contract(checksummed, abi=artifact(name).abi)

    def deploy(self, signer: Signer, name: str, *arguments: Any) -> tuple[str, TxReceipt]:
        """The new contract's address and its receipt."""
        compiled = artifact(name)
        factory = self.web3.eth.contract(abi=compiled.abi, bytecode=compiled.bytecode)
        receipt = self._transact(signer, {"data": factory.constructor(*arguments).data_in_transaction}, name)
        return str(receipt["contractAddress"]), receipt

    def read(self, function: ContractFunction, block: int | None = None) -> Any:
        """The result of a view."""
        with _told(function):
            return function.call(block_identifier="latest" if block is None else block)

    def send(self, signer: Signer, function: ContractFunction, dry_run: bool = False) -> TxReceipt | None:
        """Try, then send and wait for the receipt; Refused with the contract's own error when it would fail.

        With ``dry_run`` it is only tried.
        """
        with _told(function):
            function.call({"from": Web3.to_checksum_address(signer.address)})
            if dry_run:
                return None
            data = function._encode_transaction_data()
            return self._transact(signer, {"to": function.address, "data": data}, function.fn_name)

    def wait(self, transaction: bytes) -> TxReceipt:
        """Poll for a receipt: nodes mine when they please."""
        end = time.monotonic() + RECEIPT_TIMEOUT_SECONDS
        while True:
            try:
                return self.web3.eth.get_transaction_receipt(transaction)  # type: ignore[arg-type]
            except TransactionNotFound:
                if time.monotonic() > end:
                    raise ChainError(
                        f"no receipt for 0x{bytes(transaction).hex()} in {RECEIPT_TIMEOUT_SECONDS} s",
                        "look it up before sending again",
                    ) from None
                time.sleep(0.05)

    def _transact(self, signer: Signer, fields: Mapping[str, Any], what: str) -> TxReceipt:
        sender = Web3.to_checksum_address(signer.address)
        head = self.web3.eth.get_block("latest")
        transaction: dict[str, Any] = {
            **fields,
            "value": 0,
            "chainId": self.chain_id,
            "nonce": self.web3.eth.get_transaction_count(sender),
            "maxFeePerGas": 2 * head["baseFeePerGas"] + 10**9,
            "maxPriorityFeePerGas": 10**9,
        }
        transaction["gas"] = self._gas({**fields, "from": sender}, head["gasLimit"])
        receipt = self.wait(self.web3.eth.send_raw_transaction(signer.sign_transaction(transaction)))
        if receipt["status"] != 1:
            raise ChainError(
                f"{what} failed in block {receipt['blockNumber']}",
                "the chain moved on meanwhile; look and try again",
            )
        return receipt

    def _gas(self, call: dict[str, Any], limit: int) -> int:
        """A quarter above the estimate, and the room the escrow asks for its transfers: a token may be cheaper to try
        than to use, and what is not used is not paid. py-evm estimates by slow bisection: there, plenty."""
        if self.chain_id == ETH_TESTER:
            return min(limit, 12_000_000)
        estimate = self.web3.eth.estimate_gas(call)  # type: ignore[arg-type]
        return min(limit, estimate * 5 // 4 + TRANSFERS_GAS)


@contextmanager
def _told(function: ContractFunction) -> Iterator[None]:
    """Whatever the contract, the node or the line says, as a ChainError."""
    try:
        yield
    except ContractLogicError as error:
        abis = [function.contract_abi, artifact("SLAEscrow").abi, artifact("Committee").abi]
        raise refusal(error, abis, function.fn_name) from None
    except (Web3Exception, OSError) as error:
        raise ChainError(
            f"{function.fn_name}: the node said: {error}", "look at the chain, then try again"
        ) from None
