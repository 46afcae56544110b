"""The records of events and errors are those of the compiled contracts (P12)."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from eth_abi import encode
from eth_utils import event_abi_to_log_topic, function_abi_to_4byte_selector
from eth_utils.abi import collapse_if_tuple
from web3.exceptions import ContractCustomError

from chain.artifacts import abis_of, artifact
from chain.errors import Refused, Reverted, refusal
from record.events import COMMITTEE_EVENTS, ESCROW_EVENTS, Event, decode_event, event_topic
from record.typed_messages import camel
from sla.errors import RecordError

CONTRACTS: dict[str, tuple[type[Event], ...]] = {"SLAEscrow": ESCROW_EVENTS, "Committee": COMMITTEE_EVENTS}
OTHER_NAMES = {"sender": "from"}
"""Members that cannot bear Solidity's name in Python."""

FROM_OPENZEPPELIN = {"EIP712DomainChanged"}
"""Declared by OpenZeppelin, never emitted: the domain cannot change."""

FROM_STANDARDS = {"IArbitrable.sol", "IArbitrator.sol"}
"""ERC-792 and ERC-1497, whole: what courts emit, too."""


def entries(contract: str, kind: str) -> dict[str, Any]:
    """Those of its libraries too: they are what comes out of its calls."""
    return {entry["name"]: entry for abi in abis_of(contract) for entry in abi if entry["type"] == kind}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_events__every_one_of_the_contract__has_its_record(contract: str) -> None:
    names = {event.__name__ for event in CONTRACTS[contract]}
    assert names == set(entries(contract, "event")) - FROM_OPENZEPPELIN


@pytest.mark.parametrize(
    ("contract", "event"),
    [(contract, event) for contract, events in CONTRACTS.items() for event in events],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_event__record__has_the_names_types_and_indexes_of_the_abi(contract: str, event: type[Event]) -> None:
    declared = entries(contract, "event")[event.__name__]
    inputs = declared["inputs"]

    assert not declared.get("anonymous", False)
    assert [OTHER_NAMES.get(field.name, camel(field.name)) for field in fields(event)] == [
        value["name"] for value in inputs
    ]
    assert list(event.LAYOUT) == [collapse_if_tuple(value) + "*" * value["indexed"] for value in inputs]
    assert event_topic(event) == event_abi_to_log_topic(declared)


def test_events__their_topics__are_all_different() -> None:
    topics = [event_topic(event) for events in CONTRACTS.values() for event in events]
    assert len(set(topics)) == len(topics)


SAMPLES: dict[str, Any] = {
    "bytes32": b"\x11" * 32,
    "address": "0x" + "22" * 20,
    "address[]": ["0x" + "22" * 20],
    "bytes": b"call",
    "string": "text",
    "bool": True,
    "(bytes32,uint32,uint8,uint16,uint64,uint96)[]": [(b"\x11" * 32, 1, 2, 3, 4, 5)],
    "(uint32,uint8)[]": [(1, 2), (3, 4)],
}


def sample(kind: str) -> Any:
    return SAMPLES.get(kind, 7 if kind.startswith("uint") else -7)


@pytest.mark.parametrize(
    ("contract", "name"), [(c, e.__name__) for c, events in CONTRACTS.items() for e in events]
)
def test_event__log_of_the_abi__is_decoded(contract: str, name: str) -> None:
    """Encoded by the ABI, not by the record's own layout."""
    declared = entries(contract, "event")[name]
    kinds = [(collapse_if_tuple(value), value["indexed"]) for value in declared["inputs"]]
    topics = [event_abi_to_log_topic(declared)]
    topics += [encode([kind], [sample(kind)]) for kind, indexed in kinds if indexed]
    plain = [kind for kind, indexed in kinds if not indexed]
    data = encode(plain, [sample(kind) for kind in plain])

    event = decode_event(topics, data, CONTRACTS[contract])
    assert type(event).__name__ == name
    for field, (kind, _) in zip(fields(event), kinds, strict=True):
        value = getattr(event, field.name)
        expected = sample(kind)
        if isinstance(expected, list):
            expected = tuple(expected)
        assert value == expected, field.name
    for broken in (data[:-1] if data else b"\0", b""):
        if plain and broken != data:
            with pytest.raises(RecordError):
                decode_event(topics, broken, CONTRACTS[contract])


# Errors

ERRORS = [(contract, name) for contract in CONTRACTS for name in entries(contract, "error")]


@pytest.mark.parametrize(("contract", "name"), ERRORS)
def test_error__of_the_contract__is_told_by_name_and_values(contract: str, name: str) -> None:
    inputs = entries(contract, "error")[name]["inputs"]
    values = {value["name"]: sample(value["type"]) for value in inputs}
    selector = function_abi_to_4byte_selector(entries(contract, "error")[name])
    data = selector + encode([value["type"] for value in inputs], list(values.values()))

    told = refusal(
        ContractCustomError("0x" + data.hex(), data="0x" + data.hex()), abis_of(contract), "an action"
    )

    assert isinstance(told, Refused)
    assert (told.name, told.values_by_name) == (name, values)
    assert name in str(told)
    for value in values.values():
        assert (value.hex() if isinstance(value, bytes) else str(value)) in str(told)


def test_error__nobody_knows__is_told_as_a_plain_revert() -> None:
    for data in ("0x", "0xdeadbeef", "0x" + "00" * 40):
        told = refusal(ContractCustomError(data, data=data), [artifact("SLAEscrow").abi], "an action")
        assert isinstance(told, Reverted)


def test_error__of_ours_cut_short__is_told_as_a_plain_revert() -> None:
    """A token's or a committee's own revert passes through: it may begin like one of ours, and must stop no keeper."""
    selector = function_abi_to_4byte_selector(entries("SLAEscrow", "error")["AgreementUnknown"])
    data = "0x" + selector.hex() + "00"
    told = refusal(ContractCustomError(data, data=data), [artifact("SLAEscrow").abi], "an action")
    assert isinstance(told, Reverted)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_errors__their_selectors__are_all_different(contract: str) -> None:
    selectors = [function_abi_to_4byte_selector(entry) for entry in entries(contract, "error").values()]
    assert len(set(selectors)) == len(selectors)


def test_interfaces__every_event_and_error__is_used() -> None:
    """Every event is emitted somewhere, every error reverted somewhere: no dead words."""
    contracts = Path(__file__).resolve().parents[2] / "contracts"
    files = [file for file in contracts.rglob("*.sol") if "test" not in file.parts]
    source = "\n".join(file.read_text() for file in files if file.name not in FROM_STANDARDS)
    for declared, use in (("event", "emit"), ("error", "revert")):
        for name in re.findall(rf"^\s*{declared} (\w+)\(", source, re.MULTILINE):
            assert re.search(rf"\b{use} (?:\w+\.)?{name}\(", source), name
