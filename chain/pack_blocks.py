"""A block's header and receipts in the encoding that the chain hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import rlp

from chain.connection import Connection
from chain.embedded import EmbeddedChain
from chain.errors import ChainError
from record.keccak import keccak256
from record.receipts import receipts_root

# In the order in which they are hashed; those of later forks stand last, as far as the chain has come.
_HEADER = (
    ("parentHash", bytes),
    ("sha3Uncles", bytes),
    ("miner", bytes),
    ("stateRoot", bytes),
    ("transactionsRoot", bytes),
    ("receiptsRoot", bytes),
    ("logsBloom", bytes),
    ("difficulty", int),
    ("number", int),
    ("gasLimit", int),
    ("gasUsed", int),
    ("timestamp", int),
    ("extraData", bytes),
    ("mixHash", bytes),
    ("nonce", bytes),
    ("baseFeePerGas", int),
    ("withdrawalsRoot", bytes),
    ("blobGasUsed", int),
    ("excessBlobGas", int),
    ("parentBeaconBlockRoot", bytes),
    ("requestsHash", bytes),
)
_OLDEST_FORK = 15


class RawBlocks(Protocol):
    """Where raw blocks come from. ChainError for a block that cannot be had as it was hashed."""

    def header(self, number: int) -> bytes:
        """The header's RLP."""

    def receipts(self, number: int) -> Sequence[bytes]:
        """All receipts of the block, in order."""


class EmbeddedBlocks:
    """Of the chain in this process."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain

    def header(self, number: int) -> bytes:
        """The header's RLP."""
        return bytes(rlp.encode(self._chain.raw_header(number)))

    def receipts(self, number: int) -> Sequence[bytes]:
        """All receipts of the block, in order."""
        return self._chain.raw_receipts(number)


class RpcBlocks:
    """Of a JSON-RPC node: rebuilt from their fields, and refused unless they hash to what the node names.

    Chains whose block hash leaves out a part of the header (Besu's QBFT and IBFT: the commit seals) are refused so.
    """

    def __init__(self, connection: Connection) -> None:
        self._provider = connection.web3.provider

    def header(self, number: int) -> bytes:
        """The header's RLP."""
        block = self._block(number)
        names = [name for name, _ in _HEADER[_OLDEST_FORK:] if name not in block]
        fields = [_field(block[name], kind) for name, kind in _HEADER if name not in names]
        raw = bytes(rlp.encode(fields))
        if keccak256(raw) != _bytes(block["hash"]):
            raise ChainError(
                f"block {number} does not hash to {block['hash']}: its header has a form we do not know",
                "use a node of an Ethereum mainnet-compatible chain",
            )
        return raw

    def receipts(self, number: int) -> Sequence[bytes]:
        """All receipts of the block, in order."""
        block = self._block(number)
        raws = [_receipt(self._ask("eth_getTransactionReceipt", name)) for name in block["transactions"]]
        if receipts_root(raws) != _bytes(block["receiptsRoot"]):
            raise ChainError(
                f"the receipts of block {number} are not those of its header",
                "use a node that keeps all receipts, of a chain with Ethereum's transaction types",
            )
        return raws

    def _block(self, number: int) -> Mapping[str, Any]:
        block: Mapping[str, Any] = self._ask("eth_getBlockByNumber", hex(number), False)
        return block

    def _ask(self, method: str, *parameters: Any) -> Any:
        response = self._provider.make_request(method, list(parameters))  # type: ignore[arg-type]
        if response.get("result") is None:
            raise ChainError(
                f"the node has no answer to {method}{parameters}", "use a node with the whole history"
            )
        return response["result"]


def _receipt(fields: Mapping[str, Any]) -> bytes:
    """A receipt in its consensus encoding (EIP-2718: the type's byte leads, unless it is 0)."""
    logs = [
        [_bytes(log["address"]), [_bytes(topic) for topic in log["topics"]], _bytes(log["data"])]
        for log in fields["logs"]
    ]
    status, gas = _number(fields["status"]), _number(fields["cumulativeGasUsed"])
    body = bytes(rlp.encode([status, gas, _bytes(fields["logsBloom"]), logs]))
    kind = _number(fields.get("type", "0x0"))
    return bytes([kind]) + body if kind else body


def _field(value: str, kind: type) -> bytes | int:
    return _number(value) if kind is int else _bytes(value)


def _bytes(value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("0x"))


def _number(value: str) -> int:
    return int(value, 16)
