"""What can go wrong on the way to the chain, and what a contract said when it refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils import function_abi_to_4byte_selector
from web3.exceptions import ContractLogicError

from record.hexes import checksum_address
from record.terms.rule_paths import rule_path
from sla.errors import SENTENCES, Kind, MakegoodError, RuleBroken
from sla.rule_sentences import RULE_SENTENCES
from sla.sentences import shown

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*\Z")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\Z")


class ChainError(MakegoodError):
    """The chain could not be reached, or is not the one that was meant."""

    kind = Kind.OUTSIDE


class RateLimited(ChainError):
    """The node has had enough of our requests, again and again."""


class HistoryPruned(ChainError):
    """The node no longer keeps the blocks or the state that were asked for."""


class RangeTooWide(ChainError):
    """The node answers for fewer blocks, or fewer events, at a time."""


class NotFound(ChainError):
    """The node knows no such block or transaction."""


class Unanswered(ChainError):
    """The node gave no answer that can be read; whether it did what it was asked is not known."""


class WrongContract(ChainError):
    """The code at an address is not the contract that was meant."""

    kind = Kind.INPUT


class StillWaiting(ChainError):
    """A transaction was sent and has no receipt yet; ``transaction`` is its hash."""

    def __init__(self, transaction: bytes, problem: str, remedy: str) -> None:
        self.transaction = transaction
        super().__init__(problem, remedy)

    def named_values(self) -> Mapping[str, object]:
        """The hash, by which anybody can look it up."""
        return {"transaction": self.transaction}


class SignerError(ChainError):
    """An external signer that is absent, does not know the key, or gave something else than its signature."""


class UnsafeKey(ChainError):
    """A bare key where tokens are worth something."""

    kind = Kind.INPUT


class KeyFileError(MakegoodError):
    """A key's file that cannot be read, opened or written."""

    kind = Kind.INPUT

    def __init__(self, file: str, problem: str, remedy: str) -> None:
        self.file = file
        super().__init__(f"{file} {problem}", remedy)


class Refused(ChainError):
    """A contract's custom error: its ``name`` and its ``values_by_name``. ``contract`` is what was called."""

    kind = Kind.REFUSED

    def __init__(self, name: str, values: Mapping[str, Any], contract: str) -> None:
        self.name = name
        self.values_by_name = dict(values)
        sentence = SENTENCES.get(name)
        readable = {key: _checksummed(value) for key, value in values.items()}
        if sentence is None:
            listed = ", ".join(f"{key} {shown(value, 'plain')}" for key, value in readable.items())
            problem, remedy = f"{name}({listed})", "see the contract's interface for what it allows"
        else:
            problem, remedy = sentence.filled(readable)
            problem = f"{problem} ({name})"
            self.field = _terms_field(name, values) if name in RULE_SENTENCES else sentence.field
        super().__init__(f"{contract} was refused: {problem}", remedy)

    @property
    def title(self) -> str:
        """The custom error's name."""
        return self.name

    def named_values(self) -> Mapping[str, object]:
        """The custom error's arguments by their Solidity names."""
        return self.values_by_name


class Reverted(ChainError):
    """A revert without an error we know, a token's own for instance."""

    kind = Kind.REFUSED

    def __init__(self, reason: str, contract: str) -> None:
        super().__init__(f"{contract} reverted: {shown(reason)}", "check balances, allowances and the token")


def refusal(
    error: ContractLogicError, abis: Sequence[Sequence[Mapping[str, Any]]], contract: str
) -> ChainError:
    """The revert as an error of ours, decoded by the first ABI that knows it."""
    data = _bytes(error.data) or _bytes(error.message)
    for abi in abis:
        for entry in abi:
            if entry.get("type") != "error" or function_abi_to_4byte_selector(entry) != data[:4]:  # type: ignore[arg-type]
                continue
            inputs = entry["inputs"]
            try:
                values = decode([value["type"] for value in inputs], data[4:])
            except (DecodingError, ValueError, OverflowError):
                continue  # somebody else's bytes that begin like ours
            return Refused(
                entry["name"], {i["name"]: v for i, v in zip(inputs, values, strict=True)}, contract
            )
    return Reverted(str(error.message or error.data or "no reason given"), contract)


def _bytes(said: object) -> bytes:
    """The bytes a node gave as hex, in whatever it wrapped them; none when they are something else."""
    if isinstance(said, bytes):
        return said
    return bytes.fromhex(said[2:]) if isinstance(said, str) and _HEX.match(said) else b""


def _checksummed(value: object) -> object:
    return checksum_address(value) if isinstance(value, str) and _ADDRESS.match(value) else value


def _terms_field(rule: str, values: Mapping[str, Any]) -> str | None:
    """The field of the terms document; None when somebody else's contract says what none of ours would."""
    try:
        return rule_path(RuleBroken(rule, *values.values()))
    except (KeyError, IndexError):
        return None
