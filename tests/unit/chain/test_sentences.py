"""The one table of errors against the contracts: every custom error has a sentence, and every sentence an error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import pytest
from eth_abi import encode
from hypothesis import example, given
from hypothesis import strategies as st
from web3.exceptions import ContractLogicError

from chain.artifacts import FOLDER, artifact
from chain.errors import ChainError, Refused, Reverted, refusal
from chain.escrow import AccountState, ClaimStatus, Disputer
from record.keccak import keccak256
from sla.errors import SENTENCES, Kind, MakegoodError, problem_of
from sla.sentences import CLAIM_STATUSES

TEST_ONLY = {
    "Blocked": "MoodyToken",
    "Refused": "ContractWallet",
    "BalanceTooLow": "RebasingToken",
    "SignaturesInvalid": "MultiSigWallet",
    "OnlyItself": "MultiSigWallet",
    "OwnersInvalid": "MultiSigWallet",
    "NotEnoughPaid": "SmallCourt",
    "NoAppeals": "SmallCourt",
    "ERC2612ExpiredSignature": "PermitToken",
    "ERC2612InvalidSigner": "PermitToken",
    "InvalidAccountNonce": "PermitToken",
}
"""Errors of contracts that exist for tests alone."""

ABIS = {path.stem: json.loads(path.read_text())["abi"] for path in FOLDER.glob("*.json")}
ERRORS: dict[str, Mapping[str, Any]] = {
    entry["name"]: entry
    for contract, abi in ABIS.items()
    for entry in abi
    if entry["type"] == "error" and TEST_ONLY.get(entry["name"]) != contract
}
ALL = [artifact(name).abi for name in ("SLAEscrow", "Committee", "CourtArbiter", "TestToken")]


def reverted(data: bytes, abis: Any = ALL) -> ChainError:
    return refusal(ContractLogicError("execution reverted", data="0x" + data.hex()), abis, "claim")


def types(name: str) -> list[str]:
    return [one["type"] for one in ERRORS[name]["inputs"]]


def selector(name: str) -> bytes:
    return keccak256(f"{name}({','.join(types(name))})".encode())[:4]


def told(name: str, *values: Any) -> ChainError:
    return reverted(selector(name) + encode(types(name), values))


def test_sentences__and_the_errors_of_all_abis__are_the_same() -> None:
    assert len(ABIS) >= 10
    assert set(SENTENCES) == set(ERRORS)


@pytest.mark.parametrize("name", ERRORS)
def test_sentence__its_parameters__are_those_of_solidity(name: str) -> None:
    assert SENTENCES[name].parameters.split() == [one["name"] for one in ERRORS[name]["inputs"]]


@pytest.mark.parametrize("name", ERRORS)
def test_refusal__of_any_values__says_them_all_and_has_a_field(name: str) -> None:
    """Every error, as its contract encodes it, comes back by its name, with a problem, a remedy and its values."""
    samples = {"address": "0x" + "11" * 20, "bytes32": b"\x22" * 32, "string": "token", "uint8": 4}
    inputs = ERRORS[name]["inputs"]
    error = told(name, *(samples.get(one["type"], 33) for one in inputs))

    assert isinstance(error, Refused)
    assert (error.title, error.kind) == (name, Kind.REFUSED)
    assert f"({name})" in error.problem
    assert "?" not in error.problem + error.remedy
    assert set(problem_of(error)["values"]) == {one["name"] for one in inputs}  # type: ignore[call-overload]
    json.dumps(problem_of(error))


def test_refusal__times_and_states__are_written_as_people_read_them() -> None:
    error = told("NotDisputable", 2, 1_800_000_000, 1_799_999_999)

    assert str(error) == (
        "claim was refused: the claim is disputed, with a dispute window until 2027-01-15 07:59:59 UTC, and it is "
        "2027-01-15 08:00:00 UTC (NotDisputable); only a pending claim or an undisputed case can be "
        "disputed, and only before its window ends"
    )
    assert error.field == "--period"


def test_refusal__amounts__are_grouped_and_addresses_checksummed() -> None:
    error = told("ERC20InsufficientBalance", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", 1_234_567, 10**12)

    assert "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed holds 1 234 567 of the token" in error.problem
    assert "needs 1 000 000 000 000" in error.problem
    assert problem_of(error)["values"] == {
        "sender": "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "balance": "1234567",
        "needed": "1000000000000",
    }


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (("BondZero",), "spec.dispute.bond"),
        (("TierPaysLess", 1, 2), "spec.obligations[1].tiers[2]"),
        (("ZeroAddress", "arbiter"), "spec.parties.arbiter.address"),
        (("ZeroAddress", "no such field"), None),
        (("OutsideSaneBounds", 5, 6, 7), "--attained"),
    ],
)
def test_refusal__of_terms_and_calls__names_the_field(error: tuple[Any, ...], field: str | None) -> None:
    assert told(*error).field == field


def test_claim_statuses__are_those_of_the_contract() -> None:
    """As the interface has them, in its order; so are the client's, by which it reads what the views answer."""
    names = members_of("ClaimStatus")
    assert names == ["None", "Pending", "Disputed", "Ruled", "Settled", "Final"]
    assert [status.name for status in ClaimStatus] == [name.upper() for name in names]
    assert ("not brought yet", *(name.lower() for name in names[1:])) == CLAIM_STATUSES


@pytest.mark.parametrize("kind", [AccountState, Disputer])
def test_enums__of_the_client__are_those_of_the_contract(kind: type[IntEnum]) -> None:
    assert [member.name for member in kind] == [name.upper() for name in members_of(kind.__name__)]
    assert [member.value for member in kind] == list(range(len(kind)))


def members_of(enum: str) -> list[str]:
    """The members of an enum of `ISLAEscrow.sol`, its comments left out."""
    source = (FOLDER.parent.parent / "contracts/interfaces/ISLAEscrow.sol").read_text()
    body = re.sub(r"//.*", "", source).split(f"enum {enum} {{")[1].split("}")[0]
    return body.replace(",", " ").split()


@given(st.binary(max_size=200), st.sampled_from([b"", *map(selector, ERRORS)]))
@example(b"\xff" * 64, selector("StringTooLong"))
@example((32).to_bytes(32) + b"\xff" * 32, selector("ZeroAddress"))
@example((32).to_bytes(32) + (1).to_bytes(32) + b"\xff" * 32, selector("ZeroAddress"))
def test_refusal__arbitrary_bytes__are_an_error_of_ours(data: bytes, begin: bytes) -> None:
    error = reverted(begin + data)

    assert isinstance(error, Refused | Reverted)
    assert problem_of(error)["kind"] == "refused"
    assert str(error).isprintable()


DATA = st.none() | st.text(max_size=100) | st.dictionaries(st.text(max_size=3), st.text(max_size=3))


@given(DATA, st.text(max_size=80))
@example("0xzz", "x")
@example("0x1", "\x1b[31m")
def test_refusal__whatever_the_node_gives_as_data__is_an_error_of_ours(data: Any, message: str) -> None:
    error = refusal(ContractLogicError(message, data=data), ALL, "claim")

    assert isinstance(error, MakegoodError)
    assert str(error).isprintable()


def test_refused__an_error_that_is_in_no_table__is_told_by_its_name_and_values() -> None:
    error = Refused("TheirOwn", {"amount": 1234567, "why": "because"}, "transfer")

    assert error.problem == "transfer was refused: TheirOwn(amount 1234567, why because)"
