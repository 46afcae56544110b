"""What can be read of the escrow, one method each, named as in ``ISLAEscrow``."""

from __future__ import annotations

from typing import Any

from chain.connection import Connection
from chain.escrow_state import Account, AccountState, Claim, ClaimStatus, Dispute, Disputer
from record.eip712 import agreement_digest, escrow_domain
from sla.agreement import Agreement


class EscrowViews:
    """The SLAEscrow at ``address``, read only. ``domain`` is what signatures for it are bound to."""

    def __init__(self, connection: Connection, address: str) -> None:
        self.connection = connection
        self.contract = connection.contract("SLAEscrow", address)
        self.address = str(self.contract.address)
        self.domain = escrow_domain(connection.chain_id, self.address)

    def id_of(self, agreement: Agreement) -> bytes:
        """The digest both parties sign."""
        return agreement_digest(agreement, self.domain)

    def account_of(self, agreement_id: bytes) -> Account:
        """The account under this id; the money of an amendment is in that of ``first_of``."""
        collateral, due, open_claims, count, state = self._read("accountOf", agreement_id)
        return Account(collateral, due, open_claims, count, AccountState(state))

    def claim_of(self, agreement_id: bytes, period: int, obligation: int) -> Claim:
        """A claim, by the id of the version that governs the period; its status is NONE if there is none."""
        pending, settled, window_end, revision, status = self._read(
            "claimOf", agreement_id, period, obligation
        )
        return Claim(pending, settled, window_end, revision, ClaimStatus(status))

    def dispute_of(self, agreement_id: bytes, period: int, obligation: int) -> Dispute:
        """A dispute or a case that waits for its ruling; ``NO_DISPUTE`` if there is none."""
        contested, alleged, deadline, disputer, bond = self._read(
            "disputeOf", agreement_id, period, obligation
        )
        return Dispute(contested, alleged, deadline, Disputer(disputer), bond)

    def settled_total_of(self, agreement_id: bytes, period: int) -> int:
        """The sum of a period's settled compensations, before the joint cap."""
        return int(self._read("settledTotalOf", agreement_id, period))

    def first_of(self, agreement_id: bytes) -> bytes | None:
        """The first version of the agreement, itself if it is the first; None for an unknown id."""
        first = bytes(self._read("firstOf", agreement_id))
        return first if any(first) else None

    def versions_of(self, agreement_id: bytes) -> tuple[bytes, ...]:
        """All versions of the agreement, oldest first: the last is the head. Empty for an unknown id."""
        return tuple(bytes(version) for version in self._read("versionsOf", agreement_id))

    def downstream_of(self, agreement_id: bytes) -> bytes | None:
        """The first version of the agreement whose escrow receives what this version pays; None while not linked."""
        downstream = bytes(self._read("downstreamOf", agreement_id))
        return downstream if any(downstream) else None

    def withdrawable(self, token: str, account: str) -> int:
        """What a failed transfer left for ``account``, in token base units."""
        return int(self._read("withdrawable", token, account))

    def _read(self, name: str, *arguments: Any) -> Any:
        return self.connection.read(self.contract.functions[name](*arguments))
