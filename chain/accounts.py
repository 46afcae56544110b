"""What a chain says of an account."""

from __future__ import annotations

from web3 import Web3

from chain.connection import Connection

DELEGATION = bytes.fromhex("ef0100")
"""An account whose code begins so has a key and signs with it (EIP-7702)."""


def is_contract(connection: Connection, account: str) -> bool:
    """Whether the account is a contract, which signs by ERC-1271; one that only delegates its code is none."""
    code = bytes(connection.web3.eth.get_code(Web3.to_checksum_address(account)))
    return code != b"" and not code.startswith(DELEGATION)
