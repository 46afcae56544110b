"""What a chain says of an account."""

from __future__ import annotations

from web3 import Web3
from web3.exceptions import ContractLogicError

from chain.connection import Connection

DELEGATION = bytes.fromhex("ef0100")
"""An account whose code begins so has a key and signs with it (EIP-7702)."""


def is_contract(connection: Connection, account: str) -> bool:
    """Whether the account is a contract, which signs by ERC-1271; one that only delegates its code is none."""
    code = bytes(connection.web3.eth.get_code(Web3.to_checksum_address(account)))
    return code != b"" and not code.startswith(DELEGATION)


_MAGIC = bytes.fromhex("1626ba7e")
_IS_VALID = Web3.keccak(text="isValidSignature(bytes32,bytes)")[:4]


def accepts(connection: Connection, account: str, digest: bytes, signature: bytes) -> bool:
    """Whether the contract at ``account`` says that the signature of a digest is its own (ERC-1271)."""
    words = (
        (64).to_bytes(32)
        + len(signature).to_bytes(32)
        + signature.ljust(-(-len(signature) // 32) * 32, b"\0")
    )
    call = {"to": Web3.to_checksum_address(account), "data": Web3.to_hex(_IS_VALID + digest + words)}
    try:
        return bytes(connection.web3.eth.call(call))[:4] == _MAGIC  # type: ignore[arg-type]
    except ContractLogicError:
        return False
