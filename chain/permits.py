"""A signed allowance instead of a transaction (ERC-2612): for a call that goes to the escrow together with it.

Source: https://eips.ethereum.org/EIPS/eip-2612
"""

from __future__ import annotations

from typing import Any

from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractLogicError

from chain.connection import Connection
from chain.escrow import Call, Escrow
from chain.keys import Signer, checked
from record.keccak import keccak256
from record.typed_data import Domain, Types, typed_preimage

PERMIT_TYPES: Types = {
    "Permit": (
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    )
}

_VIEWS = {"DOMAIN_SEPARATOR": "bytes32", "nonces": "uint256", "name": "string", "version": "string"}

_VERSIONS = ("1", "2")
"""What tokens that do not say their version mostly have."""


def permit_call(escrow: Escrow, token: str, signer: Signer, amount: int, deadline: int) -> Call | None:
    """The call that lets the escrow pull ``amount`` base units of the signer's tokens until ``deadline``.

    Give it to ``Escrow.multicall`` before the call that pulls. None for a token without permits, or one whose domain
    is not its own: then use an allowance (``chain.allowing``).
    """
    signature = permit_signature(escrow.connection, token, signer, escrow.address, amount, deadline)
    if signature is None:
        return None
    return escrow.calls.permit(token, signer.address, amount, deadline, signature)


def permit_signature(
    connection: Connection, token: str, signer: Signer, spender: str, amount: int, deadline: int
) -> bytes | None:
    """The signer's 65 bytes under a permit for ``spender``; None when the token takes none.

    SignerError when an external signer gives something else than its signature.
    """
    domain = token_domain(connection, token)
    if domain is None:
        return None
    nonce = _asked(connection, token, "nonces", signer.address)
    if nonce is None:
        return None
    message = {
        "owner": signer.address,
        "spender": spender,
        "value": amount,
        "nonce": nonce,
        "deadline": deadline,
    }
    preimage = typed_preimage(domain, "Permit", PERMIT_TYPES, message)
    return checked(signer.sign(preimage), preimage, signer.address)


def token_domain(connection: Connection, token: str) -> Domain | None:
    """The domain that the token says is its own; None without one.

    It is computed here and only compared with what the token says: a token could name another token's domain, and have
    its holders sign for that one.
    """
    separator = _asked(connection, token, "DOMAIN_SEPARATOR")
    name = _asked(connection, token, "name")
    if separator is None or name is None:
        return None
    told = _asked(connection, token, "version")
    for version in (told, *_VERSIONS) if told else _VERSIONS:
        domain = Domain(name, version, connection.chain_id, token)
        if domain.separator() == separator:
            return domain
    return None


def _asked(connection: Connection, token: str, view: str, *accounts: str) -> Any:
    """What a view of a token answers; None when it has none such, reverts, or answers something else."""
    data = keccak256(f"{view}({','.join('address' for _ in accounts)})".encode())[:4]
    data += encode(["address"] * len(accounts), accounts)
    try:
        answer = connection.web3.eth.call({"to": Web3.to_checksum_address(token), "data": HexBytes(data)})
        (value,) = decode([_VIEWS[view]], bytes(answer))
    except (ContractLogicError, DecodingError, ValueError, OverflowError):
        return None
    return value
