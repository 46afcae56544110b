"""Deployment: a committee, an escrow, and a test token for development chains."""

from __future__ import annotations

from collections.abc import Sequence

from chain.connection import Connection
from chain.keys import Signer

ROTATION_DELAY_SECONDS = 7 * 86_400
"""How long a rotation waits where nobody says otherwise: time for the parties to notice that a stranger comes in."""


def deploy_escrow(connection: Connection, signer: Signer) -> str:
    """The address of a new SLAEscrow: immutable, without owner."""
    return connection.deploy(signer, "SLAEscrow")[0]


def deploy_committee(
    connection: Connection,
    signer: Signer,
    members: Sequence[str],
    quorum: int,
    rotation_delay: int = ROTATION_DELAY_SECONDS,
) -> str:
    """The address of a new Committee of ``members``, of whom ``quorum`` must sign; ``rotation_delay`` in seconds."""
    return connection.deploy(signer, "Committee", list(members), quorum, rotation_delay)[0]


def deploy_test_token(connection: Connection, signer: Signer, name: str, symbol: str, decimals: int) -> str:
    """The address of a new token that anyone may mint."""
    return connection.deploy(signer, "TestToken", name, symbol, decimals)[0]
