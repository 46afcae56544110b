"""What an answer of a node must have to be one, beyond what web3 looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_BLOCK: Mapping[str, type] = {"number": int, "hash": bytes, "timestamp": int, "gasLimit": int}
_RECEIPT: Mapping[str, type] = {"status": int, "blockNumber": int, "transactionHash": bytes, "gasUsed": int}
_LOG: Mapping[str, type] = {
    "blockNumber": int,
    "blockHash": bytes,
    "transactionHash": bytes,
    "logIndex": int,
    "address": str,
    "topics": Sequence,
    "data": bytes,
}
_NUMBERS = frozenset(
    {"eth_chainId", "eth_blockNumber", "eth_getTransactionCount", "eth_estimateGas", "eth_getBalance"}
)


def check_shape(method: str, answer: Any) -> None:
    """ValueError unless the answer to the JSON-RPC ``method``, as web3 read it, has the members we use."""
    if method in ("eth_getBlockByNumber", "eth_getBlockByHash"):
        _require(answer, _BLOCK)
    elif method == "eth_getTransactionReceipt":
        _require(answer, _RECEIPT)
    elif method == "eth_getLogs":
        if not isinstance(answer, list):
            raise ValueError("the logs are no list")
        for log in answer:
            _require(log, _LOG)
            if not all(isinstance(topic, bytes) for topic in log["topics"]):
                raise ValueError("a log's topics are not bytes")
    elif method in _NUMBERS and (not isinstance(answer, int) or answer < 0):
        raise ValueError("it is no number")
    elif method == "eth_getCode" and not isinstance(answer, bytes):
        raise ValueError("it is no code")


def _require(answer: Any, members: Mapping[str, type]) -> None:
    if not isinstance(answer, Mapping):
        raise ValueError("it is no object")
    for name, kind in members.items():
        value = answer.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"its {name} is missing or malformed")
        if isinstance(value, int) and value < 0:
            raise ValueError(f"its {name} is below zero")
