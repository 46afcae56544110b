"""What ends an agreement and what changes a committee, against eth_account's own EIP-712 (P6)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from record.eip712 import (
    ROTATION_TYPES,
    TERMINATION_TYPES,
    committee_domain,
    escrow_domain,
    rotation_digest,
    rotation_preimage,
    termination_digest,
    termination_preimage,
    termination_typed_data,
)
from record.hexes import checksum_address
from record.keccak import keccak256
from record.typed_data import encode_type
from sla.errors import RecordError

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"
ADDRESSES = st.binary(min_size=20, max_size=20).map(checksum_address)
CHAINS = st.integers(1, 2**53)


def by_eth_account(data: dict[str, object]) -> bytes:
    signable = encode_typed_data(full_message=data)
    return keccak256(b"\x19" + signable.version + signable.header + signable.body)


@given(
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**24 - 1),
    st.integers(0, 2**40 - 1),
    CHAINS,
    ADDRESSES,
)
def test_termination_digest__anything__is_eth_accounts(
    agreement_id: bytes, count: int, valid_by: int, chain_id: int, escrow: str
) -> None:
    domain = escrow_domain(chain_id, escrow)
    signed = (agreement_id, count, valid_by, domain)
    assert termination_digest(*signed) == by_eth_account(termination_typed_data(*signed))
    assert keccak256(termination_preimage(*signed)) == termination_digest(*signed)


@given(ADDRESSES, ADDRESSES, st.integers(0, 2**256 - 1), CHAINS, ADDRESSES)
def test_rotation_digest__anything__is_eth_accounts(
    outgoing: str, incoming: str, number: int, chain_id: int, committee: str
) -> None:
    types = {
        "EIP712Domain": [
            {"name": "name", "type": "string"},
            {"name": "version", "type": "string"},
            {"name": "chainId", "type": "uint256"},
            {"name": "verifyingContract", "type": "address"},
        ],
        "Rotation": [
            {"name": "outgoing", "type": "address"},
            {"name": "incoming", "type": "address"},
            {"name": "number", "type": "uint256"},
        ],
    }
    data: dict[str, object] = {
        "types": types,
        "primaryType": "Rotation",
        "domain": {
            "name": "Makegood Committee",
            "version": "1",
            "chainId": chain_id,
            "verifyingContract": committee,
        },
        "message": {"outgoing": outgoing, "incoming": incoming, "number": number},
    }
    signed = (outgoing, incoming, number, committee_domain(chain_id, committee))
    assert rotation_digest(*signed) == by_eth_account(data)
    assert keccak256(rotation_preimage(*signed)) == rotation_digest(*signed)


@pytest.mark.parametrize(
    ("name", "types"), [("Termination", TERMINATION_TYPES), ("Rotation", ROTATION_TYPES)]
)
def test_types__of_what_is_signed__stand_in_one_contract_as_here(
    name: str, types: dict[str, tuple[tuple[str, str], ...]]
) -> None:
    sources = "\n".join(file.read_text() for file in CONTRACTS.rglob("*.sol"))
    assert re.findall(rf'"({name}\([^"]*\))"', sources) == [encode_type(name, types)]


@pytest.mark.parametrize(("count", "valid_by"), [(2**24, 0), (-1, 0), (0, 2**40), (0, -1)])
def test_termination_digest__what_its_type_does_not_hold__is_refused(count: int, valid_by: int) -> None:
    with pytest.raises(RecordError):
        termination_digest(bytes(32), count, valid_by, escrow_domain(1, "0x" + "11" * 20))
