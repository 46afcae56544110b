"""What can go wrong on the way to the chain, and what a contract said when it refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils import function_abi_to_4byte_selector
from hexbytes import HexBytes
from web3.exceptions import ContractCustomError, ContractLogicError

from sla.errors import MakegoodError


class ChainError(MakegoodError):
    """The chain could not be reached, or is not the one that was meant."""


class Refused(ChainError):
    """A contract's custom error: its ``name`` and its ``values`` by name."""

    def __init__(self, name: str, values: Mapping[str, Any], contract: str) -> None:
        self.name = name
        self.values_by_name = dict(values)
        shown = ", ".join(f"{key} {_shown(value)}" for key, value in values.items())
        super().__init__(
            f"{contract} refused: {name}({shown})", "see the contract's interface for what it allows"
        )


def _shown(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


class Reverted(ChainError):
    """A revert without an error we know, a token's own for instance."""

    def __init__(self, reason: str, contract: str) -> None:
        super().__init__(f"{contract} reverted: {reason}", "check balances, allowances and the token")


def refusal(
    error: ContractLogicError, abis: Sequence[Sequence[Mapping[str, Any]]], contract: str
) -> ChainError:
    """The revert as an error of ours, decoded by the first ABI that knows it."""
    data = HexBytes(error.data) if isinstance(error.data, str | bytes) else b""
    if not data and isinstance(error, ContractCustomError) and isinstance(error.message, str):
        data = HexBytes(error.message)
    for abi in abis:
        for entry in abi:
            if entry.get("type") != "error" or function_abi_to_4byte_selector(entry) != data[:4]:  # type: ignore[arg-type]
                continue
            inputs = entry["inputs"]
            try:
                values = decode([value["type"] for value in inputs], data[4:])
            except DecodingError:
                continue  # somebody else's bytes that begin like ours
            return Refused(
                entry["name"], {i["name"]: v for i, v in zip(inputs, values, strict=True)}, contract
            )
    return Reverted(str(error.message or error.data or "no reason given"), contract)
