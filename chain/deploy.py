"""Deployment: a committee, an escrow, and a test token for development chains."""

from __future__ import annotations

from collections.abc import Sequence

from chain.connection import Connection
from chain.keys import Signer


def deploy_escrow(connection: Connection, signer: Signer) -> str:
    """The address of a new SLAEscrow: immutable, without owner."""
    return connection.deploy(signer, "SLAEscrow")[0]


def deploy_committee(connection: Connection, signer: Signer, members: Sequence[str], quorum: int) -> str:
    """The address of a new Committee of ``members``, of whom ``quorum`` must sign."""
    return connection.deploy(signer, "Committee", list(members), quorum)[0]


def deploy_test_token(connection: Connection, signer: Signer, name: str, symbol: str, decimals: int) -> str:
    """The address of a new token that anyone may mint."""
    return connection.deploy(signer, "TestToken", name, symbol, decimals)[0]
